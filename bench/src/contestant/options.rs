//! What a contestant is and reads.

use crate::outcome::Outcome;
use crate::scenario::Work;
use clap::Args;
use std::path::PathBuf;

/// Maximum requests in flight of a contestant.
pub(crate) const AT_ONCE: usize = 16;

/// The contestant, and what it reads.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// The contestant.
    pub(crate) name: String,
    /// What it reads.
    #[arg(long)]
    pub(crate) work: Work,
    /// Number of items.
    #[arg(long)]
    pub(crate) items: u64,
    /// The address of the server.
    #[arg(long)]
    pub(crate) url: String,
    /// The token. That of the fake is not secret.
    #[arg(long)]
    pub(crate) token: String,
    /// A file with a project's path on each line.
    #[arg(long)]
    pub(crate) paths: Option<PathBuf>,
}

/// The paths to look up.
pub(crate) async fn paths(options: &Options) -> Outcome<Vec<String>> {
    let file = options.paths.as_ref().ok_or("this takes a file of paths")?;
    let list = tokio::fs::read_to_string(file).await?;
    Ok(list.lines().map(str::to_owned).collect())
}
