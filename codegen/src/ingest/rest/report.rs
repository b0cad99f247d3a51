//! What an ingest did: for people as text, for programs as JSON.

use serde::Serialize;
use std::fmt;

/// How many examples of one repair the report shows.
const EXAMPLES: usize = 5;

/// What an ingest did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) inputs: Vec<Input>,
    pub(crate) output: Counts,
    pub(crate) fixups: Vec<Applied>,
    pub(crate) overlay: Vec<OverlayEntry>,
    pub(crate) exclusions: Vec<Exclusion>,
}

/// One input file.
#[derive(Debug, Serialize)]
pub(crate) struct Input {
    pub(crate) file: String,
    pub(crate) format: &'static str,
    pub(crate) found: Counts,
    /// Operations that an earlier file has already.
    pub(crate) known_before: usize,
}

/// Sizes of a document.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) operations: usize,
    pub(crate) paths: usize,
    pub(crate) schemas: usize,
    pub(crate) parameters: usize,
}

/// A kind of repair and how often it was needed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Applied {
    pub(crate) id: &'static str,
    pub(crate) repairs: &'static str,
    pub(crate) count: usize,
    pub(crate) examples: Vec<String>,
}

/// An overlay entry and how much it changed.
#[derive(Debug, Serialize)]
pub(crate) struct OverlayEntry {
    pub(crate) entry: String,
    pub(crate) reason: String,
    pub(crate) count: usize,
}

/// Something of the input that the output does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Exclusion {
    pub(crate) what: String,
    pub(crate) reason: String,
}

/// What one stage has to tell.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) count: usize,
    pub(crate) examples: Vec<String>,
    pub(crate) exclusions: Vec<Exclusion>,
}

impl Notes {
    /// Something was repaired.
    pub(crate) fn repaired(&mut self, what: impl fmt::Display) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(what.to_string());
        }
    }

    /// Something was left out.
    pub(crate) fn excluded(&mut self, what: impl fmt::Display, reason: impl fmt::Display) {
        self.exclusions.push(Exclusion { what: what.to_string(), reason: reason.to_string() });
    }
}

impl Report {
    /// Adds what a repair did; the same repair on several files is one entry.
    pub(crate) fn applied(&mut self, id: &'static str, repairs: &'static str, notes: Notes) {
        self.exclusions.extend(notes.exclusions);
        if notes.count == 0 {
            return;
        }
        match self.fixups.iter_mut().find(|applied| applied.id == id) {
            Some(applied) => {
                applied.count += notes.count;
                let room = EXAMPLES - applied.examples.len();
                applied.examples.extend(notes.examples.into_iter().take(room));
            }
            None => self.fixups.push(Applied { id, repairs, count: notes.count, examples: notes.examples }),
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} operations on {} paths, {} schemas, {} parameters",
            self.operations, self.paths, self.schemas, self.parameters
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for input in &self.inputs {
            writeln!(f, "read {} ({}): {}", input.file, input.format, input.found)?;
            if input.known_before > 0 {
                writeln!(f, "  {} of its operations are known from an earlier file", input.known_before)?;
            }
        }
        writeln!(f, "result: {}", self.output)?;
        if !self.fixups.is_empty() {
            writeln!(f, "repaired:")?;
        }
        for applied in &self.fixups {
            let example = applied.examples.first().map_or("", String::as_str);
            writeln!(f, "  {:>5}  {}: {} ({example})", applied.count, applied.id, applied.repairs)?;
        }
        if !self.overlay.is_empty() {
            let changes: usize = self.overlay.iter().map(|entry| entry.count).sum();
            writeln!(f, "overlay: {} entries, {changes} changes", self.overlay.len())?;
        }
        if !self.exclusions.is_empty() {
            writeln!(f, "left out:")?;
        }
        for exclusion in &self.exclusions {
            writeln!(f, "  {}: {}", exclusion.what, exclusion.reason)?;
        }
        Ok(())
    }
}
