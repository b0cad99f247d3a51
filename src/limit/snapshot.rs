//! What is known of the server's rate limits, for programs that look.

use super::window::Window;
use std::time::{Duration, Instant};

/// Where one rate limit stands, as far as the server has told. See [`Client::budget`](crate::Client::budget).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetState {
    /// The limit's name at the server; `general` for a limit without a name; an operation's id, or a kind of paths, for a limit
    /// that shows only in refusals.
    pub name: String,
    /// What the limit has left in each of its periods; none when the server does not tell.
    pub windows: Vec<WindowState>,
    /// Requests under way that the limit counts.
    pub in_flight: usize,
    /// Requests that wait for it.
    pub waiting: usize,
    /// How long no request may start, after a 429.
    pub paused_for: Option<Duration>,
}

/// A rate limit in one of its periods.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WindowState {
    /// Requests allowed in the period; 0 when the server does not tell.
    pub limit: u64,
    /// Requests left; those under way are still to be taken from it.
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
