//! Responses.

use bytes::Bytes;
use serde_json::{Value, json};

/// Status, headers and body.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

/// An error response, boxed to keep results small.
pub(crate) type ErrorResponse = Box<Response>;

impl Response {
    /// JSON text.
    pub(crate) fn raw_json(status: u16, body: Vec<u8>) -> Self {
        Response { status, headers: vec![("content-type", "application/json".into())], body: body.into() }
    }

    /// JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Response::raw_json(status, body.to_string().into_bytes())
    }

    /// No body.
    pub(crate) fn empty(status: u16) -> Self {
        Response { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// A file.
    pub(crate) fn file(content_type: &str, body: impl Into<Bytes>) -> Self {
        Response { status: 200, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    /// The same response with another header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `{"message": ...}`.
    pub(crate) fn message(status: u16, message: impl Into<Value>) -> ErrorResponse {
        Box::new(Response::json(status, &json!({ "message": message.into() })))
    }

    /// `{"error": ...}`.
    pub(crate) fn error(status: u16, error: impl Into<Value>) -> ErrorResponse {
        Box::new(Response::json(status, &json!({ "error": error.into() })))
    }

    /// The token is missing or unknown.
    pub(crate) fn unauthorized() -> ErrorResponse {
        Response::message(401, "401 Unauthorized")
    }

    /// The token lacks permission.
    pub(crate) fn forbidden() -> ErrorResponse {
        Response::message(403, "403 Forbidden")
    }

    /// The thing does not exist or is not visible to the caller.
    pub(crate) fn not_found(what: &str) -> ErrorResponse {
        Response::message(404, format!("404 {what} Not Found"))
    }

    /// A required parameter is missing.
    pub(crate) fn missing(name: &str) -> ErrorResponse {
        Response::error(400, format!("{name} is missing"))
    }
}
