//! Whether the server is there: calls fail at once while it is not, and one request at a time finds out when it is back.

use crate::clock::Clock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The farthest try. Whoever sets it later than that never wants one.
const FARTHEST_PROBE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// When a client takes its server for down, and how it finds out that it is back.
///
/// A server is down when no connection comes about, when connections end or are silent without an answer, or when a proxy answers
/// in its place (502, 503, 504, 520-530), for so many requests in a row and for so long. Any other answer shows that it is there,
/// so that neither refusals nor a broken endpoint count; nor does a call whose own time runs out. While it is down, calls fail at
/// once with [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable), except for one request from time to time that tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Failures in a row; 0 switches it off.
    pub failures: u32,
    /// Time since the first of them.
    pub after: Duration,
    /// Time until the first try.
    pub probe: Duration,
    /// The longest time between tries; it doubles with each that fails.
    pub max_probe: Duration,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        CircuitBreaker {
            failures: 10,
            after: Duration::from_secs(10),
            probe: Duration::from_secs(2),
            max_probe: Duration::from_secs(30),
        }
    }
}

impl CircuitBreaker {
    /// Sends every request, whatever became of those before.
    pub fn off() -> Self {
        CircuitBreaker { failures: 0, ..CircuitBreaker::default() }
    }
}

/// The state of a client's circuit, which its clones share.
#[derive(Debug)]
pub(crate) struct Breaker {
    rules: CircuitBreaker,
    /// Whether the last request went well, which spares most requests the lock.
    is_well: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// When the first failure of those in a row was.
    since: Option<Instant>,
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    /// When the next try is due.
    next: Instant,
    /// The time to the try after that one.
    interval: Duration,
    is_probing: bool,
}

impl State {
    fn check(&self, now: Instant) -> Result<(), Down> {
        let next = match self.open {
            // A try is under way: should it fail, the next one comes after the usual time.
            Some(open) if open.is_probing => open.interval,
            Some(open) if open.next > now => open.next.saturating_duration_since(now),
            _ => return Ok(()),
        };
        let since = self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        Err(Down { since, next })
    }
}

/// Why a request must not be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Down {
    /// How long the server has been down.
    pub(crate) since: Duration,
    /// Time until the next try.
    pub(crate) next: Duration,
}

/// The one request that tries whether the server is back; given up, another one may.
#[derive(Debug)]
pub(crate) struct Probe(Arc<Breaker>);

impl Drop for Probe {
    fn drop(&mut self) {
        if let Some(open) = &mut self.0.lock().open {
            open.is_probing = false;
        }
    }
}

impl Breaker {
    pub(crate) fn new(rules: CircuitBreaker) -> Arc<Self> {
        Arc::new(Breaker { rules, is_well: AtomicBool::new(true), state: Mutex::default() })
    }

    /// Lets a request pass, unless the server is down. What it gives must be kept until the request is over.
    pub(crate) fn enter(self: &Arc<Self>, clock: &dyn Clock) -> Result<Option<Probe>, Down> {
        if self.is_well.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let mut state = self.lock();
        state.check(clock.now())?;
        Ok(state.open.as_mut().map(|open| {
            open.is_probing = true;
            Probe(Arc::clone(self))
        }))
    }

    /// Whether a request could pass now, for one that has to wait for something else first.
    pub(crate) fn check(&self, clock: &dyn Clock) -> Result<(), Down> {
        if self.is_well.load(Ordering::Relaxed) { Ok(()) } else { self.lock().check(clock.now()) }
    }

    /// Takes note of an answer that shows that the server is there.
    pub(crate) fn is_there(&self) {
        if !self.is_well.load(Ordering::Relaxed) {
            *self.lock() = State::default();
            self.is_well.store(true, Ordering::Relaxed);
        }
    }

    /// Takes note of a request that found no server. Only a probe puts off the next try.
    pub(crate) fn is_missing(&self, probe: Option<&Probe>, clock: &dyn Clock) {
        if self.rules.failures == 0 {
            return;
        }
        let now = clock.now();
        let mut state = self.lock();
        self.is_well.store(false, Ordering::Relaxed);
        state.failures = state.failures.saturating_add(1);
        let since = *state.since.get_or_insert(now);
        let is_down = state.failures >= self.rules.failures && now.saturating_duration_since(since) >= self.rules.after;
        let interval = match state.open {
            Some(open) if probe.is_some() => open.interval.saturating_mul(2).min(self.rules.max_probe),
            None if is_down => self.rules.probe,
            _ => return,
        };
        let interval = interval.min(FARTHEST_PROBE);
        // Up to a tenth more, so that several programs do not come back at once.
        let next = now + interval.mul_f64(1.0 + clock.random() * 0.1);
        state.open = Some(Open { next, interval, is_probing: probe.is_some() });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SkippingClock;
    use std::time::UNIX_EPOCH;

    const SECOND: Duration = Duration::from_secs(1);

    fn down(clock: &SkippingClock) -> Arc<Breaker> {
        let breaker = Breaker::new(CircuitBreaker::default());
        for _ in 0..11 {
            assert!(breaker.enter(clock).expect("not down yet").is_none());
            breaker.is_missing(None, clock);
            clock.advance(SECOND);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_some_time() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let breaker = Breaker::new(CircuitBreaker::default());
        for _ in 0..100 {
            breaker.is_missing(None, &clock);
        }
        assert!(breaker.enter(&clock).is_ok(), "many failures at one moment are a hiccup");
        clock.advance(9 * SECOND);
        breaker.is_there();
        clock.advance(9 * SECOND);
        breaker.is_missing(None, &clock);
        assert!(breaker.enter(&clock).is_ok(), "an answer begins the count anew");
        let breaker = down(&clock);
        assert_eq!(breaker.enter(&clock).expect_err("down"), Down { since: 11 * SECOND, next: SECOND });
    }

    #[test]
    fn one_request_at_a_time_tries_and_less_and_less_often() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let breaker = down(&clock);
        clock.advance(SECOND);
        for expected in [4, 8, 16, 30, 30] {
            let probe = breaker.enter(&clock).expect("a try is due");
            assert!(probe.is_some() && breaker.enter(&clock).is_err(), "one at a time");
            breaker.is_missing(probe.as_ref(), &clock);
            drop(probe);
            assert_eq!(breaker.enter(&clock).expect_err("down").next, expected * SECOND);
            clock.advance(expected * SECOND);
        }
        let probe = breaker.enter(&clock).expect("a try is due");
        breaker.is_there();
        drop(probe);
        assert!(breaker.enter(&clock).expect("it is back").is_none());
    }

    #[test]
    fn a_try_that_is_given_up_leaves_room_for_another() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let breaker = down(&clock);
        clock.advance(SECOND);
        drop(breaker.enter(&clock).expect("a try is due"));
        assert!(breaker.enter(&clock).is_ok());
    }

    #[test]
    fn times_may_be_endless() {
        let clock = SkippingClock::new(UNIX_EPOCH, 1.0);
        let rules = CircuitBreaker { probe: Duration::MAX, max_probe: Duration::MAX, ..CircuitBreaker::default() };
        let breaker = Breaker::new(rules);
        for _ in 0..11 {
            breaker.is_missing(None, &clock);
            clock.advance(SECOND);
        }
        clock.advance(2 * FARTHEST_PROBE);
        let probe = breaker.enter(&clock).expect("a try is due");
        breaker.is_missing(probe.as_ref(), &clock);
        drop(probe);
        assert!(breaker.enter(&clock).expect_err("down").next >= FARTHEST_PROBE);
    }

    #[test]
    fn switched_off_it_never_opens() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let breaker = Breaker::new(CircuitBreaker::off());
        for _ in 0..100 {
            breaker.is_missing(None, &clock);
            clock.advance(SECOND);
        }
        assert!(breaker.enter(&clock).expect("never down").is_none());
    }
}
