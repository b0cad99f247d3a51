//! An embedded fake GitLab for demos and tests.
//!
//! It serves GitLab's REST API on the loopback interface: a company with groups, projects, users and their contents,
//! generated from a seed; all operations of the operation index; paging, permissions, rate limits and errors like
//! GitLab's; and faults on demand. Later requests see what earlier ones created, changed and removed.
//!
//! ```
//! use glabflow_fake::{Fake, Fault};
//!
//! # async fn example() -> std::io::Result<()> {
//! let gitlab = Fake::builder()
//!     .users(5_000)
//!     .fail_on("GET /users", 1, 1, Fault::Status(503)) // the second page fails once
//!     .start()
//!     .await?;
//!
//! // Point the program under test at `gitlab.url()` with `gitlab.admin_token()`, then look at what it did:
//! let requests = gitlab.requests();
//! assert_eq!(requests.with_status(503), requests.of("list_projects"));
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
//! ```
//!
//! With the feature `graphql` it executes GraphQL documents over the same data at `/api/graphql`, within GitLab's
//! limits.
//!
//! A program without a tokio runtime uses [`Builder::start_blocking`]. The server stops when the [`Fake`] is dropped.
//!
//! It does not replace GitLab: it runs no jobs, sends no mail, does not support the Git protocol, and validates
//! requests by the schema and the most common rules only.

mod body;
mod builder;
mod call;
mod capacity;
mod change;
mod check;
mod clock;
mod fake;
mod fault;
mod files;
mod filter;
#[cfg(feature = "graphql")]
mod graphql;
mod identity;
mod json;
mod limit;
mod log;
mod multipart;
mod outgoing;
mod page;
mod params;
mod permission;
mod query;
mod random;
mod resource;
mod response;
mod rest;
mod router;
mod script;
mod seed;
mod server;
mod shapes;
mod special;
mod store;
mod synthetic;
mod time;
mod wire;
mod world;

pub use builder::Builder;
pub use clock::Clock;
pub use fake::Fake;
pub use fault::{Fault, UnknownFault};
pub use identity::{ADMIN_TOKEN, JOB_TOKEN, READ_ONLY_TOKEN, Scope, USER_TOKEN};
pub use limit::RateLimit;
pub use log::{Requests, Seen};
