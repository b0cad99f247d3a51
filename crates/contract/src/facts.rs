//! What an item of a list says of itself, whatever its type.

use crate::scalar::DateTime;

/// Which item of its list one is, and when it came to be.
///
/// With these, a stream passes over what it has given out before, and reads a list in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The item's `id`.
    pub id: Option<Id<'a>>,
    /// The item's `created_at`.
    pub created_at: Option<&'a DateTime>,
}

/// The id of an item, which tells it from all others of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id<'a> {
    /// A number, as most things in GitLab have.
    Number(i64),
    /// A text: the hash of a commit, for example.
    Text(&'a str),
}

impl<'a> Facts<'a> {
    /// Of an item whose ids are numbers.
    pub fn numbered(id: Option<i64>, created_at: Option<&'a DateTime>) -> Self {
        Facts { id: id.map(Id::Number), created_at }
    }

    /// Of an item whose ids are text.
    pub fn named(id: Option<&'a str>, created_at: Option<&'a DateTime>) -> Self {
        Facts { id: id.map(Id::Text), created_at }
    }
}
