//! Operations and their parameters.

use super::types::{TypeDef, TypeRef};
use crate::descriptor::{Location, Method, Range, RangeKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The id in the schema, `list_projects`.
    pub id: String,
    /// The resource tag: name of the module, the handle and the cargo feature.
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
    /// The format of the body.
    #[serde(default, skip_serializing_if = "Body::is_none")]
    pub body: Body,
    /// What GitLab responds with.
    pub output: Output,
    /// How a list is paged.
    #[serde(default, skip_serializing_if = "Paging::is_none")]
    pub paging: Paging,
    /// The filters that split the list into ranges for parallel reading, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
    /// The HTTP status of a success, if it is known for certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether sending it twice has the same effect as sending it once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
    /// Whether GitLab has deprecated it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// The path of the newer spelling, if this is an older one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// The page of GitLab's documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<String>,
}

/// One parameter of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name on the wire.
    pub name: String,
    /// The name of the setter or constructor argument.
    pub rust_name: String,
    /// The part of the request that holds it.
    #[serde(rename = "in")]
    pub location: Location,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Whether GitLab rejects the request without it.
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
    /// A list that is sent as one value, joined with commas.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub comma: bool,
    /// The smallest number that GitLab accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<serde_json::Number>,
    /// The largest number that GitLab accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<serde_json::Number>,
    /// GitLab's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// Text for the doc comment; only in schemas that users fetch with descriptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The format of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// There is none.
    #[default]
    None,
    /// A JSON object, or multipart if it contains a file.
    Json,
    /// `multipart/form-data`.
    Multipart,
    /// One file of this content type.
    Raw(String),
}

impl Body {
    fn is_none(&self) -> bool {
        *self == Body::None
    }
}

/// What GitLab responds with.
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
    /// One response contains everything.
    #[default]
    None,
    /// Further pages are read if the server links to them.
    Link,
    /// By page number.
    Offset,
    /// By keyset if the order allows it.
    Keyset(Keyset),
}

impl Paging {
    fn is_none(&self) -> bool {
        *self == Paging::None
    }
}

/// The orders that keyset pagination allows.
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
    /// The filters that split this list into ranges for parallel reading; the orders are in the types.
    ///
    /// A range is read by keyset or in the order of its key. A list that supports neither is not split, because its pages
    /// could shift.
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
}
