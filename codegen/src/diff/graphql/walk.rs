//! The state of a comparison of two schemas.

use crate::diff::change::{Change, Deprecation};
use crate::diff::collect::Collector;
use crate::ingest::graphql::schema::{Kind as TypeKind, Marks, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// The types that occur in requests, and those that occur in responses.
pub(super) struct Used {
    sent: BTreeSet<String>,
    received: BTreeSet<String>,
}

impl Used {
    pub(super) fn of(schemas: &[&Schema]) -> Self {
        let mut used = Used { sent: BTreeSet::new(), received: BTreeSet::new() };
        for schema in schemas {
            for ty in schema.types.values() {
                match &ty.kind {
                    TypeKind::Object(object) | TypeKind::Interface(object) => {
                        for field in object.fields.values() {
                            used.received.insert(field.ty.name().to_owned());
                            used.sent.extend(field.args.values().map(|arg| arg.ty.name().to_owned()));
                        }
                    }
                    TypeKind::Input(fields) => {
                        used.sent.extend(fields.values().map(|field| field.ty.name().to_owned()))
                    }
                    TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) => {}
                }
            }
        }
        used
    }

    /// Whether the type occurs in requests, and whether it occurs in responses. For unused types both are assumed.
    pub(super) fn directions(&self, name: &str) -> (bool, bool) {
        let (sent, received) = (self.sent.contains(name), self.received.contains(name));
        (sent || !received, received || !sent)
    }
}

/// The differences found so far, and facts about both schemas.
pub(super) struct Walk {
    pub(super) found: Collector,
    pub(super) used: Used,
    /// Whether both schemas mark what is Enterprise only.
    pub(super) editions: bool,
}

impl Walk {
    pub(super) fn add(&mut self, change: Change) {
        self.found.change(change);
    }
}

/// Two maps side by side.
pub(super) fn paired<'a, T>(
    old: &'a BTreeMap<String, T>,
    new: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = (&'a String, Option<&'a T>, Option<&'a T>)> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names.into_iter().map(|name| (name, old.get(name), new.get(name)))
}

/// The deprecation of a removed element.
pub(super) fn removal(marks: &Marks) -> Option<Deprecation> {
    marks.deprecated.as_deref().map(Deprecation::of_mark)
}
