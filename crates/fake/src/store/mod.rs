//! What the server holds: the seed data, and what requests have made of it since.
//!
//! This is the data layer. It knows nothing of HTTP; everything that serves GitLab's data reads and writes it here.
//! Each thing has a *slot* among its kind: first the slots of the seed data, then one for each thing that was created.

mod data;
mod item;
mod lookup;
mod select;
mod selection;

pub(crate) use data::Store;
#[cfg(feature = "graphql")]
pub(crate) use item::Item;
pub(crate) use selection::{Scope, Selection};
