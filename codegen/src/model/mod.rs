//! From schemas to the operation index.
//!
//! The model *is* [`glabflow_contract::index`]: what is built here is written to `generated/index` as it stands and is
//! what [`emit`](crate::emit) turns into Rust.
//!
//! - [`rest`] reads the REST document, [`graphql`] the GraphQL schema.
//!
//! [`names`](crate::names) owns every identifier.

pub mod graphql;
pub mod rest;
