//! From a facts-only document to the operation index.
//!
//! - `operations` reads the operations, their parameters, outputs and paging.
//! - `schemas` resolves the schemas which they use to types.
//! - `dedup` merges types of one shape and gives each type its name.

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

/// The index of a document, and what of the document is not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The operations and types.
    pub index: Index,
    /// Operations that could not be mapped.
    pub exclusions: Vec<Exclusion>,
    /// How many operations each source of the schema knows; see `x-gitlab-source` in `schema/README.md`.
    pub sources: BTreeMap<String, usize>,
}

/// Builds the model of a document in normal form, given as JSON.
///
/// # Errors
/// When the text is not an OpenAPI 3.0 document, or refers to a schema that it does not have.
pub fn from_json(text: &str) -> Result<Model> {
    let document: OpenAPI = serde_json::from_str(text).context("the schema is not an OpenAPI 3.0 document")?;
    from_document(&document)
}

/// Builds the model of a document in normal form.
///
/// # Errors
/// When the document refers to a schema that it does not have.
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
