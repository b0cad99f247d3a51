//! What a server says it is, and how that differs from a schema.

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use glabflow_contract::SchemaVersion;
use glabflow_contract::schema::numbers;
use serde_json::Value;
use std::cmp::Ordering;
use std::fmt;

/// What a server says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerVersion {
    /// The version, `18.6.0-ee`.
    pub version: String,
    /// Whether it is the Enterprise edition, as far as it says.
    pub enterprise: Option<bool>,
}

/// How a server differs from the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// As far as both versions are known they are the same, and so is the edition.
    None,
    /// The server is of an older version: it may lack operations, parameters and fields.
    Older,
    /// The server is of a newer version: what it has removed is missing, and what it has added is not typed yet.
    Newer,
    /// The version is the same; the server is of the Community edition, and the schema has what only the Enterprise edition
    /// has.
    Edition,
    /// One of the versions is not known.
    Unknown,
}

impl Difference {
    /// Its name, for reports that programs read: `none`, `older`, `newer`, `edition` or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Difference::None => "none",
            Difference::Older => "older",
            Difference::Newer => "newer",
            Difference::Edition => "edition",
            Difference::Unknown => "unknown",
        }
    }
}

impl ServerVersion {
    /// Reads what REST's `/metadata` and GraphQL's `metadata` have in common.
    fn read(metadata: &Value) -> Option<Self> {
        let version = metadata.get("version")?.as_str()?;
        let told = metadata.get("enterprise").and_then(Value::as_bool);
        let enterprise = told.or_else(|| version.ends_with("-ee").then_some(true));
        Some(ServerVersion { version: version.to_owned(), enterprise })
    }

    /// How the server differs from a schema.
    pub(super) fn compare(&self, sdk: SchemaVersion) -> Difference {
        let (theirs, ours) = (numbers(&self.version), sdk.numbers());
        // Patches change no schema.
        let known = theirs.len().min(ours.len()).min(2);
        if known == 0 {
            return Difference::Unknown;
        }
        match theirs[..known].cmp(&ours[..known]) {
            Ordering::Less => Difference::Older,
            Ordering::Greater => Difference::Newer,
            Ordering::Equal if self.enterprise == Some(false) && sdk.edition == "ee" => Difference::Edition,
            Ordering::Equal => Difference::None,
        }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edition = match self.enterprise {
            Some(true) => " (Enterprise edition)",
            Some(false) => " (Community edition)",
            None => "",
        };
        write!(f, "{}{edition}", self.version)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_far_as_both_are_known() {
        for (version, enterprise, schema, expected) in [
            ("18.6.0-ee", true, "18.6.3", Difference::None),
            ("18.6.0-ee", true, "18.x", Difference::None),
            ("18.6.0", false, "18.x", Difference::Edition),
            ("17.11.2-ee", true, "18.x", Difference::Older),
            ("18.5.9", false, "18.6.0", Difference::Older),
            ("19.0.0-pre", true, "18.x", Difference::Newer),
            ("18.10.0", true, "18.9.0", Difference::Newer),
            ("18.6.0", true, "unknown", Difference::Unknown),
            ("nonsense", true, "18.x", Difference::Unknown),
        ] {
            let server = ServerVersion { version: version.to_owned(), enterprise: Some(enterprise) };
            let found = server.compare(SchemaVersion { version: schema, edition: "ee" });
            assert_eq!(found, expected, "{version} {schema}");
        }
    }

    #[test]
    fn the_edition_is_told_or_part_of_the_version() {
        for (metadata, enterprise) in [
            (serde_json::json!({"version": "18.6.0", "enterprise": false}), Some(false)),
            (serde_json::json!({"version": "15.0.0-ee"}), Some(true)),
            (serde_json::json!({"version": "15.0.0", "enterprise": null}), None),
        ] {
            assert_eq!(ServerVersion::read(&metadata).expect("a version").enterprise, enterprise, "{metadata}");
        }
        assert_eq!(ServerVersion::read(&serde_json::json!({"version": 18})), None);
    }
}
