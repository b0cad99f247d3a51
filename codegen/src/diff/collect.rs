//! Assigns effects on Rust to the differences of the schema that cause them.

use super::change::{Change, Effect};
use super::kind::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// Differences and effects as they are found, in any order.
#[derive(Debug, Default)]
pub(super) struct Collector {
    changes: BTreeMap<(String, Kind), Change>,
    effects: Vec<(Vec<String>, Effect)>,
}

impl Collector {
    /// Adds a difference. If the same one is found in requests and in responses, the more severe one is kept.
    pub(super) fn change(&mut self, change: Change) {
        let key = (change.coordinate.clone(), change.kind);
        match self.changes.get(&key) {
            Some(known) if known.wire >= change.wire => {}
            _ => {
                self.changes.insert(key, change);
            }
        }
    }

    /// Adds an effect on Rust, with the coordinates that may cause it. If none of them changes on the wire, it is listed at
    /// the first one.
    pub(super) fn effect(&mut self, coordinates: Vec<String>, effect: Effect) {
        self.effects.push((coordinates, effect));
    }

    /// All differences, each with its effects. Effects without a difference become a difference of the kind `rust_only`.
    pub(super) fn finish(mut self, rust_only: Kind) -> Vec<Change> {
        let mut seen = BTreeSet::new();
        for (coordinates, effect) in std::mem::take(&mut self.effects) {
            // Types that several schemas share are reached from each of them.
            if !seen.insert(effect.clone()) {
                continue;
            }
            let cause = coordinates.iter().find_map(|coordinate| self.cause(coordinate, &effect));
            let key = cause.or_else(|| Some((coordinates.first()?.clone(), rust_only)));
            if let Some(key) = key {
                let change = self.changes.entry(key).or_insert_with_key(|(at, kind)| Change::new(*kind, at));
                change.add_effect(effect);
            }
        }
        let mut changes: Vec<Change> = self.changes.into_values().collect();
        changes.iter_mut().for_each(|change| change.effects.sort());
        changes
    }

    /// The difference at a coordinate that causes an effect. A deprecation explains effects of other kinds only if nothing
    /// else does: deprecated connections are no operations any more.
    fn cause(&self, coordinate: &str, effect: &Effect) -> Option<(String, Kind)> {
        let from = (coordinate.to_owned(), Kind::ALL[0]);
        let kinds = || self.changes.range(from.clone()..).map(|(key, _)| key).take_while(|(at, _)| at == coordinate);
        let fitting = kinds().find(|(_, kind)| is_mark(*kind) == effect.is_deprecation());
        fitting.or_else(|| kinds().next()).cloned()
    }
}

fn is_mark(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::GraphqlDeprecated
            | Kind::GraphqlUndeprecated
            | Kind::GraphqlDeprecationChanged
            | Kind::RestDeprecated
            | Kind::RestUndeprecated
    )
}
