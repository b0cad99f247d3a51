//! One rate limit in one period: how many requests it has left, and when it counts anew.

use crate::http::headers::Report;
use std::time::{Duration, Instant};

/// The period of a limit that does not say when it counts anew; most of GitLab's limits are by the minute.
const USUAL_PERIOD: Duration = Duration::from_secs(60);
/// The period of a limit whose reset was farther away than that.
const LONG_PERIOD: Duration = Duration::from_secs(60 * 60);
/// Periods in a row in which no answer told of a limit, after which it is forgotten. Of several limits, servers tell of the one
/// that is nearest to its end, so not of all in each period.
const MOST_UNSEEN: u32 = 5;
/// How far apart two tellings of one reset may be: it is told in whole seconds, and answers take their time.
const SAME_RESET: Duration = Duration::from_secs(2);

/// A limit in its present period.
#[derive(Debug)]
pub(super) struct Window {
    /// Requests in a period; zero when the server does not tell. One name may have several limits: by the minute and by the hour.
    pub(super) limit: u64,
    /// Requests left, as last told, less those that ended since without telling.
    pub(super) left: u64,
    pub(super) reset_at: Instant,
    /// When the request was sent whose answer told this.
    told_at: Instant,
    period: Duration,
    /// Periods that began since an answer told of the limit.
    unseen: u32,
}

impl Window {
    pub(super) fn new(report: &Report, sent: Instant, now: Instant) -> Self {
        let reset_in = report.reset_in.unwrap_or(USUAL_PERIOD);
        Window {
            limit: report.limit,
            left: report.remaining,
            reset_at: now + reset_in,
            told_at: sent,
            period: if reset_in > USUAL_PERIOD + SAME_RESET { LONG_PERIOD } else { USUAL_PERIOD },
            unseen: 0,
        }
    }

    /// Whether the server does not seem to count by it any more.
    pub(super) fn is_forgotten(&self) -> bool {
        self.unseen > MOST_UNSEEN || (self.unseen > 0 && self.limit == 0)
    }

    /// Takes in what an answer tells. Answers may overtake each other.
    pub(super) fn update(&mut self, report: &Report, sent: Instant, now: Instant) {
        let Some(reset_at) = report.reset_in.map(|time| now + time) else {
            // Without a reset, a higher number can only mean a new period.
            if report.remaining > self.left && sent > self.told_at {
                self.replace(report, sent, now);
            }
            self.left = self.left.min(report.remaining);
            return;
        };
        let is_later = reset_at > self.reset_at + SAME_RESET;
        let is_earlier = reset_at + SAME_RESET < self.reset_at;
        if is_later || self.unseen > 0 || (is_earlier && sent > self.told_at) {
            self.replace(report, sent, now);
        } else if !is_earlier {
            // Within a period the number only falls. Every telling of the reset is late by some part of a second.
            self.left = self.left.min(report.remaining);
            self.reset_at = self.reset_at.min(reset_at);
            self.told_at = self.told_at.max(sent);
        }
    }

    /// Begins a period that an answer tells of.
    fn replace(&mut self, report: &Report, sent: Instant, now: Instant) {
        // Near its end, an hour's reset is as close as a minute's.
        let period = self.period;
        *self = Window::new(report, sent, now);
        self.period = self.period.max(period);
    }

    /// Counts a request whose answer did not tell of this limit.
    pub(super) fn charge(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// Begins a new period when its time has come; tells whether the one before had been used up to what is kept back.
    pub(super) fn renew(&mut self, kept: u64, now: Instant) -> bool {
        if now < self.reset_at {
            return false;
        }
        let was_used_up = self.left <= kept;
        self.left = self.limit;
        self.reset_at = now + self.period;
        self.unseen += 1;
        was_used_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{HeaderName, HeaderValue};
    use std::time::UNIX_EPOCH;

    const SECOND: Duration = Duration::from_secs(1);

    fn report(remaining: u64, reset_in: Option<u64>) -> Report {
        Report { name: None, limit: 100, remaining, reset_in: reset_in.map(Duration::from_secs) }
    }

    #[test]
    fn answers_that_overtake_each_other_do_not_give_back_what_is_used() {
        let start = Instant::now();
        let mut window = Window::new(&report(50, Some(60)), start, start);
        window.update(&report(48, Some(60)), start, start);
        window.update(&report(49, Some(60)), start, start);
        assert_eq!(window.left, 48);
        window.charge();
        assert_eq!(window.left, 47);
        // A new period, and after it a late answer of the old one.
        let later = start + 60 * SECOND;
        window.update(&report(99, Some(60)), later, later);
        window.update(&report(0, Some(0)), start, later);
        assert_eq!((window.left, window.reset_at), (99, later + 60 * SECOND));
    }

    #[test]
    fn the_earliest_telling_of_a_reset_counts() {
        let start = Instant::now();
        let mut window = Window::new(&report(50, Some(60)), start, start);
        window.update(&report(49, Some(59)), start, start + SECOND / 2);
        assert_eq!(window.reset_at, start + 59 * SECOND + SECOND / 2);
    }

    #[test]
    fn a_reset_that_was_told_too_far_away_is_corrected() {
        let start = Instant::now();
        let mut window = Window::new(&report(50, Some(3600)), start, start);
        window.update(&report(40, Some(30)), start + SECOND, start + SECOND);
        assert_eq!((window.left, window.reset_at), (40, start + 31 * SECOND));
    }

    #[test]
    fn a_period_that_begins_unseen_is_assumed_until_an_answer_tells() {
        let start = Instant::now();
        let mut window = Window::new(&report(0, Some(60)), start, start);
        assert!(!window.renew(0, start + 59 * SECOND));
        assert!(window.renew(0, start + 60 * SECOND));
        assert!(window.unseen == 1 && window.left == 100);
        window.update(&report(70, Some(60)), start + 60 * SECOND, start + 60 * SECOND);
        assert!(window.unseen == 0 && window.left == 70);
        assert!(!window.renew(0, start + 120 * SECOND), "it had not been used up");
    }

    #[test]
    fn without_a_reset_a_higher_number_begins_a_new_period() {
        let start = Instant::now();
        let mut window = Window::new(&report(2, None), start, start);
        assert_eq!(window.reset_at, start + USUAL_PERIOD);
        window.update(&report(1, None), start, start);
        window.update(&report(2, None), start, start);
        assert_eq!(window.left, 1);
        window.update(&report(99, None), start + SECOND, start + SECOND);
        assert_eq!(window.left, 99);
    }

    #[test]
    fn what_headers_tell() {
        let wall = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let read = |pairs: &[(&'static str, &'static str)]| {
            let pair = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            Report::read(&pairs.iter().map(pair).collect(), wall)
        };
        let observed = [("ratelimit-limit", "100"), ("ratelimit-observed", "30"), ("ratelimit-reset", "1700000020")];
        assert_eq!(read(&observed), Some(report(70, Some(20))));
        assert_eq!(read(&[("ratelimit-remaining", "70"), ("ratelimit-limit", "100")]), Some(report(70, None)));
        let days = [("ratelimit-remaining", "70"), ("ratelimit-limit", "100"), ("ratelimit-reset", "1700900000")];
        assert_eq!(read(&days), Some(report(70, None)), "a reset days away is not believed");
        assert_eq!(read(&[("ratelimit-limit", "100")]), None);
    }
}
