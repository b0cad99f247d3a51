//! From the index of the REST API to files.
//!
//! - `index` writes the index itself.
//! - `operations` writes one module for each tag, `types` the types that they use, `package` what holds them together.
//! - `samples` writes a crate for tests that calls every operation.
//! - `rust_type` says which Rust type a schema type is.

mod docs;
mod index;
pub(crate) mod operations;
mod package;
mod rust_type;
mod samples;
mod tags;
mod types;

pub use package::root_features;

use crate::emit::facts::Facts;
use crate::emit::files::{Files, Job, run};
use anyhow::Result;
use glabflow_contract::index::Index;

/// All generated files of an index.
///
/// # Errors
/// When what is emitted is not Rust, which is a defect of the generator.
pub fn files(index: &Index, facts: &Facts) -> Result<Files> {
    let tags = tags::of(index);
    let mut jobs: Vec<Job<'_>> = vec![Box::new(|| index::files(index)), Box::new(|| package::files(&tags, facts))];
    jobs.push(Box::new(|| types::files(index, &tags)));
    jobs.push(Box::new(|| samples::files(index, &tags)));
    for (tag, operations) in &tags {
        jobs.push(Box::new(move || operations::file(index, tag, operations)));
    }
    run(jobs)
}
