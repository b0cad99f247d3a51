//! Builds the operation index from a facts-only document.
//!
//! - `operations` reads the operations, their parameters, outputs and paging.
//! - `schemas` resolves their schemas to types.
//! - `dedup` merges types with the same shape and names all types.

mod dedup;
mod operations;
mod schemas;

pub(crate) use dedup::named;
pub use operations::Exclusion;
pub(crate) use schemas::ACCESS_LEVEL;

use anyhow::{Context, Result};
use glabflow_contract::index::Index;
use openapiv3::OpenAPI;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The index of a document, and what is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The operations and types.
    pub index: Index,
    /// Operations that could not be mapped.
    pub exclusions: Vec<Exclusion>,
    /// The number of operations by source; see `x-gitlab-source` in `schema/README.md`.
    pub sources: BTreeMap<String, usize>,
}

/// Builds the model of a document in normal form, given as JSON.
///
/// # Errors
/// If the text is not an OpenAPI 3.0 document, or refers to a missing schema.
pub fn from_json(text: &str) -> Result<Model> {
    let document: OpenAPI = serde_json::from_str(text).context("the schema is not an OpenAPI 3.0 document")?;
    from_document(&document)
}

/// Builds the model of a document in normal form.
///
/// # Errors
/// If the document refers to a missing schema.
pub fn from_document(document: &OpenAPI) -> Result<Model> {
    let mut schemas = schemas::Schemas::new(document);
    let mut exclusions = Vec::new();
    let mut operations = operations::read(document, &mut schemas, &mut exclusions)?;
    let types = dedup::settle(schemas.into_drafts(), &mut operations);
    for operation in &mut operations {
        operation.ranges = operation.find_ranges(&types);
    }
    operations.sort_by(|a, b| (&a.tag, &a.id).cmp(&(&b.tag, &b.id)));
    Ok(Model { index: Index { operations, types }, exclusions, sources: operations::sources(document) })
}
