//! One contestant in its own process: one client that reads one kind of item.

mod bound;
mod nodes;
mod ours;

use crate::Outcome;
use crate::process::{Said, say};
use crate::scenario::Work;
use clap::Args;
use std::path::PathBuf;
use std::time::Instant;

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

/// Reads in a task, as the handler of a server would, and prints the result.
pub(crate) fn be(options: &Options) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let start = Instant::now();
    let options = options.clone();
    let work = runtime.spawn(async move {
        match options.name.strip_prefix("bound-") {
            Some(kind) => bound::read(kind, &options).await,
            None => ours::read(&options).await,
        }
    });
    let items = runtime.block_on(work)??;
    say(&Said { items, seconds: start.elapsed().as_secs_f64() })
}

/// The paths to look up.
pub(crate) async fn paths(options: &Options) -> Outcome<Vec<String>> {
    let file = options.paths.as_ref().ok_or("this takes a file of paths")?;
    let list = tokio::fs::read_to_string(file).await?;
    Ok(list.lines().map(str::to_owned).collect())
}

/// The HTTP client of all hand-written loops.
pub(crate) fn http() -> Outcome<reqwest::Client> {
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).build()?)
}
