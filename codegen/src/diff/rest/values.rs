//! Compares objects and enums.

use super::coordinates::{type_coordinate, value_name};
use super::pairs::Direction;
use super::walk::{Walk, removal};
use crate::diff::change::Change;
use crate::diff::kind::Kind;
use crate::diff::level::Level;
use glabflow_contract::index::{Field, Object, TypeDef};
use std::collections::BTreeSet;

impl Walk<'_> {
    pub(super) fn object(&mut self, old: &str, new: &str, direction: Direction) {
        let (olds, news) = (self.old, self.new);
        let (Some(before), Some(after)) = (olds.types.get(old), news.types.get(new)) else { return };
        let at = type_coordinate(old, before).to_owned();
        let (TypeDef::Object(before), TypeDef::Object(after)) = (before, after) else { return };
        let find = |object: &'_ Object, name: &str| -> Option<Field> {
            object.fields.iter().find(|field| field.name == name).cloned()
        };
        let names: BTreeSet<&str> =
            before.fields.iter().chain(&after.fields).map(|field| field.name.as_str()).collect();
        for name in names {
            let (was, is) = (find(before, name), find(after, name));
            let at = format!("{at}.{name}");
            match direction {
                Direction::Request => self.request_field(&at, was.as_ref(), is.as_ref()),
                Direction::Response => self.response_field(&at, was.as_ref(), is.as_ref()),
            }
        }
    }

    fn response_field(&mut self, at: &str, old: Option<&Field>, new: Option<&Field>) {
        match (old, new) {
            (Some(old), None) => {
                let removed = Change::new(Kind::RestOutputRemoved, at).was(value_name(&old.ty));
                self.add(removed.deprecation(removal(old.deprecated)));
            }
            (None, Some(new)) => self.add(Change::new(Kind::RestOutputAdded, at).now(value_name(&new.ty))),
            (Some(old), Some(new)) => {
                self.value(at, &old.ty, &new.ty, Direction::Response);
                match (old.nullable, new.nullable) {
                    (false, true) => self.add(Change::new(Kind::RestOutputNullable, at)),
                    (true, false) => self.add(Change::new(Kind::RestOutputNonNull, at)),
                    _ => {}
                }
                self.deprecation(at, old.deprecated, new.deprecated);
            }
            (None, None) => {}
        }
    }

    pub(super) fn enumeration(&mut self, old: &str, new: &str, directions: BTreeSet<Direction>) {
        let before = self.old.types.get(old).map(values).unwrap_or_default();
        let after = self.new.types.get(new).map(values).unwrap_or_default();
        let (sent, received) = (directions.contains(&Direction::Request), directions.contains(&Direction::Response));
        for value in before.difference(&after) {
            let wire = if sent { Level::Breaking } else { Level::Safe };
            self.add(Change::new(Kind::RestEnumValueRemoved, format!("{old}.{value}")).wire(wire));
        }
        for value in after.difference(&before) {
            let wire = if received { Level::Dangerous } else { Level::Safe };
            self.add(Change::new(Kind::RestEnumValueAdded, format!("{old}.{value}")).wire(wire));
        }
    }
}

/// The values of an enum on the wire.
fn values(definition: &TypeDef) -> BTreeSet<String> {
    match definition {
        TypeDef::Enum(values) => values.values.iter().map(|value| value.name.clone()).collect(),
        TypeDef::IntEnum(values) => values.values.iter().map(ToString::to_string).collect(),
        TypeDef::Object(_) => BTreeSet::new(),
    }
}
