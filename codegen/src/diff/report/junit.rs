//! For test results: a test for each difference, which fails when it is breaking and is skipped, with the reason, when it
//! is dangerous. Notes are skipped tests too, since nothing else is shown to who looks at the results.

use super::contents::{Report, Values, escape, has_values};
use crate::diff::change::Change;
use crate::diff::level::{Area, Level};
use std::fmt::Write;

pub(super) fn write(report: &Report) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(
        out,
        "<testsuites name=\"schema differences\" {}>",
        counts(&report.changes.iter().collect::<Vec<_>>(), report.notes.len())
    );
    notes(&mut out, &report.notes);
    for area in &report.areas {
        suite(&mut out, report, *area);
    }
    out.push_str("</testsuites>\n");
    out
}

fn notes(out: &mut String, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    let _ = writeln!(out, "  <testsuite name=\"notes\" {}>", counts(&[], notes.len()));
    for (at, note) in notes.iter().enumerate() {
        let _ = writeln!(out, "    <testcase classname=\"note\" name=\"note {}\">", at + 1);
        let _ = writeln!(out, "      <skipped message=\"{}\"/>\n    </testcase>", escape(note));
    }
    out.push_str("  </testsuite>\n");
}

fn suite(out: &mut String, report: &Report, area: Area) {
    let changes: Vec<&Change> = report.changes.iter().filter(|change| change.area == area).collect();
    let title = escape(&format!("{area}: {} -> {}", report.old, report.new));
    let _ = writeln!(out, "  <testsuite name=\"{title}\" {}>", counts(&changes, 0));
    for change in changes {
        let (code, at) = (change.kind.facts().code, escape(&change.coordinate));
        let _ = write!(out, "    <testcase classname=\"{code}\" name=\"{at}\"");
        let _ = match change.level {
            Level::Breaking => {
                let message = escape(change.explanation);
                writeln!(
                    out,
                    ">\n      <failure type=\"breaking\" message=\"{message}\">{}</failure>\n    </testcase>",
                    escape(&details(change))
                )
            }
            Level::Dangerous => {
                let message = escape(&format!("dangerous: {}", change.explanation));
                writeln!(out, ">\n      <skipped message=\"{message}\"/>\n    </testcase>")
            }
            Level::Safe => writeln!(out, "/>"),
        };
    }
    out.push_str("  </testsuite>\n");
}

fn counts(changes: &[&Change], notes: usize) -> String {
    let count = |level: Level| changes.iter().filter(|change| change.level == level).count();
    let (failures, skipped) = (count(Level::Breaking), count(Level::Dangerous) + notes);
    format!("tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"", changes.len() + notes)
}

fn details(change: &Change) -> String {
    let mut text = format!("wire {}, Rust {}", change.wire, change.rust);
    if has_values(change) {
        let _ = write!(text, "\n{}", Values(change));
    }
    if let Some(deprecation) = &change.deprecation {
        let _ = write!(text, "\n{deprecation}");
    }
    for effect in &change.effects {
        let _ = write!(text, "\nRust: {effect}");
    }
    text
}
