//! Generates from a schema folder into an output folder. All output is created in memory, then written or compared.
//!
//! - `crates` generates the files, `standalone` makes complete crates of them.
//! - `write` writes or compares files. `build_script` is for builds with the feature `build-codegen`.

pub mod build_script;
mod cargo_features;
mod crates;
mod facade_manifest;
pub mod standalone;
mod write;

pub use crates::{Folders, Generated, GraphqlSchema};
pub use write::Written;

use anyhow::{Result, bail};
use write::Output;

/// The arguments of `generate` and `check`.
#[derive(Debug, Clone, clap::Args)]
#[non_exhaustive]
pub struct GenerateArgs {
    /// The schema folder and the output folder.
    #[command(flatten)]
    pub folders: Folders,
    /// The source of glabflow's own crates in the manifests of complete crates: a version, the path of a checkout, or the
    /// address of a git repository, optionally with `?branch=NAME`, `?tag=NAME` or `?rev=COMMIT` [default: the version of this
    /// generator].
    #[arg(long, value_name = "VERSION|PATH|URL")]
    pub glabflow: Option<String>,
}

impl GenerateArgs {
    /// The arguments for these folders. All other arguments have their defaults.
    pub fn new(folders: Folders) -> Self {
        GenerateArgs { folders, glabflow: None }
    }

    /// All files to write, by path.
    fn output(&self) -> Result<Output> {
        if self.folders.are_of_workspace() {
            if self.glabflow.is_some() {
                bail!(
                    "--glabflow is for complete crates, but {} belongs to glabflow's workspace; set another folder with --out",
                    self.folders.out.display()
                );
            }
            return self.folders.output();
        }
        let source = standalone::Source::parse(self.glabflow.as_deref().unwrap_or(env!("CARGO_PKG_VERSION")))?;
        let files = standalone::files(&self.folders, &source)?;
        Ok(files.into_iter().map(|(path, text)| (self.folders.out.join(path), text)).collect())
    }
}

/// Generates and writes the crates of the workspace. Unchanged files keep their time stamps.
///
/// # Errors
/// If the schema cannot be read or is invalid, if other files are in the way, or if a file cannot be written.
pub fn write(folders: &Folders) -> Result<Written> {
    write::put(&folders.out, folders.output()?)
}

/// Generates and writes.
///
/// # Errors
/// As for [`write()`], and if the source of glabflow's crates is invalid.
pub fn run(args: &GenerateArgs) -> Result<Written> {
    write::put(&args.folders.out, args.output()?)
}

/// Compares the generated files with the output folder. Returns the differences as text, empty if there are none.
///
/// # Errors
/// If the schema or a generated file cannot be read or is invalid, or if the source of glabflow's crates is invalid.
pub fn check(args: &GenerateArgs) -> Result<String> {
    write::differences(&args.folders.out, &args.output()?)
}
