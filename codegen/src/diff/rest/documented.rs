//! What a REST document says of operations beyond what is generated: the other statuses of answers, and which numbers requests
//! may hold.
//!
//! Lengths and patterns are not in facts-only documents; formats are, as types.

use super::coordinates::{coordinate, place};
use super::numbers::{self, Held, members};
use glabflow_contract::index::{Operation, Parameter};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is said, by the coordinate of the operation.
#[derive(Debug, Default)]
pub struct Documented(BTreeMap<String, Said>);

/// What is said of an operation.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The statuses that are no success.
    pub(super) errors: BTreeSet<String>,
    /// The statuses of success besides the usual one.
    pub(super) successes: BTreeSet<String>,
    /// The numbers that parameters accept and hold, by `query:per_page`.
    numbers: BTreeMap<String, Held>,
}

impl Documented {
    /// Reads a facts-only document.
    pub(crate) fn of(document: &Value) -> Self {
        let mut all = BTreeMap::new();
        for (path, item) in members(document.get("paths")) {
            let path = path.strip_prefix("/api/v4").unwrap_or(path);
            for (verb, operation) in members(Some(item)) {
                all.insert(format!("{} {path}", verb.to_ascii_uppercase()), Said::of(document, operation));
            }
        }
        Documented(all)
    }

    pub(super) fn operation(&self, operation: &Operation) -> Option<&Said> {
        self.0.get(&coordinate(operation))
    }
}

impl Said {
    fn of(document: &Value, operation: &Value) -> Self {
        let mut said = Said::default();
        for (status, _) in members(operation.get("responses")).filter(|(status, _)| !status.starts_with('2')) {
            said.errors.insert(status.clone());
        }
        let successes = operation.get("x-gitlab-other-success").and_then(Value::as_array).into_iter().flatten();
        said.successes.extend(successes.filter_map(Value::as_str).map(str::to_owned));
        let mut add = |place: &str, name: &str, schema: &Value| {
            said.numbers.insert(format!("{place}:{name}"), numbers::held(document, schema));
        };
        for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            add(text("in"), text("name"), parameter.get("schema").unwrap_or(&Value::Null));
        }
        for (_, media) in members(operation.pointer("/requestBody/content")) {
            let schema = numbers::resolved(document, media.get("schema").unwrap_or(&Value::Null));
            members(schema.get("properties")).for_each(|(name, schema)| add("body", name, schema));
        }
        said
    }

    /// The numbers that a parameter accepts and holds.
    pub(super) fn numbers(&self, parameter: &Parameter) -> Option<&Held> {
        self.numbers.get(&format!("{}:{}", place(parameter.location), parameter.name))
    }
}
