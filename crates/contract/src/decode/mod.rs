//! Lenient decoding of what GitLab sends.
//!
//! Generated types do not derive serde's `Deserialize`. They list their fields once ([`Object`]) and share the code in
//! this module. It accepts a number that is sent as a string, `null` for a list, a single object for a list of one, and
//! missing and unknown fields. This compiles faster than a derive. It decodes as fast, because it first compares each
//! field name with the one that came next in the previous object.

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
