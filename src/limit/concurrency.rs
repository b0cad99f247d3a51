//! How many requests are in flight at once.

use super::adaptive::{AdaptiveLimit, Sample, Speed};
use crate::error::Error;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Maximum, unless set.
const DEFAULT_MAX: usize = 64;
/// Start, unless set.
const START: usize = 16;

/// How many requests may be in flight at once, over all clones of a client. A plain number means
/// [`adaptive`](Concurrency::adaptive) up to that number.
///
/// ```
/// use glabflow::{Client, Concurrency};
///
/// let gl = Client::builder("https://gitlab.example.com").concurrency(Concurrency::adaptive(100).starting_at(8)).build()?;
/// # Ok::<(), glabflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concurrency {
    max: usize,
    start: usize,
    is_fixed: bool,
}

impl Default for Concurrency {
    fn default() -> Self {
        Concurrency::adaptive(DEFAULT_MAX)
    }
}

impl From<usize> for Concurrency {
    fn from(max: usize) -> Self {
        Concurrency::adaptive(max)
    }
}

impl Concurrency {
    /// As many as the server can handle, up to `max`. Starts with 16, grows while responses are as fast as before, and falls
    /// when the server cannot keep up.
    pub fn adaptive(max: usize) -> Self {
        Concurrency { max, start: START.min(max), is_fixed: false }
    }

    /// Always this number.
    pub fn fixed(requests: usize) -> Self {
        Concurrency { max: requests, start: requests, is_fixed: true }
    }

    /// Starts with another number.
    pub fn starting_at(mut self, requests: usize) -> Self {
        if !self.is_fixed {
            self.start = requests.min(self.max);
        }
        self
    }

    /// The maximum.
    pub(crate) fn max(&self) -> usize {
        self.max
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.start == 0 || self.max > Semaphore::MAX_PERMITS {
            let text = format!("`concurrency` must be from 1 to {}", Semaphore::MAX_PERMITS);
            return Err(Error::configuration(text));
        }
        Ok(())
    }
}

/// The permits of requests in flight.
#[derive(Debug)]
pub(crate) struct Permits {
    free: Arc<Semaphore>,
    limit: AtomicUsize,
    /// Permits to remove when they are returned.
    surplus: AtomicUsize,
    in_flight: AtomicUsize,
    /// Counts the changes of the limit: a request that was sent before a change says nothing about it.
    round: AtomicU32,
    adaptive: Option<Mutex<AdaptiveLimit>>,
}

/// The right to have one request in flight. Dropping it returns it.
#[derive(Debug)]
pub(crate) struct Permit {
    recorder: LatencyRecorder,
    /// `None` only if the semaphore were closed, which never happens.
    permit: Option<OwnedSemaphorePermit>,
}

/// Records how long one request took. It outlives a cancelled request.
#[derive(Debug, Clone)]
pub(crate) struct LatencyRecorder {
    permits: Arc<Permits>,
    /// The round in which the request got its permit.
    round: u32,
}

impl Permits {
    pub(crate) fn new(concurrency: &Concurrency) -> Self {
        let adaptive =
            (!concurrency.is_fixed).then(|| Mutex::new(AdaptiveLimit::new(concurrency.start, concurrency.max)));
        Permits {
            free: Arc::new(Semaphore::new(concurrency.start)),
            limit: AtomicUsize::new(concurrency.start),
            surplus: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            round: AtomicU32::new(0),
            adaptive,
        }
    }

    /// Waits for a permit.
    pub(super) async fn acquire(self: &Arc<Self>) -> Permit {
        let permit = Arc::clone(&self.free).acquire_owned().await.ok();
        self.in_flight.fetch_add(1, Relaxed);
        let recorder = LatencyRecorder { permits: Arc::clone(self), round: self.round.load(Relaxed) };
        Permit { recorder, permit }
    }

    /// The maximum number of requests in flight at present.
    pub(super) fn limit(&self) -> usize {
        self.limit.load(Relaxed)
    }

    /// Changes the limit. The caller holds the lock of the adaptive limit, so there is one change at a time.
    fn resize(&self, limit: usize) {
        let old = self.limit.swap(limit, Relaxed);
        if limit == old {
            return;
        }
        self.round.fetch_add(1, Relaxed);
        if limit > old {
            let mut more = limit - old;
            // Permits that were to be removed can stay.
            while more > 0 && self.take_surplus() {
                more -= 1;
            }
            self.free.add_permits(more);
        } else {
            let less = old - limit;
            let gone = self.free.forget_permits(less);
            self.surplus.fetch_add(less - gone, Relaxed);
        }
    }

    fn take_surplus(&self) -> bool {
        self.surplus.fetch_update(Relaxed, Relaxed, |surplus| surplus.checked_sub(1)).is_ok()
    }

    fn lock<'a>(&self, adaptive: &'a Mutex<AdaptiveLimit>) -> MutexGuard<'a, AdaptiveLimit> {
        adaptive.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    pub(crate) fn recorder(&self) -> LatencyRecorder {
        self.recorder.clone()
    }

    /// As [`LatencyRecorder::record`].
    pub(crate) fn record(&self, operation: &'static str, speed: Speed) {
        self.recorder.record(operation, speed);
    }
}

impl LatencyRecorder {
    /// Records how long a request took: this shows how many requests the server can handle at once.
    pub(crate) fn record(&self, operation: &'static str, speed: Speed) {
        let Some(adaptive) = &self.permits.adaptive else { return };
        let in_flight = self.permits.in_flight.load(Relaxed);
        let mut adaptive = self.permits.lock(adaptive);
        if self.round != self.permits.round.load(Relaxed) {
            return;
        }
        if let Some(limit) = adaptive.record(&Sample { operation, speed, in_flight }) {
            self.permits.resize(limit);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let permits = &self.recorder.permits;
        permits.in_flight.fetch_sub(1, Relaxed);
        if let Some(permit) = self.permit.take()
            && permits.take_surplus()
        {
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn take(permits: &Arc<Permits>) -> Option<Permit> {
        permits.acquire().now_or_never()
    }

    #[test]
    fn no_more_permits_than_allowed() {
        let permits = Arc::new(Permits::new(&Concurrency::fixed(1)));
        let held = take(&permits);
        assert!(held.is_some() && take(&permits).is_none());
        drop(held);
        assert!(take(&permits).is_some());
    }

    #[test]
    fn permits_follow_the_limit_while_they_are_taken() {
        let permits = Arc::new(Permits::new(&Concurrency::adaptive(10).starting_at(4)));
        let held: Vec<Permit> = (0..3).filter_map(|_| take(&permits)).collect();
        permits.resize(1);
        assert!(take(&permits).is_none(), "the free permit is gone, and two more are to go");
        let mut held = held.into_iter();
        drop((held.next(), held.next()));
        assert!(take(&permits).is_none());
        drop(held);
        assert!(take(&permits).is_some_and(|_only| take(&permits).is_none()));
        permits.resize(3);
        let held: Vec<Permit> = (0..3).filter_map(|_| take(&permits)).collect();
        permits.resize(2);
        permits.resize(3);
        drop(held);
        assert_eq!(permits.free.available_permits(), 3);
    }

    #[test]
    fn invalid_numbers_are_errors() {
        assert!(Concurrency::fixed(0).check().is_err());
        assert!(Concurrency::adaptive(0).check().is_err());
        assert!(Concurrency::adaptive(8).starting_at(0).check().is_err());
        assert!(Concurrency::adaptive(usize::MAX).check().is_err());
        assert!(Concurrency::adaptive(8).starting_at(80).check().is_ok());
    }
}
