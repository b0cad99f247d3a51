//! Complete indexes, and indexes that are parsed on first use.

use super::operation::Operation;
use super::types::TypeDef;
use crate::descriptor::Descriptor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All operations and types of one schema.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// The operations, sorted by tag and id.
    pub operations: Vec<Operation>,
    /// The types by their Rust name.
    pub types: BTreeMap<String, TypeDef>,
}

impl Index {
    /// The operation of this id.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

/// An index that is parsed from JSON on first use.
#[derive(Debug)]
pub struct LazyIndex {
    operations: &'static str,
    types: &'static str,
    parsed: Parsed,
}

/// What has been parsed so far.
#[derive(Debug)]
struct Parsed {
    operations: OnceLock<Vec<Operation>>,
    descriptors: OnceLock<Vec<Descriptor>>,
    types: OnceLock<BTreeMap<String, TypeDef>>,
}

impl LazyIndex {
    /// An index over two JSON texts that the generator wrote.
    pub const fn new(operations: &'static str, types: &'static str) -> Self {
        let parsed = Parsed { operations: OnceLock::new(), descriptors: OnceLock::new(), types: OnceLock::new() };
        LazyIndex { operations, types, parsed }
    }

    /// All operations.
    ///
    /// # Panics
    /// If the generator did not write the text. Its own check rules this out.
    pub fn operations(&'static self) -> &'static [Operation] {
        self.parsed
            .operations
            .get_or_init(|| serde_json::from_str(self.operations).expect("the generator wrote this index"))
    }

    /// The descriptors of all operations, in the same order.
    pub fn descriptors(&'static self) -> &'static [Descriptor] {
        self.parsed.descriptors.get_or_init(|| self.operations().iter().map(Operation::descriptor).collect())
    }

    /// All types.
    ///
    /// # Panics
    /// If the generator did not write the text. Its own check rules this out.
    pub fn types(&'static self) -> &'static BTreeMap<String, TypeDef> {
        self.parsed.types.get_or_init(|| serde_json::from_str(self.types).expect("the generator wrote this index"))
    }

    /// The operation of this id, with its descriptor.
    pub fn find(&'static self, id: &str) -> Option<(&'static Operation, &'static Descriptor)> {
        let at = self.operations().iter().position(|operation| operation.id == id)?;
        Some((&self.operations()[at], &self.descriptors()[at]))
    }
}
