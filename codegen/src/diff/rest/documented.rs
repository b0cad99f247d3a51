//! Facts of a REST document that have no effect on generated code: further response statuses, and the numbers that
//! requests accept.
//!
//! Facts-only documents have no lengths and patterns. Formats are part of the types.

use super::coordinates::{coordinate, place};
use super::numbers::{self, AcceptedNumbers, members};
use glabflow_contract::index::{Operation, Parameter};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The facts, by the coordinate of the operation.
#[derive(Debug, Default)]
pub struct Documented(BTreeMap<String, OperationFacts>);

/// The facts about an operation.
#[derive(Debug, Default)]
pub(super) struct OperationFacts {
    /// The statuses of errors.
    pub(super) errors: BTreeSet<String>,
    /// The further statuses of success.
    pub(super) successes: BTreeSet<String>,
    /// The numbers that parameters and their members accept, by `query:per_page`.
    numbers: BTreeMap<String, AcceptedNumbers>,
}

impl Documented {
    /// Reads a facts-only document.
    pub(crate) fn of(document: &Value) -> Self {
        let mut all = BTreeMap::new();
        for (path, item) in members(document.get("paths")) {
            let path = path.strip_prefix("/api/v4").unwrap_or(path);
            for (verb, operation) in members(Some(item)) {
                all.insert(format!("{} {path}", verb.to_ascii_uppercase()), OperationFacts::of(document, operation));
            }
        }
        Documented(all)
    }

    pub(super) fn operation(&self, operation: &Operation) -> Option<&OperationFacts> {
        self.0.get(&coordinate(operation))
    }
}

impl OperationFacts {
    fn of(document: &Value, operation: &Value) -> Self {
        let mut facts = OperationFacts::default();
        for (status, _) in members(operation.get("responses")).filter(|(status, _)| !status.starts_with('2')) {
            facts.errors.insert(status.clone());
        }
        let successes = operation.get("x-gitlab-other-success").and_then(Value::as_array).into_iter().flatten();
        facts.successes.extend(successes.filter_map(Value::as_str).map(str::to_owned));
        let mut add = |place: &str, name: &str, schema: &Value| {
            facts.numbers.insert(format!("{place}:{name}"), numbers::accepted_numbers(document, schema));
        };
        for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            add(text("in"), text("name"), parameter.get("schema").unwrap_or(&Value::Null));
        }
        for (_, media) in members(operation.pointer("/requestBody/content")) {
            let schema = numbers::resolved(document, media.get("schema").unwrap_or(&Value::Null));
            members(schema.get("properties")).for_each(|(name, schema)| add("body", name, schema));
        }
        facts
    }

    /// The numbers that a parameter and its members accept.
    pub(super) fn numbers(&self, parameter: &Parameter) -> Option<&AcceptedNumbers> {
        self.numbers.get(&format!("{}:{}", place(parameter.location), parameter.name))
    }
}
