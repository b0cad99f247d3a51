//! Converts what GitLab publishes into a facts-only document for each API.
//!
//! [`rest`] reads OpenAPI 3.0 and Swagger 2.0, repairs known errors and writes the normal form of
//! `schema/rest/openapi.json`. [`graphql`] reads introspection responses and SDL and writes SDL.

pub mod graphql;
pub(crate) mod read;
pub mod rest;
