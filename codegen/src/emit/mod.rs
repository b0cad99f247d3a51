//! Writes the operation index as files: Rust for `generated/rest`, `generated/graphql` and `generated/samples`, JSON for
//! `generated/index`.
//!
//! - [`rest`] and [`graphql`] write the crates of the two APIs.
//! - `types` writes the files of types, `enums` enumerations, `rust_type` maps types of the schema to Rust.
//! - `manifest` and `package` write what all crates have, `format` lays out source, `tokens` makes identifiers.
//! - `docs` writes doc comments, `markdown` converts descriptions.

mod docs;
mod enums;
mod facts;
pub(crate) mod files;
mod format;
pub mod graphql;
mod manifest;
mod markdown;
mod package;
pub mod rest;
pub(crate) mod rust_type;
pub(crate) mod tokens;
mod types;

pub use facts::SchemaInfo;
pub use files::Files;
