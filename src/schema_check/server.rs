//! Asking a server for its version.

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::server_version::ServerVersion;
use serde_json::Value;

impl Client {
    /// The server's version, by whichever interface tells it to this token.
    pub(super) async fn server_version(&self) -> Result<ServerVersion, Error> {
        let refusal = match self.version_by_rest().await {
            Err(error) if is_refusal(&error) || error.is_not_found() => error,
            other => return other,
        };
        #[cfg(feature = "graphql")]
        if let Some(version) = self.version_by_graphql().await {
            return Ok(version);
        }
        Err(refusal)
    }

    async fn version_by_rest(&self) -> Result<ServerVersion, Error> {
        let answer = match self.get("metadata").send::<Value>().await {
            // Servers before 15.2 have no metadata.
            Err(error) if error.is_not_found() => self.get("version").send::<Value>().await?,
            other => other?,
        };
        ServerVersion::read(&answer)
            .ok_or_else(|| Error::new(ErrorKind::Decode, "the server does not tell its version; is this a GitLab?"))
    }

    /// The version by GraphQL; none when it does not tell either, for which REST's refusal is the better reason.
    #[cfg(feature = "graphql")]
    async fn version_by_graphql(&self) -> Option<ServerVersion> {
        let document = self.graphql().uncached().document("{ metadata { version enterprise } }");
        ServerVersion::read(document.execute().await.ok()?.output?.get("metadata")?)
    }
}

/// Whether the server answers and does not tell, to this token or to nobody.
pub(super) fn is_refusal(error: &Error) -> bool {
    error.is_unauthorized() || error.is_forbidden()
}
