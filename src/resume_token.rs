//! Positions in streams, from which another stream can continue, also in another run of the program.

use glabflow_contract::item_facts::Id;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A position in a stream: after the last item that the stream returned.
///
/// A stream has one at any time ([`Items::resume_token`](crate::Items::resume_token)). The error that ends a stream has one too
/// ([`Error::resume_token`](crate::Error::resume_token)). A stream of the same operation with the same arguments continues there:
///
/// ```no_run
/// # async fn run(gl: glabflow::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let mut users = gl.users().list().items();
/// users.next().await;
/// let saved = users.resume_token().to_string();
///
/// let mut rest = gl.users().list().items().resume(saved.parse()?);
/// # Ok(())
/// # }
/// ```
///
/// A token implements `Serialize`, and its text form is one line of JSON. Both can be kept in a file.
///
/// A token has the operation, the next page or cursor, and the ids of the items of that page that were returned. A fingerprint of
/// the arguments prevents its use for another list. It has the arguments that the server repeats in its link to the next page, but
/// no secret parameters: those are taken from the request that is resumed. It does not name the server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeToken {
    /// The operation's id, `raw` for a path, `document` for a GraphQL document.
    pub(crate) operation: String,
    /// The fingerprint of the arguments.
    pub(crate) arguments: String,
    pub(crate) position: Position,
}

/// A position in a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Position {
    /// Nothing has been returned.
    Start,
    /// On a page of a list.
    Page {
        /// Path and query of the page, without secrets.
        link: String,
        #[serde(default, skip_serializing_if = "Skip::is_none")]
        skip: Skip,
    },
    /// After a cursor of a GraphQL connection.
    #[cfg(feature = "graphql")]
    Cursor {
        /// `None` at the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        #[serde(default, skip_serializing_if = "Skip::is_none")]
        skip: Skip,
        page_size: u32,
    },
    /// In several ranges of a list: what has not been returned.
    Ranges(Vec<KeyRange>),
    /// Everything has been returned.
    End,
}

/// A range of a list that is split by a key: keys from `from` up to, but not including, `to`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<i64>,
    /// Items of the range that have been returned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skip: Vec<ItemId>,
}

/// The `id` of an item, unique in its list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum ItemId {
    Number(i64),
    Text(String),
}

impl From<Id<'_>> for ItemId {
    fn from(id: Id<'_>) -> Self {
        match id {
            Id::Number(id) => ItemId::Number(id),
            Id::Text(id) => ItemId::Text(id.to_owned()),
        }
    }
}

/// The items of a page to skip, because they have been returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Skip {
    /// This number of items from the beginning of the page.
    Count(u64),
    /// The items with these ids.
    Ids(Vec<ItemId>),
}

impl Skip {
    /// No items.
    pub(crate) const NONE: Skip = Skip::Count(0);

    pub(crate) fn is_none(&self) -> bool {
        *self == Skip::NONE
    }

    /// The number of items.
    #[cfg(feature = "graphql")]
    pub(crate) fn count(&self) -> u64 {
        match self {
            Skip::Count(count) => *count,
            Skip::Ids(ids) => ids.len() as u64,
        }
    }

    /// Combines two sets. A count cannot be combined with ids: then the count wins, and of two counts the first.
    #[cfg(feature = "graphql")]
    pub(crate) fn and(self, other: Skip) -> Skip {
        match (self, other) {
            (Skip::NONE, skip) | (skip, Skip::NONE) | (skip @ Skip::Count(_), _) => skip,
            (Skip::Ids(_), skip @ Skip::Count(_)) => skip,
            (Skip::Ids(mut ids), Skip::Ids(more)) => {
                ids.extend(more);
                Skip::Ids(ids)
            }
        }
    }
}

impl Default for Skip {
    fn default() -> Self {
        Skip::NONE
    }
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for ResumeToken {
    type Err = ParseResumeTokenError;

    fn from_str(text: &str) -> Result<Self, ParseResumeTokenError> {
        serde_json::from_str(text).map_err(ParseResumeTokenError)
    }
}

/// The text is not a [`ResumeToken`]. The error converts into an [`Error`](crate::Error).
#[derive(Debug)]
pub struct ParseResumeTokenError(serde_json::Error);

impl ParseResumeTokenError {
    pub(crate) fn into_source(self) -> serde_json::Error {
        self.0
    }
}

impl fmt::Display for ParseResumeTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a resume token: expected one line of JSON")
    }
}

impl std::error::Error for ParseResumeTokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl fmt::Debug for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("ResumeToken");
        out.field("operation", &self.operation);
        match &self.position {
            Position::Page { link, .. } => out.field("page", link),
            #[cfg(feature = "graphql")]
            Position::Cursor { after, .. } => out.field("after", after),
            Position::Ranges(ranges) => out.field("ranges", &ranges.len()),
            other => out.field("position", other),
        };
        out.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(position: Position) -> ResumeToken {
        ResumeToken { operation: "list_users".into(), arguments: "0".into(), position }
    }

    #[test]
    fn a_token_survives_its_text_form() {
        let page = |skip| Position::Page { link: "/api/v4/users?page=4".to_owned(), skip };
        let ids = vec![ItemId::Number(7), ItemId::Text("a".into())];
        let range = KeyRange { from: Some(1), to: None, skip: ids.clone() };
        let positions = [
            Position::Start,
            page(Skip::NONE),
            page(Skip::Count(3)),
            page(Skip::Ids(ids)),
            Position::Ranges(vec![range]),
        ];
        for position in positions.into_iter().chain([Position::End]) {
            let token = token(position);
            assert_eq!(token.to_string().parse::<ResumeToken>().expect("a token"), token, "{token}");
        }
        for text in ["", "{}", "[]", "3 /api/v4/users", r#"{"operation":"a","arguments":"b","position":"nowhere"}"#] {
            assert!(text.parse::<ResumeToken>().is_err(), "{text}");
        }
    }
}
