//! The requests that one rate limit allows: when the next may start, and the pause after a 429.

use super::max_wait::MaxWait;
use super::rate_limits::RateLimits;
use super::window::Window;
use crate::http::headers::{FARTHEST_RESET, Report};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Upper bound of the first pause after a 429. It doubles with each further 429 in a row.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Upper bound of every such pause.
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// Maximum random addition to a pause, so that several programs do not continue at the same time.
const JITTER: Duration = Duration::from_secs(1);
/// Maximum number of limits with one name: GitLab has limits by the minute and by the hour.
const MAX_WINDOWS: usize = 4;
/// A budget that allows this many requests in flight has recovered.
const RECOVERED: usize = 64;

/// Which requests a budget counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// All requests whose limit is unknown.
    General,
    /// Those of the server's limit with this name.
    Named(Box<str>),
    /// Those of one class, whose limit the server does not name.
    Class(&'static str),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Key::General => "general",
            Key::Named(name) => name,
            Key::Class(class) => class,
        })
    }
}

/// Whether a request may start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Check {
    Free,
    /// Not before this time.
    Until(Instant),
    /// Not before the response to another request.
    Full,
}

/// One budget.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) key: Key,
    pub(super) windows: Vec<Window>,
    pub(super) in_flight: usize,
    pub(super) waiting: usize,
    /// Wakes up one waiting request, because there may be room.
    pub(super) room: Arc<Notify>,
    pause: Option<Pause>,
    /// Pauses in a row: none since the last accepted request.
    pauses: u32,
    /// Maximum requests in flight while the budget recovers. Each response allows one more.
    recovering: Option<usize>,
    /// When the next request may start, if requests are spread evenly.
    next_start: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Pause {
    since: Instant,
    until: Instant,
}

impl Budget {
    pub(super) fn new(key: Key) -> Self {
        Budget {
            key,
            windows: Vec::new(),
            in_flight: 0,
            waiting: 0,
            room: Arc::default(),
            pause: None,
            pauses: 0,
            recovering: None,
            next_start: None,
        }
    }

    /// Whether a request may start now.
    pub(super) fn check(&mut self, rules: &RateLimits, now: Instant) -> Check {
        if let Some(left) = self.pause_left(now) {
            return Check::Until(now + left);
        }
        for window in &mut self.windows {
            if window.renew(rules.reserved(window.limit), now) {
                // The first response shows whether the new period has begun.
                self.recovering = Some(1);
            }
        }
        self.windows.retain(|window| !window.is_forgotten());
        if self.recovering.is_some_and(|max| self.in_flight >= max) {
            return Check::Full;
        }
        let in_flight = self.in_flight as u64;
        let mut check = Check::Free;
        for window in &self.windows {
            let free = window.left.saturating_sub(rules.reserved(window.limit));
            match check {
                _ if free > in_flight => {}
                Check::Until(time) if free == 0 => check = Check::Until(time.max(window.reset_at)),
                _ if free == 0 => check = Check::Until(window.reset_at),
                Check::Until(_) => {}
                _ => check = Check::Full,
            }
        }
        match self.next_start {
            Some(time) if check == Check::Free && time > now => Check::Until(time),
            _ => check,
        }
    }

    /// Records that a request starts.
    pub(super) fn start(&mut self, rules: &RateLimits, now: Instant) {
        if rules.is_even() {
            let gap = self.windows.iter().filter_map(|window| {
                let free = window.left.saturating_sub(rules.reserved(window.limit) + self.in_flight as u64);
                let left = window.reset_at.checked_duration_since(now)?;
                Some(left.div_f64(free.max(1) as f64))
            });
            self.next_start = gap.max().map(|gap| now + gap);
        }
        self.in_flight += 1;
    }

    /// Records that a request is over, or was not sent.
    pub(super) fn end(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.room.notify_one();
    }

    /// Counts a request that was sent. `report` is what its response says about a limit of this budget.
    pub(super) fn count(&mut self, report: Option<&Report>, sent: Instant, now: Instant) {
        let is_about = |window: &Window| report.is_some_and(|report| report.limit == window.limit);
        for window in self.windows.iter_mut().filter(|window| !is_about(window)) {
            window.charge();
        }
        let Some(report) = report else { return };
        match self.windows.iter().position(is_about) {
            Some(index) => self.windows[index].update(report, sent, now),
            None if self.windows.len() < MAX_WINDOWS => self.windows.push(Window::new(report, sent, now)),
            None => {}
        }
    }

    /// Records a response that is not a 429.
    pub(super) fn accepted(&mut self, sent: Instant) {
        if self.pause.is_none_or(|pause| sent >= pause.until) {
            self.pause = None;
            self.pauses = 0;
            self.recovering = self.recovering.map(|max| max + 1).filter(|max| *max < RECOVERED);
        }
    }

    /// Pauses after a 429 and returns for how long. Requests that were in flight when the pause began may get a 429 as well.
    /// They do not start another pause.
    pub(super) fn rate_limited(
        &mut self,
        asked: Option<Duration>,
        max_wait: MaxWait,
        sent: Instant,
        now: Instant,
        random: f64,
    ) -> Duration {
        let is_known = self.pause.is_some_and(|pause| sent <= pause.since || now < pause.until);
        let asked = asked.map(|asked| max_wait.capped(asked));
        let until = match (self.pause, asked) {
            (Some(pause), None) if is_known => pause.until,
            (Some(pause), Some(asked)) if is_known && asked <= pause.until.saturating_duration_since(now) => {
                pause.until
            }
            (_, asked) => {
                let bound = FIRST_PAUSE.saturating_mul(1 << self.pauses.min(10)).min(MAX_PAUSE);
                let guess = bound.mul_f64(0.5 + random / 2.0);
                let jitter = |asked: Duration| JITTER.min(asked / 10).mul_f64(random);
                let wait = asked.map_or(guess, |asked| guess.max(asked.saturating_add(jitter(asked))));
                now.checked_add(wait).unwrap_or(now + FARTHEST_RESET)
            }
        };
        if !is_known {
            self.pauses = self.pauses.saturating_add(1);
        }
        let since = self.pause.filter(|_| is_known).map_or(now, |pause| pause.since);
        self.pause = Some(Pause { since, until });
        self.recovering = Some(1);
        until.saturating_duration_since(now)
    }

    /// The rest of the pause.
    pub(super) fn pause_left(&self, now: Instant) -> Option<Duration> {
        self.pause.map(|pause| pause.until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }

    /// The highest of its limits.
    pub(super) fn limit(&self) -> u64 {
        self.windows.iter().map(|window| window.limit).max().unwrap_or(0)
    }

    /// Whether a request is likely to get a 429 at present.
    pub(super) fn is_used_up(&self) -> bool {
        self.recovering.is_some() || self.windows.iter().any(|window| window.left == 0)
    }

    /// Whether nothing could make a request wait.
    pub(super) fn is_idle(&self) -> bool {
        self.windows.is_empty() && self.pause.is_none() && self.recovering.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn report(limit: u64, remaining: u64, reset_in: u64) -> Report {
        Report { name: None, limit, remaining, reset_in: Some(Duration::from_secs(reset_in)) }
    }

    fn budget(reports: &[Report], now: Instant) -> Budget {
        let mut budget = Budget::new(Key::General);
        for report in reports {
            budget.count(Some(report), now, now);
        }
        budget
    }

    fn started(budget: &mut Budget, rules: &RateLimits, now: Instant) -> usize {
        let mut count = 0;
        while budget.check(rules, now) == Check::Free {
            budget.start(rules, now);
            count += 1;
        }
        count
    }

    #[test]
    fn no_more_requests_start_than_are_left() {
        let (now, rules) = (Instant::now(), RateLimits::default());
        let mut budget = budget(&[report(600, 3, 30)], now);
        assert_eq!(started(&mut budget, &rules, now), 3);
        assert_eq!(budget.check(&rules, now), Check::Full);
        for _ in 0..3 {
            budget.end();
            budget.count(None, now, now);
        }
        assert_eq!(budget.check(&rules, now), Check::Until(now + 30 * SECOND));
        // The new period begins with one request. Each response allows one more.
        let later = now + 30 * SECOND;
        assert_eq!(started(&mut budget, &rules, later), 1);
        budget.end();
        budget.count(Some(&report(600, 599, 60)), later, later);
        budget.accepted(later);
        assert_eq!(started(&mut budget, &rules, later), 2);
    }

    #[test]
    fn the_narrower_of_two_periods_decides() {
        let (now, rules) = (Instant::now(), RateLimits::default());
        let mut budget = budget(&[report(600, 500, 30), report(5000, 2, 1800)], now);
        assert_eq!(started(&mut budget, &rules, now), 2);
        for _ in 0..2 {
            budget.end();
            budget.count(Some(&report(600, 490, 30)), now, now);
        }
        assert_eq!(budget.check(&rules, now), Check::Until(now + 1800 * SECOND));
        assert!(matches!(budget.check(&rules, now + 60 * SECOND), Check::Until(_)), "the hour is not over");
        assert_eq!(started(&mut budget, &rules, now + 1800 * SECOND), 1);
    }

    #[test]
    fn a_share_of_the_limit_is_left_to_others() {
        let (now, rules) = (Instant::now(), RateLimits::default().share(0.5));
        let mut budget = budget(&[report(600, 310, 30)], now);
        assert_eq!(started(&mut budget, &rules, now), 10);
        let mut used = self::budget(&[report(600, 300, 30)], now);
        assert_eq!(used.check(&rules, now), Check::Until(now + 30 * SECOND));
    }

    #[test]
    fn even_requests_are_spread_over_the_period() {
        let (now, rules) = (Instant::now(), RateLimits::default().evenly());
        let mut budget = budget(&[report(600, 60, 30)], now);
        assert_eq!(started(&mut budget, &rules, now), 1);
        assert_eq!(budget.check(&rules, now), Check::Until(now + SECOND / 2));
        assert_eq!(started(&mut budget, &rules, now + SECOND / 2), 1);
    }

    #[test]
    fn a_burst_of_429s_is_one_pause_and_each_further_pause_doubles() {
        let (now, rules, max_wait) = (Instant::now(), RateLimits::default(), MaxWait::default());
        let mut budget = Budget::new(Key::General);
        let first = budget.rate_limited(None, max_wait, now, now, 1.0);
        assert_eq!(first, SECOND / 4);
        assert_eq!(budget.rate_limited(None, max_wait, now, now + SECOND / 8, 1.0), SECOND / 8);
        assert_eq!(budget.check(&rules, now), Check::Until(now + SECOND / 4));
        assert_eq!(started(&mut budget, &rules, now + SECOND / 4), 1);
        budget.end();
        let later = now + SECOND / 4;
        assert_eq!(budget.rate_limited(None, max_wait, later, later, 1.0), SECOND / 2);
        let again = later + SECOND / 2;
        assert_eq!(
            budget.rate_limited(Some(Duration::ZERO), max_wait, again, again, 1.0),
            SECOND,
            "no time is not enough"
        );
        let latest = again + SECOND;
        budget.accepted(latest);
        assert_eq!(budget.rate_limited(None, max_wait, latest, latest, 0.0), SECOND / 8);
    }

    #[test]
    fn the_longest_requested_wait_counts() {
        let (now, max_wait) = (Instant::now(), MaxWait::default());
        let mut budget = Budget::new(Key::General);
        budget.rate_limited(Some(5 * SECOND), max_wait, now, now, 0.0);
        assert_eq!(budget.rate_limited(Some(60 * SECOND), max_wait, now, now, 0.5), 60 * SECOND + SECOND / 2);
        assert_eq!(budget.rate_limited(Some(SECOND), max_wait, now, now, 0.0), 60 * SECOND + SECOND / 2);
        let days = budget.rate_limited(Some(200_000 * SECOND), max_wait, now, now, 0.0);
        assert_eq!(days, MaxWait::DEFAULT, "days are capped");
    }

    #[test]
    fn an_endless_max_wait_allows_any_requested_wait() {
        let (now, max_wait) = (Instant::now(), MaxWait::new(Duration::MAX));
        let mut budget = Budget::new(Key::General);
        assert_eq!(budget.rate_limited(Some(200_000 * SECOND), max_wait, now, now, 0.0), 200_000 * SECOND);
        // The budget is paused: neither the sum nor the comparison may overflow.
        assert_eq!(budget.rate_limited(Some(Duration::MAX), max_wait, now, now, 1.0), FARTHEST_RESET);
        assert_eq!(
            Budget::new(Key::General).rate_limited(Some(Duration::MAX), max_wait, now, now, 1.0),
            FARTHEST_RESET
        );
    }

    #[test]
    fn a_limit_that_is_no_longer_reported_is_forgotten() {
        let now = Instant::now();
        let mut budget = budget(&[report(10, 0, 1), report(600, 500, 600)], now);
        for minute in 0..6 {
            assert_eq!(budget.windows.len(), 2);
            let later = now + SECOND + minute * 61 * SECOND;
            budget.check(&RateLimits::default(), later);
            budget.count(Some(&report(600, 499, 600)), later, later);
        }
        assert_eq!(budget.windows.len(), 1);
    }
}
