//! GraphQL documents for GitLab: parsed, built, checked and priced before they are sent. This crate sends nothing.
//!
//! - [`parse_document`] reads a document as a tree, [`ast`].
//!
//! With the feature `schema`, which is on by default:
//!
//! - [`Query`] builds documents, [`Document::parse`] reads them. Both check them against GitLab's schema, so a [`Document`] is always
//!   valid.
//! - [`Document::check_variables`] checks the values of its variables.
//! - [`Document::estimate`] computes what it costs by GitLab's rules.
//! - [`Saved`] keeps documents with their variables in a folder.
//! - [`Schema`] is the schema itself: a table of about a megabyte, read at its first use.
//!
//! ```
//! # #[cfg(feature = "schema")] {
//! use glabflow_document::{Query, var};
//!
//! let document = Query::new("Issues")
//!     .variable("path", "ID!")
//!     .field("project", |project| {
//!         project.arg("fullPath", var("path")).fields(["id", "name"]).field("issues", |issues| {
//!             issues.arg("first", 20).field("nodes", |issue| issue.fields(["iid", "title"]))
//!         })
//!     })
//!     .build()?;
//! assert!(document.text().starts_with("query Issues($path: ID!) {\n  project(fullPath: $path) {\n    id\n"));
//! assert_eq!(document.estimate(&Default::default()).complexity, 7);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod ast;
#[cfg(feature = "schema")]
mod builder;
#[cfg(feature = "schema")]
mod calibration;
#[cfg(feature = "schema")]
mod check;
mod cost;
#[cfg(feature = "schema")]
mod document;
mod parse;
mod print;
mod problem;
#[cfg(feature = "schema")]
mod saved;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "schema")]
mod score;
#[cfg(feature = "schema")]
mod suggest;
mod value;
#[cfg(feature = "schema")]
mod variable_values;

pub use ast::Position;
#[cfg(feature = "schema")]
pub use builder::{Field, Fragment, Query, enum_value, object, var};
#[cfg(feature = "schema")]
pub use calibration::Calibration;
pub use cost::untyped_score;
#[cfg(feature = "schema")]
pub use cost::{Estimate, Part, TooCostly};
#[cfg(feature = "schema")]
pub use document::Document;
pub use parse::{parse_document, parse_selections};
pub use print::on_one_line;
pub use problem::{Invalid, Problem};
#[cfg(feature = "schema")]
pub use saved::{Saved, SavedError, SavedQuery};
#[cfg(feature = "schema")]
pub use schema::Schema;
#[cfg(feature = "schema")]
pub use score::SCORE_KEY;
pub use value::Value;
