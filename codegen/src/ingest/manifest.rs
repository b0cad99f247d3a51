//! `schema/schema.toml`: which schemas are checked in, and their fingerprints.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::path::Path;

/// What the manifest says about the REST document.
pub(crate) struct Rest<'a> {
    pub(crate) source: &'static str,
    pub(crate) version: &'a str,
    pub(crate) edition: &'a str,
    pub(crate) operations: usize,
    /// The document as it is written.
    pub(crate) text: &'a str,
}

/// Writes the `[rest]` table of a manifest and keeps its other tables.
pub(crate) fn update(path: &Path, rest: &Rest<'_>) -> Result<()> {
    let old = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut manifest: toml::Table =
        toml::from_str(&old).with_context(|| format!("{} is not valid TOML", path.display()))?;
    let mut table = toml::Table::new();
    table.insert("source".to_owned(), rest.source.into());
    table.insert("version".to_owned(), rest.version.into());
    table.insert("edition".to_owned(), rest.edition.into());
    table.insert("operations".to_owned(), i64::try_from(rest.operations)?.into());
    table.insert("sha256".to_owned(), sha256(rest.text).into());
    manifest.insert("rest".to_owned(), table.into());
    let text = format!("# Written by `glabflow-codegen ingest`.\n\n{}", toml::to_string(&manifest)?);
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
