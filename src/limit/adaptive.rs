//! How many requests a server can handle at once, estimated from how long they take and how many fail.
//!
//! It works in rounds of twice as many responses as there are permits:
//!
//! - While requests take as long as usual, the limit grows: it doubles in each round at first, and grows by an eighth later.
//! - When they take twice as long, the limit is halved for one round, to see whether the limit is the cause. If requests are
//!   faster then, the limit was too high: it falls by a quarter, or is halved again while the throughput stays the same. If they
//!   are not, the server itself is slower, and the new time counts as usual.
//! - When a twentieth of a round fails from overload, the limit falls by a quarter at once.
//!
//! Only rounds that used the whole limit raise or halve it: otherwise the limit had no effect.

use std::collections::HashMap;
use std::time::Duration;

/// Minimum number of responses in a round.
const SHORTEST_ROUND: usize = 16;
/// The first responses of an operation, whose average is the usual time.
const FIRST_RESPONSES: u32 = 8;
/// The limit grows while requests take less than this multiple of the usual time.
const GROWTH: f64 = 1.5;
/// From this multiple on, the limit is halved to see whether it is the cause.
const SLOWNESS: f64 = 2.0;
/// If half the limit takes less than this part of the time, the limit was the cause.
const RELIEF: f64 = 0.7;
/// Below this part, half the limit has the same throughput: the limit may still be too high.
const FULL_RELIEF: f64 = 0.6;
/// Up to this limit, slow responses do not lower it further. Only failures do.
const FEW: usize = 4;
/// The factor by which a limit that is too high falls.
const DECREASE: f64 = 0.75;

/// What a request says about the server's load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speed {
    /// It was carried out in this time.
    Took(Duration),
    /// The server was overloaded, or too slow.
    Overloaded,
}

/// The end of a request.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) operation: &'static str,
    pub(super) speed: Speed,
    /// Requests in flight, including this one.
    pub(super) in_flight: usize,
}

/// How long an operation usually takes.
#[derive(Debug, Default)]
struct Usual {
    seconds: f64,
    responses: u32,
}

#[derive(Debug, Default)]
struct Round {
    responses: usize,
    overloads: usize,
    /// Seconds that the responses took, and would usually have taken.
    took: f64,
    usual: f64,
    /// The highest number of requests in flight.
    peak: usize,
}

impl Round {
    fn slowness(&self) -> f64 {
        if self.usual > 0.0 { self.took / self.usual } else { 1.0 }
    }
}

/// The purpose of the present round.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Doubles the limit until responses slow down.
    Start,
    /// Follows the server.
    Follow,
    /// Tests half the limit. The limit before took `slowness` times the usual time.
    Probe { limit: usize, slowness: f64 },
}

/// Estimates the limit.
#[derive(Debug)]
pub(super) struct AdaptiveLimit {
    limit: usize,
    max: usize,
    phase: Phase,
    round: Round,
    /// The limit at the last overload. Near it, the limit grows slowly.
    ceiling: usize,
    usual: HashMap<&'static str, Usual>,
}

impl AdaptiveLimit {
    pub(super) fn new(start: usize, max: usize) -> Self {
        AdaptiveLimit {
            limit: start,
            max,
            phase: Phase::Start,
            round: Round::default(),
            ceiling: usize::MAX,
            usual: HashMap::new(),
        }
    }

    /// Records a request that was sent in this round. Returns the limit, changed or not, when the round is over.
    pub(super) fn record(&mut self, sample: &Sample) -> Option<usize> {
        self.round.responses += 1;
        self.round.peak = self.round.peak.max(sample.in_flight);
        match sample.speed {
            Speed::Overloaded => self.round.overloads += 1,
            Speed::Took(time) => self.took(sample.operation, time.as_secs_f64()),
        }
        let length = (2 * self.limit).max(SHORTEST_ROUND);
        // A single failure is no sign of load.
        let is_overloaded = self.round.overloads >= (length / 20).max(2);
        if self.round.responses < length && !is_overloaded {
            return None;
        }
        let round = std::mem::take(&mut self.round);
        self.limit = if is_overloaded { self.fall(round.peak) } else { self.judge(&round) };
        Some(self.limit)
    }

    fn took(&mut self, operation: &'static str, seconds: f64) {
        let usual = self.usual.entry(operation).or_default();
        if usual.responses < FIRST_RESPONSES {
            usual.responses += 1;
            usual.seconds += (seconds - usual.seconds) / f64::from(usual.responses);
        }
        self.round.took += seconds;
        self.round.usual += usual.seconds;
    }

    /// The limit after an overload with `peak` requests in flight.
    fn fall(&mut self, peak: usize) -> usize {
        // Fewer than half of the limit cannot have been too many.
        if peak < self.limit / 2 {
            return self.limit;
        }
        self.ceiling = peak;
        self.phase = Phase::Follow;
        times(self.limit.min(peak), DECREASE)
    }

    /// The limit after a round without an overload.
    fn judge(&mut self, round: &Round) -> usize {
        let slowness = round.slowness();
        if let Phase::Probe { limit, slowness: before } = self.phase {
            if slowness < before * FULL_RELIEF && self.limit > FEW {
                return self.probe(slowness);
            }
            self.phase = Phase::Follow;
            self.rescale(slowness);
            return if slowness < before * RELIEF { times(limit, DECREASE) } else { limit };
        }
        // Responses are faster than usual: the usual time was learned while connections were still being opened.
        if slowness < 0.9 {
            self.rescale(slowness);
        }
        if round.peak < self.limit {
            return self.limit;
        }
        if slowness >= SLOWNESS && self.limit > FEW {
            return self.probe(slowness);
        }
        if slowness >= GROWTH {
            self.phase = Phase::Follow;
            return self.limit;
        }
        let step = match self.phase {
            Phase::Start => self.limit,
            _ if self.limit >= times(self.ceiling, DECREASE) => 1,
            _ => (self.limit / 8).max(1),
        };
        let limit = (self.limit + step).min(self.max);
        if limit > self.ceiling {
            // The server can handle more than before.
            self.ceiling = usize::MAX;
        }
        limit
    }

    /// Half the limit, to see whether requests are faster then.
    fn probe(&mut self, slowness: f64) -> usize {
        self.phase = Phase::Probe { limit: self.limit, slowness };
        times(self.limit, 0.5)
    }

    fn rescale(&mut self, factor: f64) {
        for usual in self.usual.values_mut() {
            usual.seconds *= factor;
        }
    }
}

/// A part of a limit, and at least one.
fn times(limit: usize, factor: f64) -> usize {
    // Limits are far below what a double holds exactly.
    ((limit as f64 * factor) as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A round of responses that all take this number of milliseconds.
    fn round(adaptive: &mut AdaptiveLimit, millis: impl Fn(usize) -> u64) -> usize {
        let in_flight = adaptive.limit;
        for _ in 0..1000 {
            let speed = Speed::Took(Duration::from_millis(millis(in_flight)));
            if let Some(limit) = adaptive.record(&Sample { operation: "list_users", speed, in_flight }) {
                return limit;
            }
        }
        panic!("the round does not end");
    }

    /// The time at a server with `count` workers that take 20 milliseconds for a request.
    fn workers(count: usize) -> impl Fn(usize) -> u64 {
        move |in_flight| (20 * in_flight.max(count) / count) as u64
    }

    #[test]
    fn the_limit_doubles_while_responses_are_as_fast_as_before() {
        let mut adaptive = AdaptiveLimit::new(4, 100);
        let limits: Vec<usize> = (0..6).map(|_| round(&mut adaptive, |_| 20)).collect();
        assert_eq!(limits, [8, 16, 32, 64, 100, 100]);
    }

    #[test]
    fn the_limit_stays_between_the_plateau_and_twice_the_plateau() {
        for count in [3, 10, 20, 45] {
            let mut adaptive = AdaptiveLimit::new(16, 500);
            let limits: Vec<usize> = (0..200).map(|_| round(&mut adaptive, workers(count))).collect();
            let probes = limits.iter().filter(|limit| **limit < count).count();
            assert!(probes <= 2, "{count} workers: {limits:?}");
            assert!(limits[10..].iter().all(|limit| *limit <= (count * 2).max(2 * FEW)), "{count} workers: {limits:?}");
        }
    }

    #[test]
    fn a_server_that_becomes_slower_keeps_its_limit() {
        let mut adaptive = AdaptiveLimit::new(16, 32);
        for _ in 0..5 {
            round(&mut adaptive, |_| 20);
        }
        assert_eq!(round(&mut adaptive, |_| 60), 16, "half, as a probe");
        assert_eq!(round(&mut adaptive, |_| 60), 32);
        assert_eq!(round(&mut adaptive, |_| 60), 32, "the new time is usual");
    }

    #[test]
    fn overload_lowers_the_limit_at_once_and_it_grows_back_slowly() {
        let mut adaptive = AdaptiveLimit::new(32, 100);
        let overloaded = |adaptive: &mut AdaptiveLimit| {
            let sample = Sample { operation: "list_users", speed: Speed::Overloaded, in_flight: adaptive.limit };
            (0..100).find_map(|_| adaptive.record(&sample))
        };
        assert_eq!(overloaded(&mut adaptive), Some(24));
        assert_eq!((0..3).map(|_| round(&mut adaptive, |_| 20)).collect::<Vec<_>>(), [25, 26, 27]);
        while adaptive.limit > 1 {
            overloaded(&mut adaptive);
        }
        assert_eq!(overloaded(&mut adaptive), Some(1), "one request is always allowed");
    }

    #[test]
    fn single_failures_do_not_change_the_limit() {
        let mut adaptive = AdaptiveLimit::new(16, 16);
        for number in 0..400 {
            let speed = if number % 40 == 7 { Speed::Overloaded } else { Speed::Took(Duration::from_millis(20)) };
            let limit = adaptive.record(&Sample { operation: "list_users", speed, in_flight: 16 });
            assert!(limit.is_none_or(|limit| limit == 16));
        }
    }

    #[test]
    fn a_limit_that_was_not_reached_stays() {
        let mut adaptive = AdaptiveLimit::new(16, 100);
        for number in 0..100 {
            let speed = Speed::Took(Duration::from_millis(20 * (1 + number / 10)));
            let limit = adaptive.record(&Sample { operation: "list_users", speed, in_flight: 3 });
            assert!(limit.is_none_or(|limit| limit == 16));
        }
    }

    #[test]
    fn slow_operations_among_fast_ones_are_no_slowdown() {
        let mut adaptive = AdaptiveLimit::new(16, 64);
        for number in 0..2000 {
            let (operation, millis) = if number % 3 == 0 { ("export", 2000) } else { ("get_user", 20) };
            let speed = Speed::Took(Duration::from_millis(millis));
            let in_flight = adaptive.limit;
            adaptive.record(&Sample { operation, speed, in_flight });
        }
        assert_eq!(adaptive.limit, 64);
    }
}
