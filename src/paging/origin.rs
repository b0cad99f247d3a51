//! The stream that a resume token belongs to, and the links to pages in the token.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::PreparedRequest;
use crate::http::query_string::{Pair, QueryString};
use crate::redact;
use crate::resume_token::{Position, ResumeToken};
use glabflow_contract::Fnv1a64;
#[cfg(feature = "graphql")]
use serde_json::Value;
use std::borrow::Cow;
use url::Url;

/// The operation of a stream, and the fingerprint of its arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Origin {
    operation: String,
    arguments: String,
}

impl Origin {
    /// The origin of positions in the list that a request asks for.
    pub(crate) fn of(request: &PreparedRequest) -> Self {
        let query = QueryString::new(request.query());
        let mut pairs: Vec<Pair<'_>> = query.pairs().filter(|pair| !is_secret(*pair)).collect();
        // The order of the parameters does not matter.
        pairs.sort_unstable();
        let mut print = Fingerprint::new();
        print.add(request.method.as_str());
        print.add(request.path());
        pairs.into_iter().for_each(|pair| print.add(pair.as_str()));
        Origin { operation: request.operation.to_string(), arguments: print.text() }
    }

    /// The origin of positions in a GraphQL connection.
    #[cfg(feature = "graphql")]
    pub(crate) fn graphql(operation: &str, document: &str, variables: &serde_json::Map<String, Value>) -> Self {
        let mut print = Fingerprint::new();
        print.add(document);
        print.members(variables);
        Origin { operation: operation.to_owned(), arguments: print.text() }
    }

    /// The operation's id.
    #[cfg(feature = "graphql")]
    pub(crate) fn operation(&self) -> &str {
        &self.operation
    }

    /// The token of a position.
    pub(crate) fn token(&self, position: Position) -> ResumeToken {
        ResumeToken { operation: self.operation.clone(), arguments: self.arguments.clone(), position }
    }

    /// The position of a token.
    ///
    /// # Errors
    /// If the token belongs to another stream.
    pub(crate) fn position(&self, token: ResumeToken) -> Result<Position, Error> {
        let text = if token.operation != self.operation {
            format!("the resume token belongs to `{}`, and this is `{}`", token.operation, self.operation)
        } else if token.arguments != self.arguments {
            format!("the resume token belongs to `{}` with other arguments", self.operation)
        } else {
            return Ok(token.position);
        };
        Err(Error::new(ErrorKind::Argument, text)
            .with_hint(Some("a stream can be resumed only with the same operation and the same arguments")))
    }
}

/// A fingerprint that is the same in every process and version.
struct Fingerprint(Fnv1a64);

impl Fingerprint {
    fn new() -> Self {
        Fingerprint(Fnv1a64::new())
    }

    /// Adds a text and a separator.
    fn add(&mut self, text: &str) {
        self.0.write(text.as_bytes());
        // No text has this byte.
        self.0.write(&[0xff]);
    }

    /// Adds all members that are not secret, in the order of their names.
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
        format!("{:016x}", self.0.finish())
    }
}

/// Whether a pair of a query holds a secret. A cursor that the server generates is not one.
fn is_secret(pair: Pair<'_>) -> bool {
    !matches!(pair.name(), "cursor" | "page_token") && redact::query(pair.as_str()) != pair.as_str()
}

/// Path and query of a page, without the values of secret parameters.
pub(crate) fn link(url: &Url) -> String {
    let Some(query) = url.query() else { return url.path().to_owned() };
    let query = QueryString::new(query).rewrite(|pair| {
        Some(match pair.value() {
            Some(_) if is_secret(pair) => Cow::Owned(format!("{}=", pair.name())),
            _ => Cow::Borrowed(pair.as_str()),
        })
    });
    format!("{}?{}", url.path(), query.as_str())
}

/// The link with the values of secret parameters taken from the query of a request.
pub(crate) fn with_secrets(link: &str, query: &str) -> String {
    let Some((path, rest)) = link.split_once('?') else { return link.to_owned() };
    let request = QueryString::new(query);
    let secret = |name: &str| request.pairs().find(|pair| pair.name() == name && is_secret(*pair));
    let rest = QueryString::new(rest).rewrite(|pair| {
        let known = if pair.value() == Some("") { secret(pair.name()) } else { None };
        Some(known.map_or(Cow::Borrowed(pair.as_str()), |known| Cow::Owned(known.as_str().to_owned())))
    });
    format!("{path}?{}", rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_removed_from_links_and_restored() {
        let url = "https://h.example/api/v4/a?private_token=hush&search=glpat-0123456789&cursor=glpat-x&page=2";
        let link = link(&Url::parse(url).expect("a URL"));
        assert_eq!(link, "/api/v4/a?private_token=&search=&cursor=glpat-x&page=2");
        let query = "search=glpat-0123456789&private_token=other";
        let back = with_secrets(&link, query);
        assert_eq!(back, "/api/v4/a?private_token=other&search=glpat-0123456789&cursor=glpat-x&page=2");
    }

    #[test]
    fn tokens_of_other_streams_are_rejected() {
        let origin = Origin { operation: "list_users".into(), arguments: "0".into() };
        let token = origin.token(Position::End);
        for (operation, arguments) in [("list_projects", "0"), ("list_users", "1")] {
            let origin = Origin { operation: operation.into(), arguments: arguments.into() };
            let error = origin.position(token.clone()).expect_err("another stream");
            assert!(error.to_string().contains("list_users"), "{error}");
        }
    }
}
