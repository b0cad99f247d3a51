//! Executes every operation of the GraphQL index: responses match the selection, and decode.

use crate::Session;
use glabflow_contract::index::graphql::{Index, Operation, Output, Shape, TypeRef};
use glabflow_decoders::DECODERS;
use glabflow_fake::Fake;
use serde_json::{Map, Value, json};

/// A value for a variable of a type.
fn sample(index: &Index, ty: &TypeRef, name: &str, depth: u32) -> Value {
    match ty {
        TypeRef::Bool => true.into(),
        TypeRef::Int => 1.into(),
        TypeRef::Float => 1.5.into(),
        TypeRef::String | TypeRef::Secret => match name {
            "fullPath" | "groupPath" | "namespacePath" => "acme".into(),
            "iid" => "1".into(),
            "username" => "root".into(),
            _ => "x".into(),
        },
        TypeRef::DateTime => "2026-01-01T00:00:00Z".into(),
        TypeRef::Date => "2026-01-01".into(),
        TypeRef::Any => json!({}),
        TypeRef::Id(kind) => {
            let class = index.ids.get(kind).and_then(Clone::clone).unwrap_or_else(|| kind.clone());
            format!("gid://gitlab/{class}/1").into()
        }
        TypeRef::AnyId => "gid://gitlab/Project/1".into(),
        TypeRef::List(inner) | TypeRef::Connection(inner) => json!([sample(index, inner, name, depth + 1)]),
        TypeRef::Named(ty) => match &index.types[ty].shape {
            Shape::Enum(values) => values[0].name.as_str().into(),
            Shape::Input(fields) => {
                let wanted = fields.iter().filter(|field| field.required && depth < 6);
                Value::Object(
                    wanted
                        .map(|field| (field.name.clone(), sample(index, &field.ty, &field.name, depth + 1)))
                        .collect(),
                )
            }
            other => panic!("{ty} is no input: {other:?}"),
        },
    }
}

fn variables(index: &Index, operation: &Operation) -> Value {
    let required = operation.variables.iter().filter(|variable| variable.required);
    let given: Map<String, Value> =
        required.map(|variable| (variable.name.clone(), sample(index, &variable.ty, &variable.name, 0))).collect();
    if operation.input { json!({ "input": given }) } else { given.into() }
}

/// The fields that a response lacks by the types of the index.
fn lacks(index: &Index, ty: &TypeRef, value: &Value, at: &str, found: &mut Vec<String>) {
    let fits = match ty {
        _ if value.is_null() => true,
        TypeRef::Bool => value.is_boolean(),
        TypeRef::Int => value.is_i64() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        TypeRef::Float => value.is_number(),
        TypeRef::String | TypeRef::Secret | TypeRef::DateTime | TypeRef::Date => value.is_string(),
        TypeRef::Any => true,
        TypeRef::Id(_) | TypeRef::AnyId => value.as_str().is_some_and(|text| text.starts_with("gid://gitlab/")),
        TypeRef::List(inner) => match value {
            Value::Array(items) => {
                items.iter().for_each(|item| lacks(index, inner, item, at, found));
                true
            }
            Value::Object(page) => {
                let nodes = page.get("nodes").and_then(Value::as_array);
                nodes.into_iter().flatten().for_each(|item| lacks(index, inner, item, at, found));
                nodes.is_some()
            }
            _ => false,
        },
        TypeRef::Connection(inner) => {
            let edges = value["edges"].as_array().into_iter().flatten().map(|edge| &edge["node"]);
            let nodes = value["nodes"].as_array().into_iter().flatten().chain(edges);
            nodes.for_each(|item| lacks(index, inner, item, at, found));
            value["nodes"].is_array() || value["edges"].is_array()
        }
        TypeRef::Named(ty) => match &index.types[ty].shape {
            Shape::Object(fields) | Shape::Payload(fields) => {
                for field in fields {
                    let at = format!("{at}.{}", field.name);
                    // A field with different types in several objects has its own name in each.
                    let renamed = format!("{}__", field.name);
                    let mut fields = value.as_object().into_iter().flatten();
                    let given = fields.find(|(key, _)| **key == field.name || key.starts_with(&renamed));
                    match given.map(|(_, value)| value) {
                        Some(value) => lacks(index, &field.ty, value, &at, found),
                        None => found.push(format!("{at} is missing in {value}")),
                    }
                }
                value.is_object()
            }
            Shape::OneOf(variants) => {
                let known = variants.iter().find(|variant| value["__typename"] == variant.typename.as_str());
                if let Some(variant) = known {
                    lacks(index, &TypeRef::Named(variant.ty.clone()), value, at, found);
                }
                value.is_object()
            }
            Shape::Enum(values) => values.iter().any(|known| value == known.name.as_str()),
            Shape::Input(_) => false,
        },
    };
    if !fits {
        found.push(format!("{at} is no {ty:?}: {value}"));
    }
}

#[tokio::test]
async fn all_operations_of_the_index_are_executed() {
    let session = Session::start(Fake::builder().projects(12).users(50)).await;
    let index = glabflow_index::GRAPHQL.get();
    assert!(index.operations.len() > 1000, "{} operations", index.operations.len());
    let (mut problems, mut present) = (Vec::new(), 0);
    for operation in &index.operations {
        let reply = session.graphql_as(Some("glpat-demo"), &operation.document, variables(index, operation)).await;
        let id = &operation.id;
        let errors = &reply.body["errors"];
        let no_access = errors[0]["message"].as_str().is_some_and(|text| text.starts_with("The resource that you"));
        if reply.status != 200 || !(errors.is_null() || no_access) {
            problems.push(format!("{id}: {} {errors}", reply.status));
            continue;
        }
        let output = operation.path.iter().fold(&reply.body["data"], |value, key| &value[key.as_str()]);
        present += u32::from(!output.is_null());
        let ty = match &operation.output {
            Output::One(ty) | Output::Payload(ty) => ty.clone(),
            Output::Connection(ty) => TypeRef::Connection(Box::new(ty.clone())),
        };
        lacks(index, &ty, output, id, &mut problems);
        match DECODERS.iter().find(|(descriptor, _)| descriptor.id == id) {
            None => problems.push(format!("{id}: has no typed operation")),
            Some((_, decode)) => match decode(reply.body["data"].to_string().as_bytes()) {
                Ok(decoded) if decoded != output.is_null() => {}
                Ok(_) => problems.push(format!("{id}: the output is lost")),
                Err(error) => problems.push(format!("{id}: {error}")),
            },
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems[..problems.len().min(40)].join("\n"));
    let all = index.operations.len();
    assert!(present as usize * 10 > all * 8, "{present} of {all} operations give something");
}

#[tokio::test]
async fn complexities_match_the_index() {
    let session = Session::start(Fake::builder().projects(2).complexity_limit(0)).await;
    let (index, mut same) = (glabflow_index::GRAPHQL.get(), 0);
    for operation in &index.operations {
        let reply = session.graphql_as(Some("glpat-demo"), &operation.document, variables(index, operation)).await;
        let said = reply.body["errors"][0]["message"].as_str().unwrap_or_default();
        let score = said.strip_prefix("Query has complexity of ").and_then(|rest| rest.split(',').next());
        let score: u32 =
            score.and_then(|score| score.parse().ok()).unwrap_or_else(|| panic!("{}: {said}", operation.id));
        // The complexity in the index assumes that all variables are set.
        assert!(score <= operation.complexity, "{}: {score} of {}", operation.id, operation.complexity);
        same += usize::from(score == operation.complexity);
    }
    assert!(same * 2 > index.operations.len(), "{same} of {} prices are the same", index.operations.len());
}
