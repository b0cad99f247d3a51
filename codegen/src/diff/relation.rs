//! How the values of a new type relate to those of an old one.

/// How the values of a new type relate to those of an old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// The same values. Objects and enums are compared by themselves.
    Same,
    /// The old ones and more.
    Wider,
    /// Some of the old ones.
    Narrower,
    /// Others.
    Other,
}

impl Relation {
    /// The relation, given whether all old values are among the new ones, and the other way round.
    pub(super) fn of(keeps_all: bool, adds_none: bool) -> Self {
        match (keeps_all, adds_none) {
            (true, true) => Relation::Same,
            (true, false) => Relation::Wider,
            (false, true) => Relation::Narrower,
            (false, false) => Relation::Other,
        }
    }
}
