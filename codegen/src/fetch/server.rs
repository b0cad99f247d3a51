//! The GitLab server: its version, and queries to its GraphQL API.

use super::http::{Http, Reply, Unanswered};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::fmt;

/// A server that should run GitLab.
pub(super) struct Server<'a> {
    http: &'a Http,
}

/// The version and edition of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// `18.6.0`, or `18.7.0-pre` between releases.
    pub(super) number: Option<String>,
    /// `ee` or `ce`.
    pub(super) edition: Option<String>,
}

/// The result of a query.
pub(super) enum Asked {
    /// The data.
    Data(Value),
    /// The query exceeds a limit of the server. The reason is for messages.
    TooMuch(String),
}

impl<'a> Server<'a> {
    pub(super) fn new(http: &'a Http) -> Self {
        Server { http }
    }

    /// The server's version and edition. Both are unknown without a token if the server requires one.
    pub(super) fn version(&self) -> Result<Version> {
        for path in ["/api/v4/metadata", "/api/v4/version"] {
            let reply = self.http.get(path)?;
            match reply.status {
                200 => {}
                // Servers before 15.2 have no metadata.
                404 => continue,
                401 if self.http.has_token() => bail!(self.unknown_token()),
                401 | 403 => return Ok(Version::default()),
                _ => bail!(self.unexpected(path, &reply)),
            }
            let Ok(value) = serde_json::from_slice::<Value>(&reply.body) else {
                bail!(self.unexpected(path, &reply));
            };
            let Some(version) = value["version"].as_str() else {
                bail!("{}{path} has no version: is this a GitLab server?", self.http.root());
            };
            return Ok(Version::read(version, value["enterprise"].as_bool()));
        }
        Ok(Version::default())
    }

    /// Sends a query to the GraphQL API.
    pub(super) fn ask(&self, query: &str) -> Result<Asked> {
        const PATH: &str = "/api/graphql";
        let reply = match self.http.post(PATH, &json!({ "query": query }).to_string()) {
            Ok(reply) => reply,
            Err(Unanswered { timed_out: true, error }) => return Ok(Asked::TooMuch(error.to_string())),
            Err(Unanswered { error, .. }) => return Err(error),
        };
        match reply.status {
            200 | 400 | 422 => {}
            401 => bail!(self.unknown_token()),
            413 | 414 | 500 | 502..=504 | 520..=530 => {
                return Ok(Asked::TooMuch(format!("the server responds with {}", reply.status)));
            }
            _ => bail!(self.unexpected(PATH, &reply)),
        }
        if reply.is_html() {
            bail!(self.unexpected(PATH, &reply));
        }
        let mut value: Value = match serde_json::from_slice(&reply.body) {
            Ok(value) => value,
            Err(error) if error.is_eof() && !reply.body.is_empty() => bail!(
                "the response of {}{PATH} is truncated after {} bytes; try again, and use --parts if it happens again",
                self.http.root(),
                reply.body.len()
            ),
            Err(_) => bail!(self.unexpected(PATH, &reply)),
        };
        match complaint(&value).map(|message| self.http.quoted(&message)) {
            Some(message) if is_limit(&message) => Ok(Asked::TooMuch(message)),
            Some(message) => Err(self.refused(&message)),
            None if value.get("data").is_some_and(Value::is_object) => Ok(Asked::Data(value["data"].take())),
            None => bail!(
                "{}{PATH} responds with JSON that is not a GraphQL response: is this a GitLab server?",
                self.http.root()
            ),
        }
    }

    fn refused(&self, message: &str) -> anyhow::Error {
        let lower = message.to_ascii_lowercase();
        let hint = if lower.contains("introspection") || lower.contains("__schema") || lower.contains("__type") {
            "the server does not let itself be asked for its GraphQL schema (introspection is disabled); ask its \
             administrators, or take the schema from a server of the same version"
        } else if lower.contains("token") || lower.contains("unauthenticated") || lower.contains("logged in") {
            "the server needs a valid token in the environment (--token-env)"
        } else {
            "the server rejects the query for its GraphQL schema"
        };
        anyhow!("{hint}: {message}")
    }

    fn unknown_token(&self) -> anyhow::Error {
        let root = self.http.root();
        if self.http.has_token() {
            anyhow!(
                "unauthorized by {root} (401): check that the token is for this server, not expired and not revoked"
            )
        } else {
            anyhow!(
                "{root} needs a token (401): put one with the scope `read_api` into $GITLAB_TOKEN, or set another variable with --token-env"
            )
        }
    }

    /// The message for an unexpected response.
    fn unexpected(&self, path: &str, reply: &Reply) -> anyhow::Error {
        let what = format!("{}{path}", self.http.root());
        if let Some(target) = reply.redirect() {
            // The query may be secret.
            let target = self.http.quoted(target.split(['?', '#']).next().unwrap_or_default());
            return if target.contains("sign_in") || target.contains("login") || target.contains("saml") {
                anyhow!("{what} redirects to a sign-in page ({target}): a proxy before GitLab requires a browser login")
            } else {
                anyhow!("{what} redirects ({target}): give the real address of GitLab")
            };
        }
        if reply.is_html() {
            let title = reply.title().map(|title| format!(" `{}`", self.http.quoted(&title))).unwrap_or_default();
            return anyhow!(
                "{what} responds with a web page{title} ({}) instead of data: check that the address is GitLab's, with its \
                 path if it has one, and that no proxy or sign-in page is in front of it",
                reply.status
            );
        }
        match reply.status {
            404 => anyhow!("{what} does not exist (404): is this a GitLab server, and does its address have a path?"),
            403 => anyhow!("{what} is forbidden (403): the token needs the scope `read_api`, or a proxy rejects it"),
            429 => anyhow!("{what} is rate limited (429), even after waiting: try again later"),
            status => anyhow!("{what} responds with {status} and no data: is this a GitLab server?"),
        }
    }
}

impl Version {
    fn read(version: &str, enterprise: Option<bool>) -> Self {
        let (number, is_ee) = match version.strip_suffix("-ee") {
            Some(number) => (number, Some(true)),
            None => (version, None),
        };
        // A version without a suffix may belong to either edition.
        let edition = enterprise.or(is_ee).map(|is_ee| if is_ee { "ee" } else { "ce" }.to_owned());
        Version { number: Some(number.to_owned()), edition }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.number, &self.edition) {
            (Some(number), Some(edition)) => write!(f, "GitLab {number} {edition}"),
            (Some(number), None) => write!(f, "GitLab {number}, edition unknown"),
            (None, Some(edition)) => write!(f, "GitLab {edition}, version unknown"),
            (None, None) => write!(f, "GitLab, version unknown (the server reports it only to requests with a token)"),
        }
    }
}

/// The first error of the server.
fn complaint(answer: &Value) -> Option<String> {
    let errors = answer.get("errors").filter(|errors| !errors.is_null());
    let first = match errors {
        Some(Value::Array(errors)) => errors.first()?,
        Some(other) => other,
        // Layers before GraphQL use REST's error format.
        None => answer.get("error").or_else(|| answer.get("message"))?,
    };
    let text = first.get("message").and_then(Value::as_str).or_else(|| first.as_str());
    Some(text.map_or_else(|| first.to_string(), str::to_owned))
}

/// Whether a smaller query may work.
fn is_limit(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    ["complexity", "too complex", "depth", "too large", "timed out", "timeout", "exceed", "too many"]
        .iter()
        .any(|word| lower.contains(word))
}

/// A required member of a response.
pub(super) fn member(data: &mut Value, name: &str) -> Result<Value> {
    let found = data.get_mut(name).map(Value::take).filter(|value| !value.is_null());
    found.with_context(|| {
        format!("the response has no `{name}`: introspection is disabled, or this is not a GitLab server")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edition_comes_from_the_version_if_possible() {
        let read = |version: &str, enterprise| {
            let version = Version::read(version, enterprise);
            (version.number.unwrap_or_default(), version.edition.unwrap_or_default())
        };
        let pair = |number: &str, edition: &str| (number.to_owned(), edition.to_owned());
        assert_eq!(read("18.6.0-ee", Some(true)), pair("18.6.0", "ee"));
        assert_eq!(read("18.6.0-ee", None), pair("18.6.0", "ee"));
        assert_eq!(read("18.6.0", Some(false)), pair("18.6.0", "ce"));
        assert_eq!(read("18.7.0-pre", Some(true)), pair("18.7.0-pre", "ee"));
        assert_eq!(read("15.0.1", None), pair("15.0.1", ""));
    }

    #[test]
    fn error_messages_are_found_in_each_shape() {
        let found = |value| complaint(&value).unwrap_or_default();
        assert_eq!(found(json!({"errors": [{"message": "a"}, {"message": "b"}]})), "a");
        assert_eq!(found(json!({"errors": ["a"]})), "a");
        assert_eq!(found(json!({"message": "401 Unauthorized"})), "401 Unauthorized");
        assert_eq!(complaint(&json!({"data": {}, "errors": []})), None);
        assert!(is_limit("Query has complexity of 301, which exceeds max complexity of 250"));
        assert!(!is_limit("GraphQL introspection is not allowed"));
    }
}
