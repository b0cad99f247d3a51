//! Writes the index of the REST API as files.
//!
//! - `index` writes the index itself.
//! - `operations` writes a module for each tag, `types` their types, `package` the manifest and the root module.
//! - `samples` writes a crate for tests that calls every operation.
//! - `rust_type` maps types of the schema to Rust, `docs` writes doc comments.

mod docs;
mod index;
pub(crate) mod operations;
mod package;
mod rust_type;
mod samples;
mod tags;
mod types;

pub use package::root_features;

use crate::emit::facts::SchemaInfo;
use crate::emit::files::{Files, Job, run};
use anyhow::Result;
use glabflow_contract::index::Index;

/// All generated files of an index.
///
/// # Errors
/// If the generated code is not valid Rust, which is a bug of the generator.
pub fn files(index: &Index, facts: &SchemaInfo) -> Result<Files> {
    let tags = tags::of(index);
    let mut jobs: Vec<Job<'_>> = vec![Box::new(|| index::files(index)), Box::new(|| package::files(&tags, facts))];
    jobs.push(Box::new(|| types::files(index, &tags)));
    jobs.push(Box::new(|| samples::files(index, &tags)));
    for (tag, operations) in &tags {
        jobs.push(Box::new(move || operations::file(index, tag, operations)));
    }
    run(jobs)
}
