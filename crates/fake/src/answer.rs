//! An answer before it is sent.

use bytes::Bytes;
use serde_json::{Value, json};

/// Status, headers and body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

/// What ends a request early; as large as a pointer.
pub(crate) type Refusal = Box<Answer>;

impl Answer {
    /// JSON that is already written.
    pub(crate) fn raw_json(status: u16, body: Vec<u8>) -> Self {
        Answer { status, headers: vec![("content-type", "application/json".into())], body: body.into() }
    }

    /// JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Answer::raw_json(status, body.to_string().into_bytes())
    }

    /// No body.
    pub(crate) fn empty(status: u16) -> Self {
        Answer { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// A file.
    pub(crate) fn file(content_type: &str, body: impl Into<Bytes>) -> Self {
        Answer { status: 200, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    /// The same answer with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `{"message": ...}`.
    pub(crate) fn message(status: u16, message: impl Into<Value>) -> Refusal {
        Box::new(Answer::json(status, &json!({ "message": message.into() })))
    }

    /// `{"error": ...}`.
    pub(crate) fn error(status: u16, error: impl Into<Value>) -> Refusal {
        Box::new(Answer::json(status, &json!({ "error": error.into() })))
    }

    /// The token is missing or unknown.
    pub(crate) fn unauthorized() -> Refusal {
        Answer::message(401, "401 Unauthorized")
    }

    /// The token may not do this.
    pub(crate) fn forbidden() -> Refusal {
        Answer::message(403, "403 Forbidden")
    }

    /// There is no such thing, or nobody tells the caller that there is.
    pub(crate) fn not_found(what: &str) -> Refusal {
        Answer::message(404, format!("404 {what} Not Found"))
    }

    /// A parameter that is required is not there.
    pub(crate) fn missing(name: &str) -> Refusal {
        Answer::error(400, format!("{name} is missing"))
    }
}
