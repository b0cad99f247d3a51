//! From an HTTP request to an HTTP response: authentication, rate limits, faults, headers and the log.

mod credentials;
mod faulty;
mod handle;
mod headers;
mod serve;

pub(crate) use handle::Server;
