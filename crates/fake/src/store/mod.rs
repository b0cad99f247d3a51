//! The store: the seed data, and the changes by requests.
//!
//! This is the data layer, without HTTP. REST and GraphQL read and write it. Each thing has a *slot* among its kind:
//! first the slots of the seed data, then one for each created thing.

mod data;
mod item;
mod lookup;
mod select;
mod selection;

pub(crate) use data::Store;
#[cfg(feature = "graphql")]
pub(crate) use item::Item;
pub(crate) use selection::{Scope, Selection};
