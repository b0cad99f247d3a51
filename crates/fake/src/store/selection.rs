//! Which things a list consists of.

use crate::filter::Order;
use crate::seed::{Kind, Run};
use std::sync::Arc;

/// The scope of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All.
    All,
    /// Those within these things of another kind, at any depth.
    Within(Kind, Vec<u64>),
}

/// The things that a list consists of, in order.
pub(crate) enum Selection {
    /// The seed data at equal distances, then what was created.
    Plain { run: Run, made: Vec<u64>, backwards: bool },
    /// The result of filters.
    Chosen(Arc<Vec<u32>>),
    /// A part of another selection.
    Part { of: Box<Selection>, from: u64, len: u64 },
}

impl Selection {
    /// The things after a slot in natural order.
    pub(crate) fn beyond(self, order: &Order, bound: u64) -> Selection {
        let skipped = self.partition_point(|slot| if order.backwards { slot >= bound } else { slot <= bound });
        let len = self.len();
        self.part(skipped, len)
    }

    /// The positions from `from` up to, not including, `to`.
    pub(super) fn part(self, from: u64, to: u64) -> Selection {
        Selection::Part { of: Box::new(self), from, len: to.saturating_sub(from) }
    }

    /// The number of things.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Selection::Plain { run, made, .. } => run.count + made.len() as u64,
            Selection::Chosen(slots) => slots.len() as u64,
            Selection::Part { len, .. } => *len,
        }
    }

    /// The slot at a position below [`len`](Self::len).
    pub(crate) fn at(&self, position: u64) -> u64 {
        match self {
            Selection::Plain { run, made, backwards } => {
                let position = if *backwards { self.len() - 1 - position } else { position };
                if position < run.count { run.at(position) } else { made[(position - run.count) as usize] }
            }
            Selection::Chosen(slots) => slots[position as usize].into(),
            Selection::Part { of, from, .. } => of.at(from + position),
        }
    }

    /// The first slot, if there is one.
    #[cfg(feature = "graphql")]
    pub(crate) fn first(&self) -> Option<u64> {
        (self.len() > 0).then(|| self.at(0))
    }

    /// The first position for which a test fails. The test must hold for all positions before it.
    pub(crate) fn partition_point(&self, mut holds: impl FnMut(u64) -> bool) -> u64 {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self.at(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}
