//! Which requests may start: a permit first, then room in the budgets that count the request.

use super::budgets::{Blocked, BudgetSet, Budgets, Rejection, RequestOutcome};
use super::concurrency::{Permit, Permits};
use super::max_wait::MaxWait;
use super::rate_limits::RateLimits;
use super::request_class::RequestClass;
use super::snapshot::BudgetState;
use crate::clock::Clock;
use crate::http::headers::Report;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// All limits of a client, which its clones share.
#[derive(Debug)]
pub(crate) struct Limits {
    permits: Arc<Permits>,
    /// `None` if rate limits are switched off.
    budgets: Option<Arc<Mutex<Budgets>>>,
    max_wait: MaxWait,
}

/// A wait before a request may start.
pub(crate) struct Wait<'a> {
    /// The budget that has no room.
    pub(crate) budget: &'a str,
    /// `None` if it depends on the responses to other requests.
    pub(crate) delay: Option<Duration>,
    /// Whether it is longer than a server may ask for.
    pub(crate) is_too_long: bool,
}

/// The right to send one request.
pub(crate) struct Admission {
    pub(crate) permit: Permit,
    reservation: Option<Reservation>,
}

/// Room for one request in its budgets, until the request ends.
struct Reservation {
    budgets: Arc<Mutex<Budgets>>,
    set: BudgetSet,
    class: RequestClass,
    /// When the request was sent.
    sent: Option<Instant>,
    is_over: bool,
}

/// A response that says that a rate limit was exceeded.
pub(crate) struct RateLimited {
    /// What its headers say about limits.
    pub(crate) report: Option<Report>,
    /// How long the server asks to wait.
    pub(crate) asked: Option<Duration>,
    /// Whether the body of a success said so. It is then a limit of its own, and the headers are about another one.
    pub(crate) is_in_body: bool,
}

impl Limits {
    pub(crate) fn new(permits: Permits, rules: RateLimits, max_wait: MaxWait) -> Self {
        let budgets = rules.is_on().then(|| Arc::new(Mutex::new(Budgets::new(rules, max_wait))));
        Limits { permits: Arc::new(permits), budgets, max_wait }
    }

    /// Waits until a request may start. Calls `on_wait` for each wait for a budget; an error of it ends the wait.
    pub(crate) async fn admit<E>(
        &self,
        class: RequestClass,
        clock: &dyn Clock,
        mut on_wait: impl FnMut(Wait<'_>) -> Result<(), E>,
    ) -> Result<Admission, E> {
        let Some(budgets) = &self.budgets else {
            return Ok(Admission { permit: self.permits.acquire().await, reservation: None });
        };
        // Declared before the permit, and so dropped after it: the next waiting request wakes up when the permit is free.
        let mut waiter: Option<Waiter<'_>> = None;
        loop {
            let permit = self.permits.acquire().await;
            let started = lock(budgets).start(class.name, clock.now());
            let Blocked { index, until, room } = match started {
                Ok(set) => {
                    let budgets = Arc::clone(budgets);
                    let reservation = Reservation { budgets, set, class, sent: None, is_over: false };
                    return Ok(Admission { permit, reservation: Some(reservation) });
                }
                Err(blocked) => blocked,
            };
            drop(permit);
            if waiter.as_ref().is_some_and(|waiter| waiter.index != index) {
                waiter = None;
            }
            let waiter = waiter.get_or_insert_with(|| Waiter::new(budgets, index));
            let notified = room.notified();
            match until {
                None => {
                    if let Some(wait) = waiter.wait_for_others() {
                        on_wait(wait)?;
                    }
                    notified.await;
                }
                Some(time) => {
                    let delay = time.saturating_duration_since(clock.now());
                    if let Some(wait) = waiter.wait_until(time, delay, self.max_wait) {
                        on_wait(wait)?;
                    }
                    // Whatever ends the wait, the budgets are checked again.
                    match select(clock.sleep(delay), pin!(notified)).await {
                        Either::Left(_) | Either::Right(_) => {}
                    }
                }
            }
        }
    }

    /// How long to wait before a retry; `None` if the server asks for too much. See [`MaxWait::before_retry`].
    pub(crate) fn before_retry(
        &self,
        asked: Option<Duration>,
        pause: Option<Duration>,
        backoff: Duration,
    ) -> Option<Duration> {
        self.max_wait.before_retry(asked, pause, backoff)
    }

    /// The known state of each budget.
    pub(crate) fn states(&self, now: Instant) -> Vec<BudgetState> {
        self.budgets.as_ref().map(|budgets| lock(budgets).states(now)).unwrap_or_default()
    }

    /// The maximum number of requests in flight at present.
    pub(crate) fn concurrency(&self) -> usize {
        self.permits.limit()
    }
}

/// A request that waits for a budget.
struct Waiter<'a> {
    budgets: &'a Mutex<Budgets>,
    index: usize,
    name: String,
    /// The end of the wait that was last reported.
    until: Option<Instant>,
    /// Whether it was reported that the wait depends on other requests.
    has_reported_others: bool,
}

impl<'a> Waiter<'a> {
    fn new(budgets: &'a Mutex<Budgets>, index: usize) -> Self {
        let name = lock(budgets).wait(index);
        Waiter { budgets, index, name, until: None, has_reported_others: false }
    }

    /// A wait for other requests; `None` if it was reported already.
    fn wait_for_others(&mut self) -> Option<Wait<'_>> {
        let is_new = !std::mem::replace(&mut self.has_reported_others, true);
        is_new.then_some(Wait { budget: &self.name, delay: None, is_too_long: false })
    }

    /// A wait until a time; `None` if it was reported already.
    fn wait_until(&mut self, time: Instant, delay: Duration, max_wait: MaxWait) -> Option<Wait<'_>> {
        let is_new = self.until.replace(time) != Some(time);
        let is_too_long = max_wait.is_exceeded_by(delay);
        is_new.then_some(Wait { budget: &self.name, delay: Some(delay), is_too_long })
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        lock(self.budgets).leave(self.index);
    }
}

impl Admission {
    /// Records that the request is sent now.
    pub(crate) fn send(&mut self, now: Instant) {
        if let Some(reservation) = &mut self.reservation {
            reservation.sent = Some(now);
        }
    }

    /// Records a response, with what it says about limits.
    pub(crate) fn responded(&mut self, report: Option<Report>, now: Instant) {
        let ended =
            self.reservation.as_mut().and_then(|reservation| reservation.end(RequestOutcome::Responded(report), now));
        if let Some((budgets, ended)) = ended {
            lock(budgets).accepted(ended.set, ended.sent);
        }
    }

    /// Records that a rate limit was exceeded. Returns the pause of all requests that the same limit counts; `None` if rate
    /// limits are switched off.
    pub(crate) fn rate_limited(&mut self, response: RateLimited, clock: &dyn Clock) -> Option<Duration> {
        let RateLimited { report, asked, is_in_body } = response;
        let (now, random) = (clock.now(), clock.random());
        let (budgets, ended) = self.reservation.as_mut()?.end(RequestOutcome::Responded(report.clone()), now)?;
        let Ended { class, sent, .. } = ended;
        let has_own_limit = is_in_body || class.has_own_limit;
        let report = report.filter(|_| !is_in_body);
        let rejection = Rejection { class: class.name, has_own_limit, report, asked, sent };
        Some(lock(budgets).rate_limited(&rejection, now, random))
    }

    /// Records that no response came.
    pub(crate) fn no_response(&mut self, now: Instant) {
        if let Some(reservation) = &mut self.reservation {
            reservation.end(RequestOutcome::Unknown, now);
        }
    }
}

/// A request that is over.
struct Ended {
    set: BudgetSet,
    class: RequestClass,
    sent: Instant,
}

impl Reservation {
    fn end(&mut self, outcome: RequestOutcome, now: Instant) -> Option<(&Mutex<Budgets>, Ended)> {
        if std::mem::replace(&mut self.is_over, true) {
            return None;
        }
        let ended = Ended { set: self.set, class: self.class, sent: self.sent.unwrap_or(now) };
        lock(&self.budgets).end(ended.set, ended.class.name, outcome, ended.sent, now);
        Some((&self.budgets, ended))
    }
}

impl Drop for Reservation {
    /// The server may have counted the request of a cancelled call, if it had been sent.
    fn drop(&mut self) {
        if let Some((outcome, at)) = match self.sent {
            _ if self.is_over => None,
            Some(sent) => Some((RequestOutcome::Unknown, sent)),
            None => Some((RequestOutcome::Unsent, Instant::now())),
        } {
            self.end(outcome, at);
        }
    }
}

fn lock(budgets: &Mutex<Budgets>) -> MutexGuard<'_, Budgets> {
    budgets.lock().unwrap_or_else(PoisonError::into_inner)
}
