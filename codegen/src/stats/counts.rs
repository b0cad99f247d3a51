//! Numbers by name.

use std::collections::BTreeMap;

/// How many there are of each name.
pub(super) type Counts = BTreeMap<String, usize>;

/// Counts names.
pub(super) fn counts(names: impl Iterator<Item = String>) -> Counts {
    let mut counts = Counts::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}
