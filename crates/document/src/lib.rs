//! GraphQL documents for GitLab: built, checked and priced before they are sent. Nothing here sends anything.
//!
//! - [`Query`] builds documents, [`Document::parse`] reads them; both check them against the schema, so that a [`Document`] is
//!   one which GitLab understands.
//! - [`Document::check_variables`] does the same for the values of its variables.
//! - [`Document::estimate`] says what it costs by GitLab's rules, and which part of it does.
//! - [`Saved`] keeps documents with their variables in a folder.
//! - [`Schema`] is the schema itself, about a megabyte that is read when it is first asked for.
//!
//! ```
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
//! # Ok::<(), glabflow_document::Invalid>(())
//! ```

mod ast;
mod builder;
mod check;
mod cost;
mod document;
mod parse;
mod print;
mod problem;
mod saved;
pub mod schema;
mod suggest;
mod values;

pub use ast::{Position, Value};
pub use builder::{Field, Fragment, Query, enum_value, object, var};
pub use cost::{Calibration, Estimate, Part, SCORE_KEY, TooCostly};
pub use document::{Document, operations};
pub use problem::{Invalid, Problem};
pub use saved::{Saved, SavedError, SavedQuery};
pub use schema::Schema;
