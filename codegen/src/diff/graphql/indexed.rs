//! A GraphQL schema with its generated operations and types.

use crate::ingest::graphql::schema::Schema;
use glabflow_contract::index::graphql::Index;

/// A GraphQL schema with its generated operations and types.
#[derive(Debug)]
pub struct Graphql {
    /// The schema.
    pub schema: Schema,
    /// Its operations and types.
    pub index: Index,
}
