//! The traits and value types that glabflow's generated operations and its runtime share.
//!
//! An operation is data: a [`Descriptor`] with method, path, parameters and paging, and a list of [arguments](Arg) that
//! typed setters fill. Generated code contains nothing else. A [`Caller`] runs operations: the asynchronous client, the
//! blocking client, or a test that only records them.
//!
//! This crate sends nothing.

pub mod argument;
#[doc(hidden)]
pub mod calendar;
pub mod call;
pub mod convert;
pub mod decode;
pub mod descriptor;
pub mod encode;
pub mod fields;
pub mod graphql;
#[doc(hidden)]
pub mod hash;
#[cfg(feature = "index")]
pub mod index;
pub mod item_facts;
mod macros;
pub mod open_enum;
pub mod query;
pub mod scalar;
pub mod schema;
pub mod upload;

pub use argument::{Arg, IntoArg, Null, Nullable};
pub use call::{Call, Caller, Operation, Request, Unbound};
pub use decode::{Decode, Object};
pub use descriptor::{
    Body, Descriptor, Keyset, Location, MAX_PAGE_SIZE, Method, Output, Paging, Param, Range, RangeKey,
};
pub use encode::{ArgumentError, Encoded, Payload};
pub use fields::Fields;
#[doc(hidden)]
pub use hash::{Fnv1a64, fnv1a64};
pub use item_facts::ItemFacts;
pub use open_enum::OpenEnum;
pub use scalar::{Date, DateTime, IdOrName, Secret};
pub use schema::SchemaVersion;
pub use upload::Upload;

/// The output of an operation that responds with a file, as a stream of bytes.
#[derive(Debug)]
pub enum File {}

/// What the exported macros use in other crates; not for direct use.
#[doc(hidden)]
pub mod private {
    pub use serde;
    pub use serde_json;
}
