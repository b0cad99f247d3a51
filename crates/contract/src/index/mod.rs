//! The operation index: every operation and type of the schema as serialisable data.
//!
//! It is the generator's model. Everything that needs GitLab's operations without their Rust types reads it: the
//! command line, the fake server, statistics, schema diffs and other tools.

mod convert;
pub mod graphql;
mod operation;
mod types;
mod whole;

pub use operation::{Body, Keyset, Operation, Output, Paging, Parameter};
pub use types::{Enum, EnumValue, Field, IntEnum, Object, TypeDef, TypeRef};
pub use whole::{Index, LazyIndex};
