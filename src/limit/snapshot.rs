//! The known state of the server's rate limits, for programs.

use super::window::Window;
use std::time::{Duration, Instant};

/// The state of one rate limit, as far as the server has reported it. See [`Client::budget`](crate::Client::budget).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetState {
    /// The limit's name at the server; `general` for a limit without a name; an operation's id, or a kind of paths, for a limit
    /// that is known only from 429 responses.
    pub name: String,
    /// What the limit has left in each of its periods; empty if the server does not report it.
    pub windows: Vec<WindowState>,
    /// Requests in flight that the limit counts.
    pub in_flight: usize,
    /// Requests that wait for the limit.
    pub waiting: usize,
    /// How long no request may start, after a 429.
    pub paused_for: Option<Duration>,
}

/// A rate limit in one of its periods.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowState {
    /// Requests allowed in the period; 0 if the server does not report it.
    pub limit: u64,
    /// Requests left, before the requests in flight are subtracted.
    pub remaining: u64,
    /// Time until the period ends.
    pub resets_in: Duration,
}

impl WindowState {
    pub(super) fn of(window: &Window, now: Instant) -> Self {
        let resets_in = window.reset_at.saturating_duration_since(now);
        WindowState { limit: window.limit, remaining: window.left, resets_in }
    }
}
