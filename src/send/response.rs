//! Responses: the bytes, and what they decode to.

use crate::error::json_path;
use crate::error::{Error, ErrorKind};
use crate::http::headers::{self, PageInfo, RateLimit};
use crate::http::prepared::OperationId;
use crate::redact;
use crate::redact::token::Secrets;
use bytes::Bytes;
use glabflow_contract::Method;
use http::header::{CONTENT_TYPE, HeaderMap};
use std::fmt;
use std::ops::Deref;
use url::Url;

/// Decodes the body of a response.
pub(crate) type Decoder<T> = fn(&Bytes) -> Result<T, serde_json::Error>;

/// A body as JSON. An empty body is read as `null`, which decodes to an empty list or to nothing.
pub(crate) fn or_null(body: &Bytes) -> &[u8] {
    if body.iter().all(u8::is_ascii_whitespace) { b"null" } else { body }
}

/// A success whose body has been read whole.
#[derive(Debug, Clone)]
pub(crate) struct RawResponse {
    pub(crate) operation: OperationId,
    pub(crate) method: Method,
    /// The URL that sent it, after redirects.
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
    /// What errors must not show.
    pub(crate) secrets: Secrets,
    /// How the server differs from the schema, for errors in the body.
    #[cfg(feature = "graphql")]
    pub(crate) mismatch: std::sync::Arc<crate::server_version::Mismatch>,
}

impl RawResponse {
    /// The response, decoded.
    pub(crate) fn decode<T>(self, decoder: Decoder<T>) -> Result<Response<T>, Error> {
        match decoder(&self.body) {
            Ok(value) => Ok(self.with(value)),
            Err(error) => Err(self.undecodable(error)),
        }
    }

    /// The response with a value instead of its body.
    pub(crate) fn with<T>(self, value: T) -> Response<T> {
        Response { value, status: self.status, headers: self.headers }
    }

    /// The error for a body that could not be decoded.
    pub(crate) fn undecodable(&self, error: serde_json::Error) -> Error {
        let body = or_null(&self.body);
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_json = content_type.is_empty() || content_type.contains("json");
        let built = if is_json {
            let offset = json_path::offset(body, error.line(), error.column());
            self.failed("the response does not have the expected shape")
                .with_position(json_path::locate(body, offset, ""))
        } else {
            let kind = content_type.split(';').next().unwrap_or_default();
            let position = json_path::Position { path: String::new(), excerpt: json_path::beginning(body) };
            self.failed(format!("the response is not JSON but {}", redact::text(kind)))
                .with_position(position)
                .with_hint(Some("a proxy or a login page may have responded; check the server's URL"))
        };
        built.with_source(Undecodable::of(&error)).masked(&self.secrets)
    }

    /// The error for a value of this response that does not have the expected shape.
    #[cfg(feature = "graphql")]
    pub(crate) fn unexpected(&self, error: serde_json::Error) -> Error {
        self.failed("the response does not have the expected shape").with_source(Undecodable::of(&error))
    }

    /// The error for an item of a list that could not be decoded.
    pub(crate) fn undecodable_item(&self, index: usize, item: &[u8], error: serde_json::Error) -> Error {
        let offset = json_path::offset(item, error.line(), error.column());
        self.failed("an item of the list does not have the expected shape")
            .with_position(json_path::locate(item, offset, &format!("[{index}]")))
            .with_source(Undecodable::of(&error))
            .masked(&self.secrets)
    }

    fn failed(&self, text: impl Into<String>) -> Error {
        self.error(ErrorKind::Decode, text)
    }

    /// An error about this response.
    pub(crate) fn error(&self, kind: ErrorKind, text: impl Into<String>) -> Error {
        self.with_context(Error::new(kind, text))
    }

    /// An error, with the response that it is about.
    pub(crate) fn with_context(&self, error: Error) -> Error {
        error
            .with_request(self.operation.as_str(), self.method, redact::url(&self.url))
            .with_response(self.status, headers::request_id(&self.headers).map(str::to_owned))
            .with_attempts(self.attempts)
            .masked(&self.secrets)
    }
}

/// Decoder message with the quoted value removed (it may be secret).
#[derive(Debug)]
struct Undecodable(String);

impl Undecodable {
    fn of(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        Undecodable(match (text.find('"'), text.rfind('"')) {
            (Some(start), Some(end)) if start < end => format!("{}…{}", &text[..=start], &text[end..]),
            _ => text,
        })
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Undecodable {}

/// A successful response: its value, status and headers. It dereferences to the value.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    status: u16,
    headers: HeaderMap,
}

impl<T> Response<T> {
    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The text of a header; `None` if it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        headers::text(&self.headers, name)
    }

    /// All headers that are text, in the order of the response.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// The id under which GitLab's logs know the request.
    pub fn request_id(&self) -> Option<&str> {
        headers::request_id(&self.headers)
    }

    /// The position of this page in its list.
    pub fn page(&self) -> PageInfo {
        PageInfo::read(&self.headers)
    }

    /// Whether the list has a page after this one.
    pub fn is_truncated(&self) -> bool {
        self.page().has_next
    }

    /// The state of the rate limit that counted this request; `None` if the server does not report it.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::read(&self.headers)
    }

    /// The same response with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: f(self.value), status: self.status, headers: self.headers }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: IntoIterator> IntoIterator for Response<T> {
    type Item = T::Item;
    type IntoIter = T::IntoIter;

    fn into_iter(self) -> T::IntoIter {
        self.value.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Response<T>
where
    &'a T: IntoIterator,
{
    type Item = <&'a T as IntoIterator>::Item;
    type IntoIter = <&'a T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (&self.value).into_iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("value", &self.value).finish_non_exhaustive()
    }
}
