//! The relation between the values of an old type and those of a new one.

/// The relation between the values of an old type and those of a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// The same values. Objects and enums are compared separately.
    Same,
    /// The old values and more.
    Wider,
    /// Some of the old values.
    Narrower,
    /// Other values.
    Other,
}

impl Relation {
    /// The relation, given whether the new type has all old values, and whether it has no others.
    pub(super) fn of(keeps_all: bool, adds_none: bool) -> Self {
        match (keeps_all, adds_none) {
            (true, true) => Relation::Same,
            (true, false) => Relation::Wider,
            (false, true) => Relation::Narrower,
            (false, false) => Relation::Other,
        }
    }
}
