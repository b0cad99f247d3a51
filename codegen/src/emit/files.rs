//! Generated files, and the jobs that make them.

use anyhow::Result;
use std::collections::BTreeMap;

/// Generated files by their path below the output folder.
pub type Files = BTreeMap<String, String>;

/// A part of the output that depends on no other.
pub(super) type Job<'a> = Box<dyn Fn() -> Result<Files> + Sync + 'a>;

/// Runs the jobs on all cores; the result does not depend on their order.
pub(super) fn run(jobs: Vec<Job<'_>>) -> Result<Files> {
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
