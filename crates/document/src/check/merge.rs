//! Fields that share a response key must be mergeable, since a response has one value for each key.
//!
//! Two checks, each for all selections from one value. First, the values must have the same shape, even in objects of different types:
//! one decoder reads both. Second, if both fields can be of the same object, they must be the same field with the same arguments.

use crate::ast::{Executable, Field, Selection};
use crate::problem::Problem;
use crate::schema::{Schema, Shape, Type, TypeRef};
use std::collections::{BTreeMap, HashSet};

/// The conflicts in a document that is otherwise valid.
pub(super) fn conflicts(document: &Executable) -> Vec<Problem> {
    let mut merger = Merger { schema: Schema::get(), document, problems: Vec::new(), seen: HashSet::new() };
    for operation in &document.operations {
        if let Some(root) = merger.schema.root(operation.kind) {
            let sets = [(root, &operation.selections[..])];
            merger.same_shapes(&sets, &mut Vec::new());
            if merger.problems.is_empty() {
                merger.same_fields(&sets, &mut Vec::new());
            }
        }
    }
    merger.problems
}

struct Merger<'a> {
    schema: &'static Schema,
    document: &'a Executable,
    problems: Vec<Problem>,
    /// What was looked at before: fragments that spread each other would else take time exponential in their number.
    seen: HashSet<(Check, Vec<(&'static str, *const Selection)>)>,
}

/// Which check.
#[derive(PartialEq, Eq, Hash)]
enum Check {
    Shapes,
    Fields,
}

/// Selections and the type they select from.
type Set<'a> = (&'static Type, &'a [Selection]);

/// A field and the type it is selected from.
#[derive(Clone, Copy)]
struct Selected<'a> {
    parent: &'static Type,
    field: &'a Field,
    ty: TypeRef<'static>,
}

impl<'a> Merger<'a> {
    /// All fields of some selections by response key, including those in fragments.
    fn collect(&self, sets: &[Set<'a>]) -> BTreeMap<&'a str, Vec<Selected<'a>>> {
        let mut fields: BTreeMap<&'a str, Vec<Selected<'a>>> = BTreeMap::new();
        let mut spread = HashSet::new();
        let mut open: Vec<Set<'a>> = sets.iter().rev().copied().collect();
        while let Some((parent, selections)) = open.pop() {
            for selection in selections {
                match selection {
                    Selection::Field(field) => {
                        if let Some(known) = self.schema.field(parent, &field.name) {
                            fields.entry(field.key()).or_default().push(Selected { parent, field, ty: known.ty });
                        }
                    }
                    Selection::Inline(inline) => {
                        let on = inline.on.as_ref().and_then(|on| self.schema.ty(on)).unwrap_or(parent);
                        open.push((on, &inline.selections));
                    }
                    Selection::Spread(name) => {
                        if let Some(fragment) = self.document.fragment(&name.fragment)
                            && spread.insert(fragment.name.as_str())
                            && let Some(on) = self.schema.ty(&fragment.on)
                        {
                            open.push((on, &fragment.selections));
                        }
                    }
                }
            }
        }
        fields
    }

    /// The selections of some fields.
    fn below(&self, fields: &[Selected<'a>]) -> Vec<Set<'a>> {
        let with_selections = fields.iter().filter(|selected| !selected.field.selections.is_empty());
        with_selections
            .filter_map(|selected| Some((self.schema.ty(selected.ty.name())?, &selected.field.selections[..])))
            .collect()
    }

    fn reject(&mut self, path: &[&str], second: &Field, message: String) {
        self.problems.push(Problem { message, path: path.join("."), position: second.at });
    }

    /// Whether these selections were not checked before.
    fn is_new(&mut self, check: Check, sets: &[Set<'a>]) -> bool {
        let key = sets.iter().map(|(ty, selections)| (ty.name, selections.as_ptr())).collect();
        self.seen.insert((check, key))
    }

    fn same_shapes(&mut self, sets: &[Set<'a>], path: &mut Vec<&'a str>) {
        if !self.is_new(Check::Shapes, sets) {
            return;
        }
        for (key, fields) in self.collect(sets) {
            path.push(key);
            let first = fields[0];
            for other in &fields[1..] {
                if !self.same_shape(first.ty, other.ty) {
                    let message = format!(
                        "`{}` gives {} and `{}` gives {}: give one of them an alias",
                        first.field.name, first.ty, other.field.name, other.ty
                    );
                    self.reject(path, other.field, message);
                }
            }
            let below = self.below(&fields);
            if !below.is_empty() {
                self.same_shapes(&below, path);
            }
            path.pop();
        }
    }

    fn same_shape(&self, a: TypeRef<'_>, b: TypeRef<'_>) -> bool {
        if a.is_required() != b.is_required() {
            return false;
        }
        match (a.item(), b.item()) {
            (Some(a), Some(b)) => self.same_shape(a, b),
            (None, None) => {
                let is_leaf = |ty: TypeRef<'_>| self.schema.ty(ty.name()).is_some_and(|ty| !ty.is_composite());
                if is_leaf(a) || is_leaf(b) { a.name() == b.name() } else { true }
            }
            _ => false,
        }
    }

    fn same_fields(&mut self, sets: &[Set<'a>], path: &mut Vec<&'a str>) {
        if !self.is_new(Check::Fields, sets) {
            return;
        }
        for (key, fields) in self.collect(sets) {
            path.push(key);
            for group in groups(&fields) {
                let first = group[0];
                for other in &group[1..] {
                    if first.field.name != other.field.name {
                        let message = format!(
                            "`{}` and `{}` have the same response key: give one of them an alias",
                            first.field.name, other.field.name
                        );
                        self.reject(path, other.field, message);
                    } else if !same_arguments(first.field, other.field) {
                        let message = format!(
                            "`{}` is selected with different arguments: give one of them an alias",
                            other.field.name
                        );
                        self.reject(path, other.field, message);
                    }
                }
                let below = self.below(&group);
                if !below.is_empty() && self.problems.is_empty() {
                    self.same_fields(&below, path);
                }
            }
            path.pop();
        }
    }
}

/// Groups of fields that can be of the same object: for each object type, its own fields and those of interfaces.
fn groups<'a>(fields: &[Selected<'a>]) -> Vec<Vec<Selected<'a>>> {
    let is_object = |selected: &Selected<'_>| matches!(selected.parent.shape, Shape::Object(_));
    let common: Vec<Selected<'a>> = fields.iter().copied().filter(|selected| !is_object(selected)).collect();
    let mut concrete: BTreeMap<&str, Vec<Selected<'a>>> = BTreeMap::new();
    for selected in fields.iter().copied().filter(is_object) {
        concrete.entry(selected.parent.name).or_insert_with(|| common.clone()).push(selected);
    }
    if concrete.is_empty() { vec![common] } else { concrete.into_values().collect() }
}

fn same_arguments(a: &Field, b: &Field) -> bool {
    a.arguments.len() == b.arguments.len()
        && a.arguments
            .iter()
            .all(|one| b.arguments.iter().any(|other| one.name == other.name && one.value == other.value))
}
