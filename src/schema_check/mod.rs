//! Checks whether the server supports the generated operations.
//!
//! The check compares the server's version and edition with those of the schema. It also asks the GraphQL API for the names of its types,
//! fields and arguments, and compares them with the documents of the operations. REST has no such list: GitLab does not report its
//! operations, and its schema does not say since which version or in which edition an operation exists.

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

/// The result of [`Client::check_schema`]. `Display` shows it in a few lines.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaCheck {
    /// The server; `None` if it does not report its version to this token.
    pub server: Option<ServerVersion>,
    /// The REST operations. GitLab does not report which ones it supports.
    pub rest: Compared,
    /// The GraphQL operations; `None` without the feature `graphql`.
    pub graphql: Option<Compared>,
    /// The compiled-in GraphQL operations that the server would reject, because its schema lacks something that they use. `None` if the
    /// server does not report its schema.
    #[cfg(feature = "graphql")]
    pub missing_operations: Option<Vec<MissingOperation>>,
}

/// The operations of an API compared with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compared {
    /// The GitLab version of the schema that the operations were generated from.
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
    /// Whether the check found no difference.
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
            None => writeln!(f, "server: GitLab of an unknown version (it reports its version only with a token)")?,
        }
        write!(f, "REST: {}", self.rest)?;
        if !matches!(self.rest.difference, Difference::None | Difference::Unknown) {
            f.write_str(" (GitLab does not report which operations)")?;
        }
        if let Some(graphql) = self.graphql {
            write!(f, "\nGraphQL: {graphql}")?;
        }
        #[cfg(feature = "graphql")]
        match &self.missing_operations {
            None => f.write_str("\nGraphQL: the server does not report its schema")?,
            Some(missing) if missing.is_empty() => f.write_str("\nGraphQL: the server supports all operations")?,
            Some(missing) => missing::write_report(missing, f)?,
        }
        Ok(())
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.difference {
            Difference::None => "the server has this version",
            Difference::Older => "the server is older and may lack newer features",
            Difference::Newer => "the server is newer and may lack removed features",
            Difference::Edition => "the server is the Community edition and lacks Enterprise features",
            Difference::Unknown => "the versions cannot be compared",
        };
        write!(f, "made for GitLab {}; {text}", self.schema)
    }
}

impl Client {
    /// Compares the server with the schema that the operations were generated from.
    ///
    /// It requests the version, which needs a token. With the feature `graphql`, it also requests the names in the GraphQL schema, which
    /// most servers give without a token, and finds the compiled-in operations that the server would reject. After the check, hints of
    /// errors about an unknown path or GraphQL field name both versions.
    ///
    /// # Errors
    /// If the server reports neither its version nor its GraphQL schema.
    pub async fn check_schema(&self) -> Result<SchemaCheck, Error> {
        let version = match self.server_version().await {
            Err(error) if !server::is_denied(&error) => return Err(error),
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
            self.executor().mismatch.note(server);
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

    /// The compiled-in operations that use what the server lacks; `None` if the server does not report its schema.
    #[cfg(feature = "graphql")]
    async fn missing_operations(&self) -> Result<Option<Vec<MissingOperation>>, Error> {
        for arguments in [missing::ARGUMENTS, ""] {
            let introspection = self.graphql().uncached().document(missing::introspection(arguments));
            match introspection.execute_as::<missing::Introspection>().await {
                Ok(response) => {
                    let server = response.output.as_ref().map(missing::Server::new);
                    return Ok(server.map(|server| server.missing(glabflow_graphql::descriptors())));
                }
                // An old server, or one without introspection.
                Err(error) if error.is_validation() || error.is_too_complex() || server::is_denied(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}
