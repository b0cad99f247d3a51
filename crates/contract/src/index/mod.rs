//! The operation index: every operation and type of the schema as serialisable data.
//!
//! The generator's model is this index, and everything that needs to know GitLab's operations without their Rust
//! types (the command line, the fake server, tools for agents, statistics, schema diffs) reads it.

mod convert;
pub mod graphql;
mod operation;
mod types;
mod whole;

pub use operation::{Body, Keyset, Operation, Output, Paging, Parameter};
pub use types::{Enum, EnumValue, Field, IntEnum, Object, TypeDef, TypeRef};
pub use whole::{Index, LazyIndex};
