//! Traits that generated operations implement.

use super::connection::Connection;
use super::descriptor::Descriptor;
use super::variables::Variables;
use crate::decode::Decode;

/// A typed GraphQL operation with its variables.
pub trait GraphqlOperation: Sized + 'static {
    /// The type of its result.
    type Output: Decode;

    /// The operation as data.
    const DESCRIPTOR: &'static Descriptor;

    /// The variables that were set.
    fn into_variables(self) -> Variables;
}

/// An operation whose output is read page by page.
pub trait ConnectionOperation: GraphqlOperation<Output = Connection<Self::Node>> {
    /// The type of the connection's items.
    type Node: Decode;

    /// The same operation for the page after a cursor.
    #[must_use]
    fn after_cursor(self, cursor: String) -> Self;

    /// The same operation with this page size.
    #[must_use]
    fn page_size(self, items: u32) -> Self;
}

/// An operation that changes something. Its payload has errors if it did not.
pub trait MutationOperation: GraphqlOperation<Output: Payload> {}

/// The payload of a mutation.
pub trait Payload {
    /// The errors of the mutation; empty if it succeeded.
    fn errors(&self) -> &[String];
}
