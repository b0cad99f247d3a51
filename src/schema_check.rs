//! Whether the server has what the operations were generated for.
//!
//! The server's version and edition are compared with those of the schema, and the GraphQL interface is asked for the
//! names of its root fields. Of REST no more can be known: neither does GitLab tell which operations it has, nor does its
//! schema tell since which version or in which edition an operation is there.

mod mismatch;
mod server;

pub(crate) use mismatch::Mismatch;
pub use server::{Difference, ServerVersion};

use crate::client::Client;
use crate::error::Error;
use glabflow_contract::SchemaVersion;
use std::fmt;

/// What [`Client::check_schema`] found.
///
/// `Display` tells it in a few lines.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaCheck {
    /// The server; `None` when it does not tell its version to this token.
    pub server: Option<ServerVersion>,
    /// The REST operations. Which of them the server lacks nothing tells before they are called.
    pub rest: Compared,
    /// The GraphQL operations; `None` without the feature `graphql`.
    pub graphql: Option<Compared>,
    /// Root fields of generated GraphQL operations that the server lacks, as `Query.project`; `None` when the server was
    /// not asked or does not say.
    pub missing_root_fields: Option<Vec<&'static str>>,
}

/// The operations of an interface beside the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compared {
    /// The GitLab whose schema the operations were generated from.
    pub schema: SchemaVersion,
    /// How the server differs from it.
    pub difference: Difference,
}

impl Compared {
    fn new(schema: SchemaVersion, server: Option<&ServerVersion>) -> Self {
        Compared { schema, difference: server.map_or(Difference::Unknown, |server| server.compare(schema)) }
    }
}

impl SchemaCheck {
    /// Whether nothing is known that stands between the operations and this server.
    pub fn is_match(&self) -> bool {
        let same = |compared: &Compared| compared.difference == Difference::None;
        same(&self.rest)
            && self.graphql.as_ref().is_none_or(same)
            && self.missing_root_fields.as_ref().is_none_or(Vec::is_empty)
    }
}

impl fmt::Display for SchemaCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Some(server) => writeln!(f, "server: GitLab {server}")?,
            None => writeln!(f, "server: GitLab of an unknown version, which it tells only with a token")?,
        }
        write!(f, "REST: {}", self.rest)?;
        if !matches!(self.rest.difference, Difference::None | Difference::Unknown) {
            f.write_str(" (no server tells which operations)")?;
        }
        let Some(graphql) = self.graphql else { return Ok(()) };
        write!(f, "\nGraphQL: {graphql}")?;
        match &self.missing_root_fields {
            None => f.write_str("\nGraphQL: the server does not tell which root fields it has"),
            Some(missing) if missing.is_empty() => f.write_str("\nGraphQL: the server has every root field"),
            Some(missing) => {
                let noun = if missing.len() == 1 { "field" } else { "fields" };
                write!(f, "\nGraphQL: the server lacks {} root {noun}:", missing.len())?;
                missing.iter().try_for_each(|field| write!(f, "\n  {field}"))
            }
        }
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.difference {
            Difference::None => "the server is of that version",
            Difference::Older => "the server is older, and may lack what came later",
            Difference::Newer => "the server is newer, and may lack what GitLab has removed since",
            Difference::Edition => {
                "the server is of the Community edition, and lacks what only the Enterprise edition has"
            }
            Difference::Unknown => "the two cannot be compared",
        };
        write!(f, "made for GitLab {}; {text}", self.schema)
    }
}

impl Client {
    /// Compares the server with the schema that the operations were generated from.
    ///
    /// It asks for the version, which needs a token, and with the feature `graphql` for the names of the GraphQL root
    /// fields, which most servers tell everybody. What was found makes the hints of later errors more precise: those for a path
    /// or a GraphQL field that the server does not have then name both versions.
    ///
    /// # Errors
    /// When the server tells neither its version nor its root fields.
    pub async fn check_schema(&self) -> Result<SchemaCheck, Error> {
        let version = match self.server_version().await {
            Err(error) if !server::is_refusal(&error) => return Err(error),
            version => version,
        };
        #[cfg(feature = "graphql")]
        let (graphql, missing_root_fields) = (Some(glabflow_graphql::SCHEMA), self.missing_root_fields().await?);
        #[cfg(not(feature = "graphql"))]
        let (graphql, missing_root_fields) = (None, None);
        let server = match version {
            Ok(server) => Some(server),
            Err(_) if missing_root_fields.is_some() => None,
            Err(error) => return Err(error),
        };
        if let Some(server) = &server {
            self.core().mismatch.note(server);
        }
        let rest = Compared::new(glabflow_rest::SCHEMA, server.as_ref());
        let graphql = graphql.map(|schema| Compared::new(schema, server.as_ref()));
        Ok(SchemaCheck { server, rest, graphql, missing_root_fields })
    }

    /// The root fields of generated operations that the server does not have; none when it does not say.
    #[cfg(feature = "graphql")]
    async fn missing_root_fields(&self) -> Result<Option<Vec<&'static str>>, Error> {
        use serde_json::Value;

        const QUERY: &str = "{ __schema { queryType { fields(includeDeprecated: true) { name } } \
                             mutationType { fields(includeDeprecated: true) { name } } \
                             subscriptionType { fields(includeDeprecated: true) { name } } } }";
        let answer = match self.graphql().uncached().document(QUERY).execute().await {
            Ok(answer) => answer,
            // The server does not let itself be asked.
            Err(error) if error.is_validation() || error.is_too_complex() || server::is_refusal(&error) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let Some(data) = answer.output else { return Ok(None) };
        let known = |root: &str, field: &str| {
            let member = format!("/__schema/{}Type/fields", root.to_ascii_lowercase());
            let fields = data.pointer(&member).and_then(Value::as_array);
            fields.is_some_and(|fields| fields.iter().any(|known| known["name"] == field))
        };
        let missing = glabflow_graphql::ROOT_FIELDS.iter().copied().filter(|coordinate| {
            let (root, field) = coordinate.split_once('.').unwrap_or(("Query", coordinate));
            !known(root, field)
        });
        Ok(Some(missing.collect()))
    }
}
