//! Every route of the operation index responds in the shape of the index.

use crate::Session;
use glabflow_contract::index::{Operation, Output, Parameter, TypeDef, TypeRef};
use glabflow_contract::{DateTime, Location, Method};
use glabflow_fake::Fake;
use glabflow_index::REST;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Operations that rightly reject the requests of this test, because they need a file or more than the schema requires.
const REJECTED: [(&str, u16); 6] = [
    ("add_group_member", 400),
    ("add_project_member", 400),
    ("create_project", 400),
    ("create_user", 400),
    ("download_project_markdown_upload_by_secret_and_filename", 404),
    ("upload_project_markdown_file", 400),
];

#[tokio::test]
async fn every_operation_responds_in_its_shape() {
    let operations = REST.operations();
    // Each operation has its own project, user and group, so that operations do not affect each other.
    let count = operations.len() as u64 + 10;
    let builder = Fake::builder().projects(count).users(count).groups(count);
    let session = Session::start(builder).await;
    let mut problems = String::new();
    let mut operations: Vec<_> = operations.iter().enumerate().collect();
    // Operations that remove shared things run last.
    operations.sort_by_key(|(_, operation)| operation.method == Method::Delete);
    for (at, operation) in operations {
        let number = at as u64 + 3;
        let mut url = format!("{}?", session.url(&path(operation, number)));
        let mut body = Map::new();
        for param in operation.params.iter().filter(|param| param.required) {
            let value = value(param, number);
            match param.location {
                Location::Query => write!(url, "{}={}&", param.name, text(&value)).unwrap(),
                Location::Body => put(&mut body, &param.name, value),
                _ => {}
            }
        }
        let method = reqwest::Method::from_bytes(operation.method.as_str().as_bytes()).unwrap();
        let body = (operation.method != Method::Get && operation.method != Method::Head).then_some(Value::Object(body));
        let reply = session.send(method, &url, Some("glpat-demo"), body).await;
        let rejected = REJECTED.iter().find(|(id, _)| *id == operation.id).map(|(_, status)| *status);
        if rejected == Some(reply.status) {
            continue;
        }
        if rejected.is_some() || !(200..300).contains(&reply.status) {
            writeln!(problems, "{} {} {url}: {} {}", operation.id, operation.method, reply.status, reply.body).unwrap();
            continue;
        }
        if operation.method == Method::Head || matches!(reply.status, 202 | 204) {
            continue;
        }
        let shape = match &operation.output {
            Output::Json(ty) => fits(ty, &reply.body, "$"),
            Output::List(ty) => fits(&TypeRef::List(Box::new(ty.clone())), &reply.body, "$"),
            Output::Empty | Output::File(_) => Ok(()),
        };
        if let Err(problem) = shape {
            writeln!(problems, "{} {}: {problem}", operation.id, operation.path).unwrap();
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{problems}", problems.lines().count());
}

/// Inserts `outer[inner]` into a nested object.
fn put(body: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('[') {
        Some((outer, inner)) => {
            let outer = body.entry(outer).or_insert_with(|| json!({}));
            outer[inner.trim_end_matches(']')] = value;
        }
        None => drop(body.insert(name.to_owned(), value)),
    }
}

/// The path of an operation with the keys of existing things.
fn path(operation: &Operation, number: u64) -> String {
    let mut path = String::new();
    for piece in operation.path.split_inclusive('}') {
        let Some((before, name)) = piece.trim_end_matches('}').split_once('{') else {
            path.push_str(piece);
            continue;
        };
        path.push_str(before);
        path.push_str(&key(&path, name, operation, number));
    }
    path
}

/// The key of an existing thing, by its list.
///
/// Things in projects are numbered across projects, so the first thing of a project has the number of the project.
fn key(list: &str, name: &str, operation: &Operation, number: u64) -> String {
    let segments: Vec<&str> = list.trim_matches('/').split('/').collect();
    let in_group = segments.first() == Some(&"groups");
    let user = (number - 1) * 2 + 1;
    match (segments.last().copied().unwrap_or_default(), name) {
        ("merge_requests" | "issues", _) if segments.first() == Some(&"projects") && segments.len() == 3 => "1".into(),
        ("notes", _) if segments.len() == 5 => ((number - 1) * 5 + 1).to_string(),
        ("keys", _) if segments.first() == Some(&"users") => user.to_string(),
        ("labels", _) if in_group => ((number - 1) * 8 + 1).to_string(),
        ("milestones", _) if in_group => ((number - 1) * 4 + 1).to_string(),
        ("members" | "all", _) if segments.contains(&"members") => "1".into(),
        ("jobs", _) => ((number - 1) * 6 + 1).to_string(),
        ("branches", _) => "develop".into(),
        ("commits", _) => "main".into(),
        ("protected_branches", _) => "main".into(),
        ("tags", _) | ("releases", _) if segments.contains(&"projects") => "v1.0.0".into(),
        ("variables", _) if !segments.contains(&"pipeline_schedules") => "DEPLOY_REGION".into(),
        ("files", "file_path") if operation.method == Method::Post => "new.txt".into(),
        ("files", "file_path") => "README.md".into(),
        ("runners", _) => "3".into(),
        ("projects" | "groups" | "users", _) => number.to_string(),
        _ => {
            let param = operation.params.iter().find(|param| param.name == name && param.location == Location::Path);
            param.map_or_else(|| number.to_string(), |param| text(&value(param, number)))
        }
    }
}

/// A valid value of a parameter.
fn value(param: &Parameter, number: u64) -> Value {
    match param.name.trim_end_matches("[]") {
        "ref" | "target_branch" => "main".into(),
        "source_branch" => "develop".into(),
        "user_id" => (number + 1).into(),
        _ => generated(&param.ty, number),
    }
}

fn generated(ty: &TypeRef, number: u64) -> Value {
    match ty {
        TypeRef::Bool => true.into(),
        TypeRef::Int | TypeRef::IdOrName => number.into(),
        TypeRef::Float => 0.5.into(),
        TypeRef::DateTime => "2026-01-01T00:00:00Z".into(),
        TypeRef::Date => "2026-01-01".into(),
        TypeRef::List(item) => vec![generated(item, number)].into(),
        TypeRef::Map(item) => json!({ "key": generated(item, number) }),
        TypeRef::Named(name) => match &REST.types()[name] {
            TypeDef::Enum(of) => of.values.first().map_or(Value::Null, |value| value.name.as_str().into()),
            TypeDef::IntEnum(of) => of.values.first().copied().into(),
            TypeDef::Object(object) => {
                let required = object.fields.iter().filter(|field| field.required);
                required.map(|field| (field.name.clone(), generated(&field.ty, number))).collect::<Map<_, _>>().into()
            }
        },
        TypeRef::String | TypeRef::Secret | TypeRef::Any | TypeRef::File => format!("new{number}").into(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.first().map(text).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// Checks that a value has the shape of a type. The error has the path and the problem.
fn fits(ty: &TypeRef, value: &Value, at: &str) -> Result<(), String> {
    let ok = match ty {
        _ if value.is_null() => true,
        TypeRef::Any => true,
        TypeRef::Bool => value.is_boolean(),
        TypeRef::Int => value.is_i64() || value.is_u64(),
        TypeRef::Float => value.is_number(),
        TypeRef::String | TypeRef::Secret | TypeRef::File => value.is_string(),
        TypeRef::IdOrName => value.is_string() || value.is_number(),
        TypeRef::DateTime | TypeRef::Date => value.as_str().is_some_and(|text| DateTime::new(text).is_valid()),
        TypeRef::List(item) => {
            let Some(values) = value.as_array() else { return Err(format!("{at} is no list: {value}")) };
            return values.iter().try_for_each(|value| fits(item, value, &format!("{at}[]")));
        }
        TypeRef::Map(item) => {
            let Some(values) = value.as_object() else { return Err(format!("{at} is no map: {value}")) };
            return values.iter().try_for_each(|(name, value)| fits(item, value, &format!("{at}.{name}")));
        }
        TypeRef::Named(name) => match &REST.types()[name] {
            TypeDef::Enum(_) => value.is_string(),
            TypeDef::IntEnum(_) => value.is_i64() || value.is_u64(),
            TypeDef::Object(object) => {
                let Some(values) = value.as_object() else { return Err(format!("{at} is no {name}: {value}")) };
                for field in &object.fields {
                    if let Some(value) = values.get(&field.name) {
                        fits(&field.ty, value, &format!("{at}.{}", field.name))?;
                    }
                }
                object.fields.is_empty() || object.fields.iter().any(|field| values.contains_key(&field.name))
            }
        },
    };
    if ok { Ok(()) } else { Err(format!("{at} is no {ty:?}: {value}")) }
}
