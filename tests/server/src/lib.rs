//! A scripted HTTP/1.1 server for tests.
//!
//! A test passes a function from a request to a [`Reply`] to [`Server::start`], or a list of replies to [`Server::script`].
//! The server records the requests that it receives ([`Server::requests`]), and a test can wait for them without sleeping
//! ([`Server::wait_for`]).
//!
//! A test that needs more handles each [`Connection`] itself ([`Builder::serve`]): other protocols, raw frames, connections
//! that end within a request. [`Proxy`] is such a server.
//!
//! The package has no tests. The tests that use it would fail.

mod closed;
mod connection;
mod log;
mod proxy;
mod reply;
mod request;
mod server;
#[cfg(feature = "tls")]
mod tls;

pub use closed::ClosedPort;
pub use connection::{Connection, Stream};
pub use log::Log;
pub use proxy::Proxy;
#[cfg(feature = "tls")]
pub use rcgen;
pub use reply::{Reply, Response, json};
pub use request::Request;
pub use server::{Builder, Server};
#[cfg(feature = "tls")]
pub use tls::Authority;
