//! A small index for unit tests, so that they do not change with GitLab's schema.

use glabflow_contract::index::LazyIndex;

pub(crate) static INDEX: LazyIndex =
    LazyIndex::new(include_str!("test_index/operations.json"), include_str!("test_index/types.json"));
