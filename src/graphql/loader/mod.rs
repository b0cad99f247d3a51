//! Loading by key: loads of concurrent tasks share few documents.
//!
//! Loads that start within a short window are combined: equal keys once, keys of a list in one list, other keys as aliases, and
//! lookups of different kinds in one document, within GitLab's limits. Each key gets its own result.

mod decode;
mod dispatcher;
mod documents;
mod key;
mod load;
mod loaders;
mod selection;
mod shape;
mod spec;

// Operations that were generated from another GitLab may lack what these loaders need.
#[cfg(any(feature = "graphql-core", feature = "graphql-full"))]
glabflow_graphql::with_loaders! {
    mod presets;
}

pub use dispatcher::LoaderStatistics;
pub use key::LoadKey;
pub use loaders::{Loader, Loaders};
pub use spec::{LoaderSpec, Lookup};
