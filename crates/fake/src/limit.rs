//! Rate limits: a maximum number of requests in a period for each token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The name of the limit that counts all requests of a token.
pub(crate) const USUAL_LIMIT: &str = "throttle_authenticated_api";

/// A rate limit of the fake: the maximum number of requests in a period for each token.
///
/// ```
/// use glabflow_fake::{Fake, RateLimit};
///
/// let fake = Fake::builder()
///     .limit(RateLimit::per_minute("throttle_authenticated_api", 600))
///     .limit(RateLimit::per_hour("throttle_authenticated_api", 10_000))
///     .limit(RateLimit::per_minute("search_rate_limit", 30).on("search").silent());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    name: String,
    requests: u64,
    /// Seconds.
    period: u64,
    part: Option<String>,
    is_silent: bool,
    from_first: bool,
}

impl RateLimit {
    /// A limit for each minute, with a name for `RateLimit-Name`.
    pub fn per_minute(name: impl Into<String>, requests: u64) -> Self {
        RateLimit { name: name.into(), requests, period: 60, part: None, is_silent: false, from_first: false }
    }

    /// A limit for each hour.
    pub fn per_hour(name: impl Into<String>, requests: u64) -> Self {
        RateLimit { period: 3600, ..RateLimit::per_minute(name, requests) }
    }

    /// Counts only requests with this part in their path, for example `search`. Limits for all paths do not count these
    /// requests.
    #[must_use]
    pub fn on(mut self, part: impl Into<String>) -> Self {
        self.part = Some(part.into());
        self
    }

    /// Sends no headers. Requests over the limit get a bare 429.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// Starts a period with a token's first request, not with the clock's minute or hour.
    #[must_use]
    pub fn from_first_request(mut self) -> Self {
        self.from_first = true;
        self
    }

    fn is_about(&self, path: &str) -> bool {
        self.part.as_ref().is_some_and(|part| path.split('/').any(|at| at == part))
    }
}

/// Counts requests by limit and token.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Vec<RateLimit>,
    /// For a limit and a token: the start of the period, and the number of requests in it.
    periods: Mutex<HashMap<(usize, String), (u64, u64)>>,
}

/// The state of a limit for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LimitState {
    pub(crate) name: String,
    pub(crate) limit: u64,
    pub(crate) observed: u64,
    /// The start of the next period, in seconds since 1970.
    pub(crate) reset: u64,
    /// Whether headers report the limit.
    pub(crate) is_reported: bool,
}

impl LimitState {
    /// Whether the request exceeds the limit.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.observed > self.limit
    }

    fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.observed)
    }
}

impl Limiter {
    pub(crate) fn new(limits: Vec<RateLimit>) -> Self {
        Limiter { limits, periods: Mutex::default() }
    }

    /// Counts a request at a time in seconds since 1970. Returns the limit that is exceeded, or else the one with the
    /// smallest remaining share.
    pub(crate) fn count(&self, who: &str, path: &str, now: u64) -> Option<LimitState> {
        if self.limits.is_empty() {
            return None;
        }
        let is_apart = self.limits.iter().any(|limit| limit.is_about(path));
        let counting = self.limits.iter().enumerate().filter(|(_, limit)| match limit.part {
            Some(_) => limit.is_about(path),
            None => !is_apart,
        });
        let mut periods = self.periods.lock().unwrap_or_else(PoisonError::into_inner);
        periods.retain(|(at, _), (start, _)| now < *start + self.limits[*at].period);
        counting
            .map(|(at, limit)| {
                let start = if limit.from_first { now } else { now - now % limit.period };
                let (start, observed) = periods.entry((at, who.to_owned())).or_insert((start, 0));
                *observed += 1;
                LimitState {
                    name: limit.name.clone(),
                    limit: limit.requests,
                    observed: *observed,
                    reset: *start + limit.period,
                    is_reported: !limit.is_silent,
                }
            })
            .min_by(|a, b| {
                // Compares shares without division.
                let parts = |of: &LimitState, other: &LimitState| of.remaining().saturating_mul(other.limit);
                (!a.is_exceeded(), parts(a, b)).cmp(&(!b.is_exceeded(), parts(b, a)))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exceeded(limiter: &Limiter, who: &str, path: &str, now: u64) -> bool {
        limiter.count(who, path, now).unwrap().is_exceeded()
    }

    #[test]
    fn each_minute_has_its_own_count() {
        let limiter = Limiter::new(vec![RateLimit::per_minute("api", 2)]);
        let exceeded = |who, now| exceeded(&limiter, who, "/users", now);
        assert_eq!([exceeded("a", 0), exceeded("a", 1), exceeded("a", 59)], [false, false, true]);
        assert!(!exceeded("b", 59), "other tokens have their own count");
        assert!(!exceeded("a", 60));
        let limit_state = limiter.count("a", "/users", 119).unwrap();
        assert_eq!((limit_state.limit, limit_state.observed, limit_state.reset), (2, 2, 120));
    }

    #[test]
    fn a_period_can_start_with_the_first_request() {
        let limiter = Limiter::new(vec![RateLimit::per_minute("api", 1).from_first_request()]);
        let exceeded = |now| exceeded(&limiter, "a", "/users", now);
        assert_eq!([exceeded(30), exceeded(89), exceeded(90)], [false, true, false]);
    }

    #[test]
    fn some_paths_have_their_own_count() {
        let search = RateLimit::per_minute("search", 1).on("search");
        let limiter = Limiter::new(vec![RateLimit::per_minute("api", 2), search]);
        let exceeded = |path| exceeded(&limiter, "a", path, 0);
        assert_eq!([exceeded("/search"), exceeded("/projects/1/search")], [false, true]);
        assert_eq!([exceeded("/users"), exceeded("/projects/searches"), exceeded("/users")], [false, false, true]);
    }

    #[test]
    fn the_limit_with_the_smallest_remaining_share_is_reported() {
        let limiter = Limiter::new(vec![RateLimit::per_minute("api", 10), RateLimit::per_hour("api", 12)]);
        let reported = |now| {
            let limit_state = limiter.count("a", "/users", now).unwrap();
            (limit_state.limit, limit_state.remaining(), limit_state.is_exceeded())
        };
        assert_eq!(reported(0), (10, 9, false));
        let rest: Vec<_> = (0..9).map(|_| reported(0)).collect();
        assert_eq!(rest[8], (10, 0, false));
        assert_eq!([reported(60), reported(60), reported(60)], [(12, 1, false), (12, 0, false), (12, 0, true)]);
    }
}
