//! Requests the server's version.

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::server_version::ServerVersion;
use serde_json::Value;

impl Client {
    /// The server's version, by REST or else by GraphQL.
    pub(super) async fn server_version(&self) -> Result<ServerVersion, Error> {
        let denied = match self.version_by_rest().await {
            Err(error) if is_denied(&error) || error.is_not_found() => error,
            other => return other,
        };
        #[cfg(feature = "graphql")]
        if let Some(version) = self.version_by_graphql().await {
            return Ok(version);
        }
        Err(denied)
    }

    async fn version_by_rest(&self) -> Result<ServerVersion, Error> {
        let metadata = match self.get("metadata").send::<Value>().await {
            // Servers before 15.2 have no metadata.
            Err(error) if error.is_not_found() => self.get("version").send::<Value>().await?,
            other => other?,
        };
        ServerVersion::read(&metadata).ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the server does not report its version; check that it is a GitLab server")
        })
    }

    /// The version by GraphQL; `None` if it is not reported. The error of REST says more then.
    #[cfg(feature = "graphql")]
    async fn version_by_graphql(&self) -> Option<ServerVersion> {
        let document = self.graphql().uncached().document("{ metadata { version enterprise } }");
        ServerVersion::read(document.execute().await.ok()?.output?.get("metadata")?)
    }
}

/// Whether the server does not give the information to this token.
pub(super) fn is_denied(error: &Error) -> bool {
    error.is_unauthorized() || error.is_forbidden()
}
