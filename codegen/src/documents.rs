//! Writes every GraphQL document to its own file, for tools that read GraphQL.

use crate::output::Folders;
use anyhow::{Context, Result};
use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// The folders of `documents`.
#[derive(Debug, Clone, clap::Args)]
pub struct DocumentsArgs {
    /// The schema folder.
    #[arg(long, value_name = "DIR", default_value = "schema")]
    schema: PathBuf,
    /// The folder to write to. Each operation becomes the file `AREA/ID.graphql`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes the documents.
///
/// # Errors
/// If the schema cannot be read or is invalid, or if a file cannot be written.
pub fn run(args: &DocumentsArgs, out: &mut dyn Write) -> Result<()> {
    let folders = Folders { schema: args.schema.clone(), out: args.out.clone() };
    let index = folders.graphql_model()?;
    for operation in &index.operations {
        let folder = args.out.join(&operation.area);
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let path = folder.join(format!("{}.graphql", operation.id));
        fs::write(&path, &operation.document).with_context(|| format!("cannot write {}", path.display()))?;
    }
    writeln!(out, "{} documents written to {}", index.operations.len(), args.out.display())?;
    Ok(())
}
