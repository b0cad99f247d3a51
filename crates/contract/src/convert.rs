//! Conversions in generated setters: they name the type that an `impl Into` converts to.

use std::collections::BTreeMap;

/// The value as a `T`.
pub fn to<T>(value: impl Into<T>) -> T {
    value.into()
}

/// The values as a list of `T`.
pub fn list<T>(values: impl IntoIterator<Item = impl Into<T>>) -> Vec<T> {
    values.into_iter().map(Into::into).collect()
}

/// The pairs as a map of `T`. If two pairs have the same key, the last one wins.
pub fn map<T>(pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<T>)>) -> BTreeMap<String, T> {
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}
