//! A typed client for GitLab, generated from GitLab's own schemas.
//!
//! # Connect
//!
//! ```no_run
//! use glabflow::{Client, Token};
//!
//! let gl = Client::from_env()?; // GITLAB_URL and GITLAB_TOKEN
//! let gl = Client::builder("https://gitlab.example.com").token(Token::personal("glpat-example")).build()?;
//! # Ok::<(), glabflow::Error>(())
//! ```
//!
//! # One call
//!
//! Every operation is a method of its resource's handle. Required parameters are arguments, all others are setters. An operation
//! is a plain value until it is sent.
//!
//! ```no_run
//! # async fn run(gl: glabflow::Client) -> Result<(), glabflow::Error> {
//! let project = gl.projects().get("group/project").statistics(true).send().await?;
//! println!("{:?}, request {:?}", project.web_url, project.request_id());
//! # Ok(())
//! # }
//! ```
//!
//! # One stream
//!
//! Lists are read page by page or item by item. The client reads pages ahead, with keyset pagination where GitLab offers it. Memory
//! use stays constant.
//!
//! ```no_run
//! # async fn run(gl: glabflow::Client) -> Result<(), glabflow::Error> {
//! let mut users = gl.users().list().active(true).items();
//! while let Some(user) = users.next().await {
//!     println!("{}", user?.username.unwrap_or_default());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`Items`] and [`Pages`] implement `Stream` of the `futures` crate. [`fanout()`] does the same work for many inputs.
//!
//! # One error
//!
//! ```no_run
//! # async fn run(gl: glabflow::Client) -> Result<(), glabflow::Error> {
//! match gl.projects().get("group/project").send().await {
//!     Ok(project) => println!("{:?}", project.description),
//!     Err(error) if error.is_not_found() => println!("not found, or not visible to this token"),
//!     Err(error) => return Err(error), // shows operation, URL, status, request id and GitLab's message
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Before the client returns an error, it has retried what is safe to retry and waited for rate limits: see [`RetryPolicy`].
//!
//! # Limits
//!
//! The client sends no more requests than the server's [rate limits](RateLimits) allow, and as many at once as the server
//! [can handle](Concurrency). If the server is down, the [circuit breaker](CircuitBreaker) lets calls fail at once.
//! [`Client::budget`] shows what is left.
//!
//! # Anything else
//!
//! ```no_run
//! # async fn run(gl: glabflow::Client) -> Result<(), glabflow::Error> {
//! let metadata = gl.get("metadata").send::<serde_json::Value>().await?.into_inner();
//! let mut hooks = gl.get("hooks").items::<serde_json::Value>();
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | what it adds | default |
//! | --- | --- | --- |
//! | one for each resource, such as `projects` | the operations of that resource | |
//! | `core` | the resources that most programs need | yes |
//! | `full` | every resource | |
//! | `graphql` | `Client::graphql`: GraphQL operations, documents, streams, batches and a cache | |
//! | `graphql-core` | `graphql`, and the generated operations that most programs need | |
//! | `graphql-full` | `graphql`, and every generated operation | |
//! | `graphql-builder` | `graphql`, and `graphql::builder`: documents built at run time, checked against the schema | |
//! | `gzip` | responses compressed with gzip | yes |
//! | `brotli`, `zstd` | responses compressed with Brotli, or Zstandard (which builds a C library), if the server supports it | |
//! | `http2` | HTTP/2, if the server offers it | yes |
//! | `blocking` | `blocking::Client`, for programs without an asynchronous runtime | |
//! | `tracing` | `Tracing`: requests as events of the `tracing` crate | |
//! | `build-codegen` | generates the operations at build time, from the schema folder in `GLABFLOW_SCHEMA_DIR` | |
//! | `serialize` | `Serialize` for the types of responses | |

#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod client;
mod clock;
mod error;
pub mod fanout;
#[cfg(test)]
mod fuzz;
#[cfg(feature = "graphql")]
pub mod graphql;
mod http;
mod limit;
mod operations;
mod paging;
mod raw;
mod redact;
mod resume_token;
mod schema_check;
mod send;
mod server_version;
mod task;

pub use crate::http::auth::Token;
pub use crate::http::headers::{PageInfo, RateLimit};
pub use builder::ClientBuilder;
pub use client::Client;
pub use clock::{Clock, SkippingClock, Sleep, SystemClock};
pub use error::{Error, ErrorKind};
pub use fanout::{Fanout, ItemFanout, Outcome, Progress, fanout};
pub use glabflow_contract as contract;
#[doc(no_inline)]
pub use glabflow_contract::{Date, DateTime, IdOrName, Method, Null, Nullable, Secret, Upload};
pub use glabflow_rest as rest;
pub use glabflow_rest::types;
pub use limit::{BudgetState, CircuitBreaker, Concurrency, RateLimits, WindowState};
pub use paging::items::Items;
pub use paging::pages::Pages;
pub use raw::Raw;
pub use resume_token::{ParseResumeTokenError, ResumeToken};
#[cfg(feature = "graphql")]
pub use schema_check::MissingOperation;
pub use schema_check::{Compared, SchemaCheck};
pub use send::download::{Download, DownloadFuture};
pub use send::future::SendFuture;
#[cfg(feature = "tracing")]
pub use send::observer::Tracing;
pub use send::observer::{Event, EventKind, Observer};
pub use send::response::Response;
pub use send::retry::RetryPolicy;
pub use server_version::{Difference, ServerVersion};

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
