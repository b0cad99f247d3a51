//! Whether a failed request is retried. When it is retried is decided by the limits.

use crate::clock::Clock;
use crate::http::classify::RetryClass;
use crate::limit::MaxWait;
use std::sync::Mutex;
use std::time::Duration;

/// How failed requests are retried.
///
/// The wait before a retry is random, from zero up to a bound that doubles with each retry. All clones of a client share one
/// budget of retries, so that a server in trouble does not get more requests than usual.
///
/// ```
/// use glabflow::{Client, RetryPolicy};
///
/// let policy = RetryPolicy::default().max_attempts(3);
/// let gl = Client::builder("https://gitlab.example.com").retry(policy).build()?;
/// # Ok::<(), glabflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Maximum attempts, including the first.
    pub max_attempts: u32,
    /// Maximum waits of one request after a 429.
    pub max_throttled: u32,
    /// Upper bound of the first wait.
    pub base_delay: Duration,
    /// Upper bound of every wait.
    pub max_delay: Duration,
    /// The longest wait that a server may ask for. A longer one ends the call with an error.
    pub max_wait: Duration,
    /// Retries that all clones of a client may use together before a success refills the budget.
    pub budget: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            max_attempts: 6,
            max_throttled: 10,
            base_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(20),
            max_wait: MaxWait::DEFAULT,
            budget: 100,
        }
    }
}

impl RetryPolicy {
    /// Sends every request once.
    pub fn never() -> Self {
        RetryPolicy::default().max_attempts(1).max_throttled(0)
    }

    /// Maximum attempts, including the first (default: 6).
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Maximum waits of one request after a 429 (default: 10).
    #[must_use]
    pub fn max_throttled(mut self, waits: u32) -> Self {
        self.max_throttled = waits;
        self
    }

    /// Upper bound of the first wait (default: 250 ms).
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Upper bound of every wait (default: 20 s).
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The longest wait that a server may ask for (default: 10 minutes). A longer one ends the call with an error.
    #[must_use]
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Retries that all clones of a client may use together before a success refills the budget (default: 100).
    #[must_use]
    pub fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }
}

/// The failed attempts of one request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FailureCounts {
    /// Attempts that failed, other than by a 429.
    pub(crate) failed: u32,
    /// Responses with 429.
    pub(crate) throttled: u32,
}

/// The policy with the budget that all clones of a client share.
#[derive(Debug)]
pub(crate) struct Retry {
    policy: RetryPolicy,
    /// Retries left, in tenths.
    budget: Mutex<u32>,
}

/// The cost of a retry, in tenths. Each request that succeeds at once gives back one tenth.
const COST: u32 = 10;

impl Retry {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        let budget = Mutex::new(policy.budget.saturating_mul(COST));
        Retry { policy, budget }
    }

    /// Whether the policy allows a retry, and the client's own wait before it.
    pub(crate) fn backoff(
        &self,
        class: RetryClass,
        idempotent: bool,
        failures: FailureCounts,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        let (count, limit) = match class {
            RetryClass::Never => return None,
            RetryClass::IfIdempotent if !idempotent => return None,
            RetryClass::Throttled => (failures.throttled, self.policy.max_throttled),
            RetryClass::IfIdempotent | RetryClass::Safe => {
                (failures.failed, self.policy.max_attempts.saturating_sub(1))
            }
        };
        if count > limit {
            return None;
        }
        let bound = self.policy.base_delay.saturating_mul(1 << (count - 1).min(20)).min(self.policy.max_delay);
        Some(bound.mul_f64(clock.random()))
    }

    /// Takes one retry from the shared budget; `false` if it is empty. A retry after a 429 needs none: a server that says when to
    /// come back has room then.
    pub(crate) fn draw(&self, class: RetryClass) -> bool {
        if class == RetryClass::Throttled {
            return true;
        }
        let mut left = self.lock();
        match left.checked_sub(COST) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        }
    }

    /// Gives back what a request took that succeeded after retries, or one tenth for one that succeeded at once.
    pub(crate) fn succeeded(&self, failures: FailureCounts) {
        let back = if failures.failed == 0 { 1 } else { failures.failed.saturating_mul(COST) };
        let mut left = self.lock();
        *left = left.saturating_add(back).min(self.policy.budget.saturating_mul(COST));
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

    /// The wait before a retry, if no pause of a budget applies.
    fn delay(
        retry: &Retry,
        class: RetryClass,
        idempotent: bool,
        failures: FailureCounts,
        asked: Option<Duration>,
        clock: &SkippingClock,
    ) -> Option<Duration> {
        let backoff = retry.backoff(class, idempotent, failures, clock)?;
        let delay = MaxWait::new(retry.policy.max_wait).before_retry(asked, None, backoff)?;
        retry.draw(class).then_some(delay)
    }

    fn delays(class: RetryClass, idempotent: bool, asked: Option<Duration>, random: f64) -> Vec<u128> {
        let retry = Retry::new(RetryPolicy::default());
        let clock = SkippingClock::new(UNIX_EPOCH, random);
        (1..)
            .map_while(|count| {
                let failures = match class {
                    RetryClass::Throttled => FailureCounts { failed: 0, throttled: count },
                    _ => FailureCounts { failed: count, throttled: 0 },
                };
                delay(&retry, class, idempotent, failures, asked, &clock)
            })
            .map(|delay| delay.as_millis())
            .collect()
    }

    #[test]
    fn waits_double_and_are_fully_random() {
        assert_eq!(delays(RetryClass::Safe, false, None, 1.0), [250, 500, 1000, 2000, 4000]);
        assert_eq!(delays(RetryClass::IfIdempotent, true, None, 0.5), [125, 250, 500, 1000, 2000]);
        assert_eq!(delays(RetryClass::Safe, true, None, 0.0), [0; 5]);
        assert_eq!(delays(RetryClass::Throttled, false, None, 1.0)[6..], [16_000, 20_000, 20_000, 20_000]);
    }

    #[test]
    fn a_request_that_may_have_been_carried_out_is_retried_only_if_idempotent() {
        assert!(delays(RetryClass::IfIdempotent, false, None, 1.0).is_empty());
        assert!(delays(RetryClass::Never, true, None, 1.0).is_empty());
        assert_eq!(delays(RetryClass::Safe, false, None, 1.0).len(), 5);
    }

    #[test]
    fn the_wait_that_the_server_asks_for_is_kept_up_to_max_wait() {
        let minute = Duration::from_secs(60);
        assert_eq!(delays(RetryClass::Throttled, false, Some(minute), 1.0)[..3], [60_250, 60_500, 61_000]);
        assert!(delays(RetryClass::Throttled, true, Some(minute * 11), 1.0).is_empty());
    }

    #[test]
    fn the_shared_budget_bounds_retries_and_successes_refill_it() {
        let retry = Retry::new(RetryPolicy::default().budget(2));
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        let failures = FailureCounts { failed: 1, throttled: 0 };
        let again = || delay(&retry, RetryClass::Safe, true, failures, None, &clock).is_some();
        assert_eq!([again(), again(), again()], [true, true, false]);
        for _ in 0..10 {
            retry.succeeded(FailureCounts::default());
        }
        assert_eq!([again(), again()], [true, false]);
        retry.succeeded(failures);
        assert_eq!([again(), again()], [true, false]);
        // A throttled request waits as the server says, even if the budget is empty.
        let throttled = FailureCounts { failed: 0, throttled: 1 };
        assert!(delay(&retry, RetryClass::Throttled, false, throttled, None, &clock).is_some());
    }

    #[test]
    fn never_allows_no_retry() {
        let retry = Retry::new(RetryPolicy::never());
        let clock = SkippingClock::new(UNIX_EPOCH, 0.0);
        for class in [RetryClass::Safe, RetryClass::IfIdempotent, RetryClass::Throttled] {
            let failures = FailureCounts { failed: 1, throttled: 1 };
            assert_eq!(delay(&retry, class, true, failures, None, &clock), None);
        }
    }
}
