//! For terminals.

use super::contents::{Report, Values, has_values};
use crate::diff::level::Level;
use std::fmt::Write;

pub(super) fn write(report: &Report) -> String {
    let mut out = format!("{} -> {}: {}\n", report.old, report.new, report.summary());
    if report.used {
        let _ = writeln!(out, "({})", report.scope());
    }
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
    for level in Level::ALL {
        if report.count(level) == 0 {
            continue;
        }
        let _ = writeln!(out, "\n{} ({})", level.as_str().to_uppercase(), report.count(level));
        for change in report.of(level) {
            let _ = write!(out, "  {}", change.id);
            if has_values(change) {
                let _ = write!(out, "  {}", Values(change));
            }
            let _ = writeln!(out, "\n      wire {}, Rust {}. {}", change.wire, change.rust, change.explanation);
            if let Some(deprecation) = &change.deprecation {
                let _ = writeln!(out, "      {deprecation}");
            }
            for effect in &change.effects {
                let _ = writeln!(out, "      Rust: {effect}");
            }
        }
    }
    out
}
