//! All budgets of a client, and which of them count a request.
//!
//! Which limit counts a request shows with its answer. What was seen for a class of requests is remembered; a class that has
//! not been seen goes by the limit that counts most others.

use super::budget::{Budget, Check, Key};
use super::rate_limits::RateLimits;
use super::snapshot::{BudgetState, WindowState};
use crate::http::headers::Report;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Some budgets, by their places in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set(u64);

/// Budgets at most, as many as a [`Set`] has room for; a server that invents names does not get more.
const MOST: usize = 64;
/// Budgets at most that count one class of requests.
const MOST_OF_A_CLASS: usize = 4;
/// The place of the budget of all requests of which nothing else is known.
const GENERAL: usize = 0;

impl Set {
    fn of(place: usize) -> Self {
        Set(1 << place)
    }

    fn with(self, place: usize) -> Self {
        Set(self.0 | 1 << place)
    }

    fn places(self) -> impl DoubleEndedIterator<Item = usize> {
        (0..MOST).filter(move |place| self.0 & (1 << place) != 0)
    }
}

/// How a request ended, as far as limits are concerned.
#[derive(Debug)]
pub(super) enum End {
    /// It was not sent.
    Unsent,
    /// It was sent, and whether it was counted is not known.
    Unknown,
    /// An answer came.
    Answered(Option<Report>),
}

/// Why a request may not start.
pub(super) struct Blocked {
    /// The budget that has no room.
    pub(super) place: usize,
    /// When it may have room, unless that depends on the answers to other requests.
    pub(super) until: Option<Instant>,
    pub(super) room: Arc<Notify>,
}

/// A refusal: an answer with 429.
pub(super) struct Refusal {
    pub(super) class: &'static str,
    /// Whether GitLab is known to limit such requests on their own.
    pub(super) is_apart: bool,
    pub(super) report: Option<Report>,
    /// How long the server asks to wait.
    pub(super) asked: Option<Duration>,
    pub(super) sent: Instant,
}

/// All budgets.
#[derive(Debug)]
pub(super) struct Ledger {
    rules: RateLimits,
    budgets: Vec<Budget>,
    classes: HashMap<&'static str, Set>,
    /// The budget of classes that have not been seen.
    usual: usize,
}

impl Ledger {
    pub(super) fn new(rules: RateLimits) -> Self {
        Ledger { rules, budgets: vec![Budget::new(Key::General)], classes: HashMap::new(), usual: GENERAL }
    }

    /// The budgets that are believed to count a class of requests.
    fn of(&self, class: &str) -> Set {
        self.classes.get(class).copied().unwrap_or(Set::of(self.usual))
    }

    /// Starts a request, if all its budgets have room.
    pub(super) fn start(&mut self, class: &'static str, now: Instant) -> Result<Set, Blocked> {
        let set = self.of(class);
        for place in set.places() {
            let budget = &mut self.budgets[place];
            let until = match budget.check(&self.rules, now) {
                Check::Free => continue,
                Check::Until(time) => Some(time),
                Check::Full => None,
            };
            return Err(Blocked { place, until, room: Arc::clone(&budget.room) });
        }
        for place in set.places() {
            self.budgets[place].start(&self.rules, now);
        }
        Ok(set)
    }

    /// Ends a request.
    pub(super) fn end(&mut self, set: Set, class: &'static str, end: End, sent: Instant, now: Instant) {
        for place in set.places() {
            self.budgets[place].end();
        }
        let report = match end {
            End::Unsent => return,
            End::Unknown => None,
            End::Answered(report) => report,
        };
        let told = report.as_ref().and_then(|report| self.named(report));
        let counted = told.map_or(set, |place| set.with(place));
        for place in counted.places() {
            let report = report.as_ref().filter(|_| told == Some(place));
            self.budgets[place].count(report, sent, now);
        }
        if let Some(place) = told {
            self.learn(class, place);
        }
    }

    /// Takes note of an answer that is no refusal.
    pub(super) fn accepted(&mut self, set: Set, sent: Instant) {
        for place in set.places() {
            self.budgets[place].accepted(sent);
        }
    }

    /// Takes note of a refusal, and tells how long the budget pauses that refused.
    pub(super) fn refused(&mut self, refusal: &Refusal, now: Instant, random: f64) -> Duration {
        let Refusal { class, report, asked, sent, .. } = refusal;
        let told = report.as_ref().filter(|report| report.name.is_some()).and_then(|report| self.named(report));
        let place = told.unwrap_or_else(|| self.suspect(refusal));
        let set = if self.classes.contains_key(class) { self.of(class).with(place) } else { Set::of(place) };
        if place != GENERAL {
            self.classes.insert(class, set);
        }
        self.budgets[place].refused(*asked, &self.rules, *sent, now, random)
    }

    /// The budget that must have refused a request, when the server does not tell its name.
    ///
    /// When the limit that counts such requests has room, it is a limit of this class alone: GitLab's limits for searches, notes,
    /// exports and so on answer 429 without a word about themselves.
    fn suspect(&mut self, refusal: &Refusal) -> usize {
        let set = self.of(refusal.class);
        let used_up = set.places().find(|place| self.budgets[*place].is_used_up());
        let is_known = set.places().any(|place| !self.budgets[place].windows.is_empty());
        match used_up {
            Some(place) => place,
            None if is_known || refusal.is_apart => self.place(Key::Class(refusal.class)).unwrap_or(GENERAL),
            None => GENERAL,
        }
    }

    /// Remembers which budget counts a class of requests.
    fn learn(&mut self, class: &'static str, place: usize) {
        let known = self.classes.get(class).copied();
        let others = known.unwrap_or(Set(0)).places().filter(|at| *at != place && !self.budgets[*at].is_idle());
        let set = others.rev().take(MOST_OF_A_CLASS - 1).fold(Set::of(place), Set::with);
        if known != Some(set) {
            self.classes.insert(class, set);
        }
        if self.usual != place && self.budgets[place].limit() >= self.budgets[self.usual].limit() {
            self.usual = place;
        }
    }

    /// The place of the budget that a report is about.
    fn named(&mut self, report: &Report) -> Option<usize> {
        match &report.name {
            // Only a name that has not been seen needs to be copied.
            Some(name) => self
                .budgets
                .iter()
                .position(|budget| matches!(&budget.key, Key::Named(known) if known == name))
                .or_else(|| self.place(Key::Named(name.clone()))),
            None => Some(GENERAL),
        }
    }

    fn place(&mut self, key: Key) -> Option<usize> {
        let known = self.budgets.iter().position(|budget| budget.key == key);
        if known.is_none() && self.budgets.len() < MOST {
            self.budgets.push(Budget::new(key));
            return Some(self.budgets.len() - 1);
        }
        known
    }

    /// Counts who waits for a budget, and tells its name.
    pub(super) fn wait(&mut self, place: usize) -> String {
        self.budgets[place].waiting += 1;
        self.budgets[place].key.to_string()
    }

    /// Ends the waiting for a budget. Whoever leaves passes on that there may be room.
    pub(super) fn leave(&mut self, place: usize) {
        let budget = &mut self.budgets[place];
        budget.waiting -= 1;
        budget.room.notify_one();
    }

    /// What is known of each budget.
    pub(super) fn states(&self, now: Instant) -> Vec<BudgetState> {
        let known = self.budgets.iter().filter(|budget| !budget.is_idle() || budget.in_flight + budget.waiting > 0);
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

    /// Sends a request of a class whose answer tells something; `false` when it may not start.
    fn send(ledger: &mut Ledger, class: &'static str, report: Option<Report>, now: Instant) -> bool {
        let Ok(set) = ledger.start(class, now) else { return false };
        ledger.end(set, class, End::Answered(report), now, now);
        ledger.accepted(set, now);
        true
    }

    fn refuse(ledger: &mut Ledger, class: &'static str, is_apart: bool, report: Option<Report>, now: Instant) {
        let Ok(set) = ledger.start(class, now) else { panic!("{class} may not start") };
        ledger.end(set, class, End::Answered(report.clone()), now, now);
        ledger.refused(&Refusal { class, is_apart, report, asked: Some(30 * SECOND), sent: now }, now, 0.0);
    }

    #[test]
    fn named_limits_are_apart() {
        let (now, mut ledger) = (Instant::now(), Ledger::new(RateLimits::default()));
        assert!(send(&mut ledger, "list_users", report(Some("api"), 600, 100), now));
        assert!(send(&mut ledger, "search", report(Some("search"), 30, 0), now));
        assert!(!send(&mut ledger, "search", None, now), "nothing is left");
        assert!(send(&mut ledger, "list_users", None, now));
        assert!(send(&mut ledger, "get_project", None, now), "what has not been seen goes by the usual limit");
    }

    #[test]
    fn a_refusal_without_a_word_is_of_the_class_when_its_limit_has_room() {
        let (now, mut ledger) = (Instant::now(), Ledger::new(RateLimits::default()));
        send(&mut ledger, "create_note", report(Some("api"), 600, 100), now);
        refuse(&mut ledger, "create_note", false, None, now);
        assert!(!send(&mut ledger, "create_note", None, now));
        assert!(send(&mut ledger, "list_users", report(Some("api"), 600, 98), now));
        let names: Vec<String> = ledger.states(now).into_iter().map(|state| state.name).collect();
        assert_eq!(names, ["api", "create_note"]);
        // Later both the pause and the limit of all are still minded.
        assert!(send(&mut ledger, "create_note", report(Some("api"), 600, 0), now + 31 * SECOND));
        assert!(!send(&mut ledger, "create_note", None, now + 31 * SECOND));
    }

    #[test]
    fn a_refusal_without_a_word_by_a_server_without_headers_holds_everything_back() {
        let (now, mut ledger) = (Instant::now(), Ledger::new(RateLimits::default()));
        send(&mut ledger, "list_users", None, now);
        refuse(&mut ledger, "list_users", false, None, now);
        assert!(!send(&mut ledger, "get_project", None, now));
        let mut ledger = Ledger::new(RateLimits::default());
        refuse(&mut ledger, "search", true, None, now);
        assert!(!send(&mut ledger, "search", None, now) && send(&mut ledger, "get_project", None, now));
    }

    #[test]
    fn a_refusal_that_names_its_limit_pauses_that_one() {
        let (now, mut ledger) = (Instant::now(), Ledger::new(RateLimits::default()));
        send(&mut ledger, "list_users", report(Some("api"), 600, 100), now);
        refuse(&mut ledger, "search", false, report(Some("search"), 30, 0), now);
        assert!(!send(&mut ledger, "search", None, now));
        assert!(send(&mut ledger, "list_users", None, now));
    }

    #[test]
    fn a_limit_used_up_is_the_one_that_refused() {
        let (now, mut ledger) = (Instant::now(), Ledger::new(RateLimits::default()));
        send(&mut ledger, "list_users", report(Some("api"), 600, 1), now);
        send(&mut ledger, "list_users", None, now);
        let refusal = Refusal { class: "list_users", is_apart: false, report: None, asked: None, sent: now };
        ledger.refused(&refusal, now, 0.0);
        assert_eq!(ledger.states(now).len(), 1);
        assert!(ledger.states(now)[0].paused_for.is_some());
    }

    #[test]
    fn a_class_moves_to_another_limit_when_the_server_says_so() {
        let (now, mut ledger) = (Instant::now(), Ledger::new(RateLimits::default()));
        send(&mut ledger, "list_users", report(Some("old"), 600, 0), now);
        for minute in 1..=6 {
            let later = now + minute * 61 * SECOND;
            assert!(send(&mut ledger, "list_users", report(Some("new"), 600, 500), later));
        }
        assert!(ledger.budgets[1].windows.is_empty(), "the old limit is forgotten");
    }

    #[test]
    fn names_without_end_do_not_fill_the_memory() {
        let (now, mut ledger) = (Instant::now(), Ledger::new(RateLimits::default()));
        for number in 0..1000 {
            assert!(send(&mut ledger, "list_users", report(Some(&format!("limit-{number}")), 6000, 5000), now));
        }
        assert_eq!(ledger.budgets.len(), MOST);
    }
}
