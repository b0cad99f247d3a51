//! The longest wait that a server may ask for, and the wait before a retry.

use crate::http::headers::FARTHEST_RESET;
use std::time::Duration;

/// The random part of the wait is at most this, if the server asks for a wait.
const JITTER: Duration = Duration::from_secs(1);

/// The longest wait that a server may ask for. It holds for waits before a request and before a retry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaxWait(Duration);

impl MaxWait {
    /// Unless the caller sets another.
    pub(crate) const DEFAULT: Duration = Duration::from_secs(600);

    pub(crate) fn new(max_wait: Duration) -> Self {
        MaxWait(max_wait)
    }

    /// Whether a wait is too long.
    pub(super) fn is_exceeded_by(self, wait: Duration) -> bool {
        wait > self.0
    }

    /// The wait that a server asks for. A wait of days is capped.
    pub(super) fn capped(self, asked: Duration) -> Duration {
        if asked > FARTHEST_RESET { asked.min(self.0) } else { asked }
    }

    /// How long to wait before a retry; `None` if the server asks for too much.
    ///
    /// `asked` is the wait that the server asks for, `pause` the pause of the budget that counts the request, `backoff` the
    /// client's own wait.
    pub(crate) fn before_retry(
        self,
        asked: Option<Duration>,
        pause: Option<Duration>,
        backoff: Duration,
    ) -> Option<Duration> {
        if asked.is_some_and(|asked| self.is_exceeded_by(asked)) {
            return None;
        }
        // Another response may have asked for the pause. Its random part does not count.
        if pause.is_some_and(|pause| self.is_exceeded_by(pause.saturating_sub(JITTER))) {
            return None;
        }
        // Without a random part, all waiting requests would come back at the same time.
        let without_budget = || asked.map_or(backoff, |asked| asked.saturating_add(backoff.min(JITTER)));
        Some(pause.unwrap_or_else(without_budget))
    }
}

impl Default for MaxWait {
    fn default() -> Self {
        MaxWait(MaxWait::DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits that another response asked for count too, since the retry would wait for them.
    #[test]
    fn pause_that_is_too_long_ends_the_call() {
        let seconds = Duration::from_secs;
        let max_wait = MaxWait::new(seconds(2));
        assert_eq!(max_wait.before_retry(None, Some(seconds(6)), seconds(1)), None);
        assert_eq!(max_wait.before_retry(Some(seconds(1)), Some(seconds(6)), seconds(1)), None);
        assert_eq!(max_wait.before_retry(Some(seconds(6)), None, seconds(1)), None);
    }

    #[test]
    fn random_part_of_a_pause_does_not_count_as_too_long() {
        let max_wait = MaxWait::new(Duration::from_secs(2));
        let pause = Duration::from_millis(2_200);
        assert_eq!(max_wait.before_retry(Some(Duration::from_secs(2)), Some(pause), Duration::ZERO), Some(pause));
    }
}
