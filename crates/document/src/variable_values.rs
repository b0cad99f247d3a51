//! Checks the values of variables against their declarations.

use crate::ast::Operation;
use crate::problem::{Invalid, Problem};
use crate::schema::{Input, Schema, Shape, TypeRef};
use crate::suggest;
use serde_json::{Map, Value};

/// Checks all values.
pub(crate) fn check(operation: &Operation, values: &Map<String, Value>) -> Result<(), Invalid> {
    let mut checker = Checker { schema: Schema::get(), problems: Vec::new() };
    for name in values.keys() {
        if !operation.variables.iter().any(|variable| variable.name == *name) {
            let hint = suggest::hint(name, operation.variables.iter().map(|variable| variable.name.as_str()));
            checker.reject(&format!("${name}"), format!("the document declares no such variable{hint}"));
        }
    }
    for variable in &operation.variables {
        let place = format!("${}", variable.name);
        let ty = TypeRef::new(&variable.ty);
        match values.get(&variable.name) {
            Some(value) => checker.value(value, ty, &place),
            None if ty.is_required() && variable.default.is_none() => {
                checker.reject(&place, format!("needs a value: {ty}"));
            }
            None => {}
        }
    }
    if checker.problems.is_empty() { Ok(()) } else { Err(Invalid { problems: checker.problems }) }
}

struct Checker {
    schema: &'static Schema,
    problems: Vec<Problem>,
}

impl Checker {
    fn reject(&mut self, place: &str, message: String) {
        self.problems.push(Problem { message, path: place.to_owned(), position: None });
    }

    fn value(&mut self, value: &Value, ty: TypeRef<'_>, place: &str) {
        if value.is_null() {
            if ty.is_required() {
                self.reject(place, format!("cannot be null: it is {ty}"));
            }
            return;
        }
        if let Some(item) = ty.item() {
            return match value {
                Value::Array(values) => {
                    for (index, value) in values.iter().enumerate() {
                        self.value(value, item, &format!("{place}[{index}]"));
                    }
                }
                // A single value is accepted as a list of one.
                single => self.value(single, item, place),
            };
        }
        let Some(named) = self.schema.ty(ty.name()) else { return };
        match (&named.shape, value) {
            (Shape::Enum(known), Value::String(text)) => {
                if !known.iter().any(|value| value.name == text) {
                    let hint = suggest::hint(text, known.iter().map(|value| value.name));
                    self.reject(place, format!("`{}` has no value `{text:.40}`{hint}", named.name));
                }
            }
            (Shape::Input(fields), Value::Object(given)) => self.object(named.name, fields, given, place),
            (Shape::Scalar, value) if scalar_takes(named.name, value) => {}
            // The message does not show the value, which may be a secret.
            _ => self.reject(place, format!("is {ty}, not {}", kind(value))),
        }
    }

    fn object(&mut self, owner: &str, fields: &[Input], given: &Map<String, Value>, place: &str) {
        for (name, value) in given {
            match fields.iter().find(|field| field.name == name) {
                Some(field) => self.value(value, field.ty, &format!("{place}.{name}")),
                None => {
                    let hint = suggest::hint(name, fields.iter().map(|field| field.name));
                    self.reject(place, format!("`{owner}` has no field `{name}`{hint}"));
                }
            }
        }
        for missing in fields.iter().filter(|field| field.is_required() && !given.contains_key(field.name)) {
            self.reject(place, format!("`{owner}` needs `{}`: {}", missing.name, missing.ty));
        }
    }
}

/// Whether a scalar takes a JSON value of this kind.
fn scalar_takes(scalar: &str, value: &Value) -> bool {
    match scalar {
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "String" => value.is_string(),
        "Boolean" => value.is_boolean(),
        "ID" => value.is_string() || value.is_i64() || value.is_u64(),
        // GitLab's own: ids, times, JSON and the like.
        _ => true,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(number) if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()) => {
            "a whole number"
        }
        Value::Number(_) => "a whole number beyond 32 bits",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
