//! GitLab's schemas in, a typed Rust SDK out.
//!
//! `fetch` reads the schemas of a server.
//! [`ingest`] turns what GitLab publishes into a facts-only document, [`model`] turns that into the operation index,
//! [`emit`] turns the index into Rust. [`output`] writes the result or checks that it is up to date, [`stats`] counts, [`documents`] writes
//! the GraphQL documents for other tools. [`diff`] compares two schemas, [`used`] says which operations a code base uses.

pub mod diff;
pub mod documents;
pub mod emit;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod ingest;
mod method;
pub mod model;
pub mod names;
pub mod output;
pub mod schema_dir;
pub mod stats;
pub mod used;
