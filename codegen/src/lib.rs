//! GitLab's schemas in, a typed Rust SDK out.
//!
//! `fetch` reads the schemas of a server.
//! [`ingest`] turns what GitLab publishes into a facts-only document, [`model`] turns that into the operation index,
//! [`emit`] turns the index into Rust. [`generate`] writes the result or checks that it is up to date, [`stats`] counts, [`documents`] writes
//! the GraphQL documents for other tools. [`diff`] compares two schemas, [`used`] says which operations a code base uses.

pub mod build;
pub mod diff;
pub mod documents;
pub mod emit;
mod facade;
#[cfg(feature = "fetch")]
pub mod fetch;
pub mod generate;
pub mod ingest;
pub mod model;
pub mod standalone;
pub mod stats;
pub mod used;
