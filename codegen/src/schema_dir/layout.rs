//! The files of a schema folder.

/// The REST document.
pub const REST_SCHEMA: &str = "rest/openapi.json";

/// The GraphQL schema.
pub const GRAPHQL_SCHEMA: &str = "graphql/schema.graphql";

/// The rules for what GraphQL operations select.
pub const SELECTION: &str = "selection.toml";

/// The manifest: versions, editions, sizes and fingerprints of the documents.
pub const SCHEMA_MANIFEST: &str = "schema.toml";
