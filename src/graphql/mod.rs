//! GraphQL: typed operations, documents, streams of connections, through the same send path as REST.
//!
//! ```no_run
//! # use glabflow::contract::graphql::{Connection, ConnectionOperation};
//! # async fn run(gl: glabflow::Client) -> Result<(), glabflow::Error> {
//! let answer = gl.graphql().document("{ currentUser { username } }").execute().await?;
//! for error in &answer.errors {
//!     eprintln!("only a part is there: {error}");
//! }
//! println!("{:?}", answer.required()?["currentUser"]["username"]);
//! # Ok(())
//! # }
//! ```
//!
//! The generated operations are in [`operations`], those of an area behind the feature of `glabflow-graphql` of that name.

mod batch;
#[cfg(feature = "graphql-builder")]
pub mod builder;
mod cache;
mod client;
mod connection;
mod document;
mod envelope;
mod loader;
mod pager;
mod refusal;
mod response;
mod stream;
mod watch;

pub use batch::{Batch, Entry, Results};
pub use cache::{Cache, CacheStatistics};
pub use client::Graphql;
pub(crate) use connection::nodes;
pub use document::Document;
pub use glabflow_contract::graphql::{
    Any, Connection, ConnectionOperation, GlobalId, GraphqlOperation, MutationOperation,
};
pub use glabflow_graphql as operations;
pub use loader::{LoadKey, Loader, LoaderStatistics, Loaders, Lookup, Spec};
pub use refusal::{GraphqlError, Location, Segment};
pub use response::Response;
pub use stream::Nodes;
pub use watch::{Change, Watch, WatchState, Watching};

pub(crate) use refusal::Details;
