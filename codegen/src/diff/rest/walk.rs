//! What a comparison of two schemas carries along.

use super::documented::Documented;
use super::pairs::Pairs;
use crate::diff::change::{Change, Deprecation};
use crate::diff::collect::Collector;
use crate::diff::kind::Kind;
use glabflow_contract::index::Index;

/// Both schemas, and the differences found so far.
pub(super) struct Walk<'a> {
    pub(super) old: &'a Index,
    pub(super) new: &'a Index,
    pub(super) documented: (&'a Documented, &'a Documented),
    pub(super) found: Collector,
    pub(super) pairs: Pairs,
}

impl Walk<'_> {
    pub(super) fn add(&mut self, change: Change) {
        self.found.change(change);
    }

    pub(super) fn deprecation(&mut self, at: &str, old: bool, new: bool) {
        match (old, new) {
            (false, true) => self.add(Change::new(Kind::RestDeprecated, at).deprecation(removal(true))),
            (true, false) => self.add(Change::new(Kind::RestUndeprecated, at)),
            _ => {}
        }
    }
}

/// REST documents say that something is deprecated, and not since when.
pub(super) fn removal(deprecated: bool) -> Option<Deprecation> {
    deprecated.then(Deprecation::undated)
}
