//! From the operation index to files: Rust for `generated/rest` and `generated/samples`, JSON for `generated/index`.
//!
//! - `index` writes the index itself.
//! - `operations` writes one module for each tag, `types` the types that they use, `krate` what holds them together.
//! - `samples` writes a crate for tests that calls every operation.
//! - `rust` says which Rust type a schema type is, `docs` what a doc comment says and `prose` what it keeps
//!   of descriptions, `format` how source is laid out.

mod docs;
mod format;
pub mod graphql;
mod index;
mod krate;
pub(crate) mod operations;
mod prose;
pub(crate) mod rust;
mod samples;
pub mod table;
mod types;

pub use krate::root_features;

use anyhow::Result;
use glabflow_contract::index::{Index, Operation};
use std::collections::{BTreeMap, BTreeSet};

/// Generated files by their path below the output folder.
pub type Files = BTreeMap<String, String>;

/// What generated code says besides the operations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The version of the GitLab that the schema is of.
    pub version: String,
    /// Its edition.
    pub edition: String,
    /// The resources for which the crate `glabflow` has features, where the code is for another schema than the one it
    /// comes with: what is not among them is always there.
    pub facade: Option<BTreeSet<String>>,
}

impl Facts {
    /// The constant that tells which GitLab it is.
    fn constant(&self) -> String {
        format!(
            "/// The GitLab whose schema this was generated from.\npub const SCHEMA: ::glabflow_contract::SchemaVersion =\n    \
             ::glabflow_contract::SchemaVersion {{ version: {:?}, edition: {:?} }};\n",
            self.version, self.edition
        )
    }

    /// Whether users of `glabflow` switch a resource on by a feature.
    fn has_feature(&self, tag: &str) -> bool {
        self.facade.as_ref().is_none_or(|features| features.contains(tag))
    }
}

/// The root module of a generated crate: its doc comment, and the modules of this schema or of the user's own.
fn root(doc: proc_macro2::TokenStream, folder: &str) -> Result<String> {
    let head = format::file("root module", quote::quote!(#doc #![cfg_attr(rustfmt, rustfmt_skip)]))?;
    Ok(format!(
        "{head}
// The build script sets this when it has generated from the user's own schema.
#[cfg(glabflow_own_schema)]
include!(concat!(env!(\"OUT_DIR\"), \"/{folder}/src/modules.rs\"));
#[cfg(not(glabflow_own_schema))]
include!(\"modules.rs\");
"
    ))
}

/// The feature of generated crates that makes their build script generate.
const BUILD_FEATURE: &str = "\
# Generates while building, from the schema folder that GLABFLOW_SCHEMA_DIR names.
build-codegen = [\"dep:glabflow-codegen\"]
";

/// The build script of a generated crate.
fn build_script(function: &str) -> String {
    format!(
        "{}//! With the feature `build-codegen`: generates from the schema folder that GLABFLOW_SCHEMA_DIR names.

#![allow(clippy::print_stdout, reason = \"build scripts talk to cargo through standard output\")]

fn main() -> std::process::ExitCode {{
    println!(\"cargo::rerun-if-changed=build.rs\");
    #[cfg(feature = \"build-codegen\")]
    return glabflow_codegen::build::{function}();
    #[cfg(not(feature = \"build-codegen\"))]
    std::process::ExitCode::SUCCESS
}}
",
        format::HEADER
    )
}

/// All generated files of an index.
///
/// # Errors
/// When what is emitted is not Rust, which is a defect of the generator.
pub fn files(index: &Index, facts: &Facts) -> Result<Files> {
    let tags = tags(index);
    let mut jobs: Vec<Job<'_>> = vec![Box::new(|| index::files(index)), Box::new(|| krate::files(&tags, facts))];
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
