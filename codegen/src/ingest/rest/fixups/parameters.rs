//! Query, path and body parameters against each other.

use crate::ingest::rest::document::{Document, Operation, Parameter, reference};
use crate::ingest::rest::fixups::paths;
use crate::ingest::rest::report::Notes;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Parameters of a client library's common list options.
const CLIENT_LIST_OPTIONS: [&str; 4] = ["order_by", "sort", "pagination", "cursor"];

pub(super) fn location(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        for parameter in &mut operation.parameters {
            if !matches!(parameter.location.as_str(), "path" | "query" | "header") {
                notes.repaired(format!("{key}: {} in {}", parameter.name, parameter.location));
                parameter.location = "query".to_owned();
            }
        }
    }
}

pub(super) fn duplicates(document: &mut Document, notes: &mut Notes) {
    let keys: Vec<_> = document.operations.keys().cloned().collect();
    for key in keys {
        let Some(mut operation) = document.operations.remove(&key) else { continue };
        let body: BTreeSet<String> = operation
            .body_schema()
            .and_then(|schema| document.resolve(schema)?.get("properties")?.as_object())
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default();
        let path: BTreeSet<String> = paths::names(&key.path).map(str::to_owned).collect();
        let mut seen = BTreeSet::new();
        operation.parameters.retain(|parameter| {
            let stays = seen.insert((parameter.name.clone(), parameter.location.clone()))
                && !(parameter.location == "query"
                    && (path.contains(&parameter.name) || body.contains(&parameter.name)));
            if !stays {
                notes.repaired(format!("{key}: {} in {}", parameter.name, parameter.location));
            }
            stays
        });
        let twice: Vec<&String> = body.intersection(&path).collect();
        if !twice.is_empty() {
            for name in &twice {
                notes.repaired(format!("{key}: {name} in the body"));
            }
            remove_body_fields(document, &mut operation, &twice);
        }
        document.operations.insert(key, operation);
    }
}

/// Takes fields out of a body; a body without fields is none.
fn remove_body_fields(document: &Document, operation: &mut Operation, names: &[&String]) {
    let Some(body) = &mut operation.body else { return };
    for (_, schema) in &mut body.media {
        let Some(mut own) = document.resolve(schema).cloned() else { continue };
        if let Some(properties) = own.get_mut("properties").and_then(Value::as_object_mut) {
            properties.retain(|name, _| !names.contains(&name));
            if properties.is_empty() {
                operation.body = None;
                return;
            }
        }
        super::bodies::retain_required(&mut own, |name| !names.iter().any(|gone| *gone == name));
        *schema = own;
    }
}

pub(super) fn lists(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        for parameter in &mut operation.parameters {
            let is_list = parameter.schema.get("type").and_then(Value::as_str) == Some("array");
            if parameter.location != "query" || !is_list {
                continue;
            }
            let before = (parameter.name.clone(), parameter.facts.clone());
            let joined = parameter.facts.get("explode") == Some(&json!(false))
                || parameter.facts.get("x-gitlab-comma-separated") == Some(&json!(true));
            parameter.facts.insert("style".to_owned(), json!("form"));
            parameter.facts.insert("explode".to_owned(), json!(!joined));
            if joined {
                parameter.facts.insert("x-gitlab-comma-separated".to_owned(), json!(true));
            } else if !parameter.name.ends_with("[]") {
                parameter.name.push_str("[]");
            }
            if before != (parameter.name.clone(), parameter.facts.clone()) {
                notes.repaired(format!("{key}: {}", parameter.name));
            }
        }
    }
}

pub(super) fn id_or_name(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        for (collection, kind) in [("projects", "project"), ("groups", "group")] {
            let Some(rest) = key.path.strip_prefix(&format!("{}/{collection}/{{", paths::ROOT)) else { continue };
            let Some((name, _)) = rest.split_once('}') else { continue };
            let found = operation.parameters.iter_mut().find(|parameter| is_reference_to_owner(parameter, name));
            if let Some(parameter) = found {
                notes.repaired(format!("{key}: {name}"));
                parameter.schema = json!({"type": "string"});
                parameter.facts.insert("x-gitlab-id-or-name".to_owned(), json!(kind));
            }
        }
    }
}

/// Whether a parameter names the project or group that a path is about, and does not say so yet.
fn is_reference_to_owner(parameter: &Parameter, name: &str) -> bool {
    parameter.location == "path"
        && parameter.name == name
        && matches!(name, "id" | "project_id" | "group_id")
        && !parameter.facts.contains_key("x-gitlab-id-or-name")
}

pub(super) fn client_list_options(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        operation.parameters.retain_mut(|parameter| {
            let marked = parameter.facts.remove("x-gitlab-keyset").is_some();
            let gone = marked && CLIENT_LIST_OPTIONS.contains(&parameter.name.as_str());
            if gone {
                notes.repaired(format!("{key}: {}", parameter.name));
            }
            !gone
        });
    }
}

/// Whether a schema stands for something, rather than for anything.
pub(super) fn is_typed(schema: &Value) -> bool {
    reference(schema).is_some() || schema.get("type").is_some()
}
