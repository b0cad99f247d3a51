//! All budgets of a client, and which of them count a request.
//!
//! The response to a request shows which limit counts it. This is remembered for the class of the request. A class without a
//! response uses the budget with the highest limit.

use super::budget::{Budget, Check, Key};
use super::max_wait::MaxWait;
use super::rate_limits::RateLimits;
use super::snapshot::{BudgetState, WindowState};
use crate::http::headers::Report;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Some budgets, by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BudgetSet(u64);

/// Maximum number of budgets: a [`BudgetSet`] has a bit for each. A server that invents names does not get more.
const MAX_BUDGETS: usize = 64;
/// Maximum number of budgets that count one class of requests.
const MAX_BUDGETS_PER_CLASS: usize = 4;
/// The index of the budget of requests whose limit is unknown.
const GENERAL: usize = 0;

impl BudgetSet {
    fn of(index: usize) -> Self {
        BudgetSet(1 << index)
    }

    fn with(self, index: usize) -> Self {
        BudgetSet(self.0 | 1 << index)
    }

    fn indices(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..MAX_BUDGETS).filter(move |index| self.0 & (1 << index) != 0)
    }
}

/// How a request ended, for its limits.
#[derive(Debug)]
pub(super) enum RequestOutcome {
    /// It was not sent.
    Unsent,
    /// It was sent. Whether the server counted it is unknown.
    Unknown,
    /// A response came.
    Responded(Option<Report>),
}

/// Why a request may not start.
pub(super) struct Blocked {
    /// The budget that has no room.
    pub(super) index: usize,
    /// When it may have room, unless that depends on the responses to other requests.
    pub(super) until: Option<Instant>,
    pub(super) room: Arc<Notify>,
}

/// A request that a rate limit rejected.
pub(super) struct Rejection {
    pub(super) class: &'static str,
    /// Whether GitLab is known to limit such requests separately.
    pub(super) has_own_limit: bool,
    pub(super) report: Option<Report>,
    /// How long the server asks to wait.
    pub(super) asked: Option<Duration>,
    pub(super) sent: Instant,
}

/// All budgets.
#[derive(Debug)]
pub(super) struct Budgets {
    rules: RateLimits,
    max_wait: MaxWait,
    all: Vec<Budget>,
    classes: HashMap<&'static str, BudgetSet>,
    /// The budget of classes without a response.
    default_budget: usize,
}

impl Budgets {
    pub(super) fn new(rules: RateLimits, max_wait: MaxWait) -> Self {
        let all = vec![Budget::new(Key::General)];
        Budgets { rules, max_wait, all, classes: HashMap::new(), default_budget: GENERAL }
    }

    /// The budgets that count a class of requests, as far as responses have shown.
    fn of(&self, class: &str) -> BudgetSet {
        self.classes.get(class).copied().unwrap_or(BudgetSet::of(self.default_budget))
    }

    /// Starts a request, if all its budgets have room.
    pub(super) fn start(&mut self, class: &'static str, now: Instant) -> Result<BudgetSet, Blocked> {
        let set = self.of(class);
        for index in set.indices() {
            let budget = &mut self.all[index];
            let until = match budget.check(&self.rules, now) {
                Check::Free => continue,
                Check::Until(time) => Some(time),
                Check::Full => None,
            };
            return Err(Blocked { index, until, room: Arc::clone(&budget.room) });
        }
        for index in set.indices() {
            self.all[index].start(&self.rules, now);
        }
        Ok(set)
    }

    /// Ends a request.
    pub(super) fn end(
        &mut self,
        set: BudgetSet,
        class: &'static str,
        outcome: RequestOutcome,
        sent: Instant,
        now: Instant,
    ) {
        for index in set.indices() {
            self.all[index].end();
        }
        let report = match outcome {
            RequestOutcome::Unsent => return,
            RequestOutcome::Unknown => None,
            RequestOutcome::Responded(report) => report,
        };
        let reported = report.as_ref().and_then(|report| self.reported(report));
        let counted = reported.map_or(set, |index| set.with(index));
        for index in counted.indices() {
            let report = report.as_ref().filter(|_| reported == Some(index));
            self.all[index].count(report, sent, now);
        }
        if let Some(index) = reported {
            self.learn(class, index);
        }
    }

    /// Records a response that no rate limit rejected.
    pub(super) fn accepted(&mut self, set: BudgetSet, sent: Instant) {
        for index in set.indices() {
            self.all[index].accepted(sent);
        }
    }

    /// Records a rejection, and returns the pause of the budget that rejected the request.
    pub(super) fn rate_limited(&mut self, rejection: &Rejection, now: Instant, random: f64) -> Duration {
        let Rejection { class, report, asked, sent, .. } = rejection;
        let reported = report.as_ref().filter(|report| report.name.is_some()).and_then(|report| self.reported(report));
        let index = reported.unwrap_or_else(|| self.suspect(rejection));
        let set = if self.classes.contains_key(class) { self.of(class).with(index) } else { BudgetSet::of(index) };
        if index != GENERAL {
            self.classes.insert(class, set);
        }
        self.all[index].rate_limited(*asked, self.max_wait, *sent, now, random)
    }

    /// The budget that must have rejected a request, if the server does not name it.
    ///
    /// If the known limits of such requests have room, the class has a limit of its own: GitLab's limits for searches, notes,
    /// exports and so on send a 429 without their name.
    fn suspect(&mut self, rejection: &Rejection) -> usize {
        let set = self.of(rejection.class);
        let used_up = set.indices().find(|index| self.all[*index].is_used_up());
        let is_known = set.indices().any(|index| !self.all[index].windows.is_empty());
        match used_up {
            Some(index) => index,
            None if is_known || rejection.has_own_limit => self.index(Key::Class(rejection.class)).unwrap_or(GENERAL),
            None => GENERAL,
        }
    }

    /// Remembers which budget counts a class of requests.
    fn learn(&mut self, class: &'static str, index: usize) {
        let known = self.classes.get(class).copied();
        let others = known.unwrap_or(BudgetSet(0)).indices().filter(|at| *at != index && !self.all[*at].is_idle());
        let set = others.rev().take(MAX_BUDGETS_PER_CLASS - 1).fold(BudgetSet::of(index), BudgetSet::with);
        if known != Some(set) {
            self.classes.insert(class, set);
        }
        if self.default_budget != index && self.all[index].limit() >= self.all[self.default_budget].limit() {
            self.default_budget = index;
        }
    }

    /// The index of the budget that a report is about.
    fn reported(&mut self, report: &Report) -> Option<usize> {
        match &report.name {
            // Only a new name needs to be copied.
            Some(name) => self
                .all
                .iter()
                .position(|budget| matches!(&budget.key, Key::Named(known) if known == name))
                .or_else(|| self.index(Key::Named(name.clone()))),
            None => Some(GENERAL),
        }
    }

    fn index(&mut self, key: Key) -> Option<usize> {
        let known = self.all.iter().position(|budget| budget.key == key);
        if known.is_none() && self.all.len() < MAX_BUDGETS {
            self.all.push(Budget::new(key));
            return Some(self.all.len() - 1);
        }
        known
    }

    /// Counts a request that waits for a budget, and returns the budget's name.
    pub(super) fn wait(&mut self, index: usize) -> String {
        self.all[index].waiting += 1;
        self.all[index].key.to_string()
    }

    /// Ends the wait of a request for a budget. It wakes up the next one, because there may be room.
    pub(super) fn leave(&mut self, index: usize) {
        let budget = &mut self.all[index];
        budget.waiting -= 1;
        budget.room.notify_one();
    }

    /// The known state of each budget.
    pub(super) fn states(&self, now: Instant) -> Vec<BudgetState> {
        let known = self.all.iter().filter(|budget| !budget.is_idle() || budget.in_flight + budget.waiting > 0);
        known
            .map(|budget| BudgetState {
                name: budget.key.to_string(),
                windows: budget.windows.iter().map(|window| WindowState::of(window, now)).collect(),
                in_flight: budget.in_flight,
                waiting: budget.waiting,
                paused_for: budget.pause_left(now),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn report(name: Option<&str>, limit: u64, remaining: u64) -> Option<Report> {
        Some(Report { name: name.map(Into::into), limit, remaining, reset_in: Some(60 * SECOND) })
    }

    /// Sends a request of a class, whose response has a report; `false` if it may not start.
    fn send(budgets: &mut Budgets, class: &'static str, report: Option<Report>, now: Instant) -> bool {
        let Ok(set) = budgets.start(class, now) else { return false };
        budgets.end(set, class, RequestOutcome::Responded(report), now, now);
        budgets.accepted(set, now);
        true
    }

    fn reject(budgets: &mut Budgets, class: &'static str, has_own_limit: bool, report: Option<Report>, now: Instant) {
        let Ok(set) = budgets.start(class, now) else { panic!("{class} may not start") };
        budgets.end(set, class, RequestOutcome::Responded(report.clone()), now, now);
        budgets.rate_limited(
            &Rejection { class, has_own_limit, report, asked: Some(30 * SECOND), sent: now },
            now,
            0.0,
        );
    }

    #[test]
    fn named_limits_count_separately() {
        let (now, mut budgets) = (Instant::now(), Budgets::new(RateLimits::default(), MaxWait::default()));
        assert!(send(&mut budgets, "list_users", report(Some("api"), 600, 100), now));
        assert!(send(&mut budgets, "search", report(Some("search"), 30, 0), now));
        assert!(!send(&mut budgets, "search", None, now), "nothing is left");
        assert!(send(&mut budgets, "list_users", None, now));
        assert!(send(&mut budgets, "get_project", None, now), "a new class uses the default budget");
    }

    #[test]
    fn unnamed_429_pauses_only_the_request_class_if_the_known_limit_has_room() {
        let (now, mut budgets) = (Instant::now(), Budgets::new(RateLimits::default(), MaxWait::default()));
        send(&mut budgets, "create_note", report(Some("api"), 600, 100), now);
        reject(&mut budgets, "create_note", false, None, now);
        assert!(!send(&mut budgets, "create_note", None, now));
        assert!(send(&mut budgets, "list_users", report(Some("api"), 600, 98), now));
        let names: Vec<String> = budgets.states(now).into_iter().map(|state| state.name).collect();
        assert_eq!(names, ["api", "create_note"]);
        // Later, both the pause and the limit of all requests still hold.
        assert!(send(&mut budgets, "create_note", report(Some("api"), 600, 0), now + 31 * SECOND));
        assert!(!send(&mut budgets, "create_note", None, now + 31 * SECOND));
    }

    #[test]
    fn unnamed_429_without_headers_pauses_all_requests() {
        let (now, mut budgets) = (Instant::now(), Budgets::new(RateLimits::default(), MaxWait::default()));
        send(&mut budgets, "list_users", None, now);
        reject(&mut budgets, "list_users", false, None, now);
        assert!(!send(&mut budgets, "get_project", None, now));
        let mut budgets = Budgets::new(RateLimits::default(), MaxWait::default());
        reject(&mut budgets, "search", true, None, now);
        assert!(!send(&mut budgets, "search", None, now) && send(&mut budgets, "get_project", None, now));
    }

    #[test]
    fn a_429_with_a_name_pauses_the_budget_of_that_name() {
        let (now, mut budgets) = (Instant::now(), Budgets::new(RateLimits::default(), MaxWait::default()));
        send(&mut budgets, "list_users", report(Some("api"), 600, 100), now);
        reject(&mut budgets, "search", false, report(Some("search"), 30, 0), now);
        assert!(!send(&mut budgets, "search", None, now));
        assert!(send(&mut budgets, "list_users", None, now));
    }

    #[test]
    fn unnamed_429_pauses_the_budget_that_is_used_up() {
        let (now, mut budgets) = (Instant::now(), Budgets::new(RateLimits::default(), MaxWait::default()));
        send(&mut budgets, "list_users", report(Some("api"), 600, 1), now);
        send(&mut budgets, "list_users", None, now);
        let rejection = Rejection { class: "list_users", has_own_limit: false, report: None, asked: None, sent: now };
        budgets.rate_limited(&rejection, now, 0.0);
        assert_eq!(budgets.states(now).len(), 1);
        assert!(budgets.states(now)[0].paused_for.is_some());
    }

    #[test]
    fn a_class_moves_to_the_limit_that_the_server_reports() {
        let (now, mut budgets) = (Instant::now(), Budgets::new(RateLimits::default(), MaxWait::default()));
        send(&mut budgets, "list_users", report(Some("old"), 600, 0), now);
        for minute in 1..=6 {
            let later = now + minute * 61 * SECOND;
            assert!(send(&mut budgets, "list_users", report(Some("new"), 600, 500), later));
        }
        assert!(budgets.all[1].windows.is_empty(), "the old limit is forgotten");
    }

    #[test]
    fn the_number_of_budgets_is_bounded() {
        let (now, mut budgets) = (Instant::now(), Budgets::new(RateLimits::default(), MaxWait::default()));
        for number in 0..1000 {
            assert!(send(&mut budgets, "list_users", report(Some(&format!("limit-{number}")), 6000, 5000), now));
        }
        assert_eq!(budgets.all.len(), MAX_BUDGETS);
    }
}
