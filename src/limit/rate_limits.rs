//! Which part of the server's rate limits a client uses.

/// Which part of the server's rate limits a client uses, and how.
///
/// The server reports in its responses how many requests are left. The client never sends more. See
/// [`ClientBuilder::rate_limits`].
///
/// ```
/// use glabflow::{Client, RateLimits};
///
/// // Leaves half of the limit to other users of the token, and sends the rest at a steady pace.
/// let gl = Client::builder("https://gitlab.example.com").rate_limits(RateLimits::default().share(0.5).evenly()).build()?;
/// # Ok::<(), glabflow::Error>(())
/// ```
///
/// [`ClientBuilder::rate_limits`]: crate::ClientBuilder::rate_limits
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimits {
    is_on: bool,
    is_even: bool,
    share: f64,
}

impl Default for RateLimits {
    fn default() -> Self {
        RateLimits { is_on: true, is_even: false, share: 1.0 }
    }
}

impl RateLimits {
    /// Ignores rate limits. Each request waits for its own 429 only, as [`RetryPolicy`](crate::RetryPolicy) says.
    pub fn off() -> Self {
        RateLimits { is_on: false, ..RateLimits::default() }
    }

    /// Uses this part of each limit, from 0 to 1, and leaves the rest to other users of the token.
    pub fn share(mut self, part: f64) -> Self {
        self.share = part.clamp(0.0, 1.0);
        self
    }

    /// Spreads requests evenly over the time until a limit resets. By default, requests are sent as fast as the program asks,
    /// until none is left.
    pub fn evenly(mut self) -> Self {
        self.is_even = true;
        self
    }

    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    pub(super) fn is_even(&self) -> bool {
        self.is_even
    }

    /// How many requests of a limit are left to others. At least one is ours.
    pub(super) fn reserved(&self, limit: u64) -> u64 {
        // Limits are far below what a double holds exactly.
        let reserved = (limit as f64 * (1.0 - self.share)).floor() as u64;
        reserved.min(limit.saturating_sub(1))
    }
}
