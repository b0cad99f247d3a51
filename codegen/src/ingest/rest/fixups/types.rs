//! Types of schemas.

use crate::ingest::rest::document::{Document, Object, refer};
use crate::ingest::rest::report::Notes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const VALID: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Whether a member of a schema has the shape that OpenAPI gives it.
fn is_well_formed(name: &str, value: &Value, whole: bool) -> bool {
    match name {
        "$ref" | "format" | "pattern" | "description" => value.is_string(),
        "nullable" | "deprecated" => value.is_boolean(),
        "enum" => value.is_array(),
        "minimum" | "maximum" if whole => value.is_i64(),
        "minimum" | "maximum" => value.is_number(),
        "minLength" | "maxLength" | "minItems" | "maxItems" => value.is_u64(),
        "items" | "properties" => value.is_object(),
        "additionalProperties" => value.is_object() || value.is_boolean(),
        "allOf" | "oneOf" | "anyOf" => {
            value.as_array().is_some_and(|parts| !parts.is_empty() && parts.iter().all(Value::is_object))
        }
        _ => true,
    }
}

pub(super) fn malformed_member(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else { return };
        let whole = schema.get("type").and_then(Value::as_str).is_none_or(|kind| kind != "number");
        schema.retain(|name, value| {
            let stays = is_well_formed(name, value, whole);
            if !stays {
                notes.repaired(format!("{at}: {name} {value}"));
            }
            stays
        });
    });
}

/// Marks a field that no type is known for.
pub(super) fn untyped(schema: &mut Object) {
    schema
        .retain(|name, _| matches!(name.as_str(), "nullable" | "deprecated" | "description") || name.starts_with("x-"));
    schema.insert("x-gitlab-type-inferred".to_owned(), json!("none"));
}

/// What a type name of Ruby or of GitLab's generator means in OpenAPI.
fn translate(name: &str) -> Option<Value> {
    let name = name.trim().trim_start_matches("::");
    if let Some(inner) = name.strip_prefix("Array[").and_then(|rest| rest.strip_suffix(']')) {
        return Some(json!({"type": "array", "items": translate(inner).unwrap_or_else(|| json!({}))}));
    }
    Some(match name.to_ascii_lowercase().as_str() {
        "string" | "text" | "symbol" | "str" | "uuid" => json!({"type": "string"}),
        "integer" | "int" | "long" => json!({"type": "integer"}),
        "number" | "float" | "double" | "bigdecimal" | "numeric" => json!({"type": "number"}),
        "boolean" | "bool" | "grape::api::boolean" => json!({"type": "boolean"}),
        "object" | "hash" | "json" => json!({"type": "object"}),
        "array" | "set" => json!({"type": "array"}),
        "date" => json!({"type": "string", "format": "date"}),
        "datetime" | "date-time" | "date_time" | "time" => json!({"type": "string", "format": "date-time"}),
        "file" | "binary" | "rack::multipart::uploadedfile" | "api::validations::types::workhorsefile" => {
            json!({"type": "string", "format": "binary"})
        }
        _ => return None,
    })
}

pub(super) fn invalid_type(document: &mut Document, notes: &mut Notes) {
    let names: BTreeMap<String, String> = document.schemas.keys().map(|name| (letters(name), name.clone())).collect();
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else {
            notes.repaired(format!("{at}: {value} is not a schema"));
            *value = json!({});
            return;
        };
        let kind = match schema.get("type") {
            None => return,
            Some(Value::String(kind)) if VALID.contains(&kind.as_str()) => return,
            Some(kind) => kind.clone(),
        };
        let mut kinds = match &kind {
            Value::String(text) if text.starts_with('[') => {
                text.trim_matches(['[', ']']).split(',').map(|kind| kind.trim().to_owned()).collect()
            }
            Value::String(text) => vec![text.clone()],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        notes.repaired(format!("{at}: {kind}"));
        if kinds.iter().any(|kind| kind == "null" || kind == "nil") {
            kinds.retain(|kind| kind != "null" && kind != "nil");
            schema.insert("nullable".to_owned(), json!(true));
        }
        let several = kinds.len() > 1;
        // Text holds whatever the others do, when both ends are lenient.
        let chosen = kinds.iter().find(|kind| kind.eq_ignore_ascii_case("string")).or(kinds.first());
        let translated = chosen.and_then(|kind| translate(kind));
        match (translated, chosen.and_then(|kind| names.get(&letters(kind)))) {
            (Some(Value::Object(translated)), _) => {
                schema.remove("type");
                for (name, fact) in translated {
                    schema.entry(name).or_insert(fact);
                }
                if several {
                    schema.insert("x-gitlab-lenient".to_owned(), json!(true));
                }
            }
            (_, Some(name)) => *value = refer(name),
            (_, None) => untyped(schema),
        }
    });
}

pub(super) fn missing_type(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else { return };
        if schema.contains_key("type") || schema.contains_key("$ref") || schema.contains_key("allOf") {
            return;
        }
        for (member, kind) in [("properties", "object"), ("additionalProperties", "object"), ("items", "array")] {
            if schema.contains_key(member) {
                notes.repaired(at);
                schema.insert("type".to_owned(), json!(kind));
                return;
            }
        }
    });
}

/// A name without the marks that tell modules apart: `API::Entities::User` and `API_Entities_User` are the same.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

pub(super) fn misplaced_required(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |schema, at| {
        let Some(object) = schema.as_object_mut() else { return };
        let mut names = Vec::new();
        for (name, property) in object.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            let Some(property) = property.as_object_mut() else { continue };
            if let Some(required) = property.get("required").and_then(Value::as_bool) {
                property.remove("required");
                notes.repaired(format!("{at}.{name}"));
                if required {
                    names.push(json!(name));
                }
            }
        }
        if object.get("required").is_some_and(|required| !required.is_array()) {
            object.remove("required");
            notes.repaired(at);
        }
        if !names.is_empty()
            && let Some(required) = object.entry("required").or_insert_with(|| json!([])).as_array_mut()
        {
            names.retain(|name| !required.contains(name));
            required.append(&mut names);
        }
        let fields: BTreeSet<String> = object
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        if object.contains_key("required") {
            super::bodies::retain_required(schema, |name| fields.contains(name));
        }
    });
}

pub(super) fn list_without_items(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else { return };
        if schema.get("type").and_then(Value::as_str) != Some("array") {
            return;
        }
        if schema.get("items").is_some_and(Value::is_object) {
            return;
        }
        notes.repaired(at);
        let first = schema.get("example").and_then(|example| example.as_array()?.first());
        let items = match first {
            Some(Value::String(_)) => json!({"type": "string"}),
            Some(Value::Bool(_)) => json!({"type": "boolean"}),
            Some(Value::Number(number)) if number.is_i64() => json!({"type": "integer"}),
            Some(Value::Object(_)) => json!({"type": "object"}),
            _ => json!({}),
        };
        schema.insert("items".to_owned(), items);
    });
}

pub(super) fn number_width(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else { return };
        let format = schema.get("format").and_then(Value::as_str);
        let wide = match schema.get("type").and_then(Value::as_str) {
            Some("integer") if format != Some("int64") => "int64",
            Some("number") if format != Some("double") => "double",
            Some("string") if !matches!(format, None | Some("date" | "date-time" | "binary")) => {
                // `uri`, `email` and the like say nothing that a Rust type would show.
                notes.repaired(format!("{at}: {}", format.unwrap_or_default()));
                schema.remove("format");
                return;
            }
            Some("boolean" | "object" | "array") if format.is_some() => {
                notes.repaired(format!("{at}: {}", format.unwrap_or_default()));
                schema.remove("format");
                return;
            }
            _ => return,
        };
        notes.repaired(at);
        schema.insert("format".to_owned(), json!(wide));
    });
}
