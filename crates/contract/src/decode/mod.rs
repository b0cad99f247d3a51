//! Lenient decoding of what GitLab sends.
//!
//! Generated types do not derive serde's `Deserialize`: they list their fields once ([`Object`]) and share the
//! code below, which takes a number sent as a string, `null` for a list, a single object for a list of one,
//! missing and unknown fields. That costs less to compile than a derive and decodes as fast, because a field
//! name is first compared with the one that followed last time.

mod containers;
mod document;
mod object;
mod scalars;
mod text;
mod traits;

pub use document::{from_slice, text_of};
pub use object::{FieldOrder, Object, object};
pub(crate) use scalars::value_option;
pub use text::text;
pub use traits::{Decode, skip, value};
