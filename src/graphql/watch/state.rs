//! What a watch knows of its list.

use crate::error::{Error, ErrorKind};
use crate::paging::origin::Origin;
use glabflow_contract::graphql::Variables;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What a watch knows of its list. With it, a later watch reports only what has changed since.
///
/// Its text form can be kept in a file. It has keys and hashes, but no content of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchState {
    /// The operation and its variables.
    #[serde(flatten)]
    origin: Origin,
    /// The known items by key.
    pub(super) seen: BTreeMap<String, Seen>,
    /// Whether the list has been read once.
    pub(super) begun: bool,
}

/// What is known of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, bool)", into = "(u64, bool)")]
pub(super) struct Seen {
    pub(super) hash: u64,
    /// Whether it was missing when the list was last read.
    pub(super) missing: bool,
}

impl From<(u64, bool)> for Seen {
    fn from((hash, missing): (u64, bool)) -> Self {
        Seen { hash, missing }
    }
}

impl From<Seen> for (u64, bool) {
    fn from(seen: Seen) -> Self {
        (seen.hash, seen.missing)
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
        WatchState { origin, seen: BTreeMap::new(), begun: false }
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
        self.seen.len()
    }

    /// Whether no item is known.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
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
        assert_eq!((state.len(), state.begun, state.seen["b"].missing), (2, true, true));
        assert_eq!(state.to_string(), text);
        for text in ["{}", "[]", r#"{"operation":"a","arguments":"0","seen":{"a":[1]},"begun":true}"#] {
            assert!(text.parse::<WatchState>().is_err(), "{text}");
        }
    }
}
