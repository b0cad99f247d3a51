//! Arguments, directives and literal values.

use super::checker::Checker;
use crate::ast::{Argument, Directive, Position};
use crate::parse::{DEEPEST, is_name};
use crate::print::Literal;
use crate::schema::{Input, Shape, TypeRef};
use crate::suggest;
use crate::value::Value;
use std::collections::HashSet;

impl<'a> Checker<'a> {
    /// Checks the given arguments of a field or directive against the known ones.
    pub(super) fn arguments(
        &mut self,
        owner: &str,
        known: &'static [Input],
        given: &'a [Argument],
        at: Option<Position>,
    ) {
        let mut seen = HashSet::new();
        for argument in given {
            if !seen.insert(argument.name.as_str()) {
                self.reject(argument.at.or(at), format!("{owner} has the argument `{}` twice", argument.name));
            }
            let Some(input) = known.iter().find(|input| input.name == argument.name) else {
                let hint = suggest::hint(&argument.name, known.iter().map(|input| input.name));
                self.reject(argument.at.or(at), format!("{owner} has no argument `{}`{hint}", argument.name));
                continue;
            };
            self.deprecated(argument.at, "the argument", input.name, input.marks.deprecated);
            let at = argument.at.or(at);
            self.value(&argument.value, input.ty, input.has_default, &format!("the argument `{}`", input.name), at, 0);
        }
        for missing in known.iter().filter(|input| input.is_required() && !seen.contains(input.name)) {
            self.reject(at, format!("{owner} needs the argument `{}`: {}", missing.name, missing.ty));
        }
    }

    pub(super) fn directives(&mut self, directives: &'a [Directive], location: &str) {
        let mut seen = HashSet::new();
        for directive in directives {
            let owner = format!("`@{}`", directive.name);
            let schema = self.schema;
            let Some(known) = schema.directives().iter().find(|known| known.name == directive.name) else {
                let hint = suggest::hint(&directive.name, schema.directives().iter().map(|known| known.name));
                self.reject(directive.at, format!("there is no directive {owner}{hint}"));
                continue;
            };
            if !known.locations.contains(&location) {
                let place = location.to_lowercase().replace('_', " ");
                self.reject(directive.at, format!("{owner} is not allowed on a {place}"));
            }
            if !seen.insert(known.name) {
                self.reject(directive.at, format!("{owner} is used twice"));
            }
            self.arguments(&owner, &known.arguments, &directive.arguments, directive.at);
        }
    }

    /// Checks a literal against the type of its argument, field or item.
    pub(super) fn value(
        &mut self,
        value: &'a Value,
        ty: TypeRef<'static>,
        has_default: bool,
        place: &str,
        at: Option<Position>,
        level: usize,
    ) {
        if level > DEEPEST {
            return self.reject(at, format!("{place} nests deeper than {DEEPEST} levels"));
        }
        match value {
            Value::Variable(name) => return self.uses_variable(name, ty, has_default, place, at),
            Value::Null if ty.is_required() => return self.reject(at, format!("{place} cannot be null: it is {ty}")),
            Value::Null => return,
            _ => {}
        }
        if let Some(item) = ty.item() {
            return match value {
                Value::List(values) => {
                    for value in values {
                        self.value(value, item, false, place, at, level + 1);
                    }
                }
                // A single value is accepted as a list of one.
                single => self.value(single, item, false, place, at, level + 1),
            };
        }
        let Some(named) = self.schema.ty(ty.name()) else { return };
        match (&named.shape, value) {
            (Shape::Enum(values), Value::Enum(name)) => match values.iter().find(|value| value.name == name) {
                Some(known) => self.deprecated(at, "the value", known.name, known.marks.deprecated),
                None => {
                    let hint = suggest::hint(name, values.iter().map(|value| value.name));
                    self.reject(at, format!("{place}: `{}` has no value `{name}`{hint}", named.name));
                }
            },
            (Shape::Enum(values), Value::String(text)) => {
                let hint = match values.iter().any(|value| value.name == text) {
                    true => format!("; write {text} as an enum value, without quotes"),
                    false => suggest::hint(text, values.iter().map(|value| value.name)),
                };
                self.reject(at, format!("{place} is of the enum `{}`, but \"{text}\" is a string{hint}", named.name));
            }
            (Shape::Input(fields), Value::Object(given)) => self.object(named.name, fields, given, place, at, level),
            (Shape::Scalar, value) if scalar_takes(named.name, value) => self.writable(value, place, at, level),
            _ => self.reject(at, format!("{place} is of type {}; {} is not", ty.nullable(), Shortened(value))),
        }
    }

    fn object(
        &mut self,
        owner: &str,
        fields: &'static [Input],
        given: &'a [(String, Value)],
        place: &str,
        at: Option<Position>,
        level: usize,
    ) {
        let mut seen = HashSet::new();
        for (name, value) in given {
            if !seen.insert(name.as_str()) {
                self.reject(at, format!("{place} sets `{name}` twice"));
            }
            match fields.iter().find(|field| field.name == name) {
                Some(field) => {
                    self.deprecated(at, "the field", field.name, field.marks.deprecated);
                    self.value(value, field.ty, field.has_default, &format!("`{owner}.{name}`"), at, level + 1);
                }
                None => {
                    let hint = suggest::hint(name, fields.iter().map(|field| field.name));
                    self.reject(at, format!("{place}: `{owner}` has no field `{name}`{hint}"));
                }
            }
        }
        for missing in fields.iter().filter(|field| field.is_required() && !seen.contains(field.name)) {
            self.reject(at, format!("{place}: `{owner}` needs `{}`: {}", missing.name, missing.ty));
        }
    }

    /// Custom scalars accept any value. This finds values that cannot be printed, and variables.
    fn writable(&mut self, value: &'a Value, place: &str, at: Option<Position>, level: usize) {
        if level > DEEPEST {
            return self.reject(at, format!("{place} nests deeper than {DEEPEST} levels"));
        }
        match value {
            Value::Float(number) if !number.is_finite() => self.reject(at, format!("{place} is not a finite number")),
            Value::Enum(name) if !is_name(name) || matches!(name.as_str(), "true" | "false" | "null") => {
                self.reject(at, format!("{place}: `{name}` cannot be an enum value"));
            }
            Value::List(values) => values.iter().for_each(|value| self.writable(value, place, at, level + 1)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    if !is_name(name) {
                        self.reject(at, format!("{place}: `{name}` cannot be the name of a field"));
                    }
                    self.writable(value, place, at, level + 1);
                }
            }
            Value::Variable(name) => self.uses_freely(name, place, at),
            _ => {}
        }
    }
}

/// Whether a scalar takes a literal of this kind.
fn scalar_takes(scalar: &str, value: &Value) -> bool {
    match (scalar, value) {
        ("Int", Value::Int(number)) => i32::try_from(*number).is_ok(),
        ("Float", Value::Int(_) | Value::Float(_)) => true,
        ("String", Value::String(_)) | ("Boolean", Value::Boolean(_)) | ("ID", Value::String(_) | Value::Int(_)) => {
            true
        }
        ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
        // GitLab's own: ids, times, JSON and the like.
        _ => true,
    }
}

/// A literal, shortened if it is long.
struct Shortened<'a>(&'a Value);

impl std::fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = Literal(self.0).to_string();
        match text.char_indices().nth(40) {
            Some((cut, _)) => write!(f, "`{}...`", &text[..cut]),
            None => write!(f, "`{text}`"),
        }
    }
}
