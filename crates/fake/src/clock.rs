//! The clock of a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The clock for timestamps and rate limits.
///
/// A test that needs a minute to pass uses [`Clock::manual`] and [`Clock::advance`].
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicU64>>);

impl Clock {
    /// The system clock.
    pub fn system() -> Self {
        Clock(None)
    }

    /// A clock that stands still at a number of seconds since 1970 until it is advanced.
    pub fn manual(unix_seconds: u64) -> Self {
        Clock(Some(Arc::new(AtomicU64::new(unix_seconds * 1000))))
    }

    /// Advances a manual clock and all of its clones. It has no effect on the system clock.
    pub fn advance(&self, by: Duration) {
        if let Some(millis) = &self.0 {
            millis.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970.
    pub fn unix_millis(&self) -> u64 {
        match &self.0 {
            Some(millis) => millis.load(Ordering::SeqCst),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |passed| u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}
