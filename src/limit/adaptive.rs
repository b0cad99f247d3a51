//! How many requests at once a server carries out, found out from how long they take and how many fail.
//!
//! In rounds of twice as many answers as there are requests under way:
//!
//! - While requests take as long as they usually do, the limit grows: it doubles each round at first, later by an eighth.
//! - When they take twice as long, the limit is halved for a round to see whether that is our doing. If they are faster then, more
//!   requests at once have only waited longer for each other: the limit falls by a quarter, or by halves for as long as no less gets
//!   done. If not, the server has become slower on its own account, and what is usual is set anew.
//! - When a twentieth of a round fails as requests to an overloaded server do, the limit falls by a quarter at once.
//!
//! Only rounds that filled the limit count: otherwise it was not the limit that decided.

use std::collections::HashMap;
use std::time::Duration;

/// The fewest answers of a round.
const SHORTEST_ROUND: usize = 16;
/// Answers from which it is known how long an operation usually takes.
const FIRST_ANSWERS: u32 = 8;
/// The limit grows while requests take less than this many times as long as usual.
const GROWTH: f64 = 1.5;
/// From here on, the limit is halved to see whether it is the cause.
const SLOWNESS: f64 = 2.0;
/// Half the requests at once that take less than this part of the time show that the limit is the cause.
const RELIEF: f64 = 0.7;
/// Below this part, half the requests at once get as much done: the limit may be higher than needed even so.
const FULL_RELIEF: f64 = 0.6;
/// So few requests at once are no burden, however long they take; only failures lower the limit further.
const FEW: usize = 4;
/// By what the limit is multiplied when it is too high.
const DECREASE: f64 = 0.75;

/// What the end of a request says about the server's load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speed {
    /// It was carried out in this time.
    Took(Duration),
    /// The server was too busy for it, or too slow.
    Overloaded,
}

/// The end of a request.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) operation: &'static str,
    pub(super) speed: Speed,
    /// Requests that were under way, this one included.
    pub(super) under_way: usize,
}

/// How long an operation usually takes.
#[derive(Debug, Default)]
struct Usual {
    seconds: f64,
    answers: u32,
}

#[derive(Debug, Default)]
struct Round {
    answers: usize,
    overloads: usize,
    /// Seconds that the answers took, and would usually have taken.
    took: f64,
    usual: f64,
    /// The most requests that were under way.
    most: usize,
}

impl Round {
    fn slowness(&self) -> f64 {
        if self.usual > 0.0 { self.took / self.usual } else { 1.0 }
    }
}

/// What the present round is for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Aim {
    /// Doubling the limit until answers slow down.
    Start,
    /// Following the server.
    Follow,
    /// Looking whether half the limit is faster than the limit was, which took this many times as long as usual.
    Look { limit: usize, slowness: f64 },
}

/// Finds the limit.
#[derive(Debug)]
pub(super) struct Tuner {
    limit: usize,
    most: usize,
    aim: Aim,
    round: Round,
    /// The limit at which the server was overloaded last; near it, the limit grows slowly.
    ceiling: usize,
    usual: HashMap<&'static str, Usual>,
}

impl Tuner {
    pub(super) fn new(start: usize, most: usize) -> Self {
        Tuner {
            limit: start,
            most,
            aim: Aim::Start,
            round: Round::default(),
            ceiling: usize::MAX,
            usual: HashMap::new(),
        }
    }

    /// Takes note of a request that was sent within this round; tells the limit when a round is over, changed or not.
    pub(super) fn note(&mut self, sample: &Sample) -> Option<usize> {
        self.round.answers += 1;
        self.round.most = self.round.most.max(sample.under_way);
        match sample.speed {
            Speed::Overloaded => self.round.overloads += 1,
            Speed::Took(time) => self.took(sample.operation, time.as_secs_f64()),
        }
        let length = (2 * self.limit).max(SHORTEST_ROUND);
        // A failure by itself is no sign of load.
        let is_overloaded = self.round.overloads >= (length / 20).max(2);
        if self.round.answers < length && !is_overloaded {
            return None;
        }
        let round = std::mem::take(&mut self.round);
        self.limit = if is_overloaded { self.fall(round.most) } else { self.judge(&round) };
        Some(self.limit)
    }

    fn took(&mut self, operation: &'static str, seconds: f64) {
        let usual = self.usual.entry(operation).or_default();
        if usual.answers < FIRST_ANSWERS {
            usual.answers += 1;
            usual.seconds += (seconds - usual.seconds) / f64::from(usual.answers);
        }
        self.round.took += seconds;
        self.round.usual += usual.seconds;
    }

    /// The limit after an overload with so many requests under way.
    fn fall(&mut self, most: usize) -> usize {
        // So few requests cannot have been too many.
        if most < self.limit / 2 {
            return self.limit;
        }
        self.ceiling = most;
        self.aim = Aim::Follow;
        times(self.limit.min(most), DECREASE)
    }

    /// The limit after a round without an overload.
    fn judge(&mut self, round: &Round) -> usize {
        let slowness = round.slowness();
        if let Aim::Look { limit, slowness: before } = self.aim {
            if slowness < before * FULL_RELIEF && self.limit > FEW {
                return self.look(slowness);
            }
            self.aim = Aim::Follow;
            self.rescale(slowness);
            return if slowness < before * RELIEF { times(limit, DECREASE) } else { limit };
        }
        // Answers that came faster than usual: what is usual was learned in a bad moment, with connections still to be made.
        if slowness < 0.9 {
            self.rescale(slowness);
        }
        if round.most < self.limit {
            return self.limit;
        }
        if slowness >= SLOWNESS && self.limit > FEW {
            return self.look(slowness);
        }
        if slowness >= GROWTH {
            self.aim = Aim::Follow;
            return self.limit;
        }
        let step = match self.aim {
            Aim::Start => self.limit,
            _ if self.limit >= times(self.ceiling, DECREASE) => 1,
            _ => (self.limit / 8).max(1),
        };
        let limit = (self.limit + step).min(self.most);
        if limit > self.ceiling {
            // The server carries out more than it did.
            self.ceiling = usize::MAX;
        }
        limit
    }

    /// Half the limit, to see whether requests are faster then.
    fn look(&mut self, slowness: f64) -> usize {
        self.aim = Aim::Look { limit: self.limit, slowness };
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

    /// A round of answers that all take this many milliseconds.
    fn round(tuner: &mut Tuner, millis: impl Fn(usize) -> u64) -> usize {
        let under_way = tuner.limit;
        for _ in 0..1000 {
            let speed = Speed::Took(Duration::from_millis(millis(under_way)));
            if let Some(limit) = tuner.note(&Sample { operation: "list_users", speed, under_way }) {
                return limit;
            }
        }
        panic!("the round does not end");
    }

    /// What a server with this many workers takes, 20 milliseconds a request.
    fn workers(count: usize) -> impl Fn(usize) -> u64 {
        move |under_way| (20 * under_way.max(count) / count) as u64
    }

    #[test]
    fn it_doubles_while_answers_are_as_fast_as_before() {
        let mut tuner = Tuner::new(4, 100);
        let limits: Vec<usize> = (0..6).map(|_| round(&mut tuner, |_| 20)).collect();
        assert_eq!(limits, [8, 16, 32, 64, 100, 100]);
    }

    #[test]
    fn it_stays_between_the_plateau_and_twice_the_plateau() {
        for count in [3, 10, 20, 45] {
            let mut tuner = Tuner::new(16, 500);
            let limits: Vec<usize> = (0..200).map(|_| round(&mut tuner, workers(count))).collect();
            let looks = limits.iter().filter(|limit| **limit < count).count();
            assert!(looks <= 2, "{count} workers: {limits:?}");
            assert!(limits[10..].iter().all(|limit| *limit <= (count * 2).max(2 * FEW)), "{count} workers: {limits:?}");
        }
    }

    #[test]
    fn a_server_that_is_slower_on_its_own_account_gets_as_many_as_before() {
        let mut tuner = Tuner::new(16, 32);
        for _ in 0..5 {
            round(&mut tuner, |_| 20);
        }
        assert_eq!(round(&mut tuner, |_| 60), 16, "half, to look");
        assert_eq!(round(&mut tuner, |_| 60), 32);
        assert_eq!(round(&mut tuner, |_| 60), 32, "that is usual now");
    }

    #[test]
    fn overload_lowers_it_at_once_and_it_comes_back_slowly() {
        let mut tuner = Tuner::new(32, 100);
        let overloaded = |tuner: &mut Tuner| {
            let sample = Sample { operation: "list_users", speed: Speed::Overloaded, under_way: tuner.limit };
            (0..100).find_map(|_| tuner.note(&sample))
        };
        assert_eq!(overloaded(&mut tuner), Some(24));
        assert_eq!((0..3).map(|_| round(&mut tuner, |_| 20)).collect::<Vec<_>>(), [25, 26, 27]);
        while tuner.limit > 1 {
            overloaded(&mut tuner);
        }
        assert_eq!(overloaded(&mut tuner), Some(1), "one request is always allowed");
    }

    #[test]
    fn a_failure_by_itself_changes_nothing() {
        let mut tuner = Tuner::new(16, 16);
        for number in 0..400 {
            let speed = if number % 40 == 7 { Speed::Overloaded } else { Speed::Took(Duration::from_millis(20)) };
            let limit = tuner.note(&Sample { operation: "list_users", speed, under_way: 16 });
            assert!(limit.is_none_or(|limit| limit == 16));
        }
    }

    #[test]
    fn a_limit_that_was_not_reached_stays() {
        let mut tuner = Tuner::new(16, 100);
        for number in 0..100 {
            let speed = Speed::Took(Duration::from_millis(20 * (1 + number / 10)));
            let limit = tuner.note(&Sample { operation: "list_users", speed, under_way: 3 });
            assert!(limit.is_none_or(|limit| limit == 16));
        }
    }

    #[test]
    fn fast_and_slow_operations_together_are_no_slowness() {
        let mut tuner = Tuner::new(16, 64);
        for number in 0..2000 {
            let (operation, millis) = if number % 3 == 0 { ("export", 2000) } else { ("get_user", 20) };
            let speed = Speed::Took(Duration::from_millis(millis));
            let under_way = tuner.limit;
            tuner.note(&Sample { operation, speed, under_way });
        }
        assert_eq!(tuner.limit, 64);
    }
}
