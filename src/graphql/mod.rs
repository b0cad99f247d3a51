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
pub(crate) mod cache;
mod complaints;
mod connection;
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
pub use loader::{LoadKey, Loader, LoaderStatistics, Loaders, Lookup, Spec};
pub use nodes::Nodes;
pub use response::Response;
pub use watch::{Change, Watch, WatchState, Watching};
