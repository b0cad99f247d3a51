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
//! Every operation is a method of its resource's handle: what GitLab requires are arguments, the rest are setters. Until it is
//! sent it is a plain value.
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
//! Lists are read page by page or item by item. Pages are read ahead, by keyset where GitLab offers it; memory stays flat.
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
//! [`Items`] and [`Pages`] are streams as of the `futures` crate too. [`fanout`] does the same work for many inputs.
//!
//! # One error
//!
//! ```no_run
//! # async fn run(gl: glabflow::Client) -> Result<(), glabflow::Error> {
//! match gl.projects().get("group/project").send().await {
//!     Ok(project) => println!("{:?}", project.description),
//!     Err(error) if error.is_not_found() => println!("not there, or not for us to see"),
//!     Err(error) => return Err(error), // says operation, URL, status, request id, and what GitLab had to say
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What is safe to send again has been sent again by then, and limits have been waited out: see [`RetryPolicy`].
//!
//! # Limits
//!
//! The client sends no more than the server's [rate limits](RateLimits) allow, as many requests at once as it
//! [carries out](Concurrency), and none while it is [down](CircuitBreaker). [`Client::budget`] shows what is left.
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
//! | `core` | the resources which most programs need | yes |
//! | `full` | every resource | |
//! | `graphql` | `Client::graphql`: GraphQL operations, documents, streams, batches and a cache | |
//! | `graphql_core` | besides, the generated operations which most programs need | |
//! | `graphql_full` | besides, every generated operation | |
//! | `gzip` | answers compressed by gzip | yes |
//! | `brotli`, `zstd` | besides, by Brotli and Zstandard (which builds a C library), where the server knows them | |
//! | `http2` | HTTP/2, where the server offers it | yes |
//! | `blocking` | `blocking::Client`, for programs without an asynchronous runtime | |
//! | `tracing` | `Tracing`: requests as events of the `tracing` crate | |
//! | `build-codegen` | the operations are generated while building, from the schema folder that `GLABFLOW_SCHEMA_DIR` names | |
//! | `serialize` | `Serialize` for what GitLab answers with | |

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
