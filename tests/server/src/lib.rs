//! An HTTP/1.1 server for tests, which does what it is told.
//!
//! A test gives [`Server::start`] a function from a request to a [`Reply`], or [`Server::script`] a list of replies. The
//! server records what it received ([`Server::requests`]), and lets a test wait for that without sleeping
//! ([`Server::wait_for`]). A [`Gate`] holds replies back until the test opens it.
//!
//! What a reply cannot express is written against a [`Connection`] by hand ([`Builder::serve`]): other protocols, frames,
//! connections that end in the middle. A [`Proxy`] is one such server.
//!
//! The package has no test of its own: the tests that use it would fail.

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
pub use reply::{Gate, Reply, Response, json};
pub use request::Request;
pub use server::{Builder, Server};
#[cfg(feature = "tls")]
pub use tls::Authority;
