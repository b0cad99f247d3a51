//! The capacity of a server.

use std::time::Duration;
use tokio::sync::Semaphore;

/// A number of workers with a queue. Requests wait in the queue if all workers are busy, and are rejected if it is
/// full.
#[derive(Debug)]
pub(crate) struct Capacity {
    workers: Semaphore,
    /// Permits for requests at work or in the queue.
    places: Semaphore,
    service: Duration,
}

impl Capacity {
    pub(crate) fn new(workers: usize, service: Duration, queue: usize) -> Self {
        Capacity { workers: Semaphore::new(workers), places: Semaphore::new(workers.saturating_add(queue)), service }
    }

    /// Waits for a worker and its work; `false` if the queue is full.
    pub(crate) async fn serve(&self) -> bool {
        let Ok(_place) = self.places.try_acquire() else { return false };
        // The semaphore is never closed.
        let _worker = self.workers.acquire().await;
        tokio::time::sleep(self.service).await;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn requests_wait_for_workers_and_are_rejected_when_the_queue_is_full() {
        let capacity = Capacity::new(2, Duration::from_millis(20), 3);
        let start = Instant::now();
        let served = join_all((0..7).map(|_| async {
            let served = capacity.serve().await;
            (served, start.elapsed().as_millis())
        }))
        .await;
        let expected = [(true, 20), (true, 20), (true, 40), (true, 40), (true, 60), (false, 0), (false, 0)];
        let rounded: Vec<_> = served.iter().map(|(served, time)| (*served, time / 20 * 20)).collect();
        assert_eq!(rounded, expected);
    }
}
