//! GitLab's schema, as far as building and checking documents needs it.

mod table;
mod types;

pub use types::{Directive, EnumValue, Field, Input, Marks, Schema, Shape, Type, TypeRef};
