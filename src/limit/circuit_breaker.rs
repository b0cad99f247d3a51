//! Whether the server is down: calls fail at once while it is, and one probe at a time finds out when it is back.

use crate::clock::Clock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest time to a probe. A longer one means never.
const FARTHEST_PROBE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// When calls fail at once because the server is down, and how the client finds out that it is back.
///
/// The circuit breaker opens after [`failures`](CircuitBreaker::failures) in a row that span at least the time
/// [`after`](CircuitBreaker::after) the first. A failure is a request without a connection, a connection that ends or is silent
/// without a response, or a status that proxies send instead of the server (502, 503, 504, 520-530). Any other response shows
/// that the server is there. A call that reaches its own timeout does not count.
///
/// While the circuit breaker is open, calls fail at once with [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable), except
/// one probe at a time.
///
/// ```
/// use glabflow::{CircuitBreaker, Client};
/// use std::time::Duration;
///
/// let rules = CircuitBreaker::default().failures(20).max_probe(Duration::from_secs(60));
/// let gl = Client::builder("https://gitlab.example.com").circuit_breaker(rules).build()?;
/// # Ok::<(), glabflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CircuitBreaker {
    /// Failures in a row; 0 switches the circuit breaker off.
    pub failures: u32,
    /// Minimum time from the first of these failures to the last.
    pub after: Duration,
    /// Time to the first probe.
    pub probe: Duration,
    /// Maximum time between probes. The time doubles after each failed probe.
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
    /// Never opens: every request is sent.
    pub fn off() -> Self {
        CircuitBreaker::default().failures(0)
    }

    /// Failures in a row (default: 10); 0 switches the circuit breaker off.
    #[must_use]
    pub fn failures(mut self, failures: u32) -> Self {
        self.failures = failures;
        self
    }

    /// Minimum time from the first of these failures to the last (default: 10 s).
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }

    /// Time to the first probe (default: 2 s).
    #[must_use]
    pub fn probe(mut self, time: Duration) -> Self {
        self.probe = time;
        self
    }

    /// Maximum time between probes (default: 30 s).
    #[must_use]
    pub fn max_probe(mut self, time: Duration) -> Self {
        self.max_probe = time;
        self
    }
}

/// The state of a client's circuit breaker, which its clones share.
#[derive(Debug)]
pub(crate) struct Breaker {
    rules: CircuitBreaker,
    /// Whether the last request succeeded: most requests then need no lock.
    is_well: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// When the first failure in a row was.
    since: Option<Instant>,
    open: Option<Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    /// When the next probe is due.
    next: Instant,
    /// The time to the probe after that one.
    interval: Duration,
    is_probing: bool,
}

impl State {
    fn check(&self, now: Instant) -> Result<(), Down> {
        let next = match self.open {
            // A probe is in flight: if it fails, the next one is due after the interval.
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
    /// Time until the next probe.
    pub(crate) next: Duration,
}

/// The one request that tests whether the server is back. Dropping it lets another request be the probe.
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

    /// Lets a request pass, unless the server is down. The probe must be kept until the request is over.
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

    /// Whether a request could pass now, before it waits for something else.
    pub(crate) fn check(&self, clock: &dyn Clock) -> Result<(), Down> {
        if self.is_well.load(Ordering::Relaxed) { Ok(()) } else { self.lock().check(clock.now()) }
    }

    /// Records a response: the server is there.
    pub(crate) fn record_response(&self) {
        if !self.is_well.load(Ordering::Relaxed) {
            *self.lock() = State::default();
            self.is_well.store(true, Ordering::Relaxed);
        }
    }

    /// Records a request that found no server. Only a failed probe delays the next one.
    pub(crate) fn record_failure(&self, probe: Option<&Probe>, clock: &dyn Clock) {
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
        // Up to a tenth more, so that several programs do not send probes at the same time.
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
            breaker.record_failure(None, clock);
            clock.advance(SECOND);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_over_some_time() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let breaker = Breaker::new(CircuitBreaker::default());
        for _ in 0..100 {
            breaker.record_failure(None, &clock);
        }
        assert!(breaker.enter(&clock).is_ok(), "many failures at one moment do not open it");
        clock.advance(9 * SECOND);
        breaker.record_response();
        clock.advance(9 * SECOND);
        breaker.record_failure(None, &clock);
        assert!(breaker.enter(&clock).is_ok(), "a response resets the count");
        let breaker = down(&clock);
        assert_eq!(breaker.enter(&clock).expect_err("down"), Down { since: 11 * SECOND, next: SECOND });
    }

    #[test]
    fn one_probe_at_a_time_is_sent_at_growing_intervals() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let breaker = down(&clock);
        clock.advance(SECOND);
        for expected in [4, 8, 16, 30, 30] {
            let probe = breaker.enter(&clock).expect("a probe is due");
            assert!(probe.is_some() && breaker.enter(&clock).is_err(), "one at a time");
            breaker.record_failure(probe.as_ref(), &clock);
            drop(probe);
            assert_eq!(breaker.enter(&clock).expect_err("down").next, expected * SECOND);
            clock.advance(expected * SECOND);
        }
        let probe = breaker.enter(&clock).expect("a probe is due");
        breaker.record_response();
        drop(probe);
        assert!(breaker.enter(&clock).expect("it is back").is_none());
    }

    #[test]
    fn a_cancelled_probe_allows_another() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let breaker = down(&clock);
        clock.advance(SECOND);
        drop(breaker.enter(&clock).expect("a probe is due"));
        assert!(breaker.enter(&clock).is_ok());
    }

    #[test]
    fn times_may_be_endless() {
        let clock = SkippingClock::new(UNIX_EPOCH, 1.0);
        let rules = CircuitBreaker::default().probe(Duration::MAX).max_probe(Duration::MAX);
        let breaker = Breaker::new(rules);
        for _ in 0..11 {
            breaker.record_failure(None, &clock);
            clock.advance(SECOND);
        }
        clock.advance(2 * FARTHEST_PROBE);
        let probe = breaker.enter(&clock).expect("a probe is due");
        breaker.record_failure(probe.as_ref(), &clock);
        drop(probe);
        assert!(breaker.enter(&clock).expect_err("down").next >= FARTHEST_PROBE);
    }

    #[test]
    fn switched_off_it_never_opens() {
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let breaker = Breaker::new(CircuitBreaker::off());
        for _ in 0..100 {
            breaker.record_failure(None, &clock);
            clock.advance(SECOND);
        }
        assert!(breaker.enter(&clock).expect("never down").is_none());
    }
}
