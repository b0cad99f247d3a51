//! `schema/schema.toml`: which schemas a folder holds, and their fingerprints.

use anyhow::{Context, Result};
use std::path::Path;

/// What the manifest says about one document.
pub(crate) struct Entry {
    /// What the document was made of.
    pub(crate) source: &'static str,
    /// The version of GitLab; none when nobody knows.
    pub(crate) version: Option<String>,
    /// `ce` or `ee`; none when nobody knows.
    pub(crate) edition: Option<String>,
    /// What is counted in it, and how many there are.
    pub(crate) count: (&'static str, usize),
    /// The fingerprint of the document as it is written.
    pub(crate) fingerprint: String,
}

/// Stands for a version or edition that nobody knows.
pub(crate) const UNKNOWN: &str = "unknown";

/// The text of a manifest with these tables, and what else it had.
pub(crate) fn with(old: &str, tables: &[(&str, Entry)]) -> Result<String> {
    let mut manifest: toml::Table = toml::from_str(old).context("not valid TOML")?;
    for (name, entry) in tables {
        let known = |value: &Option<String>| value.as_deref().unwrap_or(UNKNOWN).to_owned().into();
        let mut table = toml::Table::new();
        table.insert("source".to_owned(), entry.source.into());
        table.insert("version".to_owned(), known(&entry.version));
        table.insert("edition".to_owned(), known(&entry.edition));
        table.insert(entry.count.0.to_owned(), i64::try_from(entry.count.1)?.into());
        table.insert("fingerprint".to_owned(), entry.fingerprint.clone().into());
        manifest.insert((*name).to_owned(), table.into());
    }
    Ok(format!("# Written by `glabflow-codegen`.\n\n{}", toml::to_string(&manifest)?))
}

/// The version and edition that a manifest names for one of the documents.
pub(crate) fn version(text: &str, name: &str) -> Result<(String, String)> {
    let manifest: toml::Table = toml::from_str(text).context("not valid TOML")?;
    let fact = |fact: &str| manifest.get(name).and_then(|table| table.get(fact)).and_then(toml::Value::as_str);
    Ok((fact("version").unwrap_or(UNKNOWN).to_owned(), fact("edition").unwrap_or(UNKNOWN).to_owned()))
}

/// Writes a table of a manifest and keeps its other tables.
pub(crate) fn update(path: &Path, name: &str, entry: Entry) -> Result<()> {
    let old = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let text = with(&old, &[(name, entry)]).with_context(|| path.display().to_string())?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
