//! The error type of all calls.

mod build;
mod display;
pub(crate) mod escape;
pub(crate) mod explanation;
#[cfg(feature = "graphql")]
pub(crate) mod graphql;
pub(crate) mod json_path;
pub(crate) mod kind;

pub(crate) use explanation::Explanation;
pub use kind::ErrorKind;

use crate::resume_token::ResumeToken;
use glabflow_contract::Method;
#[cfg(feature = "graphql")]
use graphql::GraphqlError;
use json_path::Position;
use std::borrow::Cow;
use std::time::Duration;

/// An error of any call.
///
/// `Display` says what happened and where. It leaves out the source, which [`std::error::Error::source`] returns. It never shows a
/// token, a password or the value of a secret query parameter.
///
/// ```
/// # fn handle(error: glabflow::Error) {
/// if error.is_not_found() {
///     // deleted, or not visible to this token
/// } else if error.is_transient() {
///     // may work later; `error.retry_after()` says when, if the server does
/// }
/// # }
/// ```
pub struct Error(Box<Inner>);

/// The contents of an [`Error`], in a box so that a `Result` stays small.
struct Inner {
    kind: ErrorKind,
    text: String,
    operation: Option<&'static str>,
    method: Option<Method>,
    url: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    explanation: Explanation,
    position: Option<Position>,
    hint: Option<Cow<'static, str>>,
    outcome_unknown: bool,
    resume_token: Option<ResumeToken>,
    #[cfg(feature = "graphql")]
    graphql_errors: Vec<GraphqlError>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// 404: the resource does not exist, or is not visible to this token.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// 401: the token is missing, invalid, expired or revoked.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Unauthorized
    }

    /// 403: the token lacks permission.
    pub fn is_forbidden(&self) -> bool {
        self.kind() == ErrorKind::Forbidden
    }

    /// 429: too many requests, after the allowed waits.
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }

    /// 409: conflict with the current state of the resource.
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// The server rejected the request's content. [`Error::messages`] and [`Error::fields`] say why.
    pub fn is_validation(&self) -> bool {
        self.kind() == ErrorKind::Validation
    }

    /// No response came in time.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// The response does not have the expected shape.
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }

    /// The same call may work later: the cause is the network, the server's load or a limit.
    pub fn is_transient(&self) -> bool {
        use ErrorKind::{Connect, RateLimited, Server, Timeout, Transport, Unavailable};
        matches!(self.kind(), Connect | Transport | Timeout | RateLimited | Server | Unavailable)
    }

    /// A stream ended early: the items before this error are valid, later ones are missing. [`Error::resume_token`] returns the
    /// position at which to resume.
    pub fn is_resumable(&self) -> bool {
        self.0.resume_token.is_some()
    }

    /// A GraphQL document is too complex, too deep or too long for the server.
    pub fn is_too_complex(&self) -> bool {
        self.kind() == ErrorKind::Complexity
    }

    /// A GraphQL mutation did nothing. [`Error::messages`] says why.
    pub fn is_mutation_error(&self) -> bool {
        self.kind() == ErrorKind::MutationError
    }

    /// The request may have been carried out although no response came. It was not retried, because a retry could do it twice.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }

    /// The operation's id in the schema, or `raw`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation
    }

    /// The HTTP method.
    pub fn method(&self) -> Option<Method> {
        self.0.method
    }

    /// The URL, with secrets masked.
    pub fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// The HTTP status, if a response came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The id under which GitLab's logs know the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Time until the request may be sent again: the server asks for it, or it is the time to the next probe.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The number of attempts.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The server's messages, unescaped. `Display` escapes line breaks and other control characters in them. A program that logs
    /// them should do so too.
    pub fn messages(&self) -> &[String] {
        &self.0.explanation.messages
    }

    /// The fields with validation errors, each with its messages. Names of nested fields are joined with dots.
    pub fn fields(&self) -> &[(String, Vec<String>)] {
        &self.0.explanation.fields
    }

    /// The path of the value that could not be decoded, `[3].author.id` for example.
    pub fn json_path(&self) -> Option<&str> {
        self.0.position.as_ref().map(|position| position.path.as_str())
    }

    /// Up to 256 bytes of the response around the value that could not be decoded, with secrets masked.
    pub fn excerpt(&self) -> Option<&str> {
        self.0.position.as_ref().map(|position| position.excerpt.as_str())
    }

    /// The position at which a stream ended early. A new stream can resume there.
    pub fn resume_token(&self) -> Option<&ResumeToken> {
        self.0.resume_token.as_ref()
    }
}

/// Errors of GraphQL.
#[cfg(feature = "graphql")]
impl Error {
    /// The errors in a GraphQL response, with paths and locations.
    pub fn graphql_errors(&self) -> &[GraphqlError] {
        &self.0.graphql_errors
    }

    pub(crate) fn with_graphql_errors(mut self, errors: Vec<GraphqlError>) -> Self {
        self.0.graphql_errors = errors;
        self
    }
}

/// What an error says about the server, for the runtime.
impl Error {
    /// No response came, or a proxy responded instead of the server.
    pub(crate) fn is_server_missing(&self) -> bool {
        match self.status() {
            Some(status) => matches!(status, 502..=504 | 520..=530),
            None => matches!(self.kind(), ErrorKind::Connect | ErrorKind::Transport | ErrorKind::Timeout),
        }
    }

    /// The request conflicts with the current state, or its resource does not exist.
    pub(crate) fn is_state_conflict(&self) -> bool {
        matches!(self.status(), Some(400 | 403..=405 | 409 | 410 | 412 | 422))
    }

    /// The server was overloaded, or too slow.
    pub(crate) fn is_overload(&self) -> bool {
        self.kind() == ErrorKind::Timeout || matches!(self.status(), Some(429 | 500 | 502..=504 | 520..=530))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const _: () = assert!(size_of::<Error>() <= 2 * size_of::<usize>());

    #[test]
    fn each_kind_has_one_predicate() {
        for kind in [ErrorKind::NotFound, ErrorKind::Unauthorized, ErrorKind::Forbidden, ErrorKind::Conflict] {
            let error = Error::new(kind, "");
            let yes = [error.is_not_found(), error.is_unauthorized(), error.is_forbidden(), error.is_conflict()];
            assert_eq!(yes.iter().filter(|yes| **yes).count(), 1, "{kind:?}");
            assert!(!error.is_transient());
        }
        assert!(Error::new(ErrorKind::RateLimited, "").is_transient());
    }

    #[test]
    fn an_invalid_resume_token_is_an_argument_error() {
        for text in ["", "{}", "[]", "3 /api/v4/users", r#"{"operation":"a","arguments":"b","place":"nowhere"}"#] {
            let error = Error::from(text.parse::<ResumeToken>().expect_err(text));
            assert_eq!(error.kind(), ErrorKind::Argument);
            assert!(std::error::Error::source(&error).is_some(), "{text}");
        }
    }
}
