//! From what GitLab publishes to one facts-only document.

pub mod graphql;
pub mod rest;
