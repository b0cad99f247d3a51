//! Whether the server has what the operations were generated for.
//!
//! The server's version and edition are compared with those of the schema, and the GraphQL interface is asked for the
//! names of its root fields.

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use glabflow_contract::SchemaVersion;
use glabflow_contract::schema::numbers;
use serde_json::Value;
use std::cmp::Ordering;
use std::fmt;

/// What [`Client::check_schema`] found.
///
/// `Display` tells it in a few lines.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaCheck {
    /// The server.
    pub server: ServerVersion,
    /// The GitLab whose schema the REST operations were generated from.
    pub sdk: SchemaVersion,
    /// How the two differ.
    pub difference: Difference,
    /// Root fields of generated GraphQL operations that the server lacks, as `Query.project`; `None` when the server was
    /// not asked or does not say.
    pub missing: Option<Vec<&'static str>>,
}

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

impl SchemaCheck {
    /// Whether nothing stands between the operations and this server.
    pub fn is_match(&self) -> bool {
        self.difference == Difference::None && self.missing.as_ref().is_none_or(Vec::is_empty)
    }
}

impl fmt::Display for SchemaCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "server: GitLab {}", self.server)?;
        writeln!(f, "schema: GitLab {}", self.sdk)?;
        let text = match self.difference {
            Difference::None => "the server is what the operations were generated for",
            Difference::Older => {
                "the server is older: operations, parameters and fields that came later are refused, or missing in answers"
            }
            Difference::Newer => {
                "the server is newer: what GitLab has removed since is missing, what it has added is not typed"
            }
            Difference::Edition => {
                "the server is of the Community edition: operations of the Enterprise edition are not found there"
            }
            Difference::Unknown => "one of the versions is not known, so they cannot be compared",
        };
        f.write_str(text)?;
        match &self.missing {
            None => Ok(()),
            Some(missing) if missing.is_empty() => f.write_str("\nGraphQL: the server has every root field"),
            Some(missing) => {
                write!(f, "\nGraphQL: the server lacks {} root fields:", missing.len())?;
                missing.iter().try_for_each(|field| write!(f, "\n  {field}"))
            }
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
    /// Compares the server with the schema that the operations were generated from.
    ///
    /// It asks for the version, which needs a token, and with the feature `graphql` for the names of the GraphQL root
    /// fields. What was found makes the hints of later errors more precise: a 404 then says that the server is older.
    ///
    /// # Errors
    /// When the server does not tell its version.
    pub async fn check_schema(&self) -> Result<SchemaCheck, Error> {
        let sdk = glabflow_rest::SCHEMA;
        let server = self.server_version().await?;
        let difference = compare(&server, sdk);
        self.core().mismatch.note(difference);
        #[cfg(feature = "graphql")]
        let missing = self.missing_root_fields().await?;
        #[cfg(not(feature = "graphql"))]
        let missing = None;
        Ok(SchemaCheck { server, sdk, difference, missing })
    }

    async fn server_version(&self) -> Result<ServerVersion, Error> {
        let answer = match self.get("metadata").send::<Value>().await {
            // Servers before 15.2 have no metadata.
            Err(error) if error.is_not_found() => self.get("version").send::<Value>().await?,
            other => other?,
        };
        let value = answer.into_inner();
        let Some(version) = value.get("version").and_then(Value::as_str) else {
            let text = "the server does not tell its version; is this a GitLab?";
            return Err(Error::new(ErrorKind::Decode, text));
        };
        let told = value.get("enterprise").and_then(Value::as_bool);
        let enterprise = told.or_else(|| version.ends_with("-ee").then_some(true));
        Ok(ServerVersion { version: version.to_owned(), enterprise })
    }

    /// The root fields of generated operations that the server does not have; none when it does not say.
    #[cfg(feature = "graphql")]
    async fn missing_root_fields(&self) -> Result<Option<Vec<&'static str>>, Error> {
        const QUERY: &str = "{ __schema { queryType { fields(includeDeprecated: true) { name } } \
                             mutationType { fields(includeDeprecated: true) { name } } \
                             subscriptionType { fields(includeDeprecated: true) { name } } } }";
        let answer = match self.graphql().uncached().document(QUERY).execute().await {
            Ok(answer) => answer,
            // The server does not let itself be asked.
            Err(error) if error.is_validation() || error.is_too_complex() || error.is_forbidden() => return Ok(None),
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

/// How a server differs from a schema.
fn compare(server: &ServerVersion, sdk: SchemaVersion) -> Difference {
    let (theirs, ours) = (numbers(&server.version), sdk.numbers());
    // Patches change no schema.
    let known = theirs.len().min(ours.len()).min(2);
    if known == 0 {
        return Difference::Unknown;
    }
    match theirs[..known].cmp(&ours[..known]) {
        Ordering::Less => Difference::Older,
        Ordering::Greater => Difference::Newer,
        Ordering::Equal if server.enterprise == Some(false) && sdk.edition == "ee" => Difference::Edition,
        Ordering::Equal => Difference::None,
    }
}

/// What is known of the difference, for the hints of errors. Clones of a client share it.
#[derive(Debug, Default)]
pub(crate) struct Mismatch(std::sync::OnceLock<Difference>);

impl Mismatch {
    /// Keeps what the first check found.
    fn note(&self, difference: Difference) {
        // A second check of the same server finds the same.
        let _ = self.0.set(difference);
    }

    /// What a person should know when the server lacks something that an operation needs.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self.0.get() {
            None => Some("the server may lack it: `check_schema` compares its version with that of the operations"),
            Some(Difference::Older) => Some("the server is older than the schema of the operations, and may lack it"),
            Some(Difference::Newer) => {
                Some("the server is newer than the schema of the operations, and may have removed it")
            }
            Some(Difference::Edition) => {
                Some("the server is of the Community edition, and only the Enterprise edition may have it")
            }
            Some(Difference::None | Difference::Unknown) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(version: &str, enterprise: bool, schema: &'static str) -> Difference {
        let server = ServerVersion { version: version.to_owned(), enterprise: Some(enterprise) };
        compare(&server, SchemaVersion { version: schema, edition: "ee" })
    }

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
            assert_eq!(difference(version, enterprise, schema), expected, "{version} {schema}");
        }
    }

    #[test]
    fn hints_follow_from_the_check() {
        let mismatch = Mismatch::default();
        assert!(mismatch.hint().expect("a hint").contains("check_schema"));
        mismatch.note(Difference::Older);
        assert!(mismatch.hint().expect("a hint").contains("older"));
    }
}
