//! The contents of a report, independent of its format.

use crate::diff::change::Change;
use crate::diff::level::{Area, Level};
use std::fmt;

/// The differences between two schemas.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The name of the older schema.
    pub old: String,
    /// The name of the newer schema.
    pub new: String,
    /// The APIs that were compared.
    pub areas: Vec<Area>,
    /// Whether the report is only about operations that a code base uses.
    pub used: bool,
    /// What was not compared, and what a source does not have.
    pub notes: Vec<String>,
    /// The differences, sorted by severity, API, coordinate and kind.
    pub changes: Vec<Change>,
}

impl Report {
    /// The number of differences of a level.
    pub fn count(&self, level: Level) -> usize {
        self.of(level).count()
    }

    pub(super) fn of(&self, level: Level) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.level == level)
    }

    /// The counts in a line: `3 breaking, 1 dangerous, 20 safe`.
    pub(super) fn summary(&self) -> String {
        if self.changes.is_empty() {
            return "no differences".to_owned();
        }
        let counts = Level::ALL.map(|level| format!("{} {level}", self.count(level)));
        counts.join(", ")
    }

    /// The scope of the report.
    pub(super) fn scope(&self) -> &'static str {
        if self.used { "only what the given code base uses" } else { "everything" }
    }
}

/// The old and the new value of a difference: `String -> String!`.
pub(super) struct Values<'a>(pub(super) &'a Change);

impl fmt::Display for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.from, &self.0.to) {
            (Some(from), Some(to)) => write!(f, "{from} -> {to}"),
            (Some(from), None) => write!(f, "was {from}"),
            (None, Some(to)) => write!(f, "{to}"),
            (None, None) => Ok(()),
        }
    }
}

pub(super) fn has_values(change: &Change) -> bool {
    change.from.is_some() || change.to.is_some()
}

/// Escapes text for XML and HTML. Characters that XML does not allow are replaced.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(letter),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}
