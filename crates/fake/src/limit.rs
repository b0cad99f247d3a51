//! Rate limits: so many requests a minute for each token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Counts requests by token.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_minute: Option<u64>,
    windows: Mutex<HashMap<String, (u64, u64)>>,
}

/// Where a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: u64,
    pub(crate) observed: u64,
    /// When the count begins anew, in seconds since 1970.
    pub(crate) reset: u64,
}

impl Standing {
    /// Whether the request is one too many.
    pub(crate) fn is_exceeded(self) -> bool {
        self.observed > self.limit
    }
}

impl Limiter {
    pub(crate) fn new(per_minute: Option<u64>) -> Self {
        Limiter { per_minute, windows: Mutex::default() }
    }

    /// Counts a request at a time in seconds since 1970; none without a limit.
    pub(crate) fn count(&self, who: &str, now: u64) -> Option<Standing> {
        let limit = self.per_minute?;
        let minute = now / 60;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|_, (of, _)| *of == minute);
        let (_, observed) = windows.entry(who.to_owned()).or_insert((minute, 0));
        *observed += 1;
        Some(Standing { limit, observed: *observed, reset: (minute + 1) * 60 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_minute_begins_anew() {
        let limiter = Limiter::new(Some(2));
        let exceeded = |who: &str, now: u64| limiter.count(who, now).unwrap().is_exceeded();
        assert_eq!([exceeded("a", 0), exceeded("a", 1), exceeded("a", 59)], [false, false, true]);
        assert!(!exceeded("b", 59), "other tokens have their own count");
        assert!(!exceeded("a", 60));
        assert_eq!(limiter.count("a", 119).unwrap(), Standing { limit: 2, observed: 2, reset: 120 });
    }
}
