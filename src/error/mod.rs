//! The one error type.

pub(crate) mod escape;
pub(crate) mod explanation;
#[cfg(feature = "graphql")]
pub(crate) mod graphql;
pub(crate) mod json_path;
pub(crate) mod kind;

pub(crate) use explanation::Explanation;
pub use kind::ErrorKind;

use crate::redact::token::Secrets;
use crate::resume_token::{ParseResumeTokenError, ResumeToken};
use escape::OneLine;
use glabflow_contract::{ArgumentError, Method};
#[cfg(feature = "graphql")]
use graphql::GraphqlError;
use json_path::Place;
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::time::Duration;

/// An error of any call.
///
/// `Display` says what happened and where, and leaves out the source, which [`std::error::Error::source`] gives. Nothing
/// of it shows a token, a password or the value of a secret query parameter.
///
/// ```
/// # fn handle(error: glabflow::Error) {
/// if error.is_not_found() {
///     // gone, or not visible to this token
/// } else if error.is_transient() {
///     // may work later; `error.retry_after()` says when, if the server did
/// }
/// # }
/// ```
pub struct Error(Box<Inner>);

/// What an [`Error`] knows. Kept in a box, so that a `Result` stays small.
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
    place: Option<Place>,
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

    /// 404: the thing is not there, or this token may not see it.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// 401: the token is missing, wrong, expired or revoked.
    pub fn is_unauthorized(&self) -> bool {
        self.kind() == ErrorKind::Unauthorized
    }

    /// 403: the token may not do this.
    pub fn is_forbidden(&self) -> bool {
        self.kind() == ErrorKind::Forbidden
    }

    /// 429: too many requests, also after waiting.
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }

    /// 409: the request contradicts the state of things.
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// The server refuses the request's content; [`Error::messages`] and [`Error::fields`] say why.
    pub fn is_validation(&self) -> bool {
        self.kind() == ErrorKind::Validation
    }

    /// Nothing came in time.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// The answer could not be understood.
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }

    /// The same call may work later: the trouble is with the network, the server's load or a limit.
    pub fn is_transient(&self) -> bool {
        use ErrorKind::{Connect, RateLimited, Server, Timeout, Transport, Unavailable};
        matches!(self.kind(), Connect | Transport | Timeout | RateLimited | Server | Unavailable)
    }

    /// A stream broke off: what came before this error is good, what follows is missing. [`Error::resume_token`] says where to go
    /// on.
    pub fn is_resumable(&self) -> bool {
        self.0.resume_token.is_some()
    }

    /// A GraphQL document asks for more than the server gives at once: too complex, too deep or too long.
    pub fn is_too_complex(&self) -> bool {
        self.kind() == ErrorKind::Complexity
    }

    /// A GraphQL mutation was understood, and did nothing; [`Error::messages`] says why.
    pub fn is_mutation_error(&self) -> bool {
        self.kind() == ErrorKind::Refused
    }

    /// The request may have been carried out although no answer came. It was not repeated, since that could do it twice.
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

    /// The HTTP status, when an answer came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The id under which GitLab's logs know the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long it is until the request may be sent again: the server asks for it, or the client waits for the server's return.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// What the server says about it, one text for each complaint, as it came: `Display` escapes line breaks and other control
    /// characters in it, a program that logs it by itself should too.
    pub fn messages(&self) -> &[String] {
        &self.0.explanation.messages
    }

    /// The fields which the server complains about, each with its complaints; nested fields are joined with dots.
    pub fn fields(&self) -> &[(String, Vec<String>)] {
        &self.0.explanation.fields
    }

    /// The path of the value that could not be decoded, `[3].author.id` for example.
    pub fn json_path(&self) -> Option<&str> {
        self.0.place.as_ref().map(|place| place.path.as_str())
    }

    /// At most 256 bytes of the answer that could not be decoded, with secrets masked.
    pub fn excerpt(&self) -> Option<&str> {
        self.0.place.as_ref().map(|place| place.excerpt.as_str())
    }

    /// Where a stream broke off, to go on from there.
    pub fn resume_token(&self) -> Option<&ResumeToken> {
        self.0.resume_token.as_ref()
    }
}

/// What GraphQL adds.
#[cfg(feature = "graphql")]
impl Error {
    /// What a GraphQL server complains about, with places.
    pub fn graphql_errors(&self) -> &[GraphqlError] {
        &self.0.graphql_errors
    }

    pub(crate) fn with_graphql_errors(mut self, errors: Vec<GraphqlError>) -> Self {
        self.0.graphql_errors = errors;
        self
    }
}

/// What an error says about the server; for the runtime alone.
impl Error {
    /// Nobody answered, or a proxy in the server's place.
    pub(crate) fn is_of_a_missing_server(&self) -> bool {
        match self.status() {
            Some(status) => matches!(status, 502..=504 | 520..=530),
            None => matches!(self.kind(), ErrorKind::Connect | ErrorKind::Transport | ErrorKind::Timeout),
        }
    }

    /// The request does not fit the state of things, or what it is about is not there.
    pub(crate) fn is_about_the_state(&self) -> bool {
        matches!(self.status(), Some(400 | 403..=405 | 409 | 410 | 412 | 422))
    }

    /// The server was too busy, or too slow.
    pub(crate) fn is_overload(&self) -> bool {
        self.kind() == ErrorKind::Timeout || matches!(self.status(), Some(429 | 500 | 502..=504 | 520..=530))
    }
}

/// Building errors; for the runtime alone.
impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            text: text.into(),
            operation: None,
            method: None,
            url: None,
            status: None,
            request_id: None,
            retry_after: None,
            attempts: 0,
            explanation: Explanation::default(),
            place: None,
            hint: None,
            outcome_unknown: false,
            resume_token: None,
            #[cfg(feature = "graphql")]
            graphql_errors: Vec::new(),
            source: None,
        }))
    }

    /// An error with an HTTP library's error as its source, which must not carry a URL.
    pub(crate) fn http(kind: ErrorKind, text: impl Into<String>, source: reqwest::Error) -> Self {
        Error::new(kind, text).with_source(source.without_url())
    }

    pub(crate) fn configuration(text: impl Into<String>) -> Self {
        Error::new(ErrorKind::Configuration, text)
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_request(mut self, operation: &'static str, method: Method, url: String) -> Self {
        self.0.operation = Some(operation);
        self.0.method = Some(method);
        self.0.url = Some(url);
        self
    }

    pub(crate) fn with_answer(mut self, status: u16, request_id: Option<String>) -> Self {
        self.0.status = Some(status);
        self.0.request_id = request_id;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_explanation(mut self, explanation: Explanation) -> Self {
        self.0.explanation = explanation;
        self
    }

    pub(crate) fn with_place(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// Whether GitLab has nothing at this path at all. Where a thing is not found, it says which.
    pub(crate) fn is_unknown_route(&self) -> bool {
        self.is_not_found() && self.messages() == ["404 Not Found"]
    }

    /// The same error with a hint, unless it has one.
    pub(crate) fn or_hint(mut self, hint: Option<Cow<'static, str>>) -> Self {
        self.0.hint = self.0.hint.or(hint);
        self
    }

    pub(crate) fn with_hint(mut self, hint: Option<&'static str>) -> Self {
        self.0.hint = hint.map(Cow::Borrowed).or(self.0.hint);
        self
    }

    pub(crate) fn with_unknown_outcome(mut self) -> Self {
        self.0.outcome_unknown = true;
        self
    }

    /// The same error without the client's token, wherever a server has put it. Sources say nothing that comes from a server.
    pub(crate) fn masked(mut self, secrets: &Secrets) -> Self {
        let inner = &mut *self.0;
        secrets.hide(&mut inner.text);
        inner.url.iter_mut().chain(&mut inner.request_id).for_each(|text| secrets.hide(text));
        inner.explanation.hide(secrets);
        if let Some(Place { path, excerpt }) = &mut inner.place {
            secrets.hide(path);
            secrets.hide(excerpt);
        }
        if let Some(Cow::Owned(hint)) = &mut inner.hint {
            secrets.hide(hint);
        }
        #[cfg(feature = "graphql")]
        inner.graphql_errors.iter_mut().for_each(|error| error.hide(secrets));
        self
    }

    pub(crate) fn with_resume_token(mut self, token: ResumeToken) -> Self {
        self.0.resume_token = Some(token);
        self
    }
}

impl From<ArgumentError> for Error {
    fn from(error: ArgumentError) -> Self {
        let mut converted =
            Error::new(ErrorKind::Argument, format!("parameter `{}` {}", error.parameter, error.problem));
        converted.0.operation = Some(error.operation);
        converted
    }
}

impl From<ParseResumeTokenError> for Error {
    fn from(error: ParseResumeTokenError) -> Self {
        Error::new(ErrorKind::Argument, error.to_string()).with_source(error.into_source())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let f = &mut OneLine(f);
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&inner.text)?;
        for (index, message) in inner.explanation.messages.iter().enumerate() {
            write!(f, "{}{message}", if index == 0 { ": " } else { "; " })?;
        }
        if let Some(place) = &inner.place {
            if !place.path.is_empty() {
                write!(f, " at {}", place.path)?;
            }
            if !place.excerpt.is_empty() {
                write!(f, " in `{}`", place.excerpt)?;
            }
        }
        if let (Some(method), Some(url)) = (inner.method, &inner.url) {
            write!(f, " ({method} {url}")?;
            if let Some(id) = &inner.request_id {
                write!(f, ", request {id}")?;
            }
            if inner.attempts > 1 {
                write!(f, ", {} attempts", inner.attempts)?;
            }
            f.write_str(")")?;
        }
        if inner.outcome_unknown {
            f.write_str("; the server may have carried the request out all the same, so it was not repeated")?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "; {hint}")?;
        }
        if inner.resume_token.is_some() {
            f.write_str("; the list breaks off here and can be resumed")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind).field("text", &self.to_string());
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const _: () = assert!(size_of::<Error>() <= 2 * size_of::<usize>());

    #[test]
    fn display_tells_everything_but_the_source() {
        let error = Error::new(ErrorKind::Server, "the server failed (503)")
            .with_request("list_users", Method::Get, "https://h.example/api/v4/users".to_owned())
            .with_answer(503, Some("01H".to_owned()))
            .with_attempts(3)
            .with_source(std::io::Error::other("the cause"));
        assert_eq!(
            error.to_string(),
            "list_users: the server failed (503) (GET https://h.example/api/v4/users, request 01H, 3 attempts)"
        );
        let source = std::error::Error::source(&error).expect("a source");
        assert_eq!(source.to_string(), "the cause");
    }

    #[test]
    fn kinds_answer_to_one_predicate_each() {
        for kind in [ErrorKind::NotFound, ErrorKind::Unauthorized, ErrorKind::Forbidden, ErrorKind::Conflict] {
            let error = Error::new(kind, "");
            let yes = [error.is_not_found(), error.is_unauthorized(), error.is_forbidden(), error.is_conflict()];
            assert_eq!(yes.iter().filter(|yes| **yes).count(), 1, "{kind:?}");
            assert!(!error.is_transient());
        }
        assert!(Error::new(ErrorKind::RateLimited, "").is_transient());
    }
    #[test]
    fn a_text_that_is_no_resume_token_is_an_argument_error() {
        for text in ["", "{}", "[]", "3 /api/v4/users", r#"{"operation":"a","arguments":"b","place":"nowhere"}"#] {
            let error = Error::from(text.parse::<ResumeToken>().expect_err(text));
            assert_eq!(error.kind(), ErrorKind::Argument);
            assert!(std::error::Error::source(&error).is_some(), "{text}");
        }
    }
}
