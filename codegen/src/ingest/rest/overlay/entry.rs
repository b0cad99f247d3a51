//! The trait of all entries, and helpers that find what an entry corrects.

use crate::ingest::rest::document::{Document, Key, Object, Operation};
use crate::method;
use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A correction.
pub(super) trait Entry {
    /// Applies it, and returns the number of changes.
    fn apply(&self, document: &mut Document) -> Result<usize>;
}

/// Parses a call such as `GET /projects/{id}`.
pub(super) fn call(text: &str) -> Result<Key> {
    let (method, path) = text.split_once(' ').context("write a call as `GET /projects/{id}`")?;
    let method = method::parse(method).with_context(|| format!("`{method}` is not a method"))?;
    Ok(Key { path: format!("/api/v4{path}"), method })
}

pub(super) fn find<'a>(document: &'a mut Document, text: &str) -> Result<&'a mut Operation> {
    document.operations.get_mut(&call(text)?).context("the document has no such operation")
}

/// Sets a fact. It is an error if it already has this value.
pub(super) fn set(facts: &mut Object, name: &str, value: Value) -> Result<()> {
    if facts.get(name) == Some(&value) {
        bail!("the document already has this value");
    }
    facts.insert(name.to_owned(), value);
    Ok(())
}
