//! Which operations of two schemas are compared with each other.

use glabflow_contract::index::{Index, Operation};
use std::collections::BTreeMap;

/// Operations of both schemas, side by side.
pub(super) type Paired<'a> = Vec<(Option<&'a Operation>, Option<&'a Operation>)>;

/// Pairs operations: by method and path, and what is left by id.
pub(super) fn pair_operations<'a>(old: &'a Index, new: &'a Index) -> Paired<'a> {
    let key = |operation: &Operation| format!("{} {}", operation.method, shape(&operation.path));
    let mut fresh: BTreeMap<String, &Operation> = new.operations.iter().map(|it| (key(it), it)).collect();
    let mut pairs: Paired<'a> = old.operations.iter().map(|it| (Some(it), fresh.remove(&key(it)))).collect();
    for pair in &mut pairs {
        if let (Some(before), after @ None) = pair
            && let Some(key) = fresh.iter().find(|(_, it)| it.id == before.id).map(|(key, _)| key.clone())
        {
            *after = fresh.remove(&key);
        }
    }
    pairs.extend(fresh.into_values().map(|it| (None, Some(it))));
    pairs
}

/// A path without the names of its parameters, which are nobody's business but the documentation's.
pub(super) fn shape(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut inside = false;
    for letter in path.chars() {
        inside = (inside && letter != '}') || letter == '{';
        if !inside || letter == '{' {
            shape.push(letter);
        }
    }
    shape
}
