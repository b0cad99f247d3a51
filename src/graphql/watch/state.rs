//! The state of a watched list at the last reading.

use crate::error::{Error, ErrorKind};
use crate::paging::origin::Origin;
use glabflow_contract::graphql::Variables;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The state of a watched list at the last reading. A later watch that resumes from it reports only what has changed since.
///
/// Its text form can be kept in a file. It has keys and hashes, but no content of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchState {
    /// The operation and its variables.
    #[serde(flatten)]
    origin: Origin,
    /// The known items by key.
    #[serde(rename = "seen")]
    pub(super) known: BTreeMap<String, KnownItem>,
    /// Whether the list has been read once.
    #[serde(rename = "begun")]
    pub(super) was_read: bool,
}

/// The state of an item at the last reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, bool)", into = "(u64, bool)")]
pub(super) struct KnownItem {
    pub(super) hash: u64,
    /// Whether it was missing when the list was last read.
    pub(super) missing: bool,
}

impl From<(u64, bool)> for KnownItem {
    fn from((hash, missing): (u64, bool)) -> Self {
        KnownItem { hash, missing }
    }
}

impl From<KnownItem> for (u64, bool) {
    fn from(item: KnownItem) -> Self {
        (item.hash, item.missing)
    }
}

impl WatchState {
    /// The state of a watch that has not read its list.
    pub(super) fn new(variables: &Variables) -> Self {
        // Variables that cannot be written as JSON are an error when they are sent.
        let values = match serde_json::to_value(variables) {
            Ok(Value::Object(values)) => values,
            _ => Map::new(),
        };
        let origin = Origin::graphql(variables.descriptor().id, "", &values);
        WatchState { origin, known: BTreeMap::new(), was_read: false }
    }

    /// Whether the state belongs to a watch of the same operation with the same variables.
    pub(super) fn is_of_same_list(&self, other: &WatchState) -> bool {
        self.origin == other.origin
    }

    /// The operation's id.
    pub(super) fn operation(&self) -> &str {
        self.origin.operation()
    }

    /// The number of known items.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether no item is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl fmt::Display for WatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for WatchState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text)
            .map_err(|error| Error::new(ErrorKind::Argument, "this is not the state of a watch").with_source(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_stays_the_same() {
        let text = r#"{"operation":"projects","arguments":"0123456789abcdef","seen":{"a":[12,false],"b":[7,true]},"begun":true}"#;
        let state: WatchState = text.parse().expect("a state");
        assert_eq!((state.len(), state.was_read, state.known["b"].missing), (2, true, true));
        assert_eq!(state.to_string(), text);
        for text in ["{}", "[]", r#"{"operation":"a","arguments":"0","seen":{"a":[1]},"begun":true}"#] {
            assert!(text.parse::<WatchState>().is_err(), "{text}");
        }
    }
}
