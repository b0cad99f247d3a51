//! From a schema folder to the generated folder: all output in memory, then written or compared.

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

/// What to generate, and for whom.
#[derive(Debug, Clone, clap::Args)]
pub struct GenerateArgs {
    /// Where to read and to write.
    #[command(flatten)]
    pub folders: Folders,
    /// Where complete crates find the crates of glabflow: a version, the path of a checkout, or the address of a git
    /// repository, which may end in `?branch=NAME`, `?tag=NAME` or `?rev=COMMIT` [default: the version of this generator].
    #[arg(long, value_name = "VERSION|PATH|URL")]
    pub glabflow: Option<String>,
}

impl GenerateArgs {
    /// Everything that is to be written, by path.
    fn output(&self) -> Result<Output> {
        if self.folders.are_of_workspace() {
            if self.glabflow.is_some() {
                bail!(
                    "--glabflow is for complete crates: those in {} are of glabflow's workspace; name another folder by --out",
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

/// Generates for the workspace and writes; files that do not change keep their time stamps.
///
/// # Errors
/// When the schema cannot be read or understood, files of others are in the way, or a file cannot be written.
pub fn write(folders: &Folders) -> Result<Written> {
    write::put(&folders.out, folders.output()?)
}

/// Generates as the arguments say, and writes.
///
/// # Errors
/// As for [`write()`], and when the source of glabflow's crates is none.
pub fn run(args: &GenerateArgs) -> Result<Written> {
    write::put(&args.folders.out, args.output()?)
}

/// Compares what would be generated as the arguments say with what is there; the differences as a text, empty when there are none.
///
/// # Errors
/// When the schema or a generated file cannot be read or understood, and when the source of glabflow's crates is none.
pub fn check(args: &GenerateArgs) -> Result<String> {
    write::differences(&args.folders.out, &args.output()?)
}
