//! From what GitLab publishes to one facts-only document.
//!
//! [`rest`] reads OpenAPI 3.0 and Swagger 2.0, repairs what is known to be wrong with them and writes the normal form
//! in which `schema/rest/openapi.json` is checked in.

pub mod graphql;
pub(crate) mod read;
pub mod rest;
