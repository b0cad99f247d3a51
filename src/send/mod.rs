//! The way of a request: limits, attempts, retries, and the response.

pub(crate) mod download;
pub(crate) mod executor;
pub(crate) mod future;
pub(crate) mod observer;
pub(crate) mod response;
pub(crate) mod retry;
