//! Which requests may start: a permit first, then room in the budgets that count the request.

use super::budgets::{Blocked, End, Ledger, Refusal, Set};
use super::concurrency::{Permit, Slots};
use super::rate_limits::RateLimits;
use super::request_class;
use super::snapshot::BudgetState;
use crate::clock::Clock;
use crate::http::headers::Report;
use crate::http::prepared::Plan;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
