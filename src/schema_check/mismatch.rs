//! What errors tell of how the server differs.

use super::{Difference, ServerVersion};
use glabflow_contract::SchemaVersion;
use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

/// What the last check found the server to be. Clones of a client share it.
#[derive(Debug, Default)]
pub(crate) struct Mismatch(RwLock<Option<ServerVersion>>);

impl Mismatch {
    /// Keeps what a check found.
    pub(super) fn note(&self, server: &ServerVersion) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(server.clone());
    }

    /// What a person should know when the server lacks something that an operation of this schema needs.
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
