//! The operations that a code base uses: the file that `used` writes and `diff` reads.

mod schema;

pub use schema::SchemaUse;

use super::source::Schemas;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// The version of the file format. It increases if a member is removed or changes its meaning.
pub(crate) const VERSION: u32 = 1;

/// The operations and documents that a code base uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Used {
    pub(crate) version: u32,
    /// The schema that operations were looked up in. Files of earlier versions do not have it.
    #[serde(default)]
    pub schema: Option<SchemaUse>,
    /// The REST operations.
    pub rest: Vec<RestUse>,
    /// The generated GraphQL operations.
    pub graphql: Vec<GraphqlUse>,
    /// The GraphQL documents of the code base.
    pub documents: Vec<DocumentUse>,
    /// The files that could not be scanned.
    pub unreadable: Vec<Unreadable>,
}

/// A REST operation that is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestUse {
    /// Its id.
    pub id: String,
    /// Its method and path: `GET /projects`.
    pub operation: String,
    /// The files that use it.
    pub files: Vec<String>,
}

/// A generated GraphQL operation that is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphqlUse {
    /// Its id.
    pub id: String,
    /// `query`, `mutation` or `subscription`.
    pub kind: String,
    /// The fields from the root to its output.
    pub path: Vec<String>,
    /// The files that use it.
    pub files: Vec<String>,
}

/// A GraphQL document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DocumentUse {
    /// The file that holds it.
    pub file: String,
    /// The document.
    pub text: String,
}

/// A file that could not be scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The file.
    pub file: String,
    /// The reason.
    pub reason: String,
}

impl Used {
    /// Reads a file that `used` wrote.
    ///
    /// # Errors
    /// If it cannot be read, or is not such a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let used: Used = serde_json::from_str(&text)
            .with_context(|| format!("{} is not what `glabflow-codegen used` writes; run it again", path.display()))?;
        if used.version != VERSION {
            bail!("{} has version {}, not {VERSION}; run `glabflow-codegen used` again", path.display(), used.version);
        }
        Ok(used)
    }

    /// Notes on the list itself, for a report on differences from an older schema.
    pub(super) fn notes(&self, old: &Schemas, old_name: &str) -> Vec<String> {
        let mut notes = schema::notes(self.schema.as_ref(), old, old_name);
        let missing = self.unreadable.iter();
        notes.extend(
            missing.map(|it| format!("{} was not scanned, so its operations are missing: {}", it.file, it.reason)),
        );
        notes
    }
}
