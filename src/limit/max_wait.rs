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
