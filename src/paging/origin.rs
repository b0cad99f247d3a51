//! Which stream a resume token belongs to, and the links to pages in it.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::Plan;
use crate::redact;
use crate::resume_token::{Place, ResumeToken};
#[cfg(feature = "graphql")]
use serde_json::Value;
use url::Url;

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

#[cfg(test)]
mod tests {
    use super::*;

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
        let origin = Origin { operation: "list_users".into(), arguments: "0".into() };
        let token = origin.token(Place::End);
        for (operation, arguments) in [("list_projects", "0"), ("list_users", "1")] {
            let origin = Origin { operation: operation.into(), arguments: arguments.into() };
            let error = origin.place(token.clone()).expect_err("another stream");
            assert!(error.to_string().contains("list_users"), "{error}");
        }
    }
}
