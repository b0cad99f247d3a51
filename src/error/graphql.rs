//! The errors of GraphQL responses, and which kind of error each is.

use super::escape::OneLine;
use super::kind::ErrorKind;
use crate::redact;
use crate::redact::token::Secrets;
use serde_json::Value;
use std::fmt::{self, Write};

/// An error in a GraphQL response. Values that look like secrets are masked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GraphqlError {
    /// The server's message.
    pub message: String,
    /// The path in the data of the missing value; empty if the error is about the whole document.
    pub path: Vec<Segment>,
    /// The locations of the error in the document.
    pub locations: Vec<Location>,
    /// The server's extensions, without the values of variables.
    pub extensions: Option<Value>,
}

/// A step of a path in the data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// The field of this response key.
    Key(String),
    /// The item of a list, counted from 0.
    Index(u64),
}

/// A location in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The line, counted from 1.
    pub line: u64,
    /// The column, counted from 1.
    pub column: u64,
}

impl GraphqlError {
    /// Reads the `errors` of a response, of any shape.
    pub(crate) fn read_all(errors: Value) -> Vec<Self> {
        match errors {
            Value::Null => Vec::new(),
            Value::Array(errors) => errors.into_iter().filter(|error| !error.is_null()).map(Self::read).collect(),
            error => vec![Self::read(error)],
        }
    }

    pub(crate) fn read(error: Value) -> Self {
        let Value::Object(mut members) = error else {
            let text = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
            return GraphqlError::text(&text);
        };
        let message = match members.remove("message") {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => "the server gives no reason".to_owned(),
        };
        let list = |value: Option<Value>| match value {
            Some(Value::Array(values)) => values,
            _ => Vec::new(),
        };
        let path = list(members.remove("path")).into_iter().filter_map(Segment::read).collect();
        let locations = list(members.remove("locations")).iter().filter_map(Location::read).collect();
        let extensions = members.remove("extensions").filter(|value| !value.is_null()).map(|mut value| {
            mask(&mut value);
            value
        });
        GraphqlError { path, locations, extensions, ..GraphqlError::text(&message) }
    }

    /// Masks the client's token.
    pub(crate) fn hide(&mut self, secrets: &Secrets) {
        secrets.hide(&mut self.message);
        for segment in &mut self.path {
            if let Segment::Key(key) = segment {
                secrets.hide(key);
            }
        }
        self.extensions.iter_mut().for_each(|value| hide(value, secrets));
    }

    fn text(message: &str) -> Self {
        GraphqlError {
            message: redact::text(message).into_owned(),
            path: Vec::new(),
            locations: Vec::new(),
            extensions: None,
        }
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        let text = self.message.to_ascii_lowercase();
        let says = |part: &str| text.contains(part);
        if self.complexity().is_some()
            || says("which exceeds max depth")
            || says("query is too large")
            || says("query too large")
            || says("query too complex")
        {
            ErrorKind::Complexity
        } else if says("timed out") || says("timeout") {
            ErrorKind::Timeout
        } else if says("requested too many times") || says("rate limit") || says("retry later") {
            ErrorKind::RateLimited
        } else if says("invalid token") || says("unauthenticated") || says("must be logged in") {
            ErrorKind::Unauthorized
        } else if says("does not exist or you don't have permission") || says("not found") {
            ErrorKind::NotFound
        } else if says("forbidden") || says("not authorized") || says("insufficient_scope") {
            ErrorKind::Forbidden
        } else if says("internal server error") {
            ErrorKind::Server
        } else {
            ErrorKind::Validation
        }
    }

    /// Whether the document names something that the server's schema does not have.
    pub(crate) fn is_unknown_name(&self) -> bool {
        const UNKNOWN: [&str; 5] = [
            "doesn't exist on type",
            "doesn't accept argument",
            "isn't a defined input type",
            "No such type",
            // A field of an input object.
            "Field is not defined on",
        ];
        UNKNOWN.iter().any(|text| self.message.contains(text))
    }

    /// The score and the limit, if the server rejected the document for its complexity.
    pub fn complexity(&self) -> Option<(u32, u32)> {
        let (_, rest) = self.message.split_once("complexity of ")?;
        let (score, rest) = rest.split_once(", which exceeds max complexity of ")?;
        let limit = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        Some((score.parse().ok()?, limit.parse().ok()?))
    }
}

impl fmt::Display for GraphqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        f.write_str(&self.message)?;
        for (index, segment) in self.path.iter().enumerate() {
            f.write_str(if index == 0 { " at " } else { "" })?;
            match segment {
                Segment::Key(key) if index > 0 => write!(f, ".{key}")?,
                Segment::Key(key) => f.write_str(key)?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        match self.locations.first() {
            Some(Location { line, column }) if self.path.is_empty() => write!(f, " ({line}:{column})"),
            _ => Ok(()),
        }
    }
}

impl Segment {
    fn read(value: Value) -> Option<Self> {
        match value {
            Value::String(key) => Some(Segment::Key(key)),
            Value::Number(index) => index.as_u64().map(Segment::Index),
            _ => None,
        }
    }
}

impl Location {
    fn read(value: &Value) -> Option<Self> {
        Some(Location { line: value.get("line")?.as_u64()?, column: value.get("column")?.as_u64()? })
    }
}

/// Masks possible secrets. The server returns an invalid variable as `value`, which may be one.
fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name == "value" || redact::is_secret_name(name) {
                    *value = Value::String(redact::MASK.to_owned());
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(mask),
        Value::String(text) => {
            if let std::borrow::Cow::Owned(masked) = redact::text(text) {
                *text = masked;
            }
        }
        _ => {}
    }
}

/// Masks the client's token.
fn hide(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|value| hide(value, secrets)),
        Value::Array(values) => values.iter_mut().for_each(|value| hide(value, secrets)),
        Value::String(text) => secrets.hide(text),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_message_decides_the_kind() {
        for (message, kind) in [
            ("Query has complexity of 201, which exceeds max complexity of 200", ErrorKind::Complexity),
            ("Query has depth of 21, which exceeds max depth of 20", ErrorKind::Complexity),
            ("Request timed out. Please try a less complex query or a smaller set of records.", ErrorKind::Timeout),
            ("This endpoint has been requested too many times. Try again later.", ErrorKind::RateLimited),
            ("Invalid token", ErrorKind::Unauthorized),
            (
                "The resource that you are attempting to access does not exist or you don't have permission to perform this action",
                ErrorKind::NotFound,
            ),
            ("Internal server error", ErrorKind::Server),
            ("Field 'x' doesn't exist on type 'Query'", ErrorKind::Validation),
        ] {
            assert_eq!(GraphqlError::read(json!({"message": message})).kind(), kind, "{message}");
        }
        let error = GraphqlError::read(json!("Query has complexity of 201, which exceeds max complexity of 200"));
        assert_eq!(error.complexity(), Some((201, 200)));
    }

    #[test]
    fn errors_of_any_shape_are_read_and_masked() {
        let error = GraphqlError::read(json!({
            "message": "no glpat-abcdefgh", "path": ["a", 0, "b", null], "locations": [{"line": 1, "column": 2}, 3],
            "extensions": {"value": {"x": "hush"}, "problems": [{"explanation": "glpat-abcdefgh"}], "token": "hush"},
        }));
        assert_eq!(error.to_string(), "no [redacted] at a[0].b");
        let shown = format!("{error:?}");
        assert!(!shown.contains("hush") && !shown.contains("abcdefgh"), "{shown}");
        for (value, count) in [(json!(null), 0), (json!([]), 0), (json!("x"), 1), (json!([1, null, {}]), 2)] {
            assert_eq!(GraphqlError::read_all(value).len(), count);
        }
    }
}
