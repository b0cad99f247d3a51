//! GitLab's schemas in, a typed Rust SDK out.
//!
//! [`ingest`] turns what GitLab publishes into a facts-only document, [`model`] turns that into the operation index,
//! [`emit`] turns the index into Rust.

pub mod emit;
pub mod ingest;
pub mod model;
