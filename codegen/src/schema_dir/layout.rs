//! The files of a schema folder.

/// The schema document, below the schema folder.
pub const REST_SCHEMA: &str = "rest/openapi.json";

/// The GraphQL schema, below the schema folder.
pub const GRAPHQL_SCHEMA: &str = "graphql/schema.graphql";

/// What GraphQL operations select, below the schema folder.
pub const SELECTION: &str = "selection.toml";

/// Which GitLab the schema is of, below the schema folder.
pub const SCHEMA_MANIFEST: &str = "schema.toml";
