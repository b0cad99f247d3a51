//! Operations by their tag.

use glabflow_contract::index::{Index, Operation};
use std::collections::BTreeMap;

/// The operations of each tag, both in the index's order.
pub(super) type Tags<'a> = BTreeMap<&'a str, Vec<&'a Operation>>;

pub(super) fn of(index: &Index) -> Tags<'_> {
    let mut tags = Tags::new();
    for operation in &index.operations {
        tags.entry(&operation.tag).or_default().push(operation);
    }
    tags
}
