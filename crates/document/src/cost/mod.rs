//! What selections cost by GitLab's rules.
//!
//! `walk` computes prices. It asks for what only a schema knows: `typed` has the schema, `untyped` guesses.

#[cfg(feature = "schema")]
mod estimate;
#[cfg(feature = "schema")]
mod typed;
mod untyped;
mod walk;

#[cfg(feature = "schema")]
pub use estimate::{Estimate, TooCostly};
#[cfg(feature = "schema")]
pub(crate) use typed::estimate;
pub use untyped::untyped_score;
#[cfg(feature = "schema")]
pub use walk::Part;
