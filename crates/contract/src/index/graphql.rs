//! The GraphQL half of the index: every operation with its document, and every type of responses and inputs.

use crate::graphql::{Edition, Kind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All GraphQL operations and types of one schema.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// The operations, sorted by area and id.
    pub operations: Vec<Operation>,
    /// The types by their Rust name.
    pub types: BTreeMap<String, TypeDef>,
    /// The kinds of global ids by their Rust name, and the class of each; none if a kind covers several models.
    pub ids: BTreeMap<String, Option<String>>,
}

impl Index {
    /// The operation of this id.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

/// An index that is parsed from JSON on first use.
#[derive(Debug)]
pub struct Lazy {
    text: &'static str,
    parsed: OnceLock<Index>,
}

impl Lazy {
    /// An index over a JSON text that the generator wrote.
    pub const fn new(text: &'static str) -> Self {
        Lazy { text, parsed: OnceLock::new() }
    }

    /// The index.
    ///
    /// # Panics
    /// If the generator did not write the text. Its own check rules this out.
    pub fn get(&'static self) -> &'static Index {
        self.parsed.get_or_init(|| serde_json::from_str(self.text).expect("the generator wrote this index"))
    }
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The id, `project_pipelines`.
    pub id: String,
    /// The resource area: module and cargo feature.
    pub area: String,
    /// Query, mutation or subscription.
    pub kind: Kind,
    /// The Rust struct. It is also the operation's name in the document.
    pub rust_type: String,
    /// The fields from the root type to the output, `["project", "pipelines"]`.
    pub path: Vec<String>,
    /// The schema's description; only in schemas that users fetch with descriptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What can be set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Whether the variables are the fields of the document's single variable `input`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub input: bool,
    /// What GitLab responds with.
    pub output: Output,
    /// The default page size; 0 if the output is not a connection.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub page_size: u32,
    /// The editions that have it.
    pub edition: Edition,
    /// A version that has it, if it is not in every edition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The version since which GitLab calls it an experiment; empty if the version is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// The version since which it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The cost by GitLab's rules with the default page size.
    pub complexity: u32,
    /// The nesting depth of the document.
    pub depth: u32,
    /// The document.
    pub document: String,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A variable of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// The name on the wire.
    pub name: String,
    /// The name of the setter or constructor argument.
    pub rust_name: String,
    /// The GraphQL type.
    pub graphql: String,
    /// The Rust type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Whether GitLab rejects the operation without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether `null` has another meaning than omitting it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// The version since which it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The version since which GitLab calls it an experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// A version that has it, if it is not in every edition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ee: Option<String>,
    /// GitLab's default, as a GraphQL literal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The schema's description; only in schemas that users fetch with descriptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The result of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// One value.
    One(TypeRef),
    /// A connection of these.
    Connection(TypeRef),
    /// The payload of a mutation.
    Payload(TypeRef),
}

/// A reference to a type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// Secret text.
    Secret,
    /// A point in time.
    DateTime,
    /// A day.
    Date,
    /// Any JSON.
    Any,
    /// A global id of a kind of [`Index::ids`].
    Id(String),
    /// A global id of any kind.
    AnyId,
    /// A list.
    List(Box<TypeRef>),
    /// A page of a connection inside an object.
    Connection(Box<TypeRef>),
    /// A type of [`Index::types`].
    Named(String),
}

impl TypeRef {
    /// The named type inside.
    pub fn named(&self) -> Option<&str> {
        match self {
            TypeRef::Named(name) => Some(name),
            TypeRef::List(inner) | TypeRef::Connection(inner) => inner.named(),
            _ => None,
        }
    }
}

/// The definition of a named type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypeDef {
    /// The types of the schema that it represents.
    pub graphql: Vec<String>,
    /// The areas whose operations use it.
    pub areas: Vec<String>,
    /// The schema's description; none if it represents types with different descriptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its shape.
    #[serde(flatten)]
    pub shape: Shape,
}

/// The shape of a named type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// An object in responses.
    Object(Vec<Field>),
    /// The payload of a mutation: an object with `errors`.
    Payload(Vec<Field>),
    /// One of several objects.
    OneOf(Vec<Variant>),
    /// An open enumeration.
    Enum(Vec<EnumValue>),
    /// An object in requests.
    Input(Vec<Variable>),
}

/// A field of an object in responses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name on the wire.
    pub name: String,
    /// The Rust name.
    pub rust_name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// The schema's description; none if the types that have the field differ in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// One of the objects that an interface or union can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// The name of the object's type on the wire.
    pub typename: String,
    /// The Rust variant.
    pub rust_name: String,
    /// The object's type.
    #[serde(rename = "type")]
    pub ty: String,
}

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumValue {
    /// The value on the wire.
    pub name: String,
    /// The Rust variant.
    pub rust_name: String,
    /// The version since which it is deprecated or an experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// The schema's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
