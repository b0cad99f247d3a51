//! The result of an execution: the output, complete or partial, and the errors.

use super::complaints;
use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind};
use crate::http::headers::{self, RateLimit};
use crate::send::response::RawResponse;
use serde_json::Value;
use std::fmt;

/// The response to an operation or document.
#[non_exhaustive]
pub struct Response<T> {
    /// The output of an operation, or the whole `data` of a document. `None` if it or a value on the way to it is `null`: it does not
    /// exist, or this token may not see it.
    pub output: Option<T>,
    /// The errors. If there is an output too, it is [partial](Response::is_partial).
    pub errors: Vec<GraphqlError>,
    /// The `extensions` of the response.
    pub extensions: Option<Value>,
    /// The response without its body.
    raw: RawResponse,
    cached: bool,
}

impl<T> Response<T> {
    /// A response; an error if there are errors and no output.
    pub(super) fn new(
        mut raw: RawResponse,
        output: Option<T>,
        errors: Vec<GraphqlError>,
        extensions: Option<Value>,
        cached: bool,
    ) -> Result<Self, Error> {
        if output.is_none() && !errors.is_empty() {
            return Err(complaints::rejected(&raw, errors));
        }
        raw.body = bytes::Bytes::new();
        Ok(Response { output, errors, extensions, raw, cached })
    }

    /// The output.
    ///
    /// # Errors
    /// If there is none: it does not exist, or this token may not see it.
    pub fn required(self) -> Result<T, Error> {
        match self.output {
            Some(output) => Ok(output),
            None => Err(missing(&self.raw)),
        }
    }

    /// The output, if it is complete.
    ///
    /// # Errors
    /// If there is no output, or the response has errors.
    pub fn complete(self) -> Result<T, Error> {
        if self.errors.is_empty() { self.required() } else { Err(complaints::rejected(&self.raw, self.errors)) }
    }

    /// The same response with a decoded output.
    pub(super) fn try_map<U>(
        self,
        decode: impl FnOnce(T) -> Result<Option<U>, serde_json::Error>,
    ) -> Result<Response<U>, Error> {
        let output = match self.output.map(decode).transpose() {
            Ok(output) => output.flatten(),
            Err(error) => return Err(self.raw.unexpected(error)),
        };
        Response::new(self.raw, output, self.errors, self.extensions, self.cached)
    }

    /// Whether there are an output and errors, so that parts of the output are missing.
    pub fn is_partial(&self) -> bool {
        self.output.is_some() && !self.errors.is_empty()
    }

    /// Whether the response came from a cache.
    pub fn is_cached(&self) -> bool {
        self.cached
    }

    /// The request id in GitLab's logs.
    pub fn request_id(&self) -> Option<&str> {
        headers::request_id(&self.raw.headers)
    }

    /// The state of the rate limit after this request; `None` if the server does not report it.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::read(&self.raw.headers)
    }

    /// The text of a header; `None` if it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        headers::text(&self.raw.headers, name)
    }
}

/// The error for an output that is `null`.
pub(super) fn missing(response: &RawResponse) -> Error {
    response
        .error(ErrorKind::NotFound, "the response is null")
        .with_hint(Some("it does not exist, or this token may not see it"))
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("output", &self.output)
            .field("errors", &self.errors)
            .field("cached", &self.cached)
            .finish_non_exhaustive()
    }
}
