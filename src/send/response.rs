//! Answers: the bytes as they came, and what they decode to.

use crate::error::json_path;
use crate::error::{Error, ErrorKind};
use crate::http::headers::{self, PageInfo, RateLimit};
use crate::redact;
use crate::redact::token::Secrets;
use bytes::Bytes;
use glabflow_contract::Method;
use http::header::{CONTENT_TYPE, HeaderMap};
use std::fmt;
use std::ops::Deref;
use url::Url;

/// Decodes the bytes of an answer.
pub(crate) type Decoder<T> = fn(&Bytes) -> Result<T, serde_json::Error>;

/// A body as JSON: an empty one stands for `null`, which decodes to an empty list and to nothing.
pub(crate) fn or_null(body: &Bytes) -> &[u8] {
    if body.iter().all(u8::is_ascii_whitespace) { b"null" } else { body }
}

/// A successful answer whose body has been read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    /// Where it came from, after redirects.
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
    /// What errors must not show.
    pub(crate) secrets: Secrets,
    /// What is known of the server, for errors that the body tells of.
    #[cfg(feature = "graphql")]
    pub(crate) mismatch: std::sync::Arc<crate::server_version::Mismatch>,
}

impl Answer {
    /// The answer decoded.
    pub(crate) fn decode<T>(self, decoder: Decoder<T>) -> Result<Response<T>, Error> {
        match decoder(&self.body) {
            Ok(value) => Ok(self.with(value)),
            Err(error) => Err(self.undecodable(error)),
        }
    }

    /// The answer with a value in the place of its body.
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
            self.failed("the answer does not have the expected shape").with_place(json_path::place(body, offset, ""))
        } else {
            let kind = content_type.split(';').next().unwrap_or_default();
            let place = json_path::Place { path: String::new(), excerpt: json_path::beginning(body) };
            self.failed(format!("the answer is not JSON but {}", redact::text(kind)))
                .with_place(place)
                .with_hint(Some("a proxy or a login page may have answered; check the server's address"))
        };
        built.with_source(Undecodable::of(&error)).masked(&self.secrets)
    }

    /// The error for a value of this answer that is not what it should be.
    #[cfg(feature = "graphql")]
    pub(crate) fn unexpected(&self, error: serde_json::Error) -> Error {
        self.failed("the answer does not have the expected shape").with_source(Undecodable::of(&error))
    }

    /// The error for an item of a list that could not be decoded.
    pub(crate) fn undecodable_item(&self, index: usize, item: &[u8], error: serde_json::Error) -> Error {
        let offset = json_path::offset(item, error.line(), error.column());
        self.failed("an item of the list does not have the expected shape")
            .with_place(json_path::place(item, offset, &format!("[{index}]")))
            .with_source(Undecodable::of(&error))
            .masked(&self.secrets)
    }

    fn failed(&self, text: impl Into<String>) -> Error {
        self.error(ErrorKind::Decode, text)
    }

    /// An error that this answer means.
    pub(crate) fn error(&self, kind: ErrorKind, text: impl Into<String>) -> Error {
        self.about(Error::new(kind, text))
    }

    /// An error, with the answer that it is about.
    pub(crate) fn about(&self, error: Error) -> Error {
        error
            .with_request(self.operation, self.method, redact::url(&self.url))
            .with_answer(self.status, headers::request_id(&self.headers).map(str::to_owned))
            .with_attempts(self.attempts)
            .masked(&self.secrets)
    }
}

/// What the decoder had to say, without the value that it quotes: that one may be a secret.
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

/// A successful answer: the value it holds, which it stands for, and what came with it.
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

    /// The text of a header; `None` when it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        headers::text(&self.headers, name)
    }

    /// All headers that are text, in the order in which they came.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// The id under which GitLab's logs know the request.
    pub fn request_id(&self) -> Option<&str> {
        headers::request_id(&self.headers)
    }

    /// Where this page stands in its list.
    pub fn page(&self) -> PageInfo {
        PageInfo::read(&self.headers)
    }

    /// Whether the list goes on behind this page.
    pub fn is_truncated(&self) -> bool {
        self.page().has_next
    }

    /// The state of the rate limit that counted this request; `None` when the server does not tell.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::read(&self.headers)
    }

    /// The same answer with another value.
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
