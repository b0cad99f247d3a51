//! Generates a typed Rust SDK from GitLab's schemas.
//!
//! `fetch` reads the schemas of a server into a schema folder ([`schema_dir`]). [`ingest`] converts what GitLab publishes
//! into a facts-only document, [`model`] converts that into the operation index, and [`emit`] writes the index as Rust.
//! [`output`] writes the files or checks that they are up to date. [`stats`] counts operations and types, [`documents`]
//! writes the GraphQL documents for other tools. [`diff`] compares two schemas, and [`used`] finds the operations that a
//! code base uses.

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
