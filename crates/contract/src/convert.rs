//! Conversions that generated setters are written with: they name the type that an `impl Into` becomes.

use std::collections::BTreeMap;

/// The value as a `T`.
pub fn to<T>(value: impl Into<T>) -> T {
    value.into()
}

/// The values as a list of `T`.
pub fn list<T>(values: impl IntoIterator<Item = impl Into<T>>) -> Vec<T> {
    values.into_iter().map(Into::into).collect()
}

/// The pairs as a map of `T`; of two with one key the last wins.
pub fn map<T>(pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<T>)>) -> BTreeMap<String, T> {
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}
