//! What an operation is, as constant data.

/// What an operation is: its document, its variables, and what is known about running it.
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
    /// What can be set. Where [`input`](Descriptor::input) is true these are the fields of the variable `input`.
    pub variables: &'static [Variable],
    /// Whether the document has the one variable `input`, whose fields [`variables`](Descriptor::variables) lists.
    pub input: bool,
    /// The response keys from `data` to the output.
    pub path: &'static [&'static str],
    /// The items of a page when the caller does not say; 0 when the output is not a connection.
    pub page_size: u32,
    /// The editions that have it.
    pub edition: Edition,
    /// Since when GitLab calls it an experiment; empty when the version is not known.
    pub experiment: Option<&'static str>,
    /// Since when it is deprecated.
    pub deprecated: Option<&'static str>,
    /// The price by GitLab's rules with the default page size; see [`cost`].
    pub complexity: u32,
    /// How deep the document nests.
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

    /// Whether running it twice has the effect of running it once.
    pub fn is_idempotent(&self) -> bool {
        self.kind == Kind::Query
    }
}

/// A variable of an operation, or a field of its one `input`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The name on the wire.
    pub name: &'static str,
    /// The GraphQL type, `[String!]`.
    pub ty: &'static str,
    /// Whether GitLab refuses the operation without it.
    pub required: bool,
}

impl Variable {
    /// A variable that need not be set.
    pub const fn optional(name: &'static str, ty: &'static str) -> Self {
        Variable { name, ty, required: false }
    }

    /// A variable that must be set.
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
    /// Is told of changes.
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
    /// The Enterprise edition, or a version of any edition that is newer than the schema's Community part.
    Enterprise,
}
