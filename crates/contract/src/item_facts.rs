//! The id and the time of creation of an item of a list.

use crate::scalar::DateTime;

/// The id and the time of creation of an item.
///
/// A stream uses them to skip duplicates and to read a list in ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemFacts<'a> {
    /// The item's `id`.
    pub id: Option<Id<'a>>,
    /// The item's `created_at`.
    pub created_at: Option<&'a DateTime>,
}

/// The id of an item. It is unique in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id<'a> {
    /// A number, as most resources of GitLab have.
    Number(i64),
    /// A text, for example the hash of a commit.
    Text(&'a str),
}

impl<'a> ItemFacts<'a> {
    /// The facts of an item whose id is a number.
    pub fn numbered(id: Option<i64>, created_at: Option<&'a DateTime>) -> Self {
        ItemFacts { id: id.map(Id::Number), created_at }
    }

    /// The facts of an item whose id is a text.
    pub fn named(id: Option<&'a str>, created_at: Option<&'a DateTime>) -> Self {
        ItemFacts { id: id.map(Id::Text), created_at }
    }
}
