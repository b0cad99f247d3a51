//! Every GraphQL document as a file of its own, for tools that read GraphQL.

use crate::output::Folders;
use anyhow::{Context, Result};
use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// Where to read and to write.
#[derive(Debug, Clone, clap::Args)]
pub struct DocumentsArgs {
    /// The folder of the schema documents.
    #[arg(long, value_name = "DIR", default_value = "schema")]
    schema: PathBuf,
    /// The folder that gets a file for each operation, `AREA/ID.graphql`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes the documents.
///
/// # Errors
/// When the schema cannot be read or understood, or a file cannot be written.
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
