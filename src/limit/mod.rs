//! When a request may start: how many are under way at once, what the server's rate limits have left, and whether the server
//! is there at all.
//!
//! A request takes a place among those under way first, then its share of the budgets that count it. When a budget has no room,
//! the place is given back before the wait, so that requests which other budgets count go on.

mod adaptive;
mod admission;
mod budget;
mod budgets;
mod circuit_breaker;
mod concurrency;
mod rate_limits;
mod request_class;
#[cfg(test)]
mod simulation;
mod snapshot;
mod window;

pub(crate) use adaptive::Speed;
pub(crate) use admission::{Limits, Wait};
pub use circuit_breaker::CircuitBreaker;
pub(crate) use circuit_breaker::{Breaker, Down};
pub use concurrency::Concurrency;
pub(crate) use concurrency::{Gauge, Slots};
pub(crate) use rate_limits::MAX_WAIT;
pub use rate_limits::RateLimits;
pub use snapshot::{BudgetState, WindowState};
