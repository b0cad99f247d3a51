//! The overlay: corrections, each with its reason. They are facts about GitLab that no document has.
//!
//! An entry that does not apply, because its target does not exist or the document is already correct, is an error. So
//! obsolete entries are noticed.

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
use operations::{Idempotent, Keyset, Rename, ResponseOverride};
use serde::Deserialize;
use std::path::Path;

/// An overlay file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overlay {
    /// The name of the file, for messages.
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
    response: Vec<ResponseOverride>,
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
        for Listed { kind, number, subject, reason, entry } in self.entries() {
            let name = format!("{kind} {number} ({subject})");
            let result =
                if reason.trim().is_empty() { Err(anyhow::anyhow!("it has no reason")) } else { entry.apply(document) };
            match result {
                Ok(count) => {
                    report.overlay.push(OverlayEntry { entry: name, reason: reason.to_owned(), count });
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

    /// All entries, in the order in which they are applied.
    fn entries(&self) -> Vec<Listed<'_>> {
        let mut all = Vec::new();
        let adds =
            |spellings: bool| self.add.iter().enumerate().filter(move |(_, it)| it.alias_of.is_some() == spellings);
        list(&mut all, "add", adds(false), |it| (it.operation.clone(), &it.reason));
        list(&mut all, "rename", self.rename.iter().enumerate(), |it| (it.operation.clone(), &it.reason));
        list(&mut all, "response", self.response.iter().enumerate(), |it| (it.operation.clone(), &it.reason));
        list(&mut all, "type", self.types.iter().enumerate(), |it| (it.target.subject(), &it.reason));
        list(&mut all, "enum", self.enums.iter().enumerate(), |it| (it.target.subject(), &it.reason));
        list(&mut all, "keyset", self.keyset.iter().enumerate(), |it| (it.operation.clone(), &it.reason));
        list(&mut all, "idempotent", self.idempotent.iter().enumerate(), |it| (it.operations.join(", "), &it.reason));
        list(&mut all, "clearable", self.clearable.iter().enumerate(), |it| {
            (format!("{} of {}", it.fields.join(", "), it.operations.join(", ")), &it.reason)
        });
        // Other spellings are copies, so they come last.
        list(&mut all, "add", adds(true), |it| (it.operation.clone(), &it.reason));
        all
    }
}

/// An entry with its position in the file and its subject, for messages.
struct Listed<'a> {
    kind: &'static str,
    number: usize,
    subject: String,
    reason: &'a str,
    entry: &'a dyn Entry,
}

/// Lists entries of a kind, each with its position in the file. `about` returns the subject and the reason.
fn list<'a, E: Entry + 'a>(
    all: &mut Vec<Listed<'a>>,
    kind: &'static str,
    entries: impl Iterator<Item = (usize, &'a E)>,
    about: impl Fn(&'a E) -> (String, &'a String),
) {
    all.extend(entries.map(|(at, entry)| {
        let (subject, reason) = about(entry);
        Listed { kind, number: at + 1, subject, reason, entry }
    }));
}
