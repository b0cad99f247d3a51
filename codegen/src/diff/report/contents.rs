//! What a report holds, whatever its form.

use crate::diff::change::Change;
use crate::diff::level::{Area, Level};
use std::fmt;

/// The differences between two schemas.
#[derive(Debug, Clone)]
pub struct Report {
    /// What the older one was called.
    pub old: String,
    /// What the newer one was called.
    pub new: String,
    /// What was compared.
    pub areas: Vec<Area>,
    /// Whether only what a code base uses is reported.
    pub used: bool,
    /// What was not compared, and what a source does not tell.
    pub notes: Vec<String>,
    /// The differences: the most severe ones first, then by API, coordinate and kind.
    pub changes: Vec<Change>,
}

impl Report {
    /// How many differences there are of a level.
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

    /// Which differences the report is about.
    pub(super) fn scope(&self) -> &'static str {
        if self.used { "only what the given code base uses" } else { "everything" }
    }
}

/// What changed of a difference, where that is short: ` (from String to String!)`.
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

/// Text for XML and HTML: what has a meaning there is escaped, what XML cannot hold is replaced.
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
