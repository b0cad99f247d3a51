//! An operation as constant data.

/// An operation: its document, its variables, and facts for running it.
#[derive(Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The id in the index, `project_pipelines`.
    pub id: &'static str,
    /// The resource area: module and cargo feature.
    pub area: &'static str,
    /// Query, mutation or subscription.
    pub kind: Kind,
    /// The name in the document, `ProjectPipelinesQuery`.
    pub name: &'static str,
    /// The document.
    pub document: &'static str,
    /// What can be set. If [`input`](Descriptor::input) is true, these are the fields of the variable `input`.
    pub variables: &'static [Variable],
    /// Whether the document has a single variable `input`, whose fields are in [`variables`](Descriptor::variables).
    pub input: bool,
    /// The response keys from `data` to the output.
    pub path: &'static [&'static str],
    /// The default page size; 0 if the output is not a connection.
    pub page_size: u32,
    /// The editions that have it.
    pub edition: Edition,
    /// The version since which GitLab calls it an experiment; empty if the version is unknown.
    pub experiment: Option<&'static str>,
    /// The version since which it is deprecated.
    pub deprecated: Option<&'static str>,
    /// The cost by GitLab's rules with the default page size; see [`cost`](super::cost).
    pub complexity: u32,
    /// The nesting depth of the document.
    pub depth: u32,
}

impl Descriptor {
    /// The position of a variable in [`Descriptor::variables`].
    pub fn position(&self, name: &str) -> Option<u16> {
        self.variables.iter().position(|variable| variable.name == name).and_then(|at| u16::try_from(at).ok())
    }

    /// Whether the output is read page by page.
    pub fn is_connection(&self) -> bool {
        self.page_size > 0
    }

    /// Whether running it twice has the same effect as running it once.
    pub fn is_idempotent(&self) -> bool {
        self.kind == Kind::Query
    }
}

/// A variable of an operation, or a field of its `input`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The name on the wire.
    pub name: &'static str,
    /// The GraphQL type, `[String!]`.
    pub ty: &'static str,
    /// Whether GitLab rejects the operation without it.
    pub required: bool,
}

impl Variable {
    /// An optional variable.
    pub const fn optional(name: &'static str, ty: &'static str) -> Self {
        Variable { name, ty, required: false }
    }

    /// A required variable.
    pub const fn required(name: &'static str, ty: &'static str) -> Self {
        Variable { name, ty, required: true }
    }
}

/// The kind of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "index", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "index", serde(rename_all = "snake_case"))]
pub enum Kind {
    /// Reads.
    Query,
    /// Writes.
    Mutation,
    /// Receives changes.
    Subscription,
}

impl Kind {
    /// The keyword in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Query => "query",
            Kind::Mutation => "mutation",
            Kind::Subscription => "subscription",
        }
    }
}

/// The editions of GitLab that have an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "index", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "index", serde(rename_all = "snake_case"))]
pub enum Edition {
    /// Every edition.
    Community,
    /// The Enterprise edition, or a version of any edition that is newer than the Community part of the schema.
    Enterprise,
}
