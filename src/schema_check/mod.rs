//! Whether the server has what the operations were generated for.
//!
//! The server's version and edition are compared with those of the schema, and the GraphQL interface is asked for the
//! names of its types, fields and arguments, which the operations' documents are held against. Of REST no more can be known: neither
//! does GitLab tell which operations it has, nor does its schema tell since which version or in which edition an operation is there.

#[cfg(feature = "graphql")]
mod missing;
mod server;

#[cfg(feature = "graphql")]
pub use missing::MissingOperation;

use crate::client::Client;
use crate::error::Error;
use crate::server_version::{Difference, ServerVersion};
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
    /// The GraphQL operations, of those that are compiled in, which the server would refuse since it lacks what they ask for; `None`
    /// when the server does not say.
    #[cfg(feature = "graphql")]
    pub missing_operations: Option<Vec<MissingOperation>>,
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
        #[cfg(feature = "graphql")]
        if self.missing_operations.as_ref().is_some_and(|missing| !missing.is_empty()) {
            return false;
        }
        same(&self.rest) && self.graphql.as_ref().is_none_or(same)
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
        if let Some(graphql) = self.graphql {
            write!(f, "\nGraphQL: {graphql}")?;
        }
        #[cfg(feature = "graphql")]
        match &self.missing_operations {
            None => f.write_str("\nGraphQL: the server does not tell what it has")?,
            Some(missing) if missing.is_empty() => {
                f.write_str("\nGraphQL: the server has all that the operations ask for")?
            }
            Some(missing) => missing::tell(missing, f)?,
        }
        Ok(())
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
    /// It asks for the version, which needs a token, and with the feature `graphql` for the names in the GraphQL schema, which most
    /// servers tell everybody, to say which of the compiled-in operations the server would refuse. What was found makes the hints of
    /// later errors more precise: those for a path or a GraphQL field that the server does not have then name both versions.
    ///
    /// # Errors
    /// When the server tells neither its version nor what its GraphQL schema has.
    pub async fn check_schema(&self) -> Result<SchemaCheck, Error> {
        let version = match self.server_version().await {
            Err(error) if !server::is_refusal(&error) => return Err(error),
            version => version,
        };
        #[cfg(feature = "graphql")]
        let (graphql, missing_operations) = (Some(glabflow_graphql::SCHEMA), self.missing_operations().await?);
        #[cfg(not(feature = "graphql"))]
        let (graphql, missing_operations) = (None, None::<()>);
        let server = match version {
            Ok(server) => Some(server),
            Err(_) if missing_operations.is_some() => None,
            Err(error) => return Err(error),
        };
        if let Some(server) = &server {
            self.core().mismatch.note(server);
        }
        let rest = Compared::new(glabflow_rest::SCHEMA, server.as_ref());
        let graphql = graphql.map(|schema| Compared::new(schema, server.as_ref()));
        Ok(SchemaCheck {
            server,
            rest,
            graphql,
            #[cfg(feature = "graphql")]
            missing_operations,
        })
    }

    /// The compiled-in operations whose documents name what the server does not have; none when it does not say.
    #[cfg(feature = "graphql")]
    async fn missing_operations(&self) -> Result<Option<Vec<MissingOperation>>, Error> {
        for arguments in [missing::ARGUMENTS, ""] {
            let asked = self.graphql().uncached().document(missing::introspection(arguments));
            match asked.execute_as::<missing::Introspection>().await {
                Ok(answer) => {
                    let server = answer.output.as_ref().map(missing::Server::new);
                    return Ok(server.map(|server| server.missing(glabflow_graphql::descriptors())));
                }
                // An old server, or one that does not let itself be asked.
                Err(error) if error.is_validation() || error.is_too_complex() || server::is_refusal(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}
