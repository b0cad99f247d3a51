//! Markdown, for merge requests: breaking and dangerous differences in full, safe ones folded, within the size limits of
//! GitLab and GitHub.

use super::contents::{Report, Values, has_values};
use crate::diff::change::Change;
use crate::diff::level::Level;
use std::fmt::Write;

/// The number of listed differences of a level.
const LISTED: usize = 200;
/// The maximum bytes of a report. GitHub rejects descriptions of more than 65,536 characters.
const LARGEST: usize = 60_000;
/// The bytes reserved for headings and for notes on omissions.
const RESERVE: usize = 1_000;
/// The maximum bytes of one row, and of the text above the first row.
const LARGEST_ROW: usize = 4_000;
/// The number of listed effects of a difference.
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
        // There are many safe differences, and they need no action.
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

/// The table of a level within the size limit. Returns the number of omitted rows.
fn rows(out: &mut String, report: &Report, level: Level) -> usize {
    let mut listed = 0;
    for change in report.of(level) {
        let row = row(change);
        let table = if listed == 0 { TABLE } else { "" };
        // Omit a row that does not fit. If no row fits any more, omit the rest.
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

/// Escapes text for a table cell. Code spans are kept.
fn plain(text: &str) -> String {
    let escaped = text.replace('|', "\\|").replace('\n', " ");
    let parts = escaped.split('`').enumerate();
    let parts = parts.map(|(at, part)| if at % 2 == 0 { part.replace('<', "&lt;") } else { format!("`{part}`") });
    parts.collect()
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|").replace('`', "'").replace('\n', " "))
}
