//! The overlay: corrections that are facts about GitLab and follow from no document, each with its reason.
//!
//! An entry that does not apply, because its target is gone or the document says so by itself, is an error: entries
//! never outlive their reason.

mod add;
mod entry;
mod fields;
mod operations;

use crate::ingest::rest::document::Document;
use crate::ingest::rest::report::{OverlayEntry, Report};
use add::Add;
use anyhow::{Context, Result, bail};
use entry::Entry;
use fields::{Clearable, Enum, Type};
use operations::{Answer, Idempotent, Keyset, Rename};
use serde::Deserialize;
use std::path::Path;

/// An overlay file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overlay {
    /// Where it was read from, for messages.
    #[serde(skip)]
    file: String,
    #[serde(default)]
    add: Vec<Add>,
    #[serde(default)]
    keyset: Vec<Keyset>,
    #[serde(default)]
    idempotent: Vec<Idempotent>,
    #[serde(default)]
    clearable: Vec<Clearable>,
    #[serde(default, rename = "enum")]
    enums: Vec<Enum>,
    #[serde(default, rename = "type")]
    types: Vec<Type>,
    #[serde(default)]
    response: Vec<Answer>,
    #[serde(default)]
    rename: Vec<Rename>,
}

impl Overlay {
    /// Reads an overlay file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Overlay::parse(&path.display().to_string(), &text)
    }

    /// An overlay from a text.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self> {
        let mut overlay: Overlay = toml::from_str(text).with_context(|| format!("{file} is not a valid overlay"))?;
        overlay.file = file.to_owned();
        Ok(overlay)
    }

    /// Applies all entries.
    pub(crate) fn apply(&self, document: &mut Document, report: &mut Report) -> Result<()> {
        let mut failures = Vec::new();
        for (kind, number, entry) in self.entries() {
            let name = format!("{kind} {number} ({})", entry.subject());
            let result = if entry.reason().trim().is_empty() {
                Err(anyhow::anyhow!("it gives no reason"))
            } else {
                entry.apply(document)
            };
            match result {
                Ok(count) => {
                    report.overlay.push(OverlayEntry { entry: name, reason: entry.reason().to_owned(), count });
                }
                Err(error) => failures.push(format!("  {name}: {error:#}")),
            }
        }
        if !failures.is_empty() {
            bail!(
                "{}: {} entries do not apply; correct or remove them\n{}",
                self.file,
                failures.len(),
                failures.join("\n")
            );
        }
        Ok(())
    }

    fn entries(&self) -> Vec<(&'static str, usize, &dyn Entry)> {
        let mut all = Vec::new();
        number(&mut all, "add", &self.add, |add| add.alias_of.is_none());
        number(&mut all, "rename", &self.rename, |_| true);
        number(&mut all, "response", &self.response, |_| true);
        number(&mut all, "type", &self.types, |_| true);
        number(&mut all, "enum", &self.enums, |_| true);
        number(&mut all, "keyset", &self.keyset, |_| true);
        number(&mut all, "idempotent", &self.idempotent, |_| true);
        number(&mut all, "clearable", &self.clearable, |_| true);
        // Other spellings are copies, so they come when everything else is done.
        number(&mut all, "add", &self.add, |add| add.alias_of.is_some());
        all
    }
}

/// Adds some entries of a kind with their numbers in the file.
fn number<'a, E: Entry>(
    all: &mut Vec<(&'static str, usize, &'a dyn Entry)>,
    kind: &'static str,
    entries: &'a [E],
    wanted: impl Fn(&E) -> bool,
) {
    let numbered = entries.iter().enumerate().filter(|(_, entry)| wanted(entry));
    all.extend(numbered.map(|(at, entry)| (kind, at + 1, entry as &dyn Entry)));
}
