//! What every entry of the overlay is, and how it finds what it corrects.

use crate::ingest::rest::document::{Document, Key, Object, Operation};
use crate::method;
use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A correction.
pub(super) trait Entry {
    /// Applies it; says how many places changed.
    fn apply(&self, document: &mut Document) -> Result<usize>;
}

/// The call that a text such as `GET /projects/{id}` names.
pub(super) fn call(text: &str) -> Result<Key> {
    let (method, path) = text.split_once(' ').context("a call is written `GET /projects/{id}`")?;
    let method = method::parse(method).with_context(|| format!("`{method}` is not a method"))?;
    Ok(Key { path: format!("/api/v4{path}"), method })
}

pub(super) fn find<'a>(document: &'a mut Document, text: &str) -> Result<&'a mut Operation> {
    document.operations.get_mut(&call(text)?).context("the document has no such operation")
}

/// Sets a fact; it is an error when it is so already.
pub(super) fn set(facts: &mut Object, name: &str, value: Value) -> Result<()> {
    if facts.get(name) == Some(&value) {
        bail!("the document says so already");
    }
    facts.insert(name.to_owned(), value);
    Ok(())
}
