//! Differences between two GraphQL schemas.
//!
//! - this module compares types and directives, `values` arguments and input fields, `marks` deprecations and editions.
//! - `rust` compares the operations and types that are generated from both.

mod indexed;
mod marks;
mod rust;
mod values;
mod walk;

pub use indexed::Graphql;

use super::change::Change;
use super::collect::Collector;
use super::kind::Kind;
use super::level::Level;
use crate::diff::relation::Relation;
use crate::ingest::graphql::schema::{Composite, Field, Kind as TypeKind, Marks, Schema};
use std::collections::BTreeMap;
use values::Values;
use walk::{Used, Walk, paired, removal};

/// All differences.
pub(super) fn compare(old: &Graphql, new: &Graphql) -> Vec<Change> {
    let mut walk = Walk {
        found: Collector::default(),
        used: Used::of(&[&old.schema, &new.schema]),
        editions: marks::has_editions(&old.schema) && marks::has_editions(&new.schema),
    };
    walk.schema(&old.schema, &new.schema);
    rust::effects(old, new, &mut walk.found);
    walk.found.finish(Kind::GraphqlRustChanged)
}

impl Walk {
    fn schema(&mut self, old: &Schema, new: &Schema) {
        let roots = [
            ("query", Some(&old.query), Some(&new.query)),
            ("mutation", old.mutation.as_ref(), new.mutation.as_ref()),
            ("subscription", old.subscription.as_ref(), new.subscription.as_ref()),
        ];
        for (operation, before, after) in roots {
            if before != after {
                let none = || "none".to_owned();
                let change = Change::new(Kind::GraphqlRootChanged, format!("schema.{operation}"))
                    .values(before.cloned().unwrap_or_else(none), after.cloned().unwrap_or_else(none));
                // A new root breaks nothing.
                self.add(if before.is_none() { change.wire(Level::Safe) } else { change });
            }
        }
        for (name, before, after) in paired(&old.directives, &new.directives) {
            self.directive(&format!("@{name}"), before, after);
        }
        for (name, before, after) in paired(&old.types, &new.types) {
            match (before, after) {
                (Some(before), None) => self.add(
                    Change::new(Kind::GraphqlTypeRemoved, name)
                        .was(kind_name(&before.kind))
                        .deprecation(removal(&before.marks)),
                ),
                (None, Some(after)) => {
                    self.add(Change::new(Kind::GraphqlTypeAdded, name).now(kind_name(&after.kind)));
                }
                (Some(before), Some(after)) => {
                    self.marks(name, &before.marks, &after.marks);
                    self.kind(name, &before.kind, &after.kind);
                }
                (None, None) => {}
            }
        }
    }

    fn kind(&mut self, name: &str, old: &TypeKind, new: &TypeKind) {
        match (old, new) {
            (TypeKind::Scalar, TypeKind::Scalar) => {}
            (TypeKind::Object(old), TypeKind::Object(new)) | (TypeKind::Interface(old), TypeKind::Interface(new)) => {
                self.composite(name, old, new);
            }
            (TypeKind::Union(old), TypeKind::Union(new)) => {
                for member in old.difference(new) {
                    self.add(Change::new(Kind::GraphqlUnionMemberRemoved, format!("{name}.{member}")));
                }
                for member in new.difference(old) {
                    self.add(Change::new(Kind::GraphqlUnionMemberAdded, format!("{name}.{member}")));
                }
            }
            (TypeKind::Enum(old), TypeKind::Enum(new)) => self.values_of_enum(name, old, new),
            (TypeKind::Input(old), TypeKind::Input(new)) => {
                self.values(&Values::Fields(name), old, new);
            }
            (old, new) => {
                self.add(Change::new(Kind::GraphqlTypeKindChanged, name).values(kind_name(old), kind_name(new)));
            }
        }
    }

    fn composite(&mut self, name: &str, old: &Composite, new: &Composite) {
        for interface in old.interfaces.difference(&new.interfaces) {
            self.add(Change::new(Kind::GraphqlInterfaceRemoved, format!("{name} implements {interface}")));
        }
        for interface in new.interfaces.difference(&old.interfaces) {
            self.add(Change::new(Kind::GraphqlInterfaceAdded, format!("{name} implements {interface}")));
        }
        for (field, before, after) in paired(&old.fields, &new.fields) {
            let at = format!("{name}.{field}");
            match (before, after) {
                (Some(before), None) => self.add(
                    Change::new(Kind::GraphqlFieldRemoved, at).was(&before.ty).deprecation(removal(&before.marks)),
                ),
                (None, Some(after)) => self.add(Change::new(Kind::GraphqlFieldAdded, at).now(&after.ty)),
                (Some(before), Some(after)) => self.field(&at, before, after),
                (None, None) => {}
            }
        }
    }

    fn field(&mut self, at: &str, old: &Field, new: &Field) {
        let kind = match values::relate(&old.ty, &new.ty) {
            Relation::Same => None,
            Relation::Wider => Some(Kind::GraphqlFieldNullable),
            Relation::Narrower => Some(Kind::GraphqlFieldNonNull),
            Relation::Other => Some(Kind::GraphqlFieldTypeChanged),
        };
        if let Some(kind) = kind {
            self.add(Change::new(kind, at).values(&old.ty, &new.ty));
        }
        self.marks(at, &old.marks, &new.marks);
        self.values(&Values::Arguments(at), &old.args, &new.args);
    }

    fn values_of_enum(&mut self, name: &str, old: &BTreeMap<String, Marks>, new: &BTreeMap<String, Marks>) {
        let (sent, received) = self.used.directions(name);
        for (value, before, after) in paired(old, new) {
            let at = format!("{name}.{value}");
            match (before, after) {
                (Some(before), None) => {
                    let wire = if sent { Level::Breaking } else { Level::Safe };
                    let removed = Change::new(Kind::GraphqlEnumValueRemoved, at).wire(wire);
                    self.add(removed.deprecation(removal(before)));
                }
                (None, Some(_)) => {
                    let wire = if received { Level::Dangerous } else { Level::Safe };
                    self.add(Change::new(Kind::GraphqlEnumValueAdded, at).wire(wire));
                }
                (Some(before), Some(after)) => self.marks(&at, before, after),
                (None, None) => {}
            }
        }
    }
}

/// The keyword for a kind of type.
fn kind_name(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Scalar => "scalar",
        TypeKind::Object(_) => "type",
        TypeKind::Interface(_) => "interface",
        TypeKind::Union(_) => "union",
        TypeKind::Enum(_) => "enum",
        TypeKind::Input(_) => "input",
    }
}
