//! When a request may start: how many are under way at once, what the server's rate limits have left, and whether the server
//! is there at all.
//!
//! A request takes a place among those under way first, then its share of the budgets that count it. When a budget has no room,
//! the place is given back before the wait, so that requests which other budgets count go on.

mod adaptive;
mod budget;
mod budgets;
mod circuit_breaker;
mod concurrency;
mod request_class;
mod snapshot;
mod window;

#[cfg(test)]
mod simulation;

pub use circuit_breaker::Circuit;
pub(crate) use circuit_breaker::{Breaker, Down};
pub use concurrency::Concurrency;
pub(crate) use concurrency::{Gauge, Permit, Slots, Speed};
pub use snapshot::{BudgetState, WindowState};
pub(crate) use window::Report;

use crate::clock::Clock;
use crate::http::prepared::Plan;
use budgets::{Blocked, End, Ledger, Refusal, Set};
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Which part of the server's rate limits a client uses, and how.
///
/// The server tells with its answers how many requests are left; the client never sends more. See [`Builder::rate_limits`].
///
/// ```
/// use glabflow::{Client, RateLimits};
///
/// // Leaves half of the limit to others with the same token, and sends the rest at a steady pace.
/// let gl = Client::builder("https://gitlab.example.com").rate_limits(RateLimits::default().share(0.5).evenly()).build()?;
/// # Ok::<(), glabflow::Error>(())
/// ```
///
/// [`Builder::rate_limits`]: crate::Builder::rate_limits
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimits {
    is_on: bool,
    is_even: bool,
    share: f64,
    /// The longest wait that a server may ask for.
    max_wait: Duration,
}

impl Default for RateLimits {
    fn default() -> Self {
        RateLimits { is_on: true, is_even: false, share: 1.0, max_wait: crate::RetryPolicy::default().max_wait }
    }
}

impl RateLimits {
    /// Takes no notice of rate limits. A request that is refused waits as its [`RetryPolicy`](crate::RetryPolicy) says, by itself.
    pub fn off() -> Self {
        RateLimits { is_on: false, ..RateLimits::default() }
    }

    /// Uses this part of each limit, from 0 to 1, and leaves the rest to others who use the same token.
    pub fn share(mut self, part: f64) -> Self {
        self.share = part.clamp(0.0, 1.0);
        self
    }

    /// Spreads requests evenly over the time until a limit counts anew. Unless set, they go out as fast as they come, until none
    /// is left.
    pub fn evenly(mut self) -> Self {
        self.is_even = true;
        self
    }

    pub(crate) fn waiting_at_most(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    fn is_on(&self) -> bool {
        self.is_on
    }

    fn is_even(&self) -> bool {
        self.is_even
    }

    /// How many requests of a limit are left to others; at least one is ours.
    fn kept(&self, limit: u64) -> u64 {
        // Limits are far below what a double holds exactly.
        let kept = (limit as f64 * (1.0 - self.share)).floor() as u64;
        kept.min(limit.saturating_sub(1))
    }
}

/// All limits of a client, which its clones share.
#[derive(Debug)]
pub(crate) struct Limits {
    slots: Arc<Slots>,
    /// `None` when rate limits are switched off.
    ledger: Option<Arc<Mutex<Ledger>>>,
    max_wait: Duration,
}

/// A wait before a request may start.
pub(crate) struct Wait<'a> {
    /// The budget that has no room.
    pub(crate) budget: &'a str,
    /// `None` when it depends on the answers to other requests.
    pub(crate) delay: Option<Duration>,
    /// Whether it is longer than a server may ask for.
    pub(crate) is_too_long: bool,
}

/// The right to send one request.
pub(crate) struct Pass {
    pub(crate) permit: Permit,
    charge: Option<Charge>,
}

/// What one request takes of its budgets, until it ends.
struct Charge {
    ledger: Arc<Mutex<Ledger>>,
    set: Set,
    class: &'static str,
    /// When it was sent.
    sent: Option<Instant>,
    is_over: bool,
}

impl Limits {
    pub(crate) fn new(slots: Slots, rules: RateLimits) -> Self {
        let max_wait = rules.max_wait;
        let ledger = rules.is_on().then(|| Arc::new(Mutex::new(Ledger::new(rules))));
        Limits { slots: Arc::new(slots), ledger, max_wait }
    }

    /// Waits until a request may start. `on_wait` is told of each wait for a budget; an error of it ends the waiting.
    pub(crate) async fn enter<E>(
        &self,
        plan: &Plan,
        clock: &dyn Clock,
        mut on_wait: impl FnMut(Wait<'_>) -> Result<(), E>,
    ) -> Result<Pass, E> {
        let Some(ledger) = &self.ledger else {
            return Ok(Pass { permit: self.slots.enter().await, charge: None });
        };
        let class = request_class::class(plan);
        // Declared first, so that the next in the line is woken after this one has let go of its place.
        let mut waiting: Option<Waiting<'_>> = None;
        loop {
            let permit = self.slots.enter().await;
            let started = lock(ledger).start(class, clock.now());
            let Blocked { place, until, room } = match started {
                Ok(set) => {
                    let charge = Charge { ledger: Arc::clone(ledger), set, class, sent: None, is_over: false };
                    return Ok(Pass { permit, charge: Some(charge) });
                }
                Err(blocked) => blocked,
            };
            drop(permit);
            if waiting.as_ref().is_none_or(|waiting| waiting.place != place) {
                waiting = Some(Waiting::at(ledger, place));
            }
            let notified = room.notified();
            match until {
                None => {
                    if let Some(waiting) = waiting.as_mut().filter(|waiting| !waiting.is_told_of_others) {
                        waiting.is_told_of_others = true;
                        on_wait(Wait { budget: &waiting.name, delay: None, is_too_long: false })?;
                    }
                    notified.await;
                }
                Some(time) => {
                    let delay = time.saturating_duration_since(clock.now());
                    if let Some(waiting) = waiting.as_mut().filter(|waiting| waiting.until != Some(time)) {
                        waiting.until = Some(time);
                        let is_too_long = delay > self.max_wait;
                        on_wait(Wait { budget: &waiting.name, delay: Some(delay), is_too_long })?;
                    }
                    // Both ends of the wait lead to another look.
                    match select(clock.sleep(delay), pin!(notified)).await {
                        Either::Left(_) | Either::Right(_) => {}
                    }
                }
            }
        }
    }

    /// What is known of each budget.
    pub(crate) fn states(&self, now: Instant) -> Vec<BudgetState> {
        self.ledger.as_ref().map(|ledger| lock(ledger).states(now)).unwrap_or_default()
    }

    /// Requests that may be under way at once.
    pub(crate) fn concurrency(&self) -> usize {
        self.slots.limit()
    }
}

/// Who waits for a budget.
struct Waiting<'a> {
    ledger: &'a Mutex<Ledger>,
    place: usize,
    name: String,
    /// The end of the wait that was told of last.
    until: Option<Instant>,
    /// Whether it was told that the wait depends on other requests.
    is_told_of_others: bool,
}

impl<'a> Waiting<'a> {
    fn at(ledger: &'a Mutex<Ledger>, place: usize) -> Self {
        let name = lock(ledger).wait(place);
        Waiting { ledger, place, name, until: None, is_told_of_others: false }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(self.ledger).leave(self.place);
    }
}

impl Pass {
    /// Takes note that the request goes out now.
    pub(crate) fn send(&mut self, now: Instant) {
        if let Some(charge) = &mut self.charge {
            charge.sent = Some(now);
        }
    }

    /// Takes note of an answer that is no refusal, with what it tells about limits.
    pub(crate) fn answered(&mut self, report: Option<Report>, now: Instant) {
        if let Some((ledger, charge)) = self.charge.as_mut().and_then(|charge| charge.end(End::Answered(report), now)) {
            lock(ledger).accepted(charge.set, charge.sent);
        }
    }

    /// Takes note of a refusal, and tells how long everyone waits whose requests the same limit counts; `None` when rate limits are
    /// switched off. A refusal `within` a success is that of a limit which counts such requests on their own: what the answer's head
    /// tells is about another one.
    pub(crate) fn refused(
        &mut self,
        plan: &Plan,
        report: Option<Report>,
        asked: Option<Duration>,
        within: bool,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        let (now, random) = (clock.now(), clock.random());
        let (ledger, Ended { class, sent, .. }) = self.charge.as_mut()?.end(End::Answered(report.clone()), now)?;
        let is_apart = within || request_class::is_apart(plan);
        let refusal = Refusal { class, is_apart, report: report.filter(|_| !within), asked, sent };
        Some(lock(ledger).refused(&refusal, now, random))
    }

    /// Takes note that no answer came.
    pub(crate) fn lost(&mut self, now: Instant) {
        if let Some(charge) = &mut self.charge {
            charge.end(End::Unknown, now);
        }
    }
}

/// A request that is over.
struct Ended {
    set: Set,
    class: &'static str,
    sent: Instant,
}

impl Charge {
    fn end(&mut self, end: End, now: Instant) -> Option<(&Mutex<Ledger>, Ended)> {
        if std::mem::replace(&mut self.is_over, true) {
            return None;
        }
        let ended = Ended { set: self.set, class: self.class, sent: self.sent.unwrap_or(now) };
        lock(&self.ledger).end(ended.set, ended.class, end, ended.sent, now);
        Some((&self.ledger, ended))
    }
}

impl Drop for Charge {
    /// A call that was given up may have been counted if it had been sent.
    fn drop(&mut self) {
        if let Some((end, at)) = match self.sent {
            _ if self.is_over => None,
            Some(sent) => Some((End::Unknown, sent)),
            None => Some((End::Unsent, Instant::now())),
        } {
            self.end(end, at);
        }
    }
}

fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}
