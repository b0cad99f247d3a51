//! When a request may start: permits for requests in flight, budgets for the server's rate limits, and the circuit breaker.
//!
//! A request takes a permit first, then room in the budgets that count it. If a budget has no room, the request returns its
//! permit before it waits. Requests that other budgets count can then continue.

mod adaptive;
mod admission;
mod budget;
mod budgets;
mod circuit_breaker;
mod concurrency;
mod max_wait;
mod rate_limits;
mod request_class;
#[cfg(test)]
mod simulation;
mod snapshot;
mod window;

pub(crate) use adaptive::Speed;
pub(crate) use admission::{Admission, Limits, RateLimited, Wait};
pub use circuit_breaker::CircuitBreaker;
pub(crate) use circuit_breaker::{Breaker, Down, Probe};
pub use concurrency::Concurrency;
pub(crate) use concurrency::{LatencyRecorder, Permits};
pub(crate) use max_wait::MaxWait;
pub use rate_limits::RateLimits;
pub(crate) use request_class::RequestClass;
pub use snapshot::{BudgetState, WindowState};
