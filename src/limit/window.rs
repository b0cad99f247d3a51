//! One rate limit in its present period: how many requests are left, and when it resets.

use crate::http::headers::Report;
use std::time::{Duration, Instant};

/// The period of a limit whose reset is unknown. Most of GitLab's limits are by the minute.
const DEFAULT_PERIOD: Duration = Duration::from_secs(60);
/// The period of a limit whose reset was further away.
const LONG_PERIOD: Duration = Duration::from_secs(60 * 60);
/// A limit without a report for more than this number of periods is forgotten. A server reports only the limit that is nearest
/// to its end, so not every limit is reported in each period.
const MAX_UNREPORTED_PERIODS: u32 = 5;
/// How far apart two reports of one reset may be: they are in whole seconds, and responses take time.
const SAME_RESET: Duration = Duration::from_secs(2);

/// A limit in its present period.
#[derive(Debug)]
pub(super) struct Window {
    /// Requests in a period; zero if the server does not report it. A name may have several limits: by the minute and by the hour.
    pub(super) limit: u64,
    /// Requests left in the last report, minus those that ended since without a report.
    pub(super) left: u64,
    pub(super) reset_at: Instant,
    /// When the request of the last report was sent.
    reported_at: Instant,
    period: Duration,
    /// Periods that began since the last report.
    unreported: u32,
}

impl Window {
    pub(super) fn new(report: &Report, sent: Instant, now: Instant) -> Self {
        let reset_in = report.reset_in.unwrap_or(DEFAULT_PERIOD);
        Window {
            limit: report.limit,
            left: report.remaining,
            reset_at: now + reset_in,
            reported_at: sent,
            period: if reset_in > DEFAULT_PERIOD + SAME_RESET { LONG_PERIOD } else { DEFAULT_PERIOD },
            unreported: 0,
        }
    }

    /// Whether the server seems to have dropped the limit.
    pub(super) fn is_forgotten(&self) -> bool {
        self.unreported > MAX_UNREPORTED_PERIODS || (self.unreported > 0 && self.limit == 0)
    }

    /// Adds a report. Responses may overtake each other.
    pub(super) fn update(&mut self, report: &Report, sent: Instant, now: Instant) {
        let Some(reset_at) = report.reset_in.map(|time| now + time) else {
            // Without a reset, only a new period explains a higher number.
            if report.remaining > self.left && sent > self.reported_at {
                self.replace(report, sent, now);
            }
            self.left = self.left.min(report.remaining);
            return;
        };
        let is_later = reset_at > self.reset_at + SAME_RESET;
        let is_earlier = reset_at + SAME_RESET < self.reset_at;
        if is_later || self.unreported > 0 || (is_earlier && sent > self.reported_at) {
            self.replace(report, sent, now);
        } else if !is_earlier {
            // Within a period the number only falls. Each reported reset is late by a part of a second.
            self.left = self.left.min(report.remaining);
            self.reset_at = self.reset_at.min(reset_at);
            self.reported_at = self.reported_at.max(sent);
        }
    }

    /// Begins the period of a report.
    fn replace(&mut self, report: &Report, sent: Instant, now: Instant) {
        // Near the end of an hour, its reset is as close as a minute's.
        let period = self.period;
        *self = Window::new(report, sent, now);
        self.period = self.period.max(period);
    }

    /// Counts a request whose response did not report this limit.
    pub(super) fn charge(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// Begins a new period when the old one is over. Returns whether the old one was used up, except for the `reserved` requests.
    pub(super) fn renew(&mut self, reserved: u64, now: Instant) -> bool {
        if now < self.reset_at {
            return false;
        }
        let was_used_up = self.left <= reserved;
        self.left = self.limit;
        self.reset_at = now + self.period;
        self.unreported += 1;
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
    fn late_reports_do_not_raise_what_is_left() {
        let start = Instant::now();
        let mut window = Window::new(&report(50, Some(60)), start, start);
        window.update(&report(48, Some(60)), start, start);
        window.update(&report(49, Some(60)), start, start);
        assert_eq!(window.left, 48);
        window.charge();
        assert_eq!(window.left, 47);
        // A new period, and then a late response of the old one.
        let later = start + 60 * SECOND;
        window.update(&report(99, Some(60)), later, later);
        window.update(&report(0, Some(0)), start, later);
        assert_eq!((window.left, window.reset_at), (99, later + 60 * SECOND));
    }

    #[test]
    fn the_earliest_reported_reset_counts() {
        let start = Instant::now();
        let mut window = Window::new(&report(50, Some(60)), start, start);
        window.update(&report(49, Some(59)), start, start + SECOND / 2);
        assert_eq!(window.reset_at, start + 59 * SECOND + SECOND / 2);
    }

    #[test]
    fn a_reset_that_was_too_far_away_is_corrected() {
        let start = Instant::now();
        let mut window = Window::new(&report(50, Some(3600)), start, start);
        window.update(&report(40, Some(30)), start + SECOND, start + SECOND);
        assert_eq!((window.left, window.reset_at), (40, start + 31 * SECOND));
    }

    #[test]
    fn a_new_period_is_assumed_until_a_report_comes() {
        let start = Instant::now();
        let mut window = Window::new(&report(0, Some(60)), start, start);
        assert!(!window.renew(0, start + 59 * SECOND));
        assert!(window.renew(0, start + 60 * SECOND));
        assert!(window.unreported == 1 && window.left == 100);
        window.update(&report(70, Some(60)), start + 60 * SECOND, start + 60 * SECOND);
        assert!(window.unreported == 0 && window.left == 70);
        assert!(!window.renew(0, start + 120 * SECOND), "it had not been used up");
    }

    #[test]
    fn without_a_reset_a_higher_number_begins_a_new_period() {
        let start = Instant::now();
        let mut window = Window::new(&report(2, None), start, start);
        assert_eq!(window.reset_at, start + DEFAULT_PERIOD);
        window.update(&report(1, None), start, start);
        window.update(&report(2, None), start, start);
        assert_eq!(window.left, 1);
        window.update(&report(99, None), start + SECOND, start + SECOND);
        assert_eq!(window.left, 99);
    }

    #[test]
    fn reports_are_read_from_headers() {
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
        assert_eq!(read(&days), Some(report(70, None)), "a reset that is days away is ignored");
        assert_eq!(read(&[("ratelimit-limit", "100")]), None);
    }
}
