//! Operations by their area.

use glabflow_contract::index::graphql::{Index, Operation};
use std::collections::BTreeMap;

/// The operations of each area, both in the index's order.
pub(super) type Areas<'a> = BTreeMap<&'a str, Vec<&'a Operation>>;

pub(super) fn of(index: &Index) -> Areas<'_> {
    let mut areas = Areas::new();
    for operation in &index.operations {
        areas.entry(&operation.area).or_default().push(operation);
    }
    areas
}
