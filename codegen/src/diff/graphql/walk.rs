//! What a comparison of two schemas carries along.

use crate::diff::change::{Change, Deprecation};
use crate::diff::collect::Collector;
use crate::ingest::graphql::schema::{Kind as TypeKind, Marks, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// The types that requests hold and those that answers hold.
pub(super) struct Used {
    sent: BTreeSet<String>,
    answered: BTreeSet<String>,
}

impl Used {
    pub(super) fn of(schemas: &[&Schema]) -> Self {
        let mut used = Used { sent: BTreeSet::new(), answered: BTreeSet::new() };
        for schema in schemas {
            for ty in schema.types.values() {
                match &ty.kind {
                    TypeKind::Object(object) | TypeKind::Interface(object) => {
                        for field in object.fields.values() {
                            used.answered.insert(field.ty.name().to_owned());
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

    /// Whether requests hold the type, and whether answers do. Of a type that nothing uses both is assumed.
    pub(super) fn directions(&self, name: &str) -> (bool, bool) {
        let (sent, answered) = (self.sent.contains(name), self.answered.contains(name));
        (sent || !answered, answered || !sent)
    }
}

/// The differences found so far, and what decides about them.
pub(super) struct Walk {
    pub(super) found: Collector,
    pub(super) used: Used,
    /// Whether both schemas say which edition has what.
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

/// Since when what is gone was deprecated.
pub(super) fn removal(marks: &Marks) -> Option<Deprecation> {
    marks.deprecated.as_deref().map(Deprecation::of_mark)
}
