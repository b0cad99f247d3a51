//! The keys of a list: how they are spread, and what of a piece is left when items have been given out.

use crate::resume_token::ItemId;
use crate::resume_token::Piece;

/// How dense a list is where a page was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Density {
    /// Items for each key.
    pub(super) rate: f64,
}

impl Density {
    /// The density of a page, whose keys are these in any order.
    pub(super) fn of(items: &[(i64, ItemId)]) -> Option<Self> {
        let low = items.iter().map(|(key, _)| *key).min()?;
        let high = items.iter().map(|(key, _)| *key).max()?;
        Some(Density { rate: items.len() as f64 / (high.saturating_sub(low).saturating_add(1)) as f64 })
    }
}

/// How the keys of a list are spread, and what of it is unique.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    /// Whether pages come in the order of the keys.
    pub(super) sorted: bool,
    /// Whether no two items have the same key.
    pub(super) unique: bool,
    pub(super) per_page: u64,
}

impl Keys {
    /// Takes items which have been given out away from a piece, and tells whether its lower end has risen by that.
    pub(super) fn pass(self, piece: &mut Piece, items: &[(i64, ItemId)]) -> bool {
        if !self.sorted {
            piece.given.extend(items.iter().map(|(_, id)| id.clone()));
            return false;
        }
        let Some((last, _)) = items.last() else { return false };
        // Behind the highest key there is, the item itself has to be remembered.
        let from = if self.unique { last.saturating_add(1) } else { *last };
        let rises = piece.from.is_none_or(|known| known < from);
        if rises {
            piece.from = Some(from);
            piece.given.clear();
        }
        piece.given.extend(items.iter().filter(|(key, _)| *key >= from).map(|(_, id)| id.clone()));
        rises
    }

    /// Whether two pieces can be written as one.
    ///
    /// Where the lower end of a sorted piece rises, its `given` are forgotten: they must not be of keys further up.
    pub(super) fn can_join(self, lower: &Piece, upper: &Piece) -> bool {
        let is_next = lower.to.is_some() && lower.to == upper.from;
        is_next && (!self.sorted || upper.given.is_empty() || upper.given == lower.given)
    }
}
