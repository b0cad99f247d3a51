//! The keys of a list: how dense they are, and what is left of a range after some items were returned.

use crate::resume_token::{ItemId, KeyRange};

/// The density of the keys in a part of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyDensity {
    /// Items for each key.
    pub(super) rate: f64,
}

impl KeyDensity {
    /// The density of a page with these keys, in any order.
    pub(super) fn of(items: &[(i64, ItemId)]) -> Option<Self> {
        let low = items.iter().map(|(key, _)| *key).min()?;
        let high = items.iter().map(|(key, _)| *key).max()?;
        Some(KeyDensity { rate: items.len() as f64 / (high.saturating_sub(low).saturating_add(1)) as f64 })
    }
}

/// Properties of the keys of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyProperties {
    /// Whether pages come in the order of the keys.
    pub(super) sorted: bool,
    /// Whether no two items have the same key.
    pub(super) unique: bool,
    pub(super) per_page: u64,
}

impl KeyProperties {
    /// Removes returned items from a range. Returns whether its lower end has moved up.
    pub(super) fn remove(self, range: &mut KeyRange, items: &[(i64, ItemId)]) -> bool {
        if !self.sorted {
            range.skip.extend(items.iter().map(|(_, id)| id.clone()));
            return false;
        }
        let Some((last, _)) = items.last() else { return false };
        // After the highest possible key there is no other: the id must be kept instead.
        let from = if self.unique { last.saturating_add(1) } else { *last };
        let moves_up = range.from.is_none_or(|known| known < from);
        if moves_up {
            range.from = Some(from);
            range.skip.clear();
        }
        range.skip.extend(items.iter().filter(|(key, _)| *key >= from).map(|(_, id)| id.clone()));
        moves_up
    }

    /// Whether two ranges can be joined to one.
    ///
    /// When the lower end of a sorted range moves up, its `skip` is cleared. So it must not have ids of higher keys.
    pub(super) fn can_join(self, lower: &KeyRange, upper: &KeyRange) -> bool {
        let is_next = lower.to.is_some() && lower.to == upper.from;
        is_next && (!self.sorted || upper.skip.is_empty() || upper.skip == lower.skip)
    }
}
