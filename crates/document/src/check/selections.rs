//! Selections: which fields a type has, and which fragments can apply.

use super::checker::Checker;
use crate::ast::{Field, Position, Selection};
use crate::parse::{DEEPEST, is_name};
use crate::schema::Type;
use crate::suggest;
use std::collections::HashSet;

impl<'a> Checker<'a> {
    pub(super) fn selections(
        &mut self,
        parent: &'static Type,
        selections: &'a [Selection],
        at: Option<Position>,
        level: usize,
    ) {
        if level > DEEPEST {
            return self.reject(at, format!("nests deeper than {DEEPEST} levels"));
        }
        if selections.is_empty() {
            self.reject(at, format!("nothing is selected of `{}`", parent.name));
        }
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.path.push(field.key());
                    self.field(parent, field, level);
                    self.path.pop();
                }
                Selection::Inline(inline) => {
                    self.directives(&inline.directives, "INLINE_FRAGMENT");
                    let ty = match &inline.on {
                        Some(on) => self.condition(on, inline.at),
                        None => Some(parent),
                    };
                    if let Some(ty) = ty {
                        self.possible(parent, ty, inline.at);
                        self.selections(ty, &inline.selections, inline.at, level + 1);
                    }
                }
                Selection::Spread(spread) => {
                    self.directives(&spread.directives, "FRAGMENT_SPREAD");
                    let fragment = self.fragments.get(spread.fragment.as_str()).copied();
                    if let Some(ty) =
                        fragment.and_then(|fragment| self.schema.ty(&fragment.on)).filter(|ty| ty.is_composite())
                    {
                        self.possible(parent, ty, spread.at);
                    }
                }
            }
        }
    }

    fn possible(&mut self, parent: &Type, ty: &Type, at: Option<Position>) {
        if !parent.overlaps(ty) {
            self.reject(at, format!("a `{}` is never a `{}`", parent.name, ty.name));
        }
    }

    fn field(&mut self, parent: &'static Type, field: &'a Field, level: usize) {
        if let Some(alias) = field.alias.as_ref().filter(|alias| !is_name(alias)) {
            self.reject(field.at, format!("`{alias}` cannot be an alias"));
        }
        self.directives(&field.directives, "FIELD");
        let Some(known) = self.schema.field(parent, &field.name) else {
            let hint = suggest::hint(&field.name, parent.fields().iter().map(|field| field.name));
            return self.reject(field.at, format!("`{}` has no field `{}`{hint}", parent.name, field.name));
        };
        self.deprecated(field.at, "the field", known.name, known.marks.deprecated);
        let owner = format!("`{}`", field.name);
        self.arguments(&owner, &known.arguments, &field.arguments, field.at);
        let Some(ty) = self.schema.ty(known.ty.name()) else { return };
        match (ty.is_composite(), field.selections.is_empty()) {
            (true, true) => {
                let message = format!("`{}` is of type `{}`: select fields from it", field.name, known.ty);
                self.reject(field.at, message);
            }
            (false, false) => {
                self.reject(field.at, format!("`{}` is of type `{}`, which has no fields", field.name, known.ty));
            }
            (true, false) => self.selections(ty, &field.selections, field.at, level + 1),
            (false, true) => {}
        }
    }
    /// The type of a fragment.
    pub(super) fn condition(&mut self, name: &str, at: Option<Position>) -> Option<&'static Type> {
        let schema = self.schema;
        match schema.ty(name) {
            Some(ty) if ty.is_composite() => return Some(ty),
            Some(_) => self.reject(at, format!("`{name}` has no fields, so a fragment cannot be on it")),
            None => {
                let known = schema.types().iter().filter(|ty| ty.is_composite()).map(|ty| ty.name);
                self.reject(at, format!("there is no type `{name}`{}", suggest::hint(name, known)));
            }
        }
        None
    }

    /// Checks that a subscription selects one field.
    pub(super) fn one_root_field(&mut self, selections: &'a [Selection], at: Option<Position>) {
        let mut keys = HashSet::new();
        let mut open: Vec<&'a [Selection]> = vec![selections];
        while let Some(selections) = open.pop() {
            for selection in selections {
                match selection {
                    Selection::Field(field) if field.name.starts_with("__") => {
                        self.reject(field.at, "a subscription cannot select introspection fields at its root");
                    }
                    Selection::Field(field) => {
                        keys.insert(field.key());
                    }
                    Selection::Spread(spread) => {
                        open.extend(
                            self.fragments.get(spread.fragment.as_str()).map(|fragment| &fragment.selections[..]),
                        );
                    }
                    Selection::Inline(inline) => open.push(&inline.selections),
                }
            }
        }
        if keys.len() > 1 {
            self.reject(at, "a subscription selects one field");
        }
    }
}
