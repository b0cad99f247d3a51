//! Variables and arguments, checked against their types.

use super::schema::schema;
use apollo_compiler::Node;
use apollo_compiler::ast::{Type, Value as Literal};
use apollo_compiler::executable::{Directive, Operation};
use apollo_compiler::schema::{ExtendedType, InputValueDefinition};
use serde_json::{Map, Value, json};

/// A problem with a value: its path, and a message.
pub(super) struct Problem {
    path: Vec<Value>,
    explanation: String,
}

/// The values of an operation's variables.
///
/// # Errors
/// One error for each variable that is missing or does not fit.
pub(super) fn variables(operation: &Operation, given: &Map<String, Value>) -> Result<Map<String, Value>, Vec<Value>> {
    let (mut values, mut errors) = (Map::new(), Vec::new());
    for variable in &operation.variables {
        let name = variable.name.as_str();
        let value = match given.get(name) {
            Some(value) => value.clone(),
            None => match &variable.default_value {
                Some(default) => literal(default, &Map::new()).unwrap_or_default(),
                None if variable.ty.is_non_null() => Value::Null,
                None => continue,
            },
        };
        let mut problems = Vec::new();
        let coerced = coerce(&variable.ty, &value, &mut Vec::new(), &mut problems);
        if problems.is_empty() {
            values.insert(name.to_owned(), coerced);
            continue;
        }
        let mut message = format!("Variable ${name} of type {} was provided invalid value", variable.ty);
        for (at, problem) in problems.iter().filter(|problem| !problem.path.is_empty()).enumerate() {
            message.push_str(if at == 0 { " for " } else { ", " });
            message.push_str(&format!("{} ({})", dotted(&problem.path), problem.explanation));
        }
        let problems: Vec<Value> = problems
            .iter()
            .map(|problem| json!({ "path": problem.path, "explanation": problem.explanation }))
            .collect();
        errors.push(json!({ "message": message, "extensions": { "value": value, "problems": problems } }));
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

fn dotted(path: &[Value]) -> String {
    let parts = path.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
    parts.collect::<Vec<_>>().join(".")
}

/// A value in a document; `None` if it is a variable without a value.
pub(super) fn literal(value: &Literal, variables: &Map<String, Value>) -> Option<Value> {
    Some(match value {
        Literal::Null => Value::Null,
        Literal::Enum(name) => name.as_str().into(),
        Literal::Variable(name) => return variables.get(name.as_str()).cloned(),
        Literal::String(text) => text.as_str().into(),
        Literal::Int(number) => number.as_str().parse::<i64>().map_or(Value::Null, Value::from),
        Literal::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, Value::from),
        Literal::Boolean(flag) => (*flag).into(),
        Literal::List(items) => {
            items.iter().map(|item| literal(item, variables).unwrap_or_default()).collect::<Vec<_>>().into()
        }
        Literal::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| Some((name.to_string(), literal(value, variables)?)));
            Value::Object(fields.collect())
        }
    })
}

/// The arguments of a field with their defaults.
///
/// # Errors
/// The problem with one of them.
pub(super) fn arguments(
    given: &[Node<apollo_compiler::ast::Argument>],
    defined: &[Node<InputValueDefinition>],
    variables: &Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let mut values = Map::new();
    for argument in defined {
        let written = given.iter().find(|one| one.name == argument.name);
        let value = written.and_then(|one| literal(&one.value, variables));
        let default = || argument.default_value.as_ref().and_then(|value| literal(value, variables));
        let Some(value) = value.or_else(default) else { continue };
        let mut problems = Vec::new();
        let value = coerce(&argument.ty, &value, &mut Vec::new(), &mut problems);
        if let Some(problem) = problems.first() {
            return Err(problem.explanation.clone());
        }
        values.insert(argument.name.to_string(), value);
    }
    Ok(values)
}

/// Whether `@skip` and `@include` keep a selection.
pub(super) fn included(directives: &[Node<Directive>], variables: &Map<String, Value>) -> bool {
    directives.iter().all(|directive| {
        let condition = || {
            let argument = directive.arguments.iter().find(|argument| argument.name == "if")?;
            literal(&argument.value, variables)?.as_bool()
        };
        match directive.name.as_str() {
            "skip" => condition() != Some(true),
            "include" => condition() != Some(false),
            _ => true,
        }
    })
}

/// Converts a value to a type; problems are added to a list.
fn coerce(ty: &Type, value: &Value, path: &mut Vec<Value>, problems: &mut Vec<Problem>) -> Value {
    let mut reject = |path: &[Value], explanation: String| {
        problems.push(Problem { path: path.to_vec(), explanation });
        Value::Null
    };
    if value.is_null() {
        return if ty.is_non_null() { reject(path, "Expected value to not be null".into()) } else { Value::Null };
    }
    let name = match ty {
        Type::List(inner) | Type::NonNullList(inner) => {
            // A single value is a list of one.
            let Value::Array(items) = value else { return vec![coerce(inner, value, path, problems)].into() };
            let mut coerced = Vec::with_capacity(items.len());
            for (at, item) in items.iter().enumerate() {
                path.push(at.into());
                coerced.push(coerce(inner, item, path, problems));
                path.pop();
            }
            return coerced.into();
        }
        Type::Named(name) | Type::NonNullNamed(name) => name.as_str(),
    };
    let not_that = || format!("Could not coerce value {value} to {name}");
    match schema().named(name) {
        Some(ExtendedType::Enum(of)) => match value.as_str() {
            Some(text) if of.values.contains_key(text) => value.clone(),
            _ => {
                let known: Vec<&str> = of.values.keys().map(|name| name.as_str()).collect();
                reject(path, format!("Expected {value} to be one of: {}", known.join(", ")))
            }
        },
        Some(ExtendedType::InputObject(of)) => {
            let Value::Object(given) = value else {
                return reject(path, format!("Expected {value} to be a key-value object."));
            };
            for name in given.keys().filter(|name| !of.fields.contains_key(name.as_str())) {
                let at: Vec<Value> = path.iter().cloned().chain([name.as_str().into()]).collect();
                problems.push(Problem { path: at, explanation: format!("Field is not defined on {}", of.name) });
            }
            let mut coerced = Map::new();
            for field in of.fields.values() {
                let default = || field.default_value.as_ref().and_then(|value| literal(value, &Map::new()));
                let value = match given.get(field.name.as_str()).cloned().or_else(default) {
                    Some(value) => value,
                    None if field.ty.is_non_null() => Value::Null,
                    None => continue,
                };
                path.push(field.name.as_str().into());
                coerced.insert(field.name.to_string(), coerce(&field.ty, &value, path, problems));
                path.pop();
            }
            coerced.into()
        }
        _ => match name {
            "Boolean" if value.is_boolean() => value.clone(),
            "Int" if value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => value.clone(),
            "Float" if value.is_number() => value.clone(),
            "String" if value.is_string() => value.clone(),
            "ID" => match value {
                Value::String(_) => value.clone(),
                Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string().into(),
                _ => reject(path, not_that()),
            },
            "Boolean" | "Int" | "Float" | "String" => reject(path, not_that()),
            _ => match name.strip_suffix("ID") {
                Some(class) => match wrong_id(value, class) {
                    Some(explanation) => reject(path, explanation),
                    None => value.clone(),
                },
                None => value.clone(),
            },
        },
    }
}

/// The classes whose ids are checked.
const CLASSES: [&str; 8] =
    ["CiPipeline", "CiRunner", "Group", "MergeRequest", "Milestone", "Project", "User", "Vulnerability"];

/// The problem with a global id of a class.
fn wrong_id(value: &Value, class: &str) -> Option<String> {
    let text = value.as_str().unwrap_or_default();
    let given = text.strip_prefix("gid://").and_then(|rest| {
        let mut parts = rest.split('/').skip(1);
        let class = parts.next()?;
        parts.next().filter(|id| !id.is_empty()).map(|_| class.replace("::", ""))
    });
    match given {
        None => Some(format!("{value} is not a valid Global ID")),
        Some(given) if CLASSES.contains(&class) && given != class => {
            Some(format!("{value} does not represent an instance of {class}"))
        }
        Some(_) => None,
    }
}
