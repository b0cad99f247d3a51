//! Types of parameters and responses.

use serde::{Deserialize, Serialize};

/// A reference to a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeRef {
    /// `true` or `false`.
    Bool,
    /// A 64-bit whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// Text.
    String,
    /// Secret text: a token or password.
    Secret,
    /// A point in time.
    DateTime,
    /// A day.
    Date,
    /// Any JSON.
    Any,
    /// A numeric id, or a name or full path.
    IdOrName,
    /// A file.
    File,
    /// A list.
    List(Box<TypeRef>),
    /// A map with text keys.
    Map(Box<TypeRef>),
    /// An object or enum of [`Index::types`](super::Index::types).
    Named(String),
}

/// The definition of a named type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeDef {
    /// An object.
    Object(Object),
    /// An open enumeration of text values.
    Enum(Enum),
    /// An open enumeration of numbers, such as access levels.
    IntEnum(IntEnum),
}

/// An object type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The name in the schema. The Rust name may differ.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// Other schemas of the same shape that share the type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The tags whose operations use it.
    pub tags: Vec<String>,
    /// Whether requests contain it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub input: bool,
    /// Whether responses contain it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub output: bool,
    /// Its fields, in the schema's order.
    pub fields: Vec<Field>,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The name on the wire.
    pub name: String,
    /// The Rust name.
    pub rust_name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Whether it is required in requests.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether it may be `null` by the schema.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// Whether GitLab has deprecated it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Text for the doc comment; only in schemas that users fetch with descriptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// An enumeration of text values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Enum {
    /// The tags whose operations use it.
    pub tags: Vec<String>,
    /// The values with their Rust names.
    pub values: Vec<EnumValue>,
}

/// A value of an [`Enum`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnumValue {
    /// The value on the wire.
    pub name: String,
    /// The Rust variant.
    pub rust_name: String,
}

/// An enumeration of numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct IntEnum {
    /// The tags whose operations use it.
    pub tags: Vec<String>,
    /// The values.
    pub values: Vec<i64>,
    /// The constant names of the values, in the same order; empty if they have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}
