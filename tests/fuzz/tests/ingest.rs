//! GitLab's schema documents: each file is ingested, or rejected with a reason.

use glabflow_codegen::emit::SchemaInfo;
use glabflow_codegen::ingest::{graphql, rest};
use glabflow_codegen::model;
use glabflow_codegen::output::Generated;
use glabflow_fuzz::{Near, fuzz};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../codegen/tests/fixtures/ingest");

/// Words of OpenAPI and Swagger documents.
const WORDS: &[&str] = &[
    "$ref",
    "\"$ref\": \"#/components/schemas/A\"",
    "#/definitions/A",
    "#/components/schemas/",
    "type",
    "array",
    "object",
    "integer",
    "file",
    "items",
    "properties",
    "additionalProperties",
    "required",
    "enum",
    "default",
    "nullable",
    "allOf",
    "oneOf",
    "name",
    "in",
    "path",
    "query",
    "body",
    "formData",
    "header",
    "schema",
    "parameters",
    "responses",
    "'200'",
    "default:",
    "get",
    "delete",
    "requestBody",
    "content",
    "application/json",
    "multipart/form-data",
    "tags",
    "operationId",
    "/x/{id}",
    "/y/(*z)",
    "{}",
    "[]",
    "null",
    "true",
    "- ",
    ": ",
    "\n  ",
    "\n    ",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "|\n",
    "---\n",
    "{\"",
    "\": ",
    "\"",
    "[",
    "{",
    "}",
    "]",
    "1e999",
    "-1",
    "18446744073709551616",
    "\u{e9}",
    "\u{feff}",
    "Self",
    "crate",
    "r#type",
    "2.0",
    "3.0.1",
];

/// The normal form of a document is stable and has a model.
fn rest_document(bytes: &[u8]) {
    let Ok(text) = rest::normal_form(bytes) else { return };
    assert_eq!(rest::normal_form(text.as_bytes()).expect("the normal form is a document"), text);
    model::rest::from_json(&text).expect("the normal form has a model");
}

#[test]
fn openapi_and_swagger_in_yaml() {
    fuzz!(Near::files(FIXTURES, ".yaml").words(WORDS.iter().copied()), rest_document);
}

#[test]
fn openapi_in_json() {
    let golden = include_bytes!("../../../codegen/tests/golden/openapi.json").to_vec();
    let small = br##"{"openapi": "3.0.1", "paths": {"/x/{id}": {"get": {"parameters": [{"name": "id", "in": "path",
        "schema": {"type": "integer"}}], "responses": {"200": {"description": "", "content": {"application/json":
        {"schema": {"$ref": "#/components/schemas/A"}}}}}}}}, "components": {"schemas": {"A": {"type": "object",
        "properties": {"a": {"type": "string", "enum": ["b", "c"]}}}}}}"##;
    let swagger = br##"{"swagger": "2.0", "paths": {"/x": {"post": {"parameters": [{"name": "b", "in": "body",
        "schema": {"$ref": "#/definitions/A"}}], "responses": {"201": {"schema": {"type": "array", "items":
        {"$ref": "#/definitions/A"}}}}}}}, "definitions": {"A": {"type": "object", "properties": {"a": {"type": "file"}}}}}"##;
    fuzz!(Near::texts([golden, small.to_vec(), swagger.to_vec()]).words(WORDS.iter().copied()), rest_document);
}

#[test]
fn rust_from_any_document() {
    let seeds = Near::files(FIXTURES, ".yaml").words(WORDS.iter().copied());
    fuzz!(seeds, |bytes: &[u8]| {
        let Ok(text) = rest::normal_form(bytes) else { return };
        Generated::rest(&text, &SchemaInfo::default()).expect("generated Rust");
    });
}

const SDL_WORDS: &[&str] = &[
    "type ",
    "input ",
    "enum ",
    "union ",
    "interface ",
    "scalar ",
    "schema ",
    "directive @",
    "extend ",
    "implements ",
    "Query",
    "Mutation",
    "Subscription",
    "String",
    "[",
    "]",
    "!",
    "= ",
    "| ",
    "& ",
    "@deprecated(reason: \"a\")",
    "@oneOf",
    "{ ",
    "}",
    "(a: Int = 1)",
    ": ",
    "\"\"\"",
    "\"",
    "__Type",
    "query: ",
    "a: [String!]!",
    "ID",
    "on FIELD",
    "#",
    "{\"__schema\":",
    "null",
    "\"kind\": \"OBJECT\"",
    "\"ofType\": ",
    "NON_NULL",
    "LIST",
    "\"fields\": [",
    "\"name\": ",
    "\u{feff}",
    "\\u0000",
    "true",
];

/// An ingested schema is printed as SDL that is read back as the same schema.
fn graphql_document(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok((schema, report)) = graphql::documents(&[("a".to_owned(), text.to_owned())], true) else { return };
    assert!(!report.to_string().is_empty());
    let sdl = graphql::print(&schema);
    let again = graphql::parse(&sdl).unwrap_or_else(|error| panic!("{error:#}\n{sdl}"));
    assert_eq!(again, schema, "{sdl}");
    assert_eq!(graphql::print(&again), sdl);
}

#[test]
fn sdl() {
    fuzz!(Near::files(format!("{FIXTURES}/graphql"), ".graphql").words(SDL_WORDS.iter().copied()), graphql_document);
}

#[test]
fn introspection() {
    fuzz!(Near::files(format!("{FIXTURES}/graphql"), ".json").words(SDL_WORDS.iter().copied()), graphql_document);
}
