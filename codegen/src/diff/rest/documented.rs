//! What a REST document says of operations beyond what is generated: the other statuses of answers, and which numbers requests
//! may hold.
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
    /// The numbers that parameters accept, by `query:per_page`.
    numbers: BTreeMap<String, Numbers>,
}

/// The numbers that are accepted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numbers {
    minimum: f64,
    maximum: f64,
    /// All of them, where they are counted out: the generated type is one for all numbers then, or for all access levels.
    values: Option<Vec<f64>>,
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
            if let Some(numbers) = Numbers::of(schema) {
                said.numbers.insert(format!("{place}:{name}"), numbers);
            }
        };
        for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            add(text("in"), text("name"), parameter.get("schema").unwrap_or(&Value::Null));
        }
        for (_, media) in members(operation.pointer("/requestBody/content")) {
            let schema = media.get("schema").unwrap_or(&Value::Null);
            let named = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
            let schema = named.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema);
            members(schema.get("properties")).for_each(|(name, schema)| add("body", name, schema));
        }
        said
    }

    /// The numbers that a parameter accepts, if it is one.
    pub(super) fn numbers(&self, parameter: &Parameter) -> Option<&Numbers> {
        self.numbers.get(&format!("{}:{}", super::inputs::place(parameter.location), parameter.name))
    }
}

impl Numbers {
    /// What a schema accepts, if it is one of numbers.
    fn of(schema: &Value) -> Option<Self> {
        matches!(schema.get("type")?.as_str()?, "integer" | "number").then_some(())?;
        let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
        let values = schema.get("enum").and_then(Value::as_array);
        let values = values.map(|values| values.iter().filter_map(Value::as_f64).collect::<Vec<f64>>());
        Some(Numbers {
            minimum: limit("minimum").unwrap_or(f64::NEG_INFINITY),
            maximum: limit("maximum").unwrap_or(f64::INFINITY),
            values: values.filter(|values| !values.is_empty()),
        })
    }

    fn accepts(&self, number: f64) -> bool {
        let is_counted = self.values.as_ref().is_none_or(|values| values.contains(&number));
        is_counted && self.minimum <= number && number <= self.maximum
    }

    /// Whether these refuse a number that the others accept.
    pub(super) fn refuse_some_of(&self, others: &Numbers) -> bool {
        match &others.values {
            Some(values) => values.iter().any(|value| others.accepts(*value) && !self.accepts(*value)),
            None => self.values.is_some() || self.minimum > others.minimum || self.maximum < others.maximum,
        }
    }
}

impl std::fmt::Display for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(values) = &self.values {
            let mut values: Vec<f64> = values.iter().copied().filter(|value| self.accepts(*value)).collect();
            values.sort_by(f64::total_cmp);
            values.dedup();
            return f.write_str(&values.iter().map(f64::to_string).collect::<Vec<_>>().join(", "));
        }
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
