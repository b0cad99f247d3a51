//! Loading by key: loads of concurrent tasks come together in few documents.
//!
//! Loads that are asked for within a moment are put together: equal keys once, keys of a list in one list, the others as
//! aliases, lookups of different kinds in one document, all within GitLab's limits. Each key gets a result of its own.

mod answer;
mod dispatcher;
mod key;
mod load;
mod loaders;
mod plan;
mod selection;
mod shape;
mod spec;

// Where the operations are those of one's own GitLab, they may not have what these loaders stand on.
#[cfg(any(feature = "graphql_core", feature = "graphql_full"))]
glabflow_graphql::with_loaders! {
    mod presets;
}

pub use dispatcher::LoaderStatistics;
pub use key::LoadKey;
pub use loaders::{Loader, Loaders};
pub use spec::{Lookup, Spec};
