//! What an operation is: method, path, parameters, output and paging, as constant data.

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
    /// The method as it stands in a request line, `GET` for example.
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

    /// Whether the method only reads, so that sending it twice changes nothing.
    pub const fn is_read(self) -> bool {
        matches!(self, Method::Get | Method::Head)
    }

    /// Whether sending it twice has the effect of sending it once, as HTTP defines the method.
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Method::Get | Method::Head | Method::Put | Method::Delete)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a parameter travels.
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
    /// Where it travels.
    pub location: Location,
    /// Whether GitLab refuses the request without it.
    pub required: bool,
    /// A path parameter that may contain slashes (GitLab's `*wildcard`).
    pub wildcard: bool,
    /// A query list that travels as one value joined with commas.
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

    /// The same path parameter, with slashes left as they are.
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

/// How an operation's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// A JSON object of the body parameters; becomes multipart when one of them is a file.
    Json,
    /// `multipart/form-data`, one part for each body parameter.
    Multipart,
    /// The one body parameter's bytes, under this content type.
    Raw(&'static str),
}

/// What an operation answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Nothing that is worth decoding; a body that comes all the same is ignored.
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
    /// The values of `order_by` that are allowed, the default first; empty where no order is sent.
    pub orders: &'static [&'static str],
    /// The values of `sort` that are allowed, the default first; empty where none is sent.
    pub sorts: &'static [&'static str],
    /// Whether GitLab offers it only to requests without a token.
    pub anonymous_only: bool,
}

/// The most items that GitLab returns on a page, by REST and by GraphQL.
pub const MAX_PAGE_SIZE: u32 = 100;

/// How a list is paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// One answer holds everything.
    None,
    /// Not documented as paged: further pages are read when the server links to them.
    Link,
    /// By `page` and `per_page`.
    Offset,
    /// By keyset where the order allows it, else by `page` and `per_page`.
    Keyset(Keyset),
}

impl Paging {
    /// Whether the operation takes `page` and `per_page`.
    pub const fn has_pages(&self) -> bool {
        matches!(self, Paging::Offset | Paging::Keyset(_))
    }
}

/// A pair of filters that cuts a list into pieces which can be read at once without losing or repeating an item.
///
/// Only what never changes about an item can be the key: filters on `updated_at` are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "index", derive(serde::Serialize, serde::Deserialize))]
pub struct Range {
    /// What the list is cut by.
    pub key: RangeKey,
    /// Whether `order_by` and `sort` can put the list in the order of the key.
    pub sorted: bool,
}

/// What a list is cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "index", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "index", serde(rename_all = "snake_case"))]
pub enum RangeKey {
    /// The id, by `id_after` and `id_before`.
    Id,
    /// The time of creation, by `created_after` and `created_before`.
    CreatedAt,
}

impl RangeKey {
    /// All keys, the best first.
    pub const ALL: [RangeKey; 2] = [RangeKey::Id, RangeKey::CreatedAt];

    /// The field of an item that holds it, which is also its value of `order_by`.
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
    /// The operation's id in the schema, `list_projects` for example.
    pub id: &'static str,
    /// The resource tag, which is also the name of the module and of the cargo feature.
    pub tag: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below `/api/v4`, with parameters in braces: `/projects/{id}`.
    pub path: &'static str,
    /// All parameters; an argument refers to one by its position here.
    pub params: &'static [Param],
    /// How the body is written.
    pub body: Body,
    /// What comes back.
    pub output: Output,
    /// How a list is paged.
    pub paging: Paging,
    /// By which filters the list can be read in pieces at once, the best first.
    pub ranges: &'static [Range],
    /// Whether sending it twice has the effect of sending it once.
    pub idempotent: bool,
    /// Whether GitLab has deprecated it.
    pub deprecated: bool,
    /// The page of GitLab's documentation, where one is known.
    pub docs: Option<&'static str>,
}

impl Descriptor {
    /// The position of the parameter which has this name on the wire (list brackets may be left out).
    pub fn position(&self, name: &str, location: Location) -> Option<u16> {
        let plain = name.strip_suffix("[]").unwrap_or(name);
        let found = self.params.iter().position(|param| {
            param.location == location && param.name.strip_suffix("[]").unwrap_or(param.name) == plain
        })?;
        u16::try_from(found).ok()
    }
}
