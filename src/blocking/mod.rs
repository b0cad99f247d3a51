//! A client for programs without an asynchronous runtime.
//!
//! It has the same operations. Futures become results, and streams become iterators:
//!
//! ```no_run
//! let gl = glabflow::blocking::Client::from_env()?;
//! for user in gl.users().list().active(true).items() {
//!     let user = user?;
//! }
//! # Ok::<(), glabflow::Error>(())
//! ```
//!
//! [`Client::wait`] and [`Client::iter`] run every other future and stream of the [asynchronous client](Client::asynchronous).

mod client;
mod download;
mod engine;
#[cfg(feature = "graphql")]
mod graphql;
mod lists;
mod mirror;
#[cfg(test)]
mod parity;
mod raw;

pub use client::Client;
pub use download::Download;
pub use engine::Iter;
#[cfg(feature = "graphql")]
pub use graphql::{Document, Graphql};
#[cfg(feature = "graphql")]
pub use lists::Nodes;
pub use lists::{Items, Pages};
