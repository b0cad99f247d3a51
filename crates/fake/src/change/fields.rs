//! Fields of requests.

use serde_json::{Map, Value};

/// The text of a field.
pub(super) fn text<'g>(given: &'g Map<String, Value>, name: &str) -> Option<&'g str> {
    given.get(name).and_then(Value::as_str)
}
