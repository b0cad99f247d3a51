//! Builds the operation index from schemas.
//!
//! The model *is* [`glabflow_contract::index`]: it is written to `generated/index`, and [`emit`](crate::emit) generates Rust
//! from it.
//!
//! - [`rest`] reads the REST document, [`graphql`] the GraphQL schema.
//!
//! [`names`](crate::names) derives every identifier.

pub mod graphql;
pub mod rest;
