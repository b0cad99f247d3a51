//! GraphQL: typed operations, documents, and streams of connections. Requests take the same path as those of REST.
//!
//! ```no_run
//! # use glabflow::contract::graphql::{Connection, ConnectionOperation};
//! # async fn run(gl: glabflow::Client) -> Result<(), glabflow::Error> {
//! let response = gl.graphql().document("{ currentUser { username } }").execute().await?;
//! for error in &response.errors {
//!     eprintln!("the output is partial: {error}");
//! }
//! println!("{:?}", response.required()?["currentUser"]["username"]);
//! # Ok(())
//! # }
//! ```
//!
//! The generated operations are in [`operations`]. Each area has a feature of `glabflow-graphql` with its name.

mod batch;
#[cfg(feature = "graphql-builder")]
pub mod builder;
pub(crate) mod cache;
mod complaints;
mod connection;
mod definitions;
mod document;
mod envelope;
mod handle;
mod loader;
mod nodes;
mod pager;
mod response;
mod throttled;
mod watch;

pub use crate::error::graphql::{GraphqlError, Location, Segment};
pub use batch::{Batch, Entry, Results};
pub use cache::{Cache, CacheStatistics};
pub use document::Document;
pub use glabflow_contract::graphql::{
    Any, Connection, ConnectionOperation, GlobalId, GraphqlOperation, MutationOperation,
};
pub use glabflow_graphql as operations;
pub use handle::Graphql;
pub use loader::{LoadKey, Loader, LoaderSpec, LoaderStatistics, Loaders, Lookup};
pub use nodes::Nodes;
pub use response::Response;
pub use watch::{Change, ChangeStream, WatchBuilder, WatchState};
