//! For merge requests: breaking and dangerous differences in full, safe ones folded, all within what GitLab and GitHub take.

use super::contents::{Report, Values, has_values};
use crate::diff::change::Change;
use crate::diff::level::Level;
use std::fmt::Write;

/// Differences of a level that are listed: more of them nobody reads.
const LISTED: usize = 200;
/// The most bytes of a report. GitHub refuses descriptions of more than 65,536 characters.
const LARGEST: usize = 60_000;
/// What of it is kept for headings and for what is left out.
const RESERVE: usize = 1_000;
/// The most bytes of one row, and of what stands above the first one.
const LARGEST_ROW: usize = 4_000;
/// Effects of a difference that are listed.
const EFFECTS: usize = 10;

const TABLE: &str = "| Where | What | Wire | Rust |\n| --- | --- | --- | --- |\n";

pub(super) fn write(report: &Report) -> String {
    let mut out =
        format!("# Schema differences\n\n{} to {}: **{}**", code(&report.old), code(&report.new), report.summary());
    let _ = writeln!(out, " ({}).", report.scope());
    for (at, note) in report.notes.iter().enumerate() {
        let note = format!("\n> Note: {}\n", plain(note));
        if out.len() + note.len() > LARGEST_ROW {
            let _ = writeln!(out, "\n> {} more notes; `--format html` has all of them.", report.notes.len() - at);
            break;
        }
        out.push_str(&note);
    }
    for level in Level::ALL {
        let count = report.count(level);
        if count == 0 {
            continue;
        }
        let name = heading(level);
        // Safe differences are many, and nobody has to read them.
        let is_folded = level == Level::Safe;
        let _ = match is_folded {
            true => write!(out, "\n<details>\n<summary>{name} ({count})</summary>\n\n"),
            false => write!(out, "\n## {name} ({count})\n\n"),
        };
        let left_out = rows(&mut out, report, level);
        if left_out > 0 {
            let _ = writeln!(out, "\n{left_out} more; `--format html` has all of them.");
        }
        if is_folded {
            out.push_str("\n</details>\n");
        }
    }
    out
}

/// The table of a level, as far as there is room; gives how many rows are left out.
fn rows(out: &mut String, report: &Report, level: Level) -> usize {
    let mut listed = 0;
    for change in report.of(level) {
        let row = row(change);
        let table = if listed == 0 { TABLE } else { "" };
        // One row that has no room is left out; when there is no room for any, so are all others.
        if row.len() > LARGEST_ROW {
            continue;
        }
        if listed == LISTED || out.len() + table.len() + row.len() > LARGEST - RESERVE {
            break;
        }
        out.push_str(table);
        out.push_str(&row);
        listed += 1;
    }
    report.count(level) - listed
}

fn heading(level: Level) -> &'static str {
    match level {
        Level::Breaking => "Breaking",
        Level::Dangerous => "Dangerous",
        Level::Safe => "Safe",
    }
}

fn row(change: &Change) -> String {
    let mut what = format!("{}. {}", change.kind.facts().code, plain(change.explanation));
    if has_values(change) {
        let _ = write!(what, " {}", code(&Values(change).to_string()));
    }
    if let Some(deprecation) = &change.deprecation {
        let _ = write!(what, " *{deprecation}*");
    }
    let mut effects: Vec<String> = change.effects.iter().map(|effect| plain(&effect.to_string())).collect();
    if effects.len() > EFFECTS {
        let more = effects.len() - EFFECTS;
        effects.truncate(EFFECTS);
        effects.push(format!("{more} more"));
    }
    let rust =
        if effects.is_empty() { change.rust.to_string() } else { format!("{}: {}", change.rust, effects.join("<br>")) };
    format!("| {} | {what} | {} | {rust} |\n", code(&change.coordinate), change.wire)
}

/// Text in which nothing ends a cell or begins a tag; its own code spans stay.
fn plain(text: &str) -> String {
    let escaped = text.replace('|', "\\|").replace('\n', " ");
    let parts = escaped.split('`').enumerate();
    let parts = parts.map(|(at, part)| if at % 2 == 0 { part.replace('<', "&lt;") } else { format!("`{part}`") });
    parts.collect()
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|").replace('`', "'").replace('\n', " "))
}
