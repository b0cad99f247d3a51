//! An operation as constant data: method, path, parameters, output and paging.

use std::fmt;

/// An HTTP method of GitLab's REST API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "index", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "index", serde(rename_all = "UPPERCASE"))]
pub enum Method {
    /// Read.
    Get,
    /// Read the headers only.
    Head,
    /// Create, or start an action.
    Post,
    /// Replace or update.
    Put,
    /// Update in part.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// The method as it is written in a request line, for example `GET`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// Whether the method only reads.
    pub const fn is_read(self) -> bool {
        matches!(self, Method::Get | Method::Head)
    }

    /// Whether sending a request with this method twice has the effect of sending it once, unless the operation says otherwise.
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Method::Get | Method::Head | Method::Put | Method::Delete)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The part of a request that holds a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "index", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "index", serde(rename_all = "lowercase"))]
pub enum Location {
    /// A segment of the path, percent-encoded as a whole.
    Path,
    /// The query string.
    Query,
    /// A request header.
    Header,
    /// A member of the request body.
    Body,
}

/// One parameter of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// The name on the wire; a query list keeps its brackets, as in `topic[]`.
    pub name: &'static str,
    /// The part of the request that holds it.
    pub location: Location,
    /// Whether GitLab rejects the request without it.
    pub required: bool,
    /// A path parameter that may contain slashes (GitLab's `*wildcard`).
    pub wildcard: bool,
    /// A query list that is sent as one value, joined with commas.
    pub comma: bool,
}

impl Param {
    const fn new(name: &'static str, location: Location) -> Self {
        Param { name, location, required: false, wildcard: false, comma: false }
    }

    /// A path parameter; always required.
    pub const fn path(name: &'static str) -> Self {
        Param::new(name, Location::Path).required()
    }

    /// A query parameter.
    pub const fn query(name: &'static str) -> Self {
        Param::new(name, Location::Query)
    }

    /// A header parameter.
    pub const fn header(name: &'static str) -> Self {
        Param::new(name, Location::Header)
    }

    /// A member of the body.
    pub const fn body(name: &'static str) -> Self {
        Param::new(name, Location::Body)
    }

    /// The same parameter, required.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same path parameter with slashes that are not encoded.
    pub const fn wildcard(mut self) -> Self {
        self.wildcard = true;
        self
    }

    /// The same query list, joined with commas.
    pub const fn comma(mut self) -> Self {
        self.comma = true;
        self
    }
}

/// The format of an operation's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// A JSON object of the body parameters, or multipart if one of them is a file.
    Json,
    /// `multipart/form-data`, one part for each body parameter.
    Multipart,
    /// The one body parameter's bytes, under this content type.
    Raw(&'static str),
}

/// What an operation responds with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Nothing that is worth decoding. A body is ignored.
    Empty,
    /// One JSON document.
    Json,
    /// A JSON list.
    List,
    /// A text or binary file of this content type, streamed.
    File(&'static str),
}

/// Which orders a list can be read in by keyset pagination.
///
/// GitLab documents them on
/// <https://docs.gitlab.com/api/rest/#supported-resources>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyset {
    /// The allowed values of `order_by`, the default first; empty if no order is sent.
    pub orders: &'static [&'static str],
    /// The allowed values of `sort`, the default first; empty if none is sent.
    pub sorts: &'static [&'static str],
    /// Whether GitLab supports it for requests without a token only.
    pub anonymous_only: bool,
}

/// The most items that GitLab returns on a page, by REST and by GraphQL.
pub const MAX_PAGE_SIZE: u32 = 100;

/// How a list is paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// One response contains everything.
    None,
    /// Not documented as paged: further pages are read if the server links to them.
    Link,
    /// By `page` and `per_page`.
    Offset,
    /// By keyset if the order allows it, otherwise by `page` and `per_page`.
    Keyset(Keyset),
}

impl Paging {
    /// Whether the operation takes `page` and `per_page`.
    pub const fn has_pages(&self) -> bool {
        matches!(self, Paging::Offset | Paging::Keyset(_))
    }
}

/// A pair of filters that splits a list into ranges. The ranges can be read in parallel without missing or repeating an
/// item.
///
/// The key must be a property that never changes, so filters on `updated_at` do not qualify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "index", derive(serde::Serialize, serde::Deserialize))]
pub struct Range {
    /// The key that splits the list.
    pub key: RangeKey,
    /// Whether `order_by` and `sort` can order the list by the key.
    pub sorted: bool,
}

/// The key that splits a list into ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "index", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "index", serde(rename_all = "snake_case"))]
pub enum RangeKey {
    /// The id, with `id_after` and `id_before`.
    Id,
    /// The time of creation, with `created_after` and `created_before`.
    CreatedAt,
}

impl RangeKey {
    /// All keys, the best first.
    pub const ALL: [RangeKey; 2] = [RangeKey::Id, RangeKey::CreatedAt];

    /// The field of an item that contains the key. It is also the key's value of `order_by`.
    pub const fn field(self) -> &'static str {
        match self {
            RangeKey::Id => "id",
            RangeKey::CreatedAt => "created_at",
        }
    }

    /// The parameter for the lower end.
    pub const fn after(self) -> &'static str {
        match self {
            RangeKey::Id => "id_after",
            RangeKey::CreatedAt => "created_after",
        }
    }

    /// The parameter for the upper end.
    pub const fn before(self) -> &'static str {
        match self {
            RangeKey::Id => "id_before",
            RangeKey::CreatedAt => "created_before",
        }
    }
}

/// An operation of GitLab's REST API as constant data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The operation's id in the schema, for example `list_projects`.
    pub id: &'static str,
    /// The resource tag, which is also the name of the module and of the cargo feature.
    pub tag: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below `/api/v4`, with parameters in braces: `/projects/{id}`.
    pub path: &'static str,
    /// All parameters. An argument refers to one by its position in this list.
    pub params: &'static [Param],
    /// The format of the body.
    pub body: Body,
    /// What GitLab responds with.
    pub output: Output,
    /// How a list is paged.
    pub paging: Paging,
    /// The filters that split the list into ranges for parallel reading, the best first.
    pub ranges: &'static [Range],
    /// Whether sending it twice has the same effect as sending it once.
    pub idempotent: bool,
    /// Whether GitLab has deprecated it.
    pub deprecated: bool,
    /// The page of GitLab's documentation, if it is known.
    pub docs: Option<&'static str>,
}

impl Descriptor {
    /// The id of a request without an operation: one by path.
    pub const RAW: &'static str = "raw";

    /// The position of the parameter with this name on the wire. The brackets of a list may be left out.
    pub fn position(&self, name: &str, location: Location) -> Option<u16> {
        let plain = name.strip_suffix("[]").unwrap_or(name);
        let found = self.params.iter().position(|param| {
            param.location == location && param.name.strip_suffix("[]").unwrap_or(param.name) == plain
        })?;
        u16::try_from(found).ok()
    }
}
