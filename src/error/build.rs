//! Constructors and setters of errors, for the runtime.

use super::explanation::Explanation;
use super::json_path::Position;
use super::kind::ErrorKind;
use super::{Error, Inner};
use crate::redact::token::Secrets;
use crate::resume_token::{ParseResumeTokenError, ResumeToken};
use glabflow_contract::{ArgumentError, Method};
use std::borrow::Cow;
use std::time::Duration;

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
            position: None,
            hint: None,
            outcome_unknown: false,
            resume_token: None,
            #[cfg(feature = "graphql")]
            graphql_errors: Vec::new(),
            source: None,
        }))
    }

    /// An error whose source is an error of the HTTP library, without its URL.
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

    pub(crate) fn with_response(mut self, status: u16, request_id: Option<String>) -> Self {
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

    pub(crate) fn with_position(mut self, position: Position) -> Self {
        self.0.position = Some(position);
        self
    }

    /// Whether GitLab has no route for this path. If a resource is not found, GitLab's message names it.
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

    /// The same error without the client's token, which a server may have put anywhere. Sources contain no text of the server.
    pub(crate) fn masked(mut self, secrets: &Secrets) -> Self {
        let inner = &mut *self.0;
        secrets.hide(&mut inner.text);
        inner.url.iter_mut().chain(&mut inner.request_id).for_each(|text| secrets.hide(text));
        inner.explanation.hide(secrets);
        if let Some(Position { path, excerpt }) = &mut inner.position {
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
