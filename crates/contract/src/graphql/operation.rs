//! Typed operations: what generated code implements.

use super::connection::Connection;
use super::descriptor::Descriptor;
use super::variables::Variables;
use crate::decode::Decode;

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

/// The payload of a mutation.
pub trait Payload {
    /// Why the mutation did not do what it was asked to; empty when it did.
    fn errors(&self) -> &[String];
}
