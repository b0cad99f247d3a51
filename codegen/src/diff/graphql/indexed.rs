//! A schema as it is compared.

use crate::ingest::graphql::schema::Schema;
use glabflow_contract::index::graphql::Index;

/// A GraphQL schema with what is generated from it.
#[derive(Debug)]
pub struct Graphql {
    /// The schema.
    pub schema: Schema,
    /// Its operations and types.
    pub index: Index,
}
