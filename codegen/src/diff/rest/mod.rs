//! Differences between two REST schemas.
//!
//! - `pairing` finds the operations that correspond. This module compares them, `inputs` compares their parameters.
//! - `documented` and `numbers` read facts that only the document has: error statuses, and the numbers that are accepted.
//! - `pairs` relates types and finds the objects and enums that correspond, `values` compares these.
//! - `rust` compares the generated code.

pub(crate) mod coordinates;
mod documented;
mod inputs;
mod numbers;
mod pairing;
mod pairs;
mod rust;
mod values;
mod walk;

use super::change::Change;
use super::collect::Collector;
use super::kind::Kind;
use super::level::Level;
use coordinates::{coordinate, type_coordinate, value_name};
pub use documented::Documented;
use glabflow_contract::index::{Body, Index, Operation, Output, Paging, TypeDef};
use pairing::{pair_operations, shape};
use pairs::{Direction, Pairs};
use std::collections::BTreeSet;
use walk::{Walk, removal};

/// All differences between two indexes, each with the further facts of its document.
pub(super) fn compare(old: (&Index, &Documented), new: (&Index, &Documented)) -> Vec<Change> {
    let documented = (old.1, new.1);
    let (old, new) = (old.0, new.0);
    let mut walk = Walk { old, new, documented, found: Collector::default(), pairs: Pairs::default() };
    let operations = pair_operations(old, new);
    for operation in &operations {
        match *operation {
            (Some(before), Some(after)) => walk.operation(before, after),
            (Some(before), None) => {
                let removed = Change::new(Kind::RestOperationRemoved, coordinate(before)).was(&before.id);
                walk.add(removed.deprecation(removal(before.deprecated)));
            }
            (None, Some(after)) => {
                walk.add(Change::new(Kind::RestOperationAdded, coordinate(after)).now(&after.id));
            }
            (None, None) => {}
        }
    }
    walk.types();
    let Walk { mut found, pairs, .. } = walk;
    rust::effects(old, new, &operations, &pairs, &mut found);
    found.finish(Kind::RestRustChanged)
}

impl Walk<'_> {
    fn operation(&mut self, old: &Operation, new: &Operation) {
        let at = coordinate(old);
        if old.method != new.method || shape(&old.path) != shape(&new.path) {
            self.add(Change::new(Kind::RestOperationMoved, &at).values(&at, coordinate(new)));
        }
        self.deprecation(&at, old.deprecated, new.deprecated);
        self.inputs(&at, old, new);
        // If a body is added or removed, its parameters are reported.
        if old.body != new.body && old.body != Body::None && new.body != Body::None {
            self.add(Change::new(Kind::RestBodyFormatChanged, &at).values(body(&old.body), body(&new.body)));
        }
        self.output(&at, &old.output, &new.output);
        if let (Some(before), Some(after)) = (old.status, new.status)
            && before != after
        {
            self.add(Change::new(Kind::RestStatusChanged, &at).values(before, after));
        }
        self.other_statuses(&at, old, new);
        if old.paging != new.paging {
            let offers_more = paging_rank(&new.paging) > paging_rank(&old.paging) && old.paging != Paging::None;
            let change = Change::new(Kind::RestPagingChanged, &at).values(paging(&old.paging), paging(&new.paging));
            self.add(if offers_more { change.wire(Level::Safe) } else { change });
        }
        if old.idempotent != new.idempotent && old.method == new.method {
            let name = |idempotent| if idempotent { "idempotent" } else { "not idempotent" };
            let change = Change::new(Kind::RestRetryChanged, &at).values(name(old.idempotent), name(new.idempotent));
            self.add(if new.idempotent { change.wire(Level::Safe) } else { change });
        }
    }

    fn other_statuses(&mut self, at: &str, old: &Operation, new: &Operation) {
        let documented = (self.documented.0.operation(old), self.documented.1.operation(new));
        let (Some(before), Some(after)) = documented else { return };
        let shown = |statuses: &BTreeSet<String>| match statuses.is_empty() {
            true => "none".to_owned(),
            false => statuses.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        };
        let changed = |kind, before, after| Change::new(kind, at).values(shown(before), shown(after));
        if before.errors != after.errors {
            self.found.change(changed(Kind::RestErrorStatusChanged, &before.errors, &after.errors));
        }
        if before.successes != after.successes {
            let change = changed(Kind::RestOtherSuccessChanged, &before.successes, &after.successes);
            let is_less = after.successes.is_subset(&before.successes);
            self.found.change(if is_less { change.wire(Level::Safe) } else { change });
        }
    }

    fn output(&mut self, at: &str, old: &Output, new: &Output) {
        match (old, new) {
            (Output::Json(before), Output::Json(after)) | (Output::List(before), Output::List(after)) => {
                self.value(&format!("{at} response"), before, after, Direction::Response);
            }
            (Output::File(before), Output::File(after)) if before != after => {
                self.add(Change::new(Kind::RestFileTypeChanged, at).values(before, after));
            }
            (before, after) if before != after => {
                let change = Change::new(Kind::RestResponseChanged, at).values(response(before), response(after));
                self.add(if *before == Output::Empty { change.wire(Level::Safe) } else { change });
            }
            _ => {}
        }
    }

    /// Compares every pair of types that operations use, and reports the types without a counterpart.
    fn types(&mut self) {
        while let Some((old, new, direction)) = self.pairs.next_object() {
            self.object(&old, &new, direction);
        }
        for ((old, new), directions) in self.pairs.enums() {
            self.enumeration(&old, &new, directions);
        }
        let coordinates = |index: &Index| -> BTreeSet<String> {
            let mut names: BTreeSet<String> = index.types.keys().cloned().collect();
            for definition in index.types.values() {
                if let TypeDef::Object(object) = definition {
                    names.extend(object.aliases.iter().cloned().chain([object.schema.clone()]));
                }
            }
            names
        };
        let (old_names, new_names) = (coordinates(self.old), coordinates(self.new));
        for (name, definition) in &self.old.types {
            let at = type_coordinate(name, definition);
            if !self.pairs.has_old(name) && !new_names.contains(at) {
                self.found.change(Change::new(Kind::RestTypeRemoved, at));
            }
        }
        for (name, definition) in &self.new.types {
            let at = type_coordinate(name, definition);
            if !self.pairs.has_new(name) && !old_names.contains(at) {
                self.found.change(Change::new(Kind::RestTypeAdded, at));
            }
        }
    }
}

fn body(body: &Body) -> &str {
    match body {
        Body::None => "none",
        Body::Json => "application/json",
        Body::Multipart => "multipart/form-data",
        Body::Raw(content_type) => content_type,
    }
}

fn response(output: &Output) -> String {
    match output {
        Output::Empty => "nothing".to_owned(),
        Output::Json(ty) => value_name(ty),
        Output::List(ty) => format!("a list of {}", value_name(ty)),
        Output::File(content_type) => format!("a file of {content_type}"),
    }
}

fn paging(paging: &Paging) -> String {
    match paging {
        Paging::None => "none".to_owned(),
        Paging::Link => "link".to_owned(),
        Paging::Offset => "offset".to_owned(),
        Paging::Keyset(keyset) if keyset.anonymous_only => "keyset without a token".to_owned(),
        Paging::Keyset(keyset) if keyset.orders.is_empty() => "keyset".to_owned(),
        Paging::Keyset(keyset) => format!("keyset by {}", keyset.orders.join(", ")),
    }
}

/// A number that is higher the more ways of paging a list offers.
fn paging_rank(paging: &Paging) -> usize {
    match paging {
        Paging::None => 0,
        Paging::Link => 1,
        Paging::Offset => 2,
        Paging::Keyset(keyset) => 3 + keyset.orders.len() + keyset.sorts.len(),
    }
}
