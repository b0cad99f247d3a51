//! The relations between types, and the objects and enums of two schemas that correspond.

use crate::diff::relation::Relation;
use glabflow_contract::index::{Index, TypeDef, TypeRef};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a value is part of a request or of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Request,
    Response,
}

/// The types of both schemas that correspond, because operations use them in the same place.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    met: BTreeMap<(String, String), BTreeSet<Direction>>,
    open: Vec<(String, String, Direction)>,
    enums: BTreeSet<(String, String)>,
}

/// A class of values on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Bool,
    Whole {
        closed: bool,
    },
    Number,
    Text {
        closed: bool,
    },
    /// A number or a text.
    IdOrName,
    Any,
    File,
    List,
    Map,
    Object,
}

fn class(index: &Index, ty: &TypeRef) -> Class {
    match ty {
        TypeRef::Bool => Class::Bool,
        TypeRef::Int => Class::Whole { closed: false },
        TypeRef::Float => Class::Number,
        TypeRef::String | TypeRef::Secret => Class::Text { closed: false },
        TypeRef::DateTime | TypeRef::Date => Class::Text { closed: true },
        TypeRef::Any => Class::Any,
        TypeRef::IdOrName => Class::IdOrName,
        TypeRef::File => Class::File,
        TypeRef::List(_) => Class::List,
        TypeRef::Map(_) => Class::Map,
        TypeRef::Named(name) => match index.types.get(name) {
            Some(TypeDef::Object(_)) => Class::Object,
            Some(TypeDef::Enum(_)) => Class::Text { closed: true },
            Some(TypeDef::IntEnum(_)) => Class::Whole { closed: true },
            None => Class::Any,
        },
    }
}

/// Whether every value of `small` is a value of `large`. In requests, GitLab also reads values from text.
fn is_part(small: Class, large: Class, direction: Direction) -> bool {
    match (small, large) {
        (_, Class::Any) => true,
        (Class::Whole { .. }, Class::Whole { closed: false } | Class::Number | Class::IdOrName) => true,
        (Class::Text { .. }, Class::Text { closed: false } | Class::IdOrName) => true,
        (Class::Bool | Class::Whole { .. } | Class::Number | Class::IdOrName, Class::Text { closed: false }) => {
            direction == Direction::Request
        }
        _ => false,
    }
}

impl Pairs {
    /// Relates two types, each with its index, and records the objects and enums that correspond.
    pub(super) fn relate(
        &mut self,
        (old_index, old): (&Index, &TypeRef),
        (new_index, new): (&Index, &TypeRef),
        direction: Direction,
    ) -> Relation {
        match (old, new) {
            (TypeRef::List(old), TypeRef::List(new)) | (TypeRef::Map(old), TypeRef::Map(new)) => {
                return self.relate((old_index, old), (new_index, new), direction);
            }
            (TypeRef::Named(before), TypeRef::Named(after)) => {
                match (old_index.types.get(before), new_index.types.get(after)) {
                    (Some(TypeDef::Object(_)), Some(TypeDef::Object(_))) => {
                        self.meet(before, after, direction);
                        return Relation::Same;
                    }
                    (Some(TypeDef::Enum(_)), Some(TypeDef::Enum(_)))
                    | (Some(TypeDef::IntEnum(_)), Some(TypeDef::IntEnum(_))) => {
                        self.enums.insert((before.clone(), after.clone()));
                        self.met.entry((before.clone(), after.clone())).or_default().insert(direction);
                        return Relation::Same;
                    }
                    _ => {}
                }
            }
            (old, new) if old == new => return Relation::Same,
            _ => {}
        }
        let (before, after) = (class(old_index, old), class(new_index, new));
        Relation::of(is_part(before, after, direction), is_part(after, before, direction))
    }

    fn meet(&mut self, old: &str, new: &str, direction: Direction) {
        let key = (old.to_owned(), new.to_owned());
        if self.met.entry(key).or_default().insert(direction) {
            self.open.push((old.to_owned(), new.to_owned(), direction));
        }
    }

    /// A pair of objects that has not been compared yet.
    pub(super) fn next_object(&mut self) -> Option<(String, String, Direction)> {
        self.open.pop()
    }

    /// All pairs of enums, with the directions in which they are used.
    pub(super) fn enums(&self) -> Vec<((String, String), BTreeSet<Direction>)> {
        self.enums.iter().map(|pair| (pair.clone(), self.met[pair].clone())).collect()
    }

    /// Whether an old type has a counterpart.
    pub(super) fn has_old(&self, name: &str) -> bool {
        self.new_of(name).next().is_some()
    }

    /// Whether a new type has a counterpart.
    pub(super) fn has_new(&self, name: &str) -> bool {
        self.met.keys().any(|(_, new)| new == name)
    }

    /// The counterparts of an old type.
    pub(super) fn new_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let (from, name) = ((name.to_owned(), String::new()), name.to_owned());
        self.met.range(from..).take_while(move |((old, _), _)| *old == name).map(|((_, new), _)| new.as_str())
    }
}
