//! Request bodies.

use crate::ingest::rest::document::{Document, Object, Parameter, reference};
use crate::ingest::rest::report::Notes;
use serde_json::{Value, json};

const MULTIPART: &str = "multipart/form-data";
const JSON: &str = "application/json";

pub(super) fn read_body(document: &mut Document, notes: &mut Notes) {
    let schemas = &document.schemas;
    for (key, operation) in &mut document.operations {
        if !key.method.is_read() {
            continue;
        }
        let Some(body) = operation.body.take() else { continue };
        notes.repaired(key);
        let schema = body.media.into_iter().next().map(|(_, schema)| schema).unwrap_or_default();
        let schema = match reference(&schema) {
            Some(name) => schemas.get(name).cloned().unwrap_or_default(),
            None => schema,
        };
        let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if !operation.has(name, "query") {
                operation.parameters.push(Parameter {
                    name: name.clone(),
                    location: "query".to_owned(),
                    required: required.contains(&json!(name)),
                    schema: property.clone(),
                    facts: Object::new(),
                });
            }
        }
    }
}

/// Whether a schema is a file.
fn is_file(schema: &Value) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("binary")
}

pub(super) fn file_fields(document: &mut Document, notes: &mut Notes) {
    let schemas = &document.schemas;
    for (key, operation) in &mut document.operations {
        let Some(body) = &mut operation.body else { continue };
        let Some((kind, schema)) = body.media.first_mut() else { continue };
        if kind != JSON && kind != MULTIPART {
            continue;
        }
        let own = match reference(schema) {
            Some(name) => schemas.get(name),
            None => Some(&*schema),
        };
        let Some(own) = own.cloned() else { continue };
        let required = |name: &str| {
            own.get("required").and_then(Value::as_array).is_some_and(|required| required.contains(&json!(name)))
        };
        let properties = own.get("properties").and_then(Value::as_object).into_iter().flatten();
        let files: Vec<String> =
            properties.clone().filter(|(_, field)| is_file(field)).map(|(name, _)| name.clone()).collect();
        let others = properties.count() - files.len();
        if files.is_empty() {
            // A form without a file is an object like any other.
            if kind == MULTIPART {
                notes.repaired(format!("{key}: no file in the form"));
                *kind = JSON.to_owned();
            }
        } else if files.iter().any(|name| required(name)) || others == 0 || kind == MULTIPART {
            if kind != MULTIPART {
                notes.repaired(format!("{key}: {}", files.join(", ")));
                *kind = MULTIPART.to_owned();
            }
        } else {
            notes.repaired(format!("{key}: {} beside a JSON body", files.join(", ")));
            let mut rest = own;
            if let Some(properties) = rest.get_mut("properties").and_then(Value::as_object_mut) {
                properties.retain(|name, _| !files.contains(name));
            }
            *schema = rest;
            operation.facts.insert("x-gitlab-multipart-fields".to_owned(), json!(files));
        }
    }
}

/// Keeps some names of an object's `required` list, which may not be empty.
pub(super) fn retain_required(schema: &mut Value, keep: impl Fn(&str) -> bool) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name.as_str().is_some_and(&keep));
        if required.is_empty() {
            object.remove("required");
        }
    }
}
