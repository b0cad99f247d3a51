//! Ingest of GraphQL schemas: complete, reduced and broken ones.

use glabflow_codegen::ingest::graphql::{Report, documents, print};
use std::path::Path;

fn fixture(name: &str) -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ingest/graphql").join(name);
    (name.to_owned(), std::fs::read_to_string(path).expect("the fixture is there"))
}

fn ingest(inputs: &[(String, String)]) -> (String, Report) {
    let (schema, report) = documents(inputs, false).expect("the inputs are schemas");
    (print(&schema), report)
}

fn failure(text: &str) -> String {
    let error = documents(&[("input".to_owned(), text.to_owned())], false).expect_err("this is no schema");
    format!("{error:#}")
}

fn valid(sdl: &str) {
    apollo_compiler::Schema::parse_and_validate(sdl, "result.graphql").expect("the result is a valid schema");
}

#[test]
fn second_file_fills_in_missing_facts() {
    let (sdl, report) = ingest(&[fixture("reduced.json"), fixture("full.graphql")]);
    let expected = "schema {
  query: Query
}

type Car {
  id: ID
}

scalar Color

interface Named {
  name: String
}

type Query {
  color: Color! @deprecated(reason: \"15.8\")
  thing(sort: Sort = NEWEST): Thing @deprecated(reason: \"experiment 17.8\")
}

enum Sort {
  NEWEST @deprecated(reason: \"experiment 16.1\")
  OLDEST
}

union Thing = Car
";
    assert_eq!(sdl, expected);
    valid(&sdl);
    let count = |notes: &[glabflow_codegen::ingest::graphql::Note], what: &str| {
        notes.iter().find(|note| note.what.contains(what)).map_or(0, |note| note.count)
    };
    assert_eq!(count(&report.missing, "enums without values"), 2);
    assert_eq!(count(&report.filled, "values of enums"), 1);
    assert_eq!(count(&report.filled, "members of unions"), 1);
    assert_eq!(count(&report.filled, "defaults"), 1);
    assert_eq!(count(&report.repaired, "became scalars"), 1);
    assert_eq!(count(&report.repaired, "fields of unknown types"), 1);
    assert_eq!(count(&report.repaired, "claims to implement"), 1);
    assert!(report.to_string().contains("fields of unknown types were dropped (Query.gone: NotThere)"), "{report}");
}

#[test]
fn reduced_introspection_is_repaired_to_a_valid_schema() {
    let (sdl, _) = ingest(&[fixture("reduced.json")]);
    valid(&sdl);
    assert!(sdl.contains("scalar Sort") && !sdl.contains("Thing"), "{sdl}");
}

#[test]
fn introspection_with_and_without_data_wrapper_is_equal() {
    let (name, text) = fixture("reduced.json");
    let value: serde_json::Value = serde_json::from_str(&text).expect("the fixture is JSON");
    let bare = value["data"].to_string();
    assert_eq!(ingest(&[(name.clone(), text)]).0, ingest(&[(name, bare)]).0);
}

#[test]
fn printed_schema_is_read_back_unchanged() {
    let (once, _) = ingest(&[fixture("full.graphql")]);
    let (twice, report) = ingest(&[("once".to_owned(), once.clone())]);
    assert_eq!(once, twice);
    assert!(report.missing.is_empty() && report.repaired.is_empty(), "{report}");
    assert!(!once.contains("rose"), "prose is not kept: {once}");
    valid(&once);
}

/// The checked-in schemas are in the form that this ingest writes.
#[test]
fn checked_in_schemas_are_in_normal_form() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/graphql");
    for file in ["schema.graphql", "versions/16.3-ee.graphql"] {
        let text = std::fs::read_to_string(folder.join(file)).expect("the schema is there");
        assert!(ingest(&[(file.to_owned(), text.clone())]).0 == text, "{file} is not in normal form");
    }
}

#[test]
fn errors_describe_what_the_file_is() {
    for (text, expected) in [
        ("", "empty"),
        ("<!DOCTYPE html><title>Sign in</title>", "HTML"),
        ("{\"data\": {\"__schema\": {\"types\": [", "truncated"),
        ("{\"openapi\": \"3.0.0\"}", "introspection"),
        ("{\"errors\": [{\"message\": \"Query has complexity of 300\"}]}", "Query has complexity of 300"),
        ("{\"__schema\": {\"queryType\": {\"name\": \"Query\"}, \"types\": []}}", "query type Query"),
        ("type Query {", "not valid SDL"),
        ("type Other { a: Int }", "no type Query"),
        ("extend type Query { a: Int }", "extend"),
    ] {
        let message = failure(text);
        assert!(message.contains(expected), "{text:?} gives {message:?}, not {expected:?}");
    }
}
