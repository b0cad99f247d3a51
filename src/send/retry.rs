//! When a request is sent again, and after how long.

use crate::clock::Clock;
use crate::http::classify::Repeat;
use crate::limit::MAX_WAIT;
use std::sync::Mutex;
use std::time::Duration;

/// How requests are repeated.
///
/// The wait before a repetition is random, from nothing up to a bound that doubles each time. Repetitions of all clones of a
/// client draw on one budget, so that a server in trouble does not get more requests than usual, but fewer.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// Sendings of one request at most, the first one included.
    pub max_attempts: u32,
    /// Waits at most when the server answers 429.
    pub max_throttled: u32,
    /// Bound of the first wait.
    pub base_delay: Duration,
    /// Bound of every wait.
    pub max_delay: Duration,
    /// The longest wait that a server may ask for; a longer one ends the call with an error.
    pub max_wait: Duration,
    /// Repetitions in a row that the budget has room for, over all clones of a client.
    pub budget: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            max_attempts: 6,
            max_throttled: 10,
            base_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(20),
            max_wait: MAX_WAIT,
            budget: 100,
        }
    }
}

impl RetryPolicy {
    /// Sends every request once.
    pub fn never() -> Self {
        RetryPolicy { max_attempts: 1, max_throttled: 0, ..RetryPolicy::default() }
    }
}

/// What became of one request so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tries {
    /// Sendings that failed, other than by a 429.
    pub(crate) failed: u32,
    /// Answers with 429.
    pub(crate) throttled: u32,
}

/// The policy with the budget that all clones of a client share.
#[derive(Debug)]
pub(crate) struct Retry {
    policy: RetryPolicy,
    /// Repetitions left, in tenths.
    budget: Mutex<u32>,
}

/// What one repetition costs, in tenths; each request that succeeds at once gives back one tenth.
const COST: u32 = 10;

impl Retry {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        let budget = Mutex::new(policy.budget.saturating_mul(COST));
        Retry { policy, budget }
    }

    /// How long to wait before the request is sent again; `None` when it is not to be.
    pub(crate) fn after_failure(
        &self,
        repeat: Repeat,
        idempotent: bool,
        tries: Tries,
        asked: Option<Duration>,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        let (count, limit) = match repeat {
            Repeat::Never => return None,
            Repeat::IfIdempotent if !idempotent => return None,
            Repeat::Throttled => (tries.throttled, self.policy.max_throttled),
            Repeat::IfIdempotent | Repeat::Freely => (tries.failed, self.policy.max_attempts.saturating_sub(1)),
        };
        if count > limit || asked.is_some_and(|asked| asked > self.policy.max_wait) {
            return None;
        }
        // A server that says when to come back has room then; only guesses draw on the budget.
        if repeat != Repeat::Throttled && !self.draw() {
            return None;
        }
        let bound = self.policy.base_delay.saturating_mul(1 << (count - 1).min(20)).min(self.policy.max_delay);
        let backoff = bound.mul_f64(clock.random());
        // Asked to wait, all waiters would come back at once: the random part comes on top.
        Some(asked.map_or(backoff, |asked| asked.saturating_add(backoff.min(Duration::from_secs(1)))))
    }

    /// Puts back what a request has drawn that succeeded in the end, or a little for one that succeeded at once.
    pub(crate) fn succeeded(&self, tries: Tries) {
        let back = if tries.failed == 0 { 1 } else { tries.failed.saturating_mul(COST) };
        let mut left = self.lock();
        *left = left.saturating_add(back).min(self.policy.budget.saturating_mul(COST));
    }

    fn draw(&self) -> bool {
        let mut left = self.lock();
        match left.checked_sub(COST) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, u32> {
        self.budget.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SkippingClock;
    use std::time::UNIX_EPOCH;

    fn delays(repeat: Repeat, idempotent: bool, asked: Option<Duration>, random: f64) -> Vec<u128> {
        let retry = Retry::new(RetryPolicy::default());
        let clock = SkippingClock::new(UNIX_EPOCH, random);
        (1..)
            .map_while(|count| {
                let tries = match repeat {
                    Repeat::Throttled => Tries { failed: 0, throttled: count },
                    _ => Tries { failed: count, throttled: 0 },
                };
                retry.after_failure(repeat, idempotent, tries, asked, &clock)
            })
            .map(|delay| delay.as_millis())
            .collect()
    }

    #[test]
    fn waits_double_and_are_random_in_full() {
        assert_eq!(delays(Repeat::Freely, false, None, 1.0), [250, 500, 1000, 2000, 4000]);
        assert_eq!(delays(Repeat::IfIdempotent, true, None, 0.5), [125, 250, 500, 1000, 2000]);
        assert_eq!(delays(Repeat::Freely, true, None, 0.0), [0; 5]);
        assert_eq!(delays(Repeat::Throttled, false, None, 1.0)[6..], [16_000, 20_000, 20_000, 20_000]);
    }

    #[test]
    fn what_may_have_happened_is_not_repeated() {
        assert!(delays(Repeat::IfIdempotent, false, None, 1.0).is_empty());
        assert!(delays(Repeat::Never, true, None, 1.0).is_empty());
        assert_eq!(delays(Repeat::Freely, false, None, 1.0).len(), 5);
    }

    #[test]
    fn the_server_is_waited_for_unless_it_asks_too_much() {
        let minute = Duration::from_secs(60);
        assert_eq!(delays(Repeat::Throttled, false, Some(minute), 1.0)[..3], [60_250, 60_500, 61_000]);
        assert!(delays(Repeat::Throttled, true, Some(minute * 11), 1.0).is_empty());
    }

    #[test]
    fn a_storm_of_repetitions_ends_and_successes_allow_new_ones() {
        let retry = Retry::new(RetryPolicy { budget: 2, ..RetryPolicy::default() });
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let tries = Tries { failed: 1, throttled: 0 };
        let again = || retry.after_failure(Repeat::Freely, true, tries, None, &clock).is_some();
        assert_eq!([again(), again(), again()], [true, true, false]);
        for _ in 0..10 {
            retry.succeeded(Tries::default());
        }
        assert_eq!([again(), again()], [true, false]);
        retry.succeeded(tries);
        assert_eq!([again(), again()], [true, false]);
        // A throttled request waits as the server says, whatever the budget.
        let throttled = Tries { failed: 0, throttled: 1 };
        assert!(retry.after_failure(Repeat::Throttled, false, throttled, None, &clock).is_some());
    }

    #[test]
    fn never_means_never() {
        let retry = Retry::new(RetryPolicy::never());
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        for repeat in [Repeat::Freely, Repeat::IfIdempotent, Repeat::Throttled] {
            let tries = Tries { failed: 1, throttled: 1 };
            assert_eq!(retry.after_failure(repeat, true, tries, None, &clock), None);
        }
    }
}
