//! How many requests are under way at once.

use super::adaptive::{Sample, Speed, Tuner};
use crate::error::Error;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests at most, unless set.
const MOST: usize = 64;
/// Requests to begin with, unless set.
const START: usize = 16;

/// How many requests may be under way at once, over all clones of a client. A plain number stands for
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
    most: usize,
    start: usize,
    is_fixed: bool,
}

impl Default for Concurrency {
    fn default() -> Self {
        Concurrency::adaptive(MOST)
    }
}

impl From<usize> for Concurrency {
    fn from(most: usize) -> Self {
        Concurrency::adaptive(most)
    }
}

impl Concurrency {
    /// As many as the server carries out at once, but no more than `most`: begins with 16, grows while answers come as fast as
    /// before, and falls when the server cannot keep up.
    pub fn adaptive(most: usize) -> Self {
        Concurrency { most, start: START.min(most), is_fixed: false }
    }

    /// Always this many.
    pub fn fixed(requests: usize) -> Self {
        Concurrency { most: requests, start: requests, is_fixed: true }
    }

    /// Begins with another number.
    pub fn starting_at(mut self, requests: usize) -> Self {
        if !self.is_fixed {
            self.start = requests.min(self.most);
        }
        self
    }

    /// Requests at most.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.start == 0 || self.most > Semaphore::MAX_PERMITS {
            let text = "`concurrency` must be at least 1, and no more than a machine can count";
            return Err(Error::configuration(text));
        }
        Ok(())
    }
}

/// The places of requests under way.
#[derive(Debug)]
pub(crate) struct Slots {
    free: Arc<Semaphore>,
    limit: AtomicUsize,
    /// Places that are to vanish when they are given back.
    surplus: AtomicUsize,
    under_way: AtomicUsize,
    /// Counts the changes of the limit: what was sent before a change tells nothing about it.
    round: AtomicU32,
    tuner: Option<Mutex<Tuner>>,
}

/// The right to have one request under way; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    gauge: Gauge,
    /// `None` would stand for a closed semaphore, which this one never is.
    place: Option<OwnedSemaphorePermit>,
}

/// Takes the measure of one request, also when that has been given up.
#[derive(Debug, Clone)]
pub(crate) struct Gauge {
    slots: Arc<Slots>,
    /// When the request got its place.
    round: u32,
}

impl Slots {
    pub(crate) fn new(concurrency: &Concurrency) -> Self {
        let tuner = (!concurrency.is_fixed).then(|| Mutex::new(Tuner::new(concurrency.start, concurrency.most)));
        Slots {
            free: Arc::new(Semaphore::new(concurrency.start)),
            limit: AtomicUsize::new(concurrency.start),
            surplus: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            round: AtomicU32::new(0),
            tuner,
        }
    }

    /// Waits for a place.
    pub(super) async fn enter(self: &Arc<Self>) -> Permit {
        let place = Arc::clone(&self.free).acquire_owned().await.ok();
        self.under_way.fetch_add(1, Relaxed);
        let gauge = Gauge { slots: Arc::clone(self), round: self.round.load(Relaxed) };
        Permit { gauge, place }
    }

    /// Requests that may be under way at once.
    pub(super) fn limit(&self) -> usize {
        self.limit.load(Relaxed)
    }

    /// Changes the limit. Called with the tuner's lock held, so by one at a time.
    fn resize(&self, limit: usize) {
        let old = self.limit.swap(limit, Relaxed);
        if limit == old {
            return;
        }
        self.round.fetch_add(1, Relaxed);
        if limit > old {
            let mut more = limit - old;
            // Places that were to vanish may as well stay.
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

    fn tuner<'a>(&self, tuner: &'a Mutex<Tuner>) -> MutexGuard<'a, Tuner> {
        tuner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    pub(crate) fn gauge(&self) -> Gauge {
        self.gauge.clone()
    }

    /// As [`Gauge::measure`].
    pub(crate) fn measure(&self, operation: &'static str, speed: Speed) {
        self.gauge.measure(operation, speed);
    }
}

impl Gauge {
    /// Takes note of how long a request took, to find out how many the server carries out at once.
    pub(crate) fn measure(&self, operation: &'static str, speed: Speed) {
        let Some(tuner) = &self.slots.tuner else { return };
        let under_way = self.slots.under_way.load(Relaxed);
        let mut tuner = self.slots.tuner(tuner);
        if self.round != self.slots.round.load(Relaxed) {
            return;
        }
        if let Some(limit) = tuner.note(&Sample { operation, speed, under_way }) {
            self.slots.resize(limit);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let slots = &self.gauge.slots;
        slots.under_way.fetch_sub(1, Relaxed);
        if let Some(place) = self.place.take()
            && slots.take_surplus()
        {
            place.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn take(slots: &Arc<Slots>) -> Option<Permit> {
        slots.enter().now_or_never()
    }

    #[test]
    fn no_more_requests_than_allowed() {
        let slots = Arc::new(Slots::new(&Concurrency::fixed(1)));
        let held = take(&slots);
        assert!(held.is_some() && take(&slots).is_none());
        drop(held);
        assert!(take(&slots).is_some());
    }

    #[test]
    fn places_follow_the_limit_also_while_they_are_taken() {
        let slots = Arc::new(Slots::new(&Concurrency::adaptive(10).starting_at(4)));
        let held: Vec<Permit> = (0..3).filter_map(|_| take(&slots)).collect();
        slots.resize(1);
        assert!(take(&slots).is_none(), "the free place is gone, and two more are to go");
        let mut held = held.into_iter();
        drop((held.next(), held.next()));
        assert!(take(&slots).is_none());
        drop(held);
        assert!(take(&slots).is_some_and(|_only| take(&slots).is_none()));
        slots.resize(3);
        let held: Vec<Permit> = (0..3).filter_map(|_| take(&slots)).collect();
        slots.resize(2);
        slots.resize(3);
        drop(held);
        assert_eq!(slots.free.available_permits(), 3);
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(Concurrency::fixed(0).check().is_err());
        assert!(Concurrency::adaptive(0).check().is_err());
        assert!(Concurrency::adaptive(8).starting_at(0).check().is_err());
        assert!(Concurrency::adaptive(usize::MAX).check().is_err());
        assert!(Concurrency::adaptive(8).starting_at(80).check().is_ok());
    }
}
