//! The operation index: every operation and type of the schema as serialisable data.
//!
//! The generator's model is this index, and everything that needs to know GitLab's operations without their Rust
//! types (the command line, the fake server, tools for agents, statistics, schema diffs) reads it.

pub mod graphql;

use crate::descriptor::{self, Descriptor, Location, Method, Range, RangeKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All operations and types of one schema.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// The operations, sorted by tag and id.
    pub operations: Vec<Operation>,
    /// The types by their Rust name.
    pub types: BTreeMap<String, TypeDef>,
}

impl Index {
    /// The operation of this id.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The id in the schema, `list_projects`.
    pub id: String,
    /// The resource tag: module, handle and cargo feature.
    pub tag: String,
    /// The method on the tag's handle, `list`.
    pub name: String,
    /// The Rust struct, `ListProjects`.
    pub rust_type: String,
    /// The HTTP method.
    pub method: Method,
    /// The path below `/api/v4`.
    pub path: String,
    /// All parameters: path, query, header, body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<Parameter>,
    /// How the body is written.
    #[serde(default, skip_serializing_if = "Body::is_none")]
    pub body: Body,
    /// What comes back.
    pub output: Output,
    /// How a list is paged.
    #[serde(default, skip_serializing_if = "Paging::is_none")]
    pub paging: Paging,
    /// By which filters the list can be read in pieces at once, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
    /// The HTTP status of a success, where the schema is sure of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether sending it twice has the effect of sending it once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
    /// Whether GitLab has deprecated it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// The path of the newer spelling, where this is an older one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// The page of GitLab's documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
    /// Which source knows the operation: `A` GitLab's document, `B` a client library, `AB` both, `overlay`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// One parameter of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// The name of the setter or constructor argument.
    pub rust_name: String,
    /// Where it travels.
    #[serde(rename = "in")]
    pub location: Location,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Whether GitLab refuses the request without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether `null` clears it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// Whether GitLab has deprecated it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// A path parameter that may contain slashes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wildcard: bool,
    /// A list that travels as one value joined with commas.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub comma: bool,
    /// GitLab's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// Prose for the doc comment; only in schemas which users fetch with descriptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

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
    /// Text that must not be seen: a token or password.
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
    /// An object or enum of [`Index::types`].
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
    /// The schema's name for it, which the Rust name may differ from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// Other schemas that have the same shape and share the type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The tags whose operations use it.
    pub tags: Vec<String>,
    /// Whether requests hold it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub input: bool,
    /// Whether answers hold it.
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
    /// Whether a request must have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether the schema says that it may be `null`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// Whether GitLab has deprecated it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// Prose for the doc comment; only in schemas which users fetch with descriptions.
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
    /// The constant names of the values, in the same order; empty where they have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// How a body is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// There is none.
    #[default]
    None,
    /// A JSON object; multipart when it holds a file.
    Json,
    /// `multipart/form-data`.
    Multipart,
    /// One file, under this content type.
    Raw(String),
}

impl Body {
    fn is_none(&self) -> bool {
        *self == Body::None
    }
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Nothing worth decoding.
    Empty,
    /// One JSON value of this type.
    Json(TypeRef),
    /// A JSON list of this type.
    List(TypeRef),
    /// A file of this content type.
    File(String),
}

/// How a list is paged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// One answer holds everything.
    #[default]
    None,
    /// Further pages are read when the server links to them.
    Link,
    /// By page number.
    Offset,
    /// By keyset where the order allows it.
    Keyset(Keyset),
}

impl Paging {
    fn is_none(&self) -> bool {
        *self == Paging::None
    }
}

/// Which orders keyset pagination allows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyset {
    /// Values of `order_by`, the default first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<String>,
    /// Values of `sort`, the default first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sorts: Vec<String>,
    /// Only for requests without a token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anonymous_only: bool,
}

impl Operation {
    /// By which filters this list can be read in pieces at once; the types say which orders there are.
    ///
    /// A piece is read by keyset, or in the order of its key; where a list has neither, pages could shift.
    pub fn find_ranges(&self, types: &BTreeMap<String, TypeDef>) -> Vec<Range> {
        if !matches!(self.output, Output::List(_)) || self.method != Method::Get {
            return Vec::new();
        }
        let param = |name: &str| self.params.iter().find(|it| it.location == Location::Query && it.name == name);
        let takes = |name: &str, value: &str| match param(name).map(|param| &param.ty) {
            Some(TypeRef::Named(ty)) => matches!(types.get(ty), Some(TypeDef::Enum(known))
                if known.values.iter().any(|known| known.name == value)),
            _ => false,
        };
        let keyset = match &self.paging {
            Paging::Keyset(keyset) => !keyset.anonymous_only && keyset.orders.iter().any(|order| order == "id"),
            _ => false,
        };
        let range = |key: RangeKey| {
            let sorted = takes("order_by", key.field()) && takes("sort", "asc") && takes("sort", "desc");
            let has_ends = param(key.after()).is_some() && param(key.before()).is_some();
            (has_ends && (sorted || keyset)).then_some(Range { key, sorted })
        };
        RangeKey::ALL.into_iter().filter_map(range).collect()
    }

    /// The operation as a constant descriptor, for calls that are not typed.
    ///
    /// It lives as long as the program: call it for operations of an index that does too, and keep the result.
    pub fn descriptor(&'static self) -> Descriptor {
        let params = self.params.iter().map(|param| descriptor::Param {
            name: &param.name,
            location: param.location,
            required: param.required,
            wildcard: param.wildcard,
            comma: param.comma,
        });
        let texts = |values: &'static [String]| -> &'static [&'static str] {
            Vec::leak(values.iter().map(String::as_str).collect())
        };
        Descriptor {
            id: &self.id,
            tag: &self.tag,
            method: self.method,
            path: &self.path,
            params: Vec::leak(params.collect()),
            body: match &self.body {
                Body::None => descriptor::Body::None,
                Body::Json => descriptor::Body::Json,
                Body::Multipart => descriptor::Body::Multipart,
                Body::Raw(content_type) => descriptor::Body::Raw(content_type),
            },
            output: match &self.output {
                Output::Empty => descriptor::Output::Empty,
                Output::Json(_) => descriptor::Output::Json,
                Output::List(_) => descriptor::Output::List,
                Output::File(content_type) => descriptor::Output::File(content_type),
            },
            paging: match &self.paging {
                Paging::None => descriptor::Paging::None,
                Paging::Link => descriptor::Paging::Link,
                Paging::Offset => descriptor::Paging::Offset,
                Paging::Keyset(keyset) => descriptor::Paging::Keyset(descriptor::Keyset {
                    orders: texts(&keyset.orders),
                    sorts: texts(&keyset.sorts),
                    anonymous_only: keyset.anonymous_only,
                }),
            },
            ranges: &self.ranges,
            idempotent: self.idempotent,
            deprecated: self.deprecated,
            docs: self.docs.as_deref(),
        }
    }
}

/// An index that is parsed from JSON when it is first asked for.
#[derive(Debug)]
pub struct LazyIndex {
    operations: &'static str,
    types: &'static str,
    parsed: Parsed,
}

/// What has been parsed so far.
#[derive(Debug)]
struct Parsed {
    operations: OnceLock<Vec<Operation>>,
    descriptors: OnceLock<Vec<Descriptor>>,
    types: OnceLock<BTreeMap<String, TypeDef>>,
}

impl LazyIndex {
    /// An index over two JSON texts which the generator wrote.
    pub const fn new(operations: &'static str, types: &'static str) -> Self {
        let parsed = Parsed { operations: OnceLock::new(), descriptors: OnceLock::new(), types: OnceLock::new() };
        LazyIndex { operations, types, parsed }
    }

    /// All operations.
    ///
    /// # Panics
    /// When the text is not what the generator writes, which its own check rules out.
    pub fn operations(&'static self) -> &'static [Operation] {
        self.parsed
            .operations
            .get_or_init(|| serde_json::from_str(self.operations).expect("the generator wrote this index"))
    }

    /// The descriptors of all operations, in the same order.
    pub fn descriptors(&'static self) -> &'static [Descriptor] {
        self.parsed.descriptors.get_or_init(|| self.operations().iter().map(Operation::descriptor).collect())
    }

    /// All types.
    ///
    /// # Panics
    /// When the text is not what the generator writes, which its own check rules out.
    pub fn types(&'static self) -> &'static BTreeMap<String, TypeDef> {
        self.parsed.types.get_or_init(|| serde_json::from_str(self.types).expect("the generator wrote this index"))
    }

    /// The operation of this id, with its descriptor.
    pub fn find(&'static self, id: &str) -> Option<(&'static Operation, &'static Descriptor)> {
        let at = self.operations().iter().position(|operation| operation.id == id)?;
        Some((&self.operations()[at], &self.descriptors()[at]))
    }
}
