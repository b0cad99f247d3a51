//! Responses: lenient decoding of any bytes, compared with `serde_json`.

use glabflow::types::{Project, User};
use glabflow_contract::decode::from_slice;
use glabflow_contract::{Date, DateTime, Decode, IdOrName, Secret};
use glabflow_fuzz::{Near, bolero, fuzz};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

const SHAPES: &str = include_str!("../../operations/fixtures/real-shapes.json");

const WORDS: &[&str] = &[
    "null",
    "true",
    "false",
    "\"\"",
    "\"1\"",
    "\"true\"",
    "0",
    "-1",
    "1.5",
    "1e400",
    "9223372036854775808",
    "-0.0",
    "{}",
    "[]",
    "[",
    "{\"id\": ",
    "{\"a\": ",
    "\"id\": ",
    "\"name\": ",
    "\"identities\": ",
    "\"namespace\": ",
    "\"created_at\": ",
    "\"permissions\": ",
    "\"state\": ",
    "\"",
    "\\u0000",
    "\\ud800",
    "\\",
    ",",
    ":",
    "}",
    "]",
    "\u{e9}",
    "\u{feff}",
];

fn shape(operation: &str) -> Value {
    let shapes: Map<String, Value> = serde_json::from_str(SHAPES).expect("the shapes are JSON");
    shapes[operation].clone()
}

fn near_shapes() -> Near {
    let (user, project) = (shape("get_user"), shape("get_project"));
    let small = json!([{"id": 1, "username": "ada", "locked": false, "identities": [{"provider": "a"}]}]);
    Near::texts([user, project, small].map(|value| value.to_string())).words(WORDS.iter().copied())
}

/// Decodes a text and the equal `serde_json` value: both must give the same result.
fn both_ways<T: Decode + Debug>(bytes: &[u8]) {
    let decoded = from_slice::<T>(bytes);
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        // Skipped values are not fully checked: invalid Unicode, numbers that are too large.
        let is_json = serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        assert!(decoded.is_err() || is_json, "{decoded:?}");
        return;
    };
    // Serialized again: a value has each name once, and its numbers have their shortest form.
    let text = value.to_string();
    let value: Value = serde_json::from_str(&text).expect("serialized JSON");
    match (from_slice::<T>(text.as_bytes()), T::decode(&value)) {
        (Ok(one), Ok(other)) => assert_eq!(format!("{one:?}"), format!("{other:?}")),
        (Err(error), Err(_)) => assert!(error.line() >= 1, "{error}"),
        (one, other) => panic!("{one:?}\n{other:?}"),
    }
}

#[test]
fn users() {
    fuzz!(near_shapes(), |bytes: &[u8]| {
        both_ways::<User>(bytes);
        both_ways::<Vec<User>>(bytes);
    });
}

#[test]
fn projects() {
    fuzz!(near_shapes(), |bytes: &[u8]| {
        both_ways::<Project>(bytes);
        both_ways::<Vec<Project>>(bytes);
    });
}

#[test]
fn scalars_lists_and_maps() {
    let seeds =
        ["12", "\"12\"", "1.5", "[1, \"2\", null]", "{\"a\": 1, \"b\": null}", "\"2024-01-01T00:00:00Z\"", "true"];
    fuzz!(Near::texts(seeds).words(WORDS.iter().copied()), |bytes: &[u8]| {
        both_ways::<Option<i64>>(bytes);
        both_ways::<Option<f64>>(bytes);
        both_ways::<Option<bool>>(bytes);
        both_ways::<Option<String>>(bytes);
        both_ways::<Vec<Option<i64>>>(bytes);
        both_ways::<BTreeMap<String, Option<f64>>>(bytes);
        both_ways::<BTreeMap<String, Vec<Option<bool>>>>(bytes);
        both_ways::<Option<DateTime>>(bytes);
        both_ways::<Option<Date>>(bytes);
        both_ways::<IdOrName>(bytes);
        both_ways::<Option<Secret>>(bytes);
        both_ways::<Value>(bytes);
        both_ways::<()>(bytes);
    });
}

/// Changes one value of a response as a newer, older or careless server does. Decoding must not fail.
fn change(value: &mut Value, how: u8) {
    let changed = match (&*value, how % 6) {
        (Value::Object(_), 0) => json!([]),
        (Value::Object(members), 1) => {
            let mut members = members.clone();
            members.insert("a_field_of_tomorrow".to_owned(), json!([{"x": [1.5, null]}, "\u{e9}"]));
            Value::Object(members)
        }
        (Value::Object(members), 2) => members
            .iter()
            .filter(|(name, _)| name.len() % 2 == 0)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        (Value::Array(items), 3) if items.len() == 1 && !items[0].is_null() => items[0].clone(),
        (Value::Number(number), 0 | 3) => json!(number.to_string()),
        (Value::Number(number), 1) if number.is_i64() => json!(number.as_f64()),
        (Value::Bool(value), 0 | 3) => json!(value.to_string()),
        (Value::Bool(value), 1) => json!(u8::from(*value)),
        (Value::String(_), 0) => json!("a value of tomorrow"),
        (Value::String(_), 1) => json!(""),
        (Value::String(_), 2) => json!({"now": ["it is", 1, "thing"]}),
        (Value::String(_), 3) => json!(7),
        _ => Value::Null,
    };
    *value = changed;
}

fn changed(shape: &Value, changes: &[(u16, u8)]) -> Value {
    let mut value = shape.clone();
    // A number that is changed twice could become a word.
    let mut done = BTreeSet::new();
    for (place, how) in changes {
        let mut paths = Vec::new();
        pointers(&value, String::new(), &mut paths);
        let path = &paths[usize::from(*place) % paths.len()];
        if done.insert(path.clone())
            && let Some(value) = value.pointer_mut(path)
        {
            change(value, *how);
        }
    }
    value
}

/// JSON pointers to all values.
fn pointers(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| pointers(value, format!("{path}/{name}"), out))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, format!("{path}/{index}"), out))
        }
        _ => {}
    }
    if !path.is_empty() {
        out.push(path);
    }
}

#[test]
fn decoding_survives_server_changes() {
    let (user, project) = (shape("get_user"), shape("get_project"));
    bolero::check!().with_type::<Vec<(u16, u8)>>().for_each(|changes: &Vec<(u16, u8)>| {
        let changes = &changes[..changes.len().min(16)];
        let user = changed(&user, changes).to_string();
        from_slice::<User>(user.as_bytes()).unwrap_or_else(|error| panic!("{error}: {user}"));
        let project = changed(&project, changes).to_string();
        from_slice::<Project>(project.as_bytes()).unwrap_or_else(|error| panic!("{error}: {project}"));
    });
}
