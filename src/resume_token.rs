//! Places in streams, from which they go on: in another run of the program, if need be.

use glabflow_contract::facts::Id;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A place in a stream, behind the last item that was given out.
///
/// Every stream gives one at any time ([`Items::resume_token`](crate::Items::resume_token)), and so does the error that ends one
/// ([`Error::resume_token`](crate::Error::resume_token)). A stream of the same operation with the same arguments goes on from there:
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
/// It serialises, and its text form is JSON of one line; both can be kept in a file. It names the operation, the next page or
/// cursor, and the ids of items that were given out of a page in part. Of the arguments it holds a fingerprint, so that it is not
/// taken for a place in another list, and what the server's own link repeats of them; secret parameters are left out, and come
/// back from the request that is resumed. It does not name the server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeToken {
    /// The operation's id, `raw` for a path, `document` for a GraphQL document.
    pub(crate) operation: String,
    /// The fingerprint of the arguments.
    pub(crate) arguments: String,
    pub(crate) place: Place,
}

/// Where a stream stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// Nothing has been given out.
    Start,
    /// On a page of a list.
    Page {
        /// Path and query of the page, without secrets.
        link: String,
        /// What has been given out of it.
        #[serde(default, skip_serializing_if = "Given::is_none")]
        given: Given,
    },
    /// Behind a cursor of a GraphQL connection.
    #[cfg(feature = "graphql")]
    Cursor {
        /// `None` at the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// What has been given out behind the cursor. Older tokens have a number only.
        #[serde(default, alias = "skip", skip_serializing_if = "Given::is_none")]
        given: Given,
        page_size: u32,
    },
    /// In several pieces of a list: what has not been given out yet.
    Pieces(Vec<Piece>),
    /// Everything has been given out.
    End,
}

/// A piece of a list that is cut by a key: keys from `from` up to, not including, `to`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Piece {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<i64>,
    /// Items within that have been given out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) given: Vec<ItemId>,
}

/// The `id` of an item, which tells it from all others of its list.
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

/// What has been given out of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Given {
    /// So many items from its beginning.
    Count(u64),
    /// The items of these ids.
    Ids(Vec<ItemId>),
}

impl Given {
    /// Nothing.
    pub(crate) const NONE: Given = Given::Count(0);

    pub(crate) fn is_none(&self) -> bool {
        *self == Given::NONE
    }

    /// How many items these are.
    #[cfg(feature = "graphql")]
    pub(crate) fn count(&self) -> u64 {
        match self {
            Given::Count(count) => *count,
            Given::Ids(ids) => ids.len() as u64,
        }
    }

    /// These items and others. Of what was counted, what comes first is meant.
    #[cfg(feature = "graphql")]
    pub(crate) fn and(self, other: Given) -> Given {
        match (self, other) {
            (Given::NONE, given) | (given, Given::NONE) | (given @ Given::Count(_), _) => given,
            (Given::Ids(_), given @ Given::Count(_)) => given,
            (Given::Ids(mut ids), Given::Ids(more)) => {
                ids.extend(more);
                Given::Ids(ids)
            }
        }
    }
}

impl Default for Given {
    fn default() -> Self {
        Given::NONE
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

/// A text that is not a [`ResumeToken`]. It converts into an [`Error`](crate::Error).
#[derive(Debug)]
pub struct ParseResumeTokenError(serde_json::Error);

impl ParseResumeTokenError {
    pub(crate) fn into_source(self) -> serde_json::Error {
        self.0
    }
}

impl fmt::Display for ParseResumeTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not a resume token, which is one line of JSON")
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
        match &self.place {
            Place::Page { link, .. } => out.field("page", link),
            #[cfg(feature = "graphql")]
            Place::Cursor { after, .. } => out.field("after", after),
            Place::Pieces(pieces) => out.field("pieces", &pieces.len()),
            other => out.field("place", other),
        };
        out.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(place: Place) -> ResumeToken {
        ResumeToken { operation: "list_users".into(), arguments: "0".into(), place }
    }

    #[test]
    fn a_token_survives_its_text_form() {
        let page = |given| Place::Page { link: "/api/v4/users?page=4".to_owned(), given };
        let ids = vec![ItemId::Number(7), ItemId::Text("a".into())];
        let piece = Piece { from: Some(1), to: None, given: ids.clone() };
        let places =
            [Place::Start, page(Given::NONE), page(Given::Count(3)), page(Given::Ids(ids)), Place::Pieces(vec![piece])];
        for place in places.into_iter().chain([Place::End]) {
            let token = token(place);
            assert_eq!(token.to_string().parse::<ResumeToken>().expect("a token"), token, "{token}");
        }
        for text in ["", "{}", "[]", "3 /api/v4/users", r#"{"operation":"a","arguments":"b","place":"nowhere"}"#] {
            assert!(text.parse::<ResumeToken>().is_err(), "{text}");
        }
    }
}
