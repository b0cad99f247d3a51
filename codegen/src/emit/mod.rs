//! From the operation index to files: Rust for `generated/rest` and `generated/samples`, JSON for `generated/index`.
//!
//! - `index` writes the index itself.
//! - `operations` writes one module for each tag, `types` the types that they use, `krate` what holds them together.
//! - `samples` writes a crate for tests that calls every operation.
//! - `rust` says which Rust type a schema type is, `docs` what a doc comment says, `format` how source is laid out.

mod docs;
mod format;
pub mod graphql;
mod index;
mod krate;
pub(crate) mod operations;
pub(crate) mod rust;
mod samples;
pub mod table;
mod types;

pub use krate::root_features;

use anyhow::Result;
use glabflow_contract::index::{Index, Operation};
use std::collections::BTreeMap;

/// Generated files by their path below the output folder.
pub type Files = BTreeMap<String, String>;

/// All generated files of an index.
///
/// # Errors
/// When what is emitted is not Rust, which is a defect of the generator.
pub fn files(index: &Index) -> Result<Files> {
    let tags = tags(index);
    let mut jobs: Vec<Job<'_>> = vec![Box::new(|| index::files(index)), Box::new(|| krate::files(index, &tags))];
    jobs.push(Box::new(|| types::files(index, &tags)));
    jobs.push(Box::new(|| samples::files(index, &tags)));
    for (tag, operations) in &tags {
        jobs.push(Box::new(move || operations::file(index, tag, operations)));
    }
    run(jobs)
}

/// A part of the output that depends on no other.
type Job<'a> = Box<dyn Fn() -> Result<Files> + Sync + 'a>;

/// Runs the jobs on all cores; the result does not depend on their order.
fn run(jobs: Vec<Job<'_>>) -> Result<Files> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || -> Result<Files> {
        let mut files = Files::new();
        while let Some(job) = jobs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            files.append(&mut job()?);
        }
        Ok(files)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let mut files = Files::new();
        for worker in workers {
            match worker.join() {
                Ok(part) => files.append(&mut part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(files)
    })
}

/// The operations of each tag, both in the index's order.
fn tags(index: &Index) -> BTreeMap<&str, Vec<&Operation>> {
    let mut tags: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in &index.operations {
        tags.entry(&operation.tag).or_default().push(operation);
    }
    tags
}
