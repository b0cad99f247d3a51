//! The version of a server, how it differs from the schema of the operations, and the hints about that in errors.

use glabflow_contract::SchemaVersion;
use glabflow_contract::schema::numbers;
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::{PoisonError, RwLock};

/// The version that a server reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerVersion {
    /// The version, `18.6.0-ee`.
    pub version: String,
    /// Whether it is the Enterprise edition, if the server reports it.
    pub enterprise: Option<bool>,
}

/// How a server differs from the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The known parts of both versions are the same, and so is the edition.
    None,
    /// The server is older: it may lack operations, parameters and fields.
    Older,
    /// The server is newer: it may have removed operations, and what it added is not typed yet.
    Newer,
    /// The version is the same. The server is the Community edition, and the schema contains operations of the Enterprise edition.
    Edition,
    /// One of the versions is unknown.
    Unknown,
}

impl Difference {
    /// Its name, for machine-readable reports: `none`, `older`, `newer`, `edition` or `unknown`.
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
    /// Reads REST's `/metadata` or GraphQL's `metadata`.
    pub(crate) fn read(metadata: &Value) -> Option<Self> {
        let version = metadata.get("version")?.as_str()?;
        let reported = metadata.get("enterprise").and_then(Value::as_bool);
        let enterprise = reported.or_else(|| version.ends_with("-ee").then_some(true));
        Some(ServerVersion { version: version.to_owned(), enterprise })
    }

    /// How the server differs from a schema.
    pub(crate) fn compare(&self, sdk: SchemaVersion) -> Difference {
        let (theirs, ours) = (numbers(&self.version), sdk.numbers());
        // Patch releases change no schema.
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

/// The server's version at the last check. Clones of a client share it.
#[derive(Debug, Default)]
pub(crate) struct Mismatch(RwLock<Option<ServerVersion>>);

impl Mismatch {
    /// Keeps the result of a check.
    pub(crate) fn note(&self, server: &ServerVersion) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(server.clone());
    }

    /// The hint of an error if the server lacks something that an operation of this schema needs.
    pub(crate) fn hint(&self, sdk: SchemaVersion) -> Option<Cow<'static, str>> {
        let server = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(server) = &*server else {
            return Some(
                "the server may lack it: `check_schema` compares its version with that of the operations".into(),
            );
        };
        let version = &server.version;
        let hint = match server.compare(sdk) {
            Difference::Older => {
                format!(
                    "the server is GitLab {version}, older than the schema of the operations ({sdk}), and may lack it"
                )
            }
            Difference::Newer => format!(
                "the server is GitLab {version}, newer than the schema of the operations ({sdk}), and may have removed it"
            ),
            Difference::Edition => format!(
                "the server is GitLab {version} of the Community edition, and only the Enterprise edition may have it (the \
                 schema of the operations is {sdk})"
            ),
            Difference::None | Difference::Unknown => return None,
        };
        Some(hint.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_parts_of_versions_are_compared() {
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
    fn the_edition_is_reported_or_part_of_the_version() {
        for (metadata, enterprise) in [
            (serde_json::json!({"version": "18.6.0", "enterprise": false}), Some(false)),
            (serde_json::json!({"version": "15.0.0-ee"}), Some(true)),
            (serde_json::json!({"version": "15.0.0", "enterprise": null}), None),
        ] {
            assert_eq!(ServerVersion::read(&metadata).expect("a version").enterprise, enterprise, "{metadata}");
        }
        assert_eq!(ServerVersion::read(&serde_json::json!({"version": 18})), None);
    }
    const SDK: SchemaVersion = SchemaVersion { version: "18.x", edition: "ee" };

    #[test]
    fn hints_follow_from_the_last_check() {
        let mismatch = Mismatch::default();
        assert!(mismatch.hint(SDK).expect("a hint").contains("`check_schema`"));
        for (version, enterprise, says) in [
            ("17.11.2-ee", true, Some("GitLab 17.11.2-ee, older than the schema of the operations (18.x ee)")),
            ("19.0.0", false, Some("GitLab 19.0.0, newer than the schema of the operations (18.x ee)")),
            ("18.6.0", false, Some("GitLab 18.6.0 of the Community edition")),
            ("18.6.0-ee", true, None),
        ] {
            mismatch.note(&ServerVersion { version: version.to_owned(), enterprise: Some(enterprise) });
            let hint = mismatch.hint(SDK);
            match says {
                Some(part) => assert!(hint.as_ref().is_some_and(|hint| hint.contains(part)), "{version}: {hint:?}"),
                None => assert_eq!(hint, None, "{version}"),
            }
        }
    }
}
