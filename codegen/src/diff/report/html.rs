//! One page for browsers, with nothing to load: filters for level, API and text, light and dark.

use super::contents::{Report, Values, escape, has_values};
use crate::diff::change::Change;
use crate::diff::level::Level;
use std::fmt::Write;

const PAGE: &str = include_str!("page.html");

pub(super) fn write(report: &Report) -> String {
    let mut notes = String::new();
    for note in &report.notes {
        let _ = writeln!(notes, "<p class=\"soft\">Note: {}</p>", escape(note));
    }
    let mut levels = String::new();
    for level in Level::ALL {
        let count = report.count(level);
        let _ = writeln!(
            levels,
            "<label class=\"{level}\"><input type=\"checkbox\" name=\"level\" value=\"{level}\" checked> {level} ({count})</label>"
        );
    }
    let mut areas = String::new();
    for area in &report.areas {
        let (value, count) = (area.as_str(), report.changes.iter().filter(|change| change.area == *area).count());
        let _ = writeln!(
            areas,
            "<label><input type=\"checkbox\" name=\"area\" value=\"{value}\" checked> {area} ({count})</label>"
        );
    }
    let mut changes = String::new();
    report.changes.iter().for_each(|change| article(&mut changes, change));
    fill(&[
        ("title", &escape(&format!("{} to {}", report.old, report.new))),
        ("old", &escape(&report.old)),
        ("new", &escape(&report.new)),
        ("scope", report.scope()),
        ("summary", &report.summary()),
        ("notes", notes.trim_end()),
        ("levels", levels.trim_end()),
        ("areas", areas.trim_end()),
        ("changes", changes.trim_end()),
    ])
}

/// The page with texts in its places. It is gone through once, so that a text which looks like a place stays as it is.
fn fill(texts: &[(&str, &str)]) -> String {
    let mut parts = PAGE.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        let text = texts.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| *text);
        out.push_str(text);
        out.push_str(rest);
    }
    out
}

fn article(out: &mut String, change: &Change) {
    let Change { level, area, wire, rust, .. } = change;
    let _ =
        writeln!(out, "<article id=\"{}\" data-level=\"{level}\" data-area=\"{}\">", escape(&change.id), area.as_str());
    let (at, code) = (escape(&change.coordinate), change.kind.facts().code);
    let _ = writeln!(out, "<h2><code>{at}</code></h2>");
    let _ = write!(
        out,
        "<p><span class=\"level {level}\">{level}</span> <span class=\"soft\">{code}; \
         wire <span class=\"{wire}\">{wire}</span>, Rust <span class=\"{rust}\">{rust}</span></span>"
    );
    if has_values(change) {
        let _ = write!(out, " <code>{}</code>", escape(&Values(change).to_string()));
    }
    let _ = writeln!(out, "</p>\n<p>{}</p>", escape(change.explanation));
    if let Some(deprecation) = &change.deprecation {
        let _ = writeln!(out, "<p class=\"soft\">{}</p>", escape(&deprecation.to_string()));
    }
    if !change.effects.is_empty() {
        out.push_str("<ul class=\"effects\">\n");
        for effect in &change.effects {
            let _ = writeln!(out, "<li>{}</li>", code_spans(&effect.to_string()));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</article>\n");
}

/// Text with its code between backticks set as code.
fn code_spans(text: &str) -> String {
    let parts = text.split('`').map(escape).enumerate();
    parts.map(|(at, part)| if at % 2 == 0 { part } else { format!("<code>{part}</code>") }).collect()
}
