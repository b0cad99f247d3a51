//! Declarations and uses of variables.

use super::checker::{Checker, Declared};
use crate::ast::{Operation, Position};
use crate::parse::{is_name, type_text};
use crate::schema::{Type, TypeRef};
use crate::suggest;
use crate::value::Value;

impl<'a> Checker<'a> {
    pub(super) fn declarations(&mut self, operation: &'a Operation) {
        for variable in &operation.variables {
            let at = variable.at;
            if !is_name(&variable.name) {
                self.reject(at, format!("`{}` cannot be the name of a variable", variable.name));
            }
            self.directives(&variable.directives, "VARIABLE_DEFINITION");
            if type_text(&variable.ty).as_ref() != Some(&variable.ty) {
                self.reject(
                    at,
                    format!("the variable `${}` is of `{}`, which is not a type", variable.name, variable.ty),
                );
                continue;
            }
            let ty = TypeRef::new(&variable.ty);
            let has_default = variable.default.as_ref().is_some_and(|default| *default != Value::Null);
            if self.variables.declared.insert(&variable.name, Declared { ty, has_default }).is_some() {
                self.reject(at, format!("the variable `${}` is declared twice", variable.name));
            }
            let schema = self.schema;
            match schema.ty(ty.name()) {
                Some(named) if named.is_input() => {
                    if let Some(default) = &variable.default {
                        self.default(default, ty, &variable.name, at);
                    }
                }
                Some(named) => {
                    self.reject(at, format!("the variable `${}` cannot be a `{}`", variable.name, named.name));
                }
                None => {
                    let known = schema.types().iter().filter(|ty| Type::is_input(ty)).map(|ty| ty.name);
                    let hint = suggest::hint(ty.name(), known);
                    self.reject(
                        at,
                        format!("the variable `${}` is of an unknown type `{}`{hint}", variable.name, ty.name()),
                    );
                }
            }
        }
    }

    fn default(&mut self, value: &'a Value, ty: TypeRef<'a>, variable: &str, at: Option<Position>) {
        let place = format!("the default of `${variable}`");
        if has_variable(value) {
            return self.reject(at, format!("{place} cannot hold a variable"));
        }
        // The schema's own text of the type name lives longer than the document's.
        match (value, ty.item()) {
            (Value::Null, _) if ty.is_required() => self.reject(at, format!("{place} cannot be null: it is {ty}")),
            (Value::Null, _) => {}
            (Value::List(values), Some(item)) => {
                values.iter().for_each(|value| self.default(value, item, variable, at))
            }
            (single, Some(item)) => self.default(single, item, variable, at),
            (single, None) => {
                if let Some(named) = self.schema.ty(ty.name()) {
                    self.value(single, TypeRef::new(named.name), false, &place, at, 0);
                }
            }
        }
    }

    /// A variable inside a custom scalar, which accepts any type.
    pub(super) fn uses_freely(&mut self, name: &'a str, place: &str, at: Option<Position>) {
        if !self.variables.declared.contains_key(name) {
            let hint = suggest::hint(name, self.variables.declared.keys().copied());
            self.reject(at, format!("{place} uses the variable `${name}`, which is not declared{hint}"));
        }
        self.variables.used.insert(name);
    }

    pub(super) fn uses_variable(
        &mut self,
        name: &'a str,
        ty: TypeRef<'static>,
        has_default: bool,
        place: &str,
        at: Option<Position>,
    ) {
        self.uses_freely(name, place, at);
        let Some(declared) = self.variables.declared.get(name).copied() else { return };
        // A default on either side replaces a missing value, but not `null`.
        let wanted = if declared.has_default || has_default { ty.nullable() } else { ty };
        if !fits(declared.ty, wanted) {
            self.reject(at, format!("{place} is {ty}, the variable `${name}` is {}", declared.ty));
        }
    }

    pub(super) fn all_used(&mut self, operation: &'a Operation) {
        for variable in &operation.variables {
            if !self.variables.used.contains(variable.name.as_str()) {
                self.reject(variable.at, format!("the variable `${}` is not used", variable.name));
            }
        }
    }
}

/// Whether every value of `ty` is also a value of `wanted`.
fn fits(ty: TypeRef<'_>, wanted: TypeRef<'_>) -> bool {
    if wanted.is_required() && !ty.is_required() {
        return false;
    }
    match (ty.item(), wanted.item()) {
        (Some(ty), Some(wanted)) => fits(ty, wanted),
        (None, None) => ty.name() == wanted.name(),
        _ => false,
    }
}

fn has_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(values) => values.iter().any(has_variable),
        Value::Object(fields) => fields.iter().any(|(_, value)| has_variable(value)),
        _ => false,
    }
}
