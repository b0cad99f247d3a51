//! The report of an ingest, and the facts that its input lacks.

use super::schema::Counts;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// What an introspection query did not select.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) enum_values: BTreeSet<String>,
    pub(super) members: BTreeSet<String>,
    pub(super) interfaces: BTreeSet<String>,
    pub(super) subscription_type: bool,
    pub(super) defaults: usize,
    pub(super) deprecations: usize,
    pub(super) deprecations_from_descriptions: usize,
}

/// The report of an ingest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The input files.
    pub inputs: Vec<Input>,
    /// Facts that the first file did not have.
    pub missing: Vec<Note>,
    /// Facts that other files added.
    pub filled: Vec<Note>,
    /// Repairs.
    pub repaired: Vec<Note>,
    /// The size of the result.
    pub output: Counts,
}

/// One input file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Its name.
    pub file: String,
    /// `introspection` or `sdl`.
    pub format: &'static str,
    /// Its size.
    pub found: Counts,
}

/// A kind of change with its count and examples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The kind.
    pub what: &'static str,
    /// The count.
    pub count: usize,
    /// The first few elements.
    pub examples: Vec<String>,
}

/// Notes, grouped by kind.
#[derive(Debug, Default)]
pub(super) struct Notes(pub(super) Vec<Note>);

impl Notes {
    const EXAMPLES: usize = 5;

    pub(super) fn add(&mut self, what: &'static str, element: impl fmt::Display) {
        let at = self.0.iter().position(|note| note.what == what).unwrap_or_else(|| {
            self.0.push(Note { what, count: 0, examples: Vec::new() });
            self.0.len() - 1
        });
        let note = &mut self.0[at];
        note.count += 1;
        if note.examples.len() < Self::EXAMPLES {
            note.examples.push(element.to_string());
        }
    }

    pub(super) fn add_count(&mut self, what: &'static str, count: usize) {
        if count > 0 {
            self.0.push(Note { what, count, examples: Vec::new() });
        }
    }
}

impl Missing {
    /// The missing facts, for the report.
    pub(super) fn notes(&self) -> Notes {
        let mut notes = Notes::default();
        let sets = [
            ("enums without values", &self.enum_values),
            ("unions without members", &self.members),
            ("objects without interfaces", &self.interfaces),
        ];
        for (what, names) in sets {
            for name in names {
                notes.add(what, name);
            }
        }
        notes.add_count("arguments and input fields without defaults", self.defaults);
        notes.add_count("elements without deprecation", self.deprecations);
        if self.subscription_type {
            notes.add("the subscription type is not named", "assumed: Subscription");
        }
        notes
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for input in &self.inputs {
            writeln!(f, "read {} ({}): {}", input.file, input.format, input.found)?;
        }
        for (heading, notes) in [("missing", &self.missing), ("filled in", &self.filled), ("repaired", &self.repaired)]
        {
            if !notes.is_empty() {
                writeln!(f, "{heading}:")?;
            }
            for note in notes {
                write!(f, "  {:>5}  {}", note.count, note.what)?;
                match note.examples.as_slice() {
                    [] => writeln!(f)?,
                    examples => writeln!(f, " ({})", examples.join(", "))?,
                }
            }
        }
        writeln!(f, "result: {}", self.output)
    }
}
