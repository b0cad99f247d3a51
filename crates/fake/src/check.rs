//! Checks the parameters of a request against the schema, as GitLab's Grape does first.

use crate::params::{Params, parse_flag};
use crate::response::{ErrorResponse, Response};
use crate::shapes::Types;
use glabflow_contract::index::{Operation, Parameter, TypeDef, TypeRef};
use glabflow_contract::{DateTime, Location};
use serde_json::Value;

/// Rejects a request with missing parameters or parameters of the wrong type.
pub(crate) fn check(
    operation: &Operation,
    values: &[String],
    params: &Params,
    types: Types,
) -> Result<(), ErrorResponse> {
    let mut problems = Vec::new();
    let mut values = values.iter();
    for name in operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let value = values.next().map_or("", String::as_str);
        let param = operation.params.iter().find(|param| param.location == Location::Path && param.name == name);
        if param.is_some_and(|param| !fits_text(&param.ty, value)) {
            problems.push(format!("{name} is invalid"));
        }
    }
    for param in operation.params.iter().filter(|param| matches!(param.location, Location::Query | Location::Body)) {
        let name = param.name.trim_end_matches("[]");
        if param.required && !params.has(name) {
            problems.push(format!("{name} is missing"));
            continue;
        }
        if let Some(problem) = wrong(param, params, types) {
            problems.push(format!("{name} {problem}"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Response::error(400, problems.join(", "))) }
}

/// The problem with the value of a parameter, if there is one.
fn wrong(param: &Parameter, params: &Params, types: Types) -> Option<&'static str> {
    // GitLab accepts parameters in the query and in the body, whatever the schema says.
    let in_query = params.get(&param.name).filter(|value| !value.is_empty());
    let in_body = params.body.get(&param.name);
    if in_query.is_some_and(|value| !fits_text(&param.ty, value))
        || in_body.is_some_and(|value| !fits(&param.ty, value))
    {
        return Some("is invalid");
    }
    let sorting = matches!(param.name.as_str(), "order_by" | "sort" | "visibility");
    if let (true, TypeRef::Named(name), Some(value)) =
        (sorting, &param.ty, in_query.or(in_body.and_then(Value::as_str)))
        && let Some(TypeDef::Enum(of)) = types.get(name)
        && !of.values.iter().any(|known| known.name == value)
    {
        return Some("does not have a valid value");
    }
    None
}

/// Whether a text is a value of a type.
fn fits_text(ty: &TypeRef, text: &str) -> bool {
    match ty {
        TypeRef::Bool => parse_flag(text).is_some(),
        // Some lists accept `any` and `none` where a number is expected.
        TypeRef::Int => {
            text.parse::<i64>().is_ok() || ["any", "none"].iter().any(|word| text.eq_ignore_ascii_case(word))
        }
        TypeRef::Float => text.parse::<f64>().is_ok(),
        TypeRef::DateTime | TypeRef::Date => DateTime::new(text).is_valid(),
        _ => true,
    }
}

/// Whether a member of a JSON body is a value of a type.
fn fits(ty: &TypeRef, value: &Value) -> bool {
    match (ty, value) {
        (_, Value::Null) => true,
        (TypeRef::Bool, Value::Bool(_)) => true,
        (TypeRef::Bool, Value::Number(number)) => matches!(number.as_i64(), Some(0 | 1)),
        (TypeRef::Int, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (TypeRef::Float, Value::Number(_)) => true,
        // Grape treats an empty text as no value.
        (_, Value::String(text)) => text.is_empty() || fits_text(ty, text),
        (TypeRef::Bool | TypeRef::Int | TypeRef::Float | TypeRef::DateTime | TypeRef::Date, _) => false,
        (TypeRef::String | TypeRef::Secret, Value::Object(_)) => false,
        (TypeRef::List(item), Value::Array(values)) => values.iter().all(|value| fits(item, value)),
        _ => true,
    }
}
