//! The numbers that requests accept: ranges, and sets that are not named types.

use crate::model::rest::ACCESS_LEVEL;
use serde_json::Value;
use std::collections::BTreeMap;

/// The step into a list or a map. The other steps are names of fields.
pub(super) const ITEM: &str = "[]";

/// Limits on the number and depth of schemas that are read for one parameter, higher than any of GitLab's needs. Without
/// them, schemas that refer to each other twice on every level would take exponential time.
const SCHEMAS: usize = 10_000;
const DEPTH: usize = 64;

/// The numbers in a value, by the steps to them.
pub(super) type AcceptedNumbers = BTreeMap<Vec<String>, Numbers>;

/// The numbers that are accepted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numbers {
    minimum: f64,
    maximum: f64,
    /// All of them, if the schema lists them. The generated type allows any number, or any access level.
    values: Option<Vec<f64>>,
}

/// All numbers of a schema: its own, and those in lists and objects.
pub(super) fn accepted_numbers(document: &Value, schema: &Value) -> AcceptedNumbers {
    let mut reader = Reader { document, open: Vec::new(), left: SCHEMAS, found: AcceptedNumbers::new() };
    reader.read(schema, &mut Vec::new());
    reader.found
}

/// The schema at the end of a chain of references.
pub(super) fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    let mut seen = Vec::new();
    while let Some((name, next)) = target(document, schema).filter(|(name, _)| !seen.contains(name)) {
        seen.push(name);
        schema = next;
    }
    schema
}

fn target<'a>(document: &'a Value, schema: &'a Value) -> Option<(&'a str, &'a Value)> {
    let reference = schema.get("$ref")?.as_str()?;
    let name = reference.rsplit('/').next().unwrap_or_default();
    Some((name, document.pointer(reference.strip_prefix('#')?)?))
}

/// The members of an object; none if the value is not an object.
pub(super) fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

struct Reader<'a> {
    document: &'a Value,
    /// The schemas that are being read. A schema inside itself is not read again.
    open: Vec<&'a str>,
    /// The number of schemas that may still be read.
    left: usize,
    found: AcceptedNumbers,
}

impl<'a> Reader<'a> {
    fn read(&mut self, schema: &'a Value, way: &mut Vec<String>) {
        if self.left == 0 || way.len() + self.open.len() > DEPTH {
            return;
        }
        self.left -= 1;
        if let Some((name, next)) = target(self.document, schema) {
            // A named set is a type, and compared as such. The set of access levels never changes.
            let is_type = next.get("enum").is_some() && name != ACCESS_LEVEL;
            if !is_type && !self.open.contains(&name) {
                self.open.push(name);
                self.read(next, way);
                self.open.pop();
            }
            return;
        }
        if let Some([only]) = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            return self.read(only, way);
        }
        if let Some(numbers) = Numbers::of(schema) {
            self.found.insert(way.clone(), numbers);
        }
        for inner in ["items", "additionalProperties"].into_iter().filter_map(|key| schema.get(key)) {
            way.push(ITEM.to_owned());
            self.read(inner, way);
            way.pop();
        }
        for (name, field) in members(schema.get("properties")) {
            way.push(name.clone());
            self.read(field, way);
            way.pop();
        }
    }
}

impl Numbers {
    /// What a schema accepts, if it is a number.
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

    /// Whether these exclude a number that the others accept.
    pub(super) fn exclude_some_of(&self, others: &Numbers) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn exponential_schemas_are_read_up_to_a_limit() {
        let mut schemas = serde_json::Map::new();
        for level in 0..100 {
            let next = json!({"$ref": format!("#/components/schemas/S{}", level + 1)});
            let fields = json!({"a": next, "b": next, "size": {"type": "integer"}});
            schemas.insert(format!("S{level}"), json!({"properties": fields}));
        }
        schemas.insert("Loop".to_owned(), json!({"items": {"$ref": "#/components/schemas/Loop"}}));
        schemas.insert("Self".to_owned(), json!({"$ref": "#/components/schemas/Self"}));
        let document = json!({"components": {"schemas": schemas}});
        let of = |name: &str| accepted_numbers(&document, &json!({"$ref": format!("#/components/schemas/{name}")}));
        assert!((1..SCHEMAS).contains(&of("S0").len()));
        assert!(of("Loop").is_empty() && of("Self").is_empty() && of("Missing").is_empty());
    }
}
