//! How many requests are under way at once, and when none may start.

use crate::clock::Clock;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The right to have one request under way; ends when it is dropped.
///
/// `None` would stand for a closed semaphore, which this one never is.
pub(crate) type Permit = Option<OwnedSemaphorePermit>;

/// Shared by all clones of a client.
#[derive(Debug)]
pub(crate) struct Limiter {
    slots: Arc<Semaphore>,
    paused_until: Mutex<Option<Instant>>,
}

impl Limiter {
    pub(crate) fn new(concurrency: usize) -> Self {
        Limiter { slots: Arc::new(Semaphore::new(concurrency)), paused_until: Mutex::new(None) }
    }

    /// Waits until a request may start. `on_wait` is told of each pause; an error of it ends the waiting.
    pub(crate) async fn enter<E>(
        &self,
        clock: &dyn Clock,
        mut on_wait: impl FnMut(Duration) -> Result<(), E>,
    ) -> Result<Permit, E> {
        let permit = Arc::clone(&self.slots).acquire_owned().await.ok();
        while let Some(left) = self.pause_left(clock) {
            // Waiters that all wake at the same moment would be refused again.
            let delay = left + left.min(Duration::from_secs(10)).mul_f64(clock.random() * 0.1);
            on_wait(delay)?;
            clock.sleep(delay).await;
        }
        Ok(permit)
    }

    /// Lets no request start for a while.
    pub(crate) fn pause(&self, duration: Duration, clock: &dyn Clock) {
        let until = clock.now() + duration;
        let mut paused = self.lock();
        *paused = Some(paused.map_or(until, |old| old.max(until)));
    }

    fn pause_left(&self, clock: &dyn Clock) -> Option<Duration> {
        let mut paused = self.lock();
        let left = paused.map(|until| until.saturating_duration_since(clock.now()));
        match left {
            Some(Duration::ZERO) => {
                *paused = None;
                None
            }
            left => left,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.paused_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SkippingClock;
    use futures_util::FutureExt;
    use std::time::UNIX_EPOCH;

    #[tokio::test]
    async fn a_pause_holds_every_request_and_the_longest_one_counts() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.5);
        let limiter = Limiter::new(2);
        limiter.pause(Duration::from_secs(60), &clock);
        limiter.pause(Duration::from_secs(5), &clock);
        let mut waits = Vec::new();
        let note = |delay| {
            waits.push(delay);
            Ok::<(), ()>(())
        };
        let first = limiter.enter(&clock, note).await;
        assert_eq!(waits, [Duration::from_millis(60_500)]);
        assert!(first.is_ok());
        let second = limiter.enter(&clock, |_| Err("the pause is over")).await;
        assert!(second.is_ok());
    }

    #[tokio::test]
    async fn no_more_requests_than_allowed() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let limiter = Limiter::new(1);
        let held = limiter.enter(&clock, |_| Ok::<(), ()>(())).await;
        let mut next = Box::pin(limiter.enter(&clock, |_| Ok::<(), ()>(())));
        assert!(next.as_mut().now_or_never().is_none());
        drop(held);
        assert!(next.as_mut().now_or_never().is_some());
    }
}
