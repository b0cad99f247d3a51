//! From the operation index to files: Rust for `generated/rest`, `generated/graphql` and `generated/samples`, JSON for
//! `generated/index`.
//!
//! - [`rest`] and [`graphql`] write the crates of the two APIs.
//! - `package` writes what all crates have, `format` says how source is laid out, `tokens` makes identifiers.
//! - `docs` says what a doc comment says, `markdown` what it keeps of descriptions.

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

pub use facts::Facts;
pub use files::Files;
