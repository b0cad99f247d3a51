//! One contestant in its own process: one client that reads one kind of item.

mod bound;
mod nodes;
pub(crate) mod options;
mod ours;

use self::options::Options;
use crate::outcome::Outcome;
use crate::process::{Said, say};
use std::time::Instant;

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
