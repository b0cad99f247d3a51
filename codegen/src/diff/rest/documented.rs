//! What a REST document says of operations beyond what is generated: the other statuses of answers, and the bounds of numbers.
//!
//! Lengths and patterns are not in facts-only documents; formats are, as types.

use super::coordinate;
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
    /// The bounds of parameters, by `query:per_page`.
    bounds: BTreeMap<String, Bounds>,
}

/// The smallest and the largest number that is accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub(super) minimum: f64,
    pub(super) maximum: f64,
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
        let mut bound = |place: &str, name: &str, schema: &Value| {
            let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
            let (minimum, maximum) = (limit("minimum"), limit("maximum"));
            if minimum.is_some() || maximum.is_some() {
                let (minimum, maximum) = (minimum.unwrap_or(f64::NEG_INFINITY), maximum.unwrap_or(f64::INFINITY));
                said.bounds.insert(format!("{place}:{name}"), Bounds { minimum, maximum });
            }
        };
        for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            bound(text("in"), text("name"), parameter.get("schema").unwrap_or(&Value::Null));
        }
        for (_, media) in members(operation.pointer("/requestBody/content")) {
            let schema = media.get("schema").unwrap_or(&Value::Null);
            let named = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
            let schema = named.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema);
            members(schema.get("properties")).for_each(|(name, schema)| bound("body", name, schema));
        }
        said
    }

    pub(super) fn bounds(&self, parameter: &Parameter) -> Bounds {
        let key = format!("{}:{}", super::inputs::place(parameter.location), parameter.name);
        self.bounds.get(&key).copied().unwrap_or(Bounds::NONE)
    }
}

impl Bounds {
    pub(super) const NONE: Bounds = Bounds { minimum: f64::NEG_INFINITY, maximum: f64::INFINITY };

    /// Whether these refuse a number that the others accept.
    pub(super) fn refuses_some_of(self, other: Bounds) -> bool {
        self.minimum > other.minimum || self.maximum < other.maximum
    }
}

impl std::fmt::Display for Bounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.minimum.is_finite(), self.maximum.is_finite()) {
            (true, true) => write!(f, "{} to {}", self.minimum, self.maximum),
            (true, false) => write!(f, "{} and more", self.minimum),
            (false, true) => write!(f, "up to {}", self.maximum),
            (false, false) => f.write_str("any number"),
        }
    }
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}
