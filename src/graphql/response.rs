//! What an execution gives: the output, whole or in part, and what the server complains about.

use super::complaints;
use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind};
use crate::http::headers::{self, RateLimit};
use crate::send::response::Answer;
use serde_json::Value;
use std::fmt;

/// An answer with an output.
#[non_exhaustive]
pub struct Response<T> {
    /// Of an operation, its output; of a document, all of its `data`. `None` when it, or anything on the way to it, is
    /// `null`: it does not exist, or this token may not see it.
    pub output: Option<T>,
    /// What the server complains about. With an output, it is missing a part: see [`Response::is_partial`].
    pub errors: Vec<GraphqlError>,
    /// What else the server tells.
    pub extensions: Option<Value>,
    /// The answer, less its body.
    answer: Answer,
    cached: bool,
}

impl<T> Response<T> {
    /// The response of an answer; an error when the server gives nothing but complaints.
    pub(super) fn new(
        mut answer: Answer,
        output: Option<T>,
        errors: Vec<GraphqlError>,
        extensions: Option<Value>,
        cached: bool,
    ) -> Result<Self, Error> {
        if output.is_none() && !errors.is_empty() {
            return Err(complaints::refused(&answer, errors));
        }
        answer.body = bytes::Bytes::new();
        Ok(Response { output, errors, extensions, answer, cached })
    }

    /// The output.
    ///
    /// # Errors
    /// When there is none: it does not exist, or this token may not see it.
    pub fn required(self) -> Result<T, Error> {
        match self.output {
            Some(output) => Ok(output),
            None => Err(missing(&self.answer)),
        }
    }

    /// The output when it is whole.
    ///
    /// # Errors
    /// When there is none, or when the server complains about a part of it.
    pub fn complete(self) -> Result<T, Error> {
        if self.errors.is_empty() { self.required() } else { Err(complaints::refused(&self.answer, self.errors)) }
    }

    /// The same response with what its output decodes to.
    pub(super) fn try_map<U>(
        self,
        decode: impl FnOnce(T) -> Result<Option<U>, serde_json::Error>,
    ) -> Result<Response<U>, Error> {
        let output = match self.output.map(decode).transpose() {
            Ok(output) => output.flatten(),
            Err(error) => return Err(self.answer.unexpected(error)),
        };
        Response::new(self.answer, output, self.errors, self.extensions, self.cached)
    }

    /// There is an output, and the server says that it could not give all of it.
    pub fn is_partial(&self) -> bool {
        self.output.is_some() && !self.errors.is_empty()
    }

    /// The answer came out of a cache.
    pub fn is_cached(&self) -> bool {
        self.cached
    }

    /// The id under which GitLab's logs know the request.
    pub fn request_id(&self) -> Option<&str> {
        headers::request_id(&self.answer.headers)
    }

    /// The state of the rate limit that counted this request; `None` when the server does not tell.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::read(&self.answer.headers)
    }

    /// The text of a header; `None` when it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        headers::text(&self.answer.headers, name)
    }
}

/// The error for an output that is `null`.
pub(super) fn missing(answer: &Answer) -> Error {
    answer
        .error(ErrorKind::NotFound, "the server answers with null")
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
