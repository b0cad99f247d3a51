//! References to other schemas, and combinations of schemas.

use crate::ingest::rest::document::{Document, Object, SCHEMAS, reference};
use crate::ingest::rest::fixups::types::untyped;
use crate::ingest::rest::report::Notes;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn alternatives(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else { return };
        let Some(several) = schema.remove("oneOf").or_else(|| schema.remove("anyOf")) else { return };
        schema.remove("anyOf");
        notes.repaired(at);
        let several: Vec<Value> = several.as_array().cloned().unwrap_or_default();
        if let [Value::Object(only)] = several.as_slice() {
            schema.extend(only.clone());
            return;
        }
        let has = |kind: &str| several.iter().any(|one| one.get("type").and_then(Value::as_str) == Some(kind));
        let scalars = several.iter().all(|one| {
            one.get("type")
                .and_then(Value::as_str)
                .is_some_and(|kind| matches!(kind, "string" | "integer" | "number" | "boolean"))
        });
        if scalars && has("string") {
            schema.insert("type".to_owned(), json!("string"));
            schema.insert("x-gitlab-lenient".to_owned(), json!(true));
        } else {
            untyped(schema);
        }
    });
}

pub(super) fn dangling_ref(document: &mut Document, notes: &mut Notes) {
    let known: BTreeSet<String> = document.schemas.keys().cloned().collect();
    document.each_schema(&mut |value, at| {
        let Some(target) = value.get("$ref") else { return };
        let found = target.as_str().and_then(|target| target.strip_prefix(SCHEMAS));
        if !found.is_some_and(|name| known.contains(name)) {
            notes.repaired(format!("{at}: {target}"));
            if let Some(schema) = value.as_object_mut() {
                schema.remove("$ref");
                untyped(schema);
            }
        }
    });
}

/// Follows references between components; `false` when they never end.
fn ends(document: &Document, name: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut name = Some(name);
    while let Some(current) = name {
        if !seen.insert(current) {
            return false;
        }
        name = document.schemas.get(current).and_then(reference);
    }
    true
}

pub(super) fn circular_ref(document: &mut Document, notes: &mut Notes) {
    let circles: Vec<String> = document.schemas.keys().filter(|name| !ends(document, name)).cloned().collect();
    for name in circles {
        notes.repaired(&name);
        let mut schema = Object::new();
        untyped(&mut schema);
        document.schemas.insert(name, Value::Object(schema));
    }
}

pub(super) fn reference_siblings(document: &mut Document, notes: &mut Notes) {
    document.each_schema(&mut |value, at| {
        let Some(schema) = value.as_object_mut() else { return };
        let facts = |name: &str| {
            matches!(name, "nullable" | "deprecated") || name.starts_with("x-gitlab-") || name.starts_with("x-rust-")
        };
        if schema.contains_key("$ref") {
            let has_facts = schema.keys().any(|name| facts(name));
            let mut siblings: Object = schema.clone();
            siblings.retain(|name, _| name != "$ref" && (facts(name) || name == "description"));
            if schema.len() > 1 + siblings.len() || has_facts {
                notes.repaired(at);
            }
            let target = schema.remove("$ref").unwrap_or_default();
            *schema = if has_facts { siblings } else { Object::new() };
            if has_facts {
                schema.insert("allOf".to_owned(), json!([{"$ref": target}]));
            } else {
                schema.insert("$ref".to_owned(), target);
            }
        } else if let Some(parts) = schema.get("allOf").and_then(Value::as_array)
            && !(parts.len() == 1 && parts[0].get("$ref").is_some())
        {
            notes.repaired(format!("{at}: allOf"));
            let parts = parts.clone();
            schema.remove("allOf");
            match parts.iter().find(|part| part.get("$ref").is_some()) {
                Some(part) => {
                    notes.excluded(format!("{at}, allOf"), "more than one reference; the first is kept");
                    schema.insert("allOf".to_owned(), json!([part]));
                }
                None => {
                    for part in parts.iter().filter_map(Value::as_object) {
                        for (name, fact) in part {
                            schema.entry(name.clone()).or_insert_with(|| fact.clone());
                        }
                    }
                }
            }
        }
    });
}
