//! A typed client for GitLab.

mod address;
mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod classify;
mod client;
mod clock;
mod core;
mod download;
mod error;
mod fanout;
mod feed;
mod headers;
mod limit;
mod observe;
mod page;
mod payload;
mod plan;
mod raw;
mod redact;
mod response;
mod retry;
mod scan;
mod stream;
mod task;
mod tls;
mod transport;

pub use auth::Token;
pub use builder::Builder;
pub use client::Client;
pub use clock::{Clock, SkippingClock, Sleep, SystemClock};
pub use download::{Download, Downloading};
pub use error::{Error, ErrorKind};
pub use fanout::{Fanout, Inputs, ItemFanout, Iter, Iterated, Outcome, Streamed, fanout};
pub use glabflow_contract as contract;
pub use glabflow_rest as rest;
pub use glabflow_rest::types;
pub use headers::{PageInfo, RateLimit};
#[cfg(feature = "tracing")]
pub use observe::Tracing;
pub use observe::{Event, EventKind, Observer};
pub use page::Position;
pub use raw::Raw;
pub use response::Response;
pub use retry::RetryPolicy;
pub use stream::{Items, Pages, Sent};
