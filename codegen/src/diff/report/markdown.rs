//! For merge requests: breaking and dangerous differences in full, safe ones folded, all within what GitLab renders.

use super::{Report, Values, has_values};
use crate::diff::change::{Change, Level};
use std::fmt::Write;

/// Differences of a level that are listed; GitLab and GitHub cut longer descriptions off anyway.
const LISTED: usize = 200;

pub(super) fn write(report: &Report) -> String {
    let mut out =
        format!("# Schema differences\n\n{} to {}: **{}**", code(&report.old), code(&report.new), report.summary());
    let _ = writeln!(out, " ({}).", report.scope());
    for note in &report.notes {
        let _ = write!(out, "\n> Note: {}\n", plain(note));
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
        out.push_str("| Where | What | Wire | Rust |\n| --- | --- | --- | --- |\n");
        report.of(level).take(LISTED).for_each(|change| row(&mut out, change));
        if count > LISTED {
            let _ = writeln!(out, "\n{} more; `--format html` has all of them.", count - LISTED);
        }
        if is_folded {
            out.push_str("\n</details>\n");
        }
    }
    out
}

fn heading(level: Level) -> &'static str {
    match level {
        Level::Breaking => "Breaking",
        Level::Dangerous => "Dangerous",
        Level::Safe => "Safe",
    }
}

fn row(out: &mut String, change: &Change) {
    let mut what = format!("{}. {}", change.kind.facts().code, plain(change.explanation));
    if has_values(change) {
        let _ = write!(what, " {}", code(&Values(change).to_string()));
    }
    if let Some(deprecation) = &change.deprecation {
        let _ = write!(what, " *{deprecation}*");
    }
    let effects: Vec<String> = change.effects.iter().map(|effect| plain(&effect.to_string())).collect();
    let rust =
        if effects.is_empty() { change.rust.to_string() } else { format!("{}: {}", change.rust, effects.join("<br>")) };
    let _ = writeln!(out, "| {} | {what} | {} | {rust} |", code(&change.coordinate), change.wire);
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
