//! GraphQL operations as data.
//!
//! As with REST, an operation is a [`Descriptor`] and the values that setters put into [`Variables`]. What it answers
//! with is decoded by one function for all operations: the descriptor says under which path of `data` the
//! [output](GraphqlOperation::Output) is, so no operation needs types for the objects on the way there.

mod answer;
pub mod cost;
mod id;
mod one_of;
mod variables;

pub use answer::{Answer, Connection, List, PageInfo, Payload};
pub use id::{Any, GlobalId, GlobalIdError, IdKind, Model};
pub use one_of::Other;
pub use variables::{Input, Variables};

#[doc(hidden)]
pub use answer::present;
#[doc(hidden)]
pub use one_of::{object, variant};

use crate::decode::Decode;

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

/// A typed GraphQL operation with its variables.
pub trait GraphqlOperation: Sized + 'static {
    /// What it gives.
    type Output: Decode;

    /// What the operation is.
    const DESCRIPTOR: &'static Descriptor;

    /// The variables that were set.
    fn into_variables(self) -> Variables;
}

/// An operation whose output is read page by page.
pub trait ConnectionOperation: GraphqlOperation<Output = Connection<Self::Node>> {
    /// What the connection holds.
    type Node: Decode;

    /// The same operation, asking for the page behind a cursor.
    #[must_use]
    fn after_cursor(self, cursor: String) -> Self;

    /// The same operation, asking for pages of a size.
    #[must_use]
    fn page_size(self, items: u32) -> Self;
}

/// An operation that changes something and lists in its payload why it did not.
pub trait MutationOperation: GraphqlOperation<Output: Payload> {}
