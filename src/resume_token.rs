//! Places in streams, from which they go on: in another run of the program, if need be.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::Plan;
use crate::paging::item_facts::ItemId;
use crate::redact;
use serde::{Deserialize, Serialize};
#[cfg(feature = "graphql")]
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use url::Url;

/// A place in a stream, behind the last item that was given out.
///
/// Every stream gives one at any time ([`Items::resume_token`](crate::Items::resume_token)), and so does the error that ends one
/// ([`Error::resume_token`]). A stream of the same operation with the same arguments goes on from there:
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
    operation: String,
    /// The fingerprint of the arguments.
    arguments: String,
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

/// What all places in one stream have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    operation: String,
    arguments: String,
}

impl Origin {
    /// The origin of places in the list that a request asks for.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut pairs: Vec<&str> = plan.query.split('&').filter(|pair| !is_secret(pair)).collect();
        // Setters can be called in any order.
        pairs.sort_unstable();
        let mut print = Fingerprint::new();
        print.add(plan.method.as_str());
        print.add(&plan.path);
        pairs.into_iter().for_each(|pair| print.add(pair));
        Origin { operation: plan.operation.to_owned(), arguments: print.text() }
    }

    /// The origin of places in a GraphQL connection.
    #[cfg(feature = "graphql")]
    pub(crate) fn graphql(operation: &str, document: &str, variables: &serde_json::Map<String, Value>) -> Self {
        let mut print = Fingerprint::new();
        print.add(document);
        print.members(variables);
        Origin { operation: operation.to_owned(), arguments: print.text() }
    }

    /// The token of a place.
    pub(crate) fn token(&self, place: Place) -> ResumeToken {
        ResumeToken { operation: self.operation.clone(), arguments: self.arguments.clone(), place }
    }

    /// The place of a token.
    ///
    /// # Errors
    /// When the token is one of another stream.
    pub(crate) fn place(&self, token: ResumeToken) -> Result<Place, Error> {
        let text = if token.operation != self.operation {
            format!("the resume token is one of `{}`, and this is `{}`", token.operation, self.operation)
        } else if token.arguments != self.arguments {
            format!("the resume token was taken of `{}` with other arguments", self.operation)
        } else {
            return Ok(token.place);
        };
        Err(Error::new(ErrorKind::Argument, text)
            .with_hint(Some("a stream goes on only with the operation and the arguments that it began with")))
    }
}

/// A fingerprint that stays the same through builds and machines (FNV-1a of 64 bits).
struct Fingerprint(u64);

impl Fingerprint {
    fn new() -> Self {
        Fingerprint(0xcbf2_9ce4_8422_2325)
    }

    /// Adds a text, and its end.
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Adds members in the order of their names, less what is secret.
    #[cfg(feature = "graphql")]
    fn members(&mut self, members: &serde_json::Map<String, Value>) {
        let mut members: Vec<(&String, &Value)> = members.iter().collect();
        members.sort_unstable_by_key(|(name, _)| *name);
        self.add("{");
        for (name, value) in members.into_iter().filter(|(name, _)| !redact::is_secret_name(name)) {
            self.add(name);
            self.value(value);
        }
        self.add("}");
    }

    #[cfg(feature = "graphql")]
    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(members) => self.members(members),
            Value::Array(items) => {
                self.add("[");
                items.iter().for_each(|item| self.value(item));
                self.add("]");
            }
            other => self.add(&other.to_string()),
        }
    }

    fn text(&self) -> String {
        format!("{:016x}", self.0)
    }
}

/// Whether a pair of a query holds a secret. What the server makes up to find its place is none.
fn is_secret(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    !matches!(name, "cursor" | "page_token") && redact::query(pair) != pair
}

/// Path and query of a page, with the values of secret parameters left out.
pub(crate) fn link(url: &Url) -> String {
    let mut link = url.path().to_owned();
    for (index, pair) in url.query().into_iter().flat_map(|query| query.split('&')).enumerate() {
        link.push(if index == 0 { '?' } else { '&' });
        match pair.split_once('=') {
            Some((name, _)) if is_secret(pair) => {
                link.push_str(name);
                link.push('=');
            }
            _ => link.push_str(pair),
        }
    }
    link
}

/// The link with the values of secret parameters as they stand in the query of a request.
pub(crate) fn with_secrets(link: &str, query: &str) -> String {
    let Some((path, rest)) = link.split_once('?') else { return link.to_owned() };
    let secret = |name: &str| {
        query.split('&').find(|pair| is_secret(pair) && pair.split('=').next() == Some(name)).map(str::to_owned)
    };
    let pairs = rest.split('&').map(|pair| match pair.strip_suffix('=') {
        Some(name) => secret(name).unwrap_or_else(|| pair.to_owned()),
        None => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

impl fmt::Display for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for ResumeToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| {
            Error::new(ErrorKind::Argument, "this is not a resume token, which is one line of JSON").with_source(error)
        })
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
        Origin { operation: "list_users".into(), arguments: "0".into() }.token(place)
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
            assert_eq!(text.parse::<ResumeToken>().expect_err(text).kind(), ErrorKind::Argument);
        }
    }

    #[test]
    fn links_hold_no_secrets_and_get_them_back() {
        let url = "https://h.example/api/v4/a?private_token=hush&search=glpat-0123456789&cursor=glpat-x&page=2";
        let link = link(&Url::parse(url).expect("a URL"));
        assert_eq!(link, "/api/v4/a?private_token=&search=&cursor=glpat-x&page=2");
        let query = "search=glpat-0123456789&private_token=other";
        let back = with_secrets(&link, query);
        assert_eq!(back, "/api/v4/a?private_token=other&search=glpat-0123456789&cursor=glpat-x&page=2");
    }

    #[test]
    fn places_of_other_streams_are_refused() {
        let token = token(Place::End);
        for (operation, arguments) in [("list_projects", "0"), ("list_users", "1")] {
            let origin = Origin { operation: operation.into(), arguments: arguments.into() };
            let error = origin.place(token.clone()).expect_err("another stream");
            assert!(error.to_string().contains("list_users"), "{error}");
        }
    }
}
