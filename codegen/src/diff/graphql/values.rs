//! Arguments and fields of input objects, and how two types relate.

use super::walk::{Walk, paired, removal};
use crate::diff::change::Change;
use crate::diff::kind::Kind;
use crate::diff::relation::Relation;
use crate::ingest::graphql::schema::{Directive, InputValue, TypeExpr};
use std::collections::BTreeMap;

/// Relates two types by where they may be null.
pub(super) fn relate(old: &TypeExpr, new: &TypeExpr) -> Relation {
    match (old, new) {
        (TypeExpr::NonNull(old), TypeExpr::NonNull(new)) | (TypeExpr::List(old), TypeExpr::List(new)) => {
            relate(old, new)
        }
        // Without null on one side, that side has fewer values.
        (TypeExpr::NonNull(old), new) => match relate(old, new) {
            Relation::Same | Relation::Wider => Relation::Wider,
            Relation::Narrower | Relation::Other => Relation::Other,
        },
        (old, TypeExpr::NonNull(new)) => match relate(old, new) {
            Relation::Same | Relation::Narrower => Relation::Narrower,
            Relation::Wider | Relation::Other => Relation::Other,
        },
        (TypeExpr::Named(old), TypeExpr::Named(new)) if old == new => Relation::Same,
        _ => Relation::Other,
    }
}

/// Whose values are compared.
pub(super) enum Values<'a> {
    /// The arguments of the field or directive at this coordinate.
    Arguments(&'a str),
    /// The fields of this input object.
    Fields(&'a str),
}

/// The kinds of difference in one of the two places.
struct Kinds {
    added: Kind,
    required_added: Kind,
    removed: Kind,
    type_changed: Kind,
    narrowed: Kind,
    widened: Kind,
    default_changed: Kind,
}

const ARGUMENTS: Kinds = Kinds {
    added: Kind::GraphqlArgumentAdded,
    required_added: Kind::GraphqlRequiredArgumentAdded,
    removed: Kind::GraphqlArgumentRemoved,
    type_changed: Kind::GraphqlArgumentTypeChanged,
    narrowed: Kind::GraphqlArgumentNarrowed,
    widened: Kind::GraphqlArgumentWidened,
    default_changed: Kind::GraphqlArgumentDefaultChanged,
};

const FIELDS: Kinds = Kinds {
    added: Kind::GraphqlInputFieldAdded,
    required_added: Kind::GraphqlRequiredInputFieldAdded,
    removed: Kind::GraphqlInputFieldRemoved,
    type_changed: Kind::GraphqlInputFieldTypeChanged,
    narrowed: Kind::GraphqlInputFieldNarrowed,
    widened: Kind::GraphqlInputFieldWidened,
    default_changed: Kind::GraphqlInputFieldDefaultChanged,
};

impl Walk {
    pub(super) fn values(
        &mut self,
        owner: &Values<'_>,
        old: &BTreeMap<String, InputValue>,
        new: &BTreeMap<String, InputValue>,
    ) {
        for (name, before, after) in paired(old, new) {
            let (at, kinds) = match owner {
                Values::Arguments(owner) => (argument(owner, name), ARGUMENTS),
                Values::Fields(owner) => (format!("{owner}.{name}"), FIELDS),
            };
            match (before, after) {
                (Some(before), None) => {
                    self.add(Change::new(kinds.removed, at).was(&before.ty).deprecation(removal(&before.marks)))
                }
                (None, Some(after)) => {
                    let kind = if after.is_required() { kinds.required_added } else { kinds.added };
                    self.add(Change::new(kind, at).now(&after.ty));
                }
                (Some(before), Some(after)) => self.value(&kinds, &at, before, after),
                (None, None) => {}
            }
        }
    }

    fn value(&mut self, kinds: &Kinds, at: &str, old: &InputValue, new: &InputValue) {
        let kind = match relate(&old.ty, &new.ty) {
            Relation::Same => None,
            Relation::Wider => Some(kinds.widened),
            Relation::Narrower => Some(kinds.narrowed),
            Relation::Other => Some(kinds.type_changed),
        };
        if let Some(kind) = kind {
            self.add(Change::new(kind, at).values(&old.ty, &new.ty));
        }
        // A default that goes from what must not be null makes it required; one that comes makes it optional.
        let required = old.ty.is_non_null() && new.ty.is_non_null();
        match (&old.default, &new.default) {
            (old, new) if old == new => {}
            (Some(default), None) if required => {
                self.add(Change::new(kinds.narrowed, at).values(format!("default {default}"), "no default"));
            }
            (None, Some(default)) if required => {
                self.add(Change::new(kinds.widened, at).values("no default", format!("default {default}")));
            }
            (old, new) => {
                let shown = |default: &Option<String>| default.clone().unwrap_or_else(|| "no default".to_owned());
                self.add(Change::new(kinds.default_changed, at).values(shown(old), shown(new)));
            }
        }
        self.marks(at, &old.marks, &new.marks);
    }

    pub(super) fn directive(&mut self, at: &str, old: Option<&Directive>, new: Option<&Directive>) {
        match (old, new) {
            (Some(_), None) => self.add(Change::new(Kind::GraphqlDirectiveRemoved, at)),
            (None, Some(_)) => self.add(Change::new(Kind::GraphqlDirectiveAdded, at)),
            (Some(old), Some(new)) => {
                for location in old.locations.difference(&new.locations) {
                    let at = format!("{at} on {location}");
                    self.add(Change::new(Kind::GraphqlDirectiveLocationRemoved, at));
                }
                for location in new.locations.difference(&old.locations) {
                    let at = format!("{at} on {location}");
                    self.add(Change::new(Kind::GraphqlDirectiveLocationAdded, at));
                }
                self.values(&Values::Arguments(at), &old.args, &new.args);
            }
            (None, None) => {}
        }
    }
}

/// The coordinate of an argument: `Query.project(fullPath:)`.
pub(super) fn argument(owner: &str, name: &str) -> String {
    format!("{owner}({name}:)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(text: &str) -> TypeExpr {
        if let Some(inner) = text.strip_suffix('!') {
            return TypeExpr::NonNull(Box::new(ty(inner)));
        }
        match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            Some(inner) => TypeExpr::List(Box::new(ty(inner))),
            None => TypeExpr::Named(text.to_owned()),
        }
    }

    #[test]
    fn nullability_determines_the_relation_of_types() {
        for (old, new, relation) in [
            ("A", "A", Relation::Same),
            ("A!", "A", Relation::Wider),
            ("A", "A!", Relation::Narrower),
            ("[A!]!", "[A]!", Relation::Wider),
            ("[A]", "[A!]!", Relation::Narrower),
            ("[A!]", "[A]!", Relation::Other),
            ("A", "B", Relation::Other),
            ("A!", "B", Relation::Other),
            ("A", "[A]", Relation::Other),
            ("[A]!", "A", Relation::Other),
        ] {
            assert_eq!(relate(&ty(old), &ty(new)), relation, "{old} to {new}");
        }
    }
}
