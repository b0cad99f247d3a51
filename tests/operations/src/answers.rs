//! Responses that GitLab could send to an operation, synthesised from its schema.

use crate::schema::{Schema, has_properties, object};
use serde_json::{Map, Value, json};

/// The schema of an operation's JSON response, if it has one.
pub fn schema_of(operation: &Value) -> Option<&Value> {
    let success = object(&operation["responses"]).find(|(status, _)| status.starts_with('2'))?;
    let content = success.1["content"].as_object()?;
    content.get("application/json").map(|media| &media["schema"])
}

/// Minimal responses: an empty object or list, and `null`.
pub fn minimal(schema: &Schema, answer: &Value) -> Vec<Value> {
    match schema.resolve(answer)["type"].as_str() {
        Some("array") => vec![json!([]), Value::Null],
        Some("object") => vec![json!({}), Value::Null],
        _ => vec![schema.sample("answer", answer, &mut Vec::new())],
    }
}

/// A response with every field.
pub fn full(schema: &Schema, answer: &Value) -> Value {
    schema.sample("answer", answer, &mut Vec::new())
}

/// Responses that violate the schema: all fields `null`; unknown values, numbers and booleans as text, other letter case, and
/// unknown fields.
pub fn hostile(schema: &Schema, answer: &Value) -> Vec<Value> {
    [Hostility::Null, Hostility::Odd].into_iter().map(|how| distort(schema, answer, how, &mut Vec::new())).collect()
}

/// The same response as it is serialized after decoding.
pub fn straightened(schema: &Schema, answer: &Value) -> Value {
    distort(schema, answer, Hostility::Straight, &mut Vec::new())
}

#[derive(Clone, Copy, PartialEq)]
enum Hostility {
    Null,
    Odd,
    Straight,
}

fn distort<'a>(schema: &'a Schema, answer: &'a Value, how: Hostility, open: &mut Vec<&'a Value>) -> Value {
    let target = schema.resolve(answer);
    match target["type"].as_str() {
        Some("boolean") if how == Hostility::Odd => json!("true"),
        Some("integer") if how == Hostility::Odd => json!("42"),
        Some("number") if how == Hostility::Odd => json!("1.5"),
        Some("boolean") => json!(true),
        // Ids of issues in external trackers are text, so they stay text.
        Some("integer") if how == Hostility::Straight && target["x-gitlab-lenient"] == true => json!("42"),
        Some("integer") => json!(42),
        Some("number") => json!(1.5),
        Some("string") if target["enum"].is_array() => json!("SOMETHING_new"),
        Some("string") => json!("2026-01-02"),
        Some("array") => json!([distort(schema, &target["items"], how, open)]),
        Some("object") if has_properties(target) => {
            if open.iter().any(|other| std::ptr::eq(*other, target)) {
                return json!({});
            }
            open.push(target);
            let mut members = Map::new();
            for (name, member) in object(&target["properties"]) {
                let value = match how {
                    Hostility::Null => Value::Null,
                    Hostility::Odd | Hostility::Straight => distort(schema, member, how, open),
                };
                members.insert(name.clone(), value);
            }
            open.pop();
            if how != Hostility::Straight {
                members.insert("a_field_of_tomorrow".to_owned(), json!({ "deep": [1, { "er": null }] }));
            }
            Value::Object(members)
        }
        Some("object") if target["additionalProperties"].is_object() => {
            json!({ "key": distort(schema, &target["additionalProperties"], how, open) })
        }
        _ => json!("anything"),
    }
}

/// The parts of `expected` that `found` lacks: paths with both values. Additional parts of `found` are allowed.
pub fn missing(expected: &Value, found: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    compare("", expected, found, &mut problems);
    problems
}

fn compare(path: &str, expected: &Value, found: &Value, problems: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (name, value) in expected {
                compare(&format!("{path}.{name}"), value, found.get(name).unwrap_or(&Value::Null), problems);
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{at}]"), expected, found, problems);
            }
        }
        (expected, found) if expected == found => {}
        _ => problems.push(format!("{path}: sent {expected}, kept {found}")),
    }
}
