//! Responses of all operations decode: minimal, complete, and contrary to the schema.

use glabflow_operation_tests::answers::{self, missing};
use glabflow_operation_tests::schema::Schema;
use serde_json::Value;

type Decode = fn(&[u8]) -> Result<Value, serde_json::Error>;

/// Runs a check for each operation with a JSON response. The check gives what is wrong.
fn check(test: impl Fn(&Schema, &Value, Decode) -> Vec<String>) {
    let schema = Schema::read();
    let operations = schema.operations();
    let mut failures = Vec::new();
    let mut checked = 0;
    for case in glabflow_samples::cases() {
        let answer = answers::schema_of(operations[case.operation].source);
        let (Some(answer), Some(decode)) = (answer, case.decode) else { continue };
        checked += 1;
        failures
            .extend(test(&schema, answer, decode).into_iter().map(|problem| format!("{}: {problem}", case.operation)));
    }
    assert!(checked > 1000, "only {checked} operations have a JSON response");
    assert!(failures.is_empty(), "{} problems:\n{}", failures.len(), failures.join("\n"));
}

fn decoded(decode: Decode, answer: &Value) -> Result<Value, String> {
    decode(answer.to_string().as_bytes()).map_err(|error| format!("{error} in {answer}"))
}

#[test]
fn operations_with_json_responses_have_a_decoder() {
    let schema = Schema::read();
    let operations = schema.operations();
    let without = glabflow_samples::cases().filter(|case| {
        let source = operations[case.operation].source;
        answers::schema_of(source).is_some() && case.decode.is_none()
    });
    assert_eq!(without.map(|case| case.operation).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn minimal_responses_decode() {
    check(|schema, answer, decode| {
        let minimal = answers::minimal(schema, answer);
        minimal.iter().filter_map(|answer| decoded(decode, answer).err()).collect()
    });
}

#[test]
fn full_responses_keep_every_field() {
    check(|schema, answer, decode| {
        let full = answers::full(schema, answer);
        decoded(decode, &full).map_or_else(|problem| vec![problem], |found| missing(&full, &found))
    });
}

#[test]
fn responses_that_violate_the_schema_decode() {
    check(|schema, answer, decode| {
        let hostile = answers::hostile(schema, answer);
        hostile.iter().filter_map(|answer| decoded(decode, answer).err()).collect()
    });
}

#[test]
fn unusual_values_keep_their_meaning() {
    check(|schema, answer, decode| {
        let odd = &answers::hostile(schema, answer)[1];
        let straight = answers::straightened(schema, answer);
        decoded(decode, odd).map_or_else(|problem| vec![problem], |found| missing(&straight, &found))
    });
}

#[test]
fn enum_values_are_distinct() {
    let forgotten: Vec<_> = glabflow_samples::ENUMS
        .iter()
        .map(|(name, check)| (name, check()))
        .filter(|(_, lost)| !lost.is_empty())
        .collect();
    assert!(glabflow_samples::ENUMS.len() > 100);
    assert_eq!(forgotten, []);
}
