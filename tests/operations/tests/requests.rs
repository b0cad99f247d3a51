//! The sample of each operation becomes the request that the schema requires.

use glabflow_operation_tests::requests::Wire;
use glabflow_operation_tests::schema::Schema;
use std::collections::BTreeSet;

#[test]
fn operations_and_samples_correspond_one_to_one() {
    let schema = Schema::read();
    let operations: BTreeSet<&str> = schema.operations().into_keys().collect();
    let samples: BTreeSet<&str> = glabflow_samples::cases().map(|case| case.operation).collect();
    assert_eq!(operations.difference(&samples).collect::<Vec<_>>(), Vec::<&&str>::new(), "without a sample");
    assert_eq!(samples.difference(&operations).collect::<Vec<_>>(), Vec::<&&str>::new(), "not in the schema");
    assert_eq!(glabflow_samples::cases().count(), operations.len(), "an operation has two samples");
}

#[test]
fn sample_requests_are_encoded_as_the_schema_requires() {
    let schema = Schema::read();
    let operations = schema.operations();
    let mut failures = Vec::new();
    for case in glabflow_samples::cases() {
        let Some(operation) = operations.get(case.operation) else { continue };
        let request = (case.request)();
        let found = match request.encode() {
            Ok(encoded) => Wire::of(&encoded).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let expected = Wire::expected(&schema, *operation);
        match found {
            Ok(found) if found == expected => {}
            Ok(found) => failures.push(format!("{}:\n  expected {expected:?}\n  found    {found:?}", case.operation)),
            Err(error) => failures.push(format!("{}: {error}", case.operation)),
        }
    }
    assert!(failures.is_empty(), "{} operations fail:\n{}", failures.len(), failures.join("\n"));
}
