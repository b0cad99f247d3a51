//! Keys: the values of a lookup's arguments.

use super::shape::Shape;
use glabflow_contract::graphql::GlobalId;
use serde_json::Value;
use std::hash::{Hash, Hasher};

/// A key that a loader loads by.
pub trait LoadKey {
    /// The values of the lookup's arguments, in the order of the lookup.
    fn parts(&self) -> Vec<Value>;
}

impl LoadKey for String {
    fn parts(&self) -> Vec<Value> {
        vec![self.as_str().into()]
    }
}

impl<K> LoadKey for GlobalId<K> {
    fn parts(&self) -> Vec<Value> {
        vec![self.as_str().into()]
    }
}

/// A path and a number in it. GitLab accepts numbers within a project as strings.
impl LoadKey for (String, i64) {
    fn parts(&self) -> Vec<Value> {
        vec![self.0.as_str().into(), self.1.to_string().into()]
    }
}

/// The parts.
impl LoadKey for Vec<Value> {
    fn parts(&self) -> Vec<Value> {
        self.clone()
    }
}

/// A key: the parts to send, and the parts to compare.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) sent: Vec<Value>,
    compared: Vec<String>,
}

impl Key {
    pub(super) fn new(shape: &Shape, sent: Vec<Value>) -> Self {
        let compared = sent.iter().map(|part| compared(shape, part)).collect();
        Key { sent, compared }
    }

    /// The parts before the last one. Keys of one list share them.
    pub(super) fn group(&self) -> &[String] {
        self.compared.split_last().map_or(&[], |(_, group)| group)
    }

    /// The last part, which identifies an item of a list.
    pub(super) fn item(&self) -> &str {
        self.compared.last().map_or("", String::as_str)
    }
}

/// A part of a key, for comparison.
pub(super) fn compared(shape: &Shape, part: &Value) -> String {
    match part {
        Value::String(text) if shape.folded => text.to_lowercase(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.compared == other.compared
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.compared.hash(state);
    }
}
