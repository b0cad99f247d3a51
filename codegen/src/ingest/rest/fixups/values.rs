//! Values that schemas name: enumerations and defaults.

use crate::ingest::rest::document::{Document, reference};
use crate::ingest::rest::report::Notes;
use serde_json::{Value, json};

pub(super) fn enum_values(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else { return };
        let Some(given) = schema.get("enum").cloned() else { return };
        let kind = schema.get("type").and_then(Value::as_str).map(str::to_owned);
        let mut values: Vec<Value> = Vec::new();
        for one in given.as_array().into_iter().flatten() {
            let one = match (kind.as_deref(), one) {
                (_, Value::Null) => {
                    schema.insert("nullable".to_owned(), json!(true));
                    continue;
                }
                (Some("string") | None, Value::Number(_) | Value::Bool(_)) => json!(one.to_string()),
                (Some("integer"), Value::String(text)) => match text.parse::<i64>() {
                    Ok(number) => json!(number),
                    Err(_) => continue,
                },
                (_, Value::String(_) | Value::Number(_)) => one.clone(),
                (_, Value::Bool(_) | Value::Array(_) | Value::Object(_)) => continue,
            };
            if !values.contains(&one) {
                values.push(one);
            }
        }
        // GitLab reads `-` and `_` alike; the spelling with `_` is the one that it writes.
        let twins: Vec<Value> = values
            .iter()
            .filter(|one| {
                one.as_str().is_some_and(|text| text.contains('-') && values.contains(&json!(text.replace('-', "_"))))
            })
            .cloned()
            .collect();
        values.retain(|one| !twins.contains(one));
        let on_scalar = matches!(kind.as_deref(), Some("string" | "integer") | None);
        if values.is_empty() || !on_scalar {
            // An enumeration of a list's values belongs to its items.
            notes.repaired(format!("{at}: {given}"));
            schema.remove("enum");
            if kind.as_deref() == Some("array")
                && !values.is_empty()
                && let Some(items) = schema.get_mut("items").and_then(Value::as_object_mut)
                && items.get("type").and_then(Value::as_str) == Some("string")
                && values.iter().all(Value::is_string)
            {
                items.insert("enum".to_owned(), Value::Array(values));
            }
            return;
        }
        if kind.is_none() && reference(&Value::Object(schema.clone())).is_none() {
            notes.repaired(format!("{at}: no type"));
            let all_numbers = values.iter().all(Value::is_number);
            schema.insert("type".to_owned(), json!(if all_numbers { "integer" } else { "string" }));
        }
        let values = Value::Array(values);
        if values != given {
            notes.repaired(format!("{at}: {given}"));
            schema.insert("enum".to_owned(), values);
        }
    });
}

pub(super) fn default_type(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else { return };
        let Some(given) = schema.get("default").cloned() else { return };
        let better = match (schema.get("type").and_then(Value::as_str), &given) {
            (Some("string"), Value::String(_))
            | (Some("boolean"), Value::Bool(_))
            | (Some("number"), Value::Number(_))
            | (Some("array"), Value::Array(_))
            | (Some("object"), Value::Object(_))
            | (None, Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                return;
            }
            (Some("integer"), Value::Number(number)) if number.is_i64() => return,
            (Some("string"), Value::Number(_) | Value::Bool(_)) => Some(json!(given.to_string())),
            (Some("boolean"), Value::String(text)) => text.parse::<bool>().ok().map(Value::from),
            (Some("integer"), Value::String(text)) => text.parse::<i64>().ok().map(Value::from),
            _ => None,
        };
        notes.repaired(format!("{at}: {given}"));
        match better {
            Some(better) => schema.insert("default".to_owned(), better),
            None => schema.remove("default"),
        };
    });
}
