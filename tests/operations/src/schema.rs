//! The schema document as plain JSON.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The schema document.
pub struct Schema(Value);

/// An operation of the document.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    /// The method in capitals.
    pub method: &'a str,
    /// The path below `/api/v4`.
    pub path: &'a str,
    /// The operation object.
    pub source: &'a Value,
}

impl Schema {
    /// Reads the document of this repository.
    ///
    /// # Panics
    /// When it is not there, or is not JSON.
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/rest/openapi.json");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Schema(serde_json::from_str(&text).expect("the schema is JSON"))
    }

    /// All operations by id.
    ///
    /// # Panics
    /// When the document is not in normal form: an operation without an id, a path elsewhere than below `/api/v4`.
    pub fn operations(&self) -> BTreeMap<&str, Operation<'_>> {
        let mut operations = BTreeMap::new();
        for (path, methods) in object(&self.0["paths"]) {
            for (method, source) in object(methods) {
                let id = source["operationId"].as_str().expect("every operation has an id");
                let path = path.strip_prefix("/api/v4").expect("every path is below /api/v4");
                let method = METHODS.iter().find(|name| name.eq_ignore_ascii_case(method)).expect("an HTTP method");
                operations.insert(id, Operation { method, path, source });
            }
        }
        operations
    }

    /// The schema itself: behind a reference, and out of an `allOf` of one.
    ///
    /// # Panics
    /// When the reference leads nowhere.
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.0.pointer(reference.trim_start_matches('#'));
            return self.resolve(target.unwrap_or_else(|| panic!("{reference} leads nowhere")));
        }
        match schema["allOf"].as_array().map(Vec::as_slice) {
            Some([only]) => self.resolve(only),
            _ => schema,
        }
    }

    /// The value of a schema by the rule of the samples. `open` holds the objects that are being made.
    pub fn sample<'a>(&'a self, name: &str, schema: &'a Value, open: &mut Vec<&'a Value>) -> Value {
        let name = name.strip_suffix("[]").unwrap_or(name);
        let schema = self.resolve(schema);
        let text = || json!(format!("{name} value/ä"));
        match schema["type"].as_str() {
            Some("boolean") => json!(true),
            Some("integer") => json!(name.len()),
            Some("number") => json!(name.len() as f64 + 0.5),
            Some("string") => match (schema["enum"].as_array(), schema["format"].as_str()) {
                (Some(values), _) => json!(values.iter().filter_map(Value::as_str).min()),
                (None, Some("date-time")) => json!("2026-01-02T03:04:05.678Z"),
                (None, Some("date")) => json!("2026-01-02"),
                _ => text(),
            },
            Some("array") => {
                let items = &schema["items"];
                json!([self.sample(name, items, open), self.sample(&format!("{name}2"), items, open)])
            }
            Some("object") if has_properties(schema) => {
                open.push(schema);
                let mut members = Map::new();
                for (member, schema) in object(&schema["properties"]) {
                    if !self.holds(schema, open) {
                        members.insert(member.clone(), self.sample(member, schema, open));
                    }
                }
                open.pop();
                Value::Object(members)
            }
            Some("object") if schema["additionalProperties"].is_object() => {
                json!({ "key": self.sample(name, &schema["additionalProperties"], open) })
            }
            _ => text(),
        }
    }

    /// Whether a schema is, or is a list or map of, one of the open ones.
    fn holds(&self, schema: &Value, open: &[&Value]) -> bool {
        let schema = self.resolve(schema);
        open.iter().any(|other| std::ptr::eq(*other, schema))
            || ["items", "additionalProperties"]
                .iter()
                .any(|inner| schema[inner].is_object() && self.holds(&schema[inner], open))
    }
}

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Whether an object schema lists its members.
pub fn has_properties(schema: &Value) -> bool {
    schema["properties"].as_object().is_some_and(|properties| !properties.is_empty())
}

/// The members of a JSON object; none of anything else.
pub fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The items of a JSON array; none of anything else.
pub fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
