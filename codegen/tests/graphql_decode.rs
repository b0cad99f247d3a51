//! Every operation decodes what a server may answer: nothing, everything, and what no schema allows.
//!
//! The answers are made from the index, so a failure names its operation.

use glabflow_codegen::output::Folders;
use glabflow_contract::graphql::Descriptor;
use glabflow_contract::index::graphql::{Field, Index, Output, Shape, TypeRef};
use glabflow_decoders::DECODERS;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::LazyLock;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = Folders { schema: root.join("schema"), out: root.join("generated") };
    folders.graphql_model().expect("the schema is understood")
});

/// What a synthesized answer is like.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// Every field has a value of its type.
    Full,
    /// Every field is `null`.
    Null,
    /// Numbers come as strings, enums have unknown values, lists hold `null`, objects have fields that nobody knows.
    Hostile,
}

fn value(ty: &TypeRef, style: Style) -> Value {
    let hostile = style == Style::Hostile;
    match ty {
        TypeRef::Bool if hostile => json!("true"),
        TypeRef::Bool => json!(true),
        TypeRef::Int if hostile => json!("42"),
        TypeRef::Int => json!(42),
        TypeRef::Float if hostile => json!("0.5"),
        TypeRef::Float => json!(0.5),
        TypeRef::String | TypeRef::Secret if hostile => json!(7),
        TypeRef::String | TypeRef::Secret => json!("text"),
        TypeRef::DateTime if hostile => json!("yesterday"),
        TypeRef::DateTime => json!("2026-11-22T14:42:00Z"),
        TypeRef::Date => json!("2026-11-22"),
        TypeRef::Any => json!({"any": [1, null]}),
        TypeRef::Id(_) | TypeRef::AnyId if hostile => json!(42),
        TypeRef::Id(_) | TypeRef::AnyId => json!("gid://gitlab/Thing/42"),
        TypeRef::List(item) if hostile => json!([value(item, style), null]),
        TypeRef::List(item) => json!([value(item, style)]),
        TypeRef::Connection(node) => connection(node, style),
        TypeRef::Named(name) => match &INDEX.types[name].shape {
            Shape::Object(fields) | Shape::Payload(fields) => object(fields, style),
            Shape::OneOf(variants) => match variants.first() {
                Some(variant) if !hostile => {
                    let mut object = value(&TypeRef::Named(variant.ty.clone()), style);
                    object["__typename"] = json!(variant.typename);
                    object
                }
                _ => json!({"__typename": "TypeOfTheFuture", "id": 1}),
            },
            Shape::Enum(_) if hostile => json!("VALUE_OF_THE_FUTURE"),
            Shape::Enum(values) => json!(values[0].name),
            Shape::Input(_) => panic!("{name} is an input in an answer"),
        },
    }
}

fn object(fields: &[Field], style: Style) -> Value {
    let mut object = Map::new();
    for field in fields {
        let value = if style == Style::Null { Value::Null } else { value(&field.ty, style) };
        object.insert(field.name.clone(), value);
    }
    if style == Style::Hostile {
        object.insert("fieldOfTheFuture".to_owned(), json!({"a": [{}]}));
    }
    Value::Object(object)
}

fn connection(node: &TypeRef, style: Style) -> Value {
    match style {
        Style::Null => json!({"nodes": null, "pageInfo": null}),
        _ => {
            json!({"nodes": [value(node, style), null], "pageInfo": {"endCursor": "c", "hasNextPage": true}, "count": 1})
        }
    }
}

/// `data` with a value where the operation's output is.
fn data(descriptor: &Descriptor, output: Value) -> Vec<u8> {
    let nested = descriptor.path.iter().rev().fold(output, |inner, key| json!({ *key: inner, "unasked": 1 }));
    serde_json::to_vec(&nested).expect("JSON is written")
}

fn output(descriptor: &Descriptor, style: Style) -> Value {
    match &INDEX.operation(descriptor.id).expect("the index has the operation").output {
        Output::Connection(node) => connection(node, style),
        Output::One(ty) | Output::Payload(ty) => value(ty, style),
    }
}

fn check(style: Style) {
    let mut failures = Vec::new();
    for (descriptor, decode) in DECODERS {
        let data = data(descriptor, output(descriptor, style));
        match decode(&data) {
            Ok(true) => {}
            Ok(false) => failures.push(format!("{}: the output is lost", descriptor.id)),
            Err(error) => {
                failures.push(format!("{}: {error} in {:.400}", descriptor.id, String::from_utf8_lossy(&data)))
            }
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), DECODERS.len(), failures.join("\n"));
}

#[test]
fn the_generated_crate_has_every_operation() {
    assert_eq!(DECODERS.len(), INDEX.operations.len());
    for (descriptor, _) in DECODERS {
        let operation = INDEX.operation(descriptor.id).expect("the index has the operation");
        assert_eq!(descriptor.document, operation.document, "{}", descriptor.id);
        assert_eq!(descriptor.variables.len(), operation.variables.len(), "{}", descriptor.id);
        assert_eq!(descriptor.complexity, operation.complexity, "{}", descriptor.id);
        assert_eq!(descriptor.is_connection(), operation.page_size > 0, "{}", descriptor.id);
    }
}

#[test]
fn full_responses_decode() {
    check(Style::Full);
}

#[test]
fn responses_of_nulls_decode() {
    check(Style::Null);
}

#[test]
fn responses_that_violate_the_schema_decode() {
    check(Style::Hostile);
}

/// What is not there, or not for the caller's eyes, is `null` at any level; that is no error.
#[test]
fn answers_without_an_output_decode() {
    for (descriptor, decode) in DECODERS {
        for depth in 0..=descriptor.path.len() {
            let path = &descriptor.path[..depth];
            let nested = path.iter().rev().fold(Value::Null, |inner, key| json!({ *key: inner }));
            let bytes = serde_json::to_vec(&nested).expect("JSON is written");
            let found = decode(&bytes).unwrap_or_else(|error| panic!("{}: {error} in {nested}", descriptor.id));
            assert!(!found, "{}: {nested}", descriptor.id);
        }
        assert!(decode(b"[]").is_err() && decode(b"{").is_err(), "{}", descriptor.id);
    }
}
