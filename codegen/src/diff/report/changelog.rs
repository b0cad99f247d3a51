//! A section for a changelog: what users of the generated Rust code get, must change and lose.

use super::contents::Report;
use crate::diff::change::Effect;
use crate::diff::level::Level;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Items of one module that are listed one by one; of more, the first ones are named and the rest is counted.
const LISTED: usize = 8;

pub(super) fn write(report: &Report) -> String {
    let effects: BTreeSet<&Effect> = report.changes.iter().flat_map(|change| &change.effects).collect();
    let what = if report.changes.is_empty() { " nothing changes." } else { "" };
    let mut out = format!("Generated code, from {} to {}:{what}\n", report.old, report.new);
    let mut section = |title: &str, lines: Vec<(String, String)>| {
        if !lines.is_empty() {
            let _ = write!(out, "\n### {title}\n\n");
            grouped(&mut out, lines);
        }
    };
    let pick = |wanted: &dyn Fn(&Effect) -> Option<String>| -> Vec<(String, String)> {
        effects.iter().filter_map(|effect| Some((owner(effect.item()), wanted(effect)?))).collect()
    };
    section(
        "Added",
        pick(&|effect| match effect {
            Effect::Added { item } | Effect::NewVariant { item } => Some(format!("`{}`", name(item))),
            _ => None,
        }),
    );
    section(
        "Changed",
        pick(&|effect| match effect {
            Effect::Changed { item, from, to } => Some(format!("`{}` from `{from}` to `{to}`", name(item))),
            Effect::Renamed { item, to } => Some(format!("`{}` is `{to}`", name(item))),
            _ => None,
        }),
    );
    section(
        "Deprecated",
        pick(&|effect| match effect {
            Effect::Deprecated { item } => Some(format!("`{}`", name(item))),
            _ => None,
        }),
    );
    section(
        "Removed",
        pick(&|effect| match effect {
            Effect::Removed { item } => Some(format!("`{}`", name(item))),
            _ => None,
        }),
    );
    let silent = report.changes.iter().filter(|change| change.wire > Level::Safe && change.effects.is_empty()).count();
    if silent > 0 {
        let _ = writeln!(out, "\n{silent} more differences matter on the wire and change no generated item.");
    }
    for note in &report.notes {
        let _ = writeln!(out, "\nNote: {note}");
    }
    out
}

/// The module, or the type whose member an item is.
fn owner(item: &str) -> String {
    item.rsplit_once("::").map_or("", |(owner, _)| owner).to_owned()
}

fn name(item: &str) -> &str {
    item.rsplit("::").next().unwrap_or(item)
}

fn grouped(out: &mut String, lines: Vec<(String, String)>) {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (owner, line) in lines {
        groups.entry(owner).or_default().push(line);
    }
    for (owner, lines) in groups {
        let shown: Vec<&str> = lines.iter().take(LISTED).map(String::as_str).collect();
        let more = if lines.len() > LISTED { format!(" and {} more", lines.len() - LISTED) } else { String::new() };
        let _ = writeln!(out, "- `{owner}`: {}{more}", shown.join(", "));
    }
}
