//! Reading OpenAPI 3.0 into a [`Document`].

use crate::ingest::rest::document::{Body, Document, Key, Object, Operation, Parameter, Response};
use crate::ingest::rest::report::Notes;
use crate::method;
use glabflow_contract::Method;
use serde_json::Value;

/// Reads an OpenAPI 3.0 document.
pub(crate) fn read(root: &Object, notes: &mut Notes) -> Document {
    let mut document = Document { schemas: named(root, &["components", "schemas"]), ..Document::default() };
    for (path, method, item, operation) in calls(root, notes) {
        let key = Key { path: path.to_owned(), method };
        let operation = read_operation(root, &key, item, operation, notes);
        document.operations.insert(key, operation);
    }
    document
}

/// The members of an object somewhere below the root.
pub(crate) fn named(root: &Object, place: &[&str]) -> std::collections::BTreeMap<String, Value> {
    let mut object = Some(root);
    for step in place {
        object = object.and_then(|object| object.get(*step)).and_then(Value::as_object);
    }
    object.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The operations of a document with the path item they stand in; what is not one is noted.
pub(crate) fn calls<'a>(root: &'a Object, notes: &mut Notes) -> Vec<(&'a str, Method, &'a Object, &'a Object)> {
    let mut calls = Vec::new();
    for (path, item) in root.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let Some(item) = item.as_object() else {
            notes.excluded(path, "the path's value is not an object");
            continue;
        };
        for (name, value) in item {
            match (method::parse(name), value.as_object()) {
                (Some(method), Some(operation)) => calls.push((path.as_str(), method, item, operation)),
                (Some(_), None) => notes.excluded(format!("{name} {path}"), "the operation is not an object"),
                (None, _) if matches!(name.as_str(), "parameters" | "summary" | "description" | "servers") => {}
                (None, _) if name.starts_with("x-") => {}
                (None, _) => notes.excluded(format!("{name} {path}"), "not a method of GitLab's REST API"),
            }
        }
    }
    calls
}

/// The parameters of an operation and of its path item, references followed.
pub(crate) fn parameters<'a>(
    root: &'a Object,
    key: &Key,
    item: &'a Object,
    operation: &'a Object,
    notes: &mut Notes,
) -> Vec<&'a Object> {
    let mut found = Vec::new();
    for value in [operation, item].iter().filter_map(|holder| holder.get("parameters")?.as_array()).flatten() {
        match follow(root, value) {
            Some(parameter) if parameter.get("name").is_some_and(Value::is_string) => found.push(parameter),
            _ => notes.excluded(format!("{key}, a parameter"), "it has no name, or refers to nothing"),
        }
    }
    found
}

/// The object that a value is or refers to.
pub(crate) fn follow<'a>(root: &'a Object, value: &'a Value) -> Option<&'a Object> {
    let mut object = value.as_object()?;
    // A chain of references longer than this is a circle.
    for _ in 0..8 {
        let Some(reference) = object.get("$ref") else { return Some(object) };
        let mut steps = reference.as_str()?.strip_prefix("#/")?.split('/');
        let mut target = root.get(&unescape(steps.next()?))?;
        for step in steps {
            target = target.get(unescape(step))?;
        }
        object = target.as_object()?;
    }
    None
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// All members but some.
pub(crate) fn without(object: &Object, consumed: &[&str]) -> Object {
    let rest = object.iter().filter(|(name, _)| !consumed.contains(&name.as_str()));
    rest.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn read_operation(root: &Object, key: &Key, item: &Object, operation: &Object, notes: &mut Notes) -> Operation {
    let parameters = parameters(root, key, item, operation, notes);
    let parameters = parameters.into_iter().filter_map(|parameter| {
        let name = parameter.get("name")?.as_str()?.to_owned();
        let location = parameter.get("in").and_then(Value::as_str).unwrap_or("query").to_owned();
        if location == "cookie" {
            notes.excluded(format!("{key}, cookie {name}"), "GitLab's API takes no cookies");
            return None;
        }
        let content = parameter.get("content").map(media).unwrap_or_default();
        let schema = parameter.get("schema").cloned().or_else(|| Some(content.into_iter().next()?.1));
        Some(Parameter {
            name,
            location,
            required: parameter.get("required") == Some(&Value::Bool(true)),
            schema: schema.unwrap_or_else(|| Value::Object(Object::new())),
            facts: without(parameter, &["name", "in", "required", "schema", "content"]),
        })
    });
    let parameters = parameters.collect();
    let body = operation.get("requestBody").and_then(|body| follow(root, body)).map(|body| Body {
        required: body.get("required") == Some(&Value::Bool(true)),
        media: body.get("content").map(media).unwrap_or_default(),
    });
    let mut responses = Vec::new();
    for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
        match follow(root, response) {
            Some(response) => responses.push(Response {
                status: status.clone(),
                media: response.get("content").map(media).unwrap_or_default(),
            }),
            None => notes.excluded(format!("{key}, response {status}"), "it refers to nothing"),
        }
    }
    Operation { facts: without(operation, &["parameters", "requestBody", "responses"]), parameters, body, responses }
}

/// The schemas of a `content` object by media type, without parameters such as a character set.
fn media(content: &Value) -> Vec<(String, Value)> {
    let types = content.as_object().into_iter().flatten();
    types
        .map(|(name, value)| {
            let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            (name, value.get("schema").cloned().unwrap_or_else(|| Value::Object(Object::new())))
        })
        .collect()
}
