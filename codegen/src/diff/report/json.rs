//! For programs. The form is documented in `docs/diff.md`; a member that is there now stays.

use super::contents::Report;
use crate::diff::change::Change;
use crate::diff::level::{Area, Level};
use anyhow::Result;
use serde::Serialize;

/// Goes up when a member goes, or comes to mean something else.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    old: &'a str,
    new: &'a str,
    areas: &'a [Area],
    used_only: bool,
    counts: Counts,
    notes: &'a [String],
    changes: &'a [Change],
}

#[derive(Serialize)]
struct Counts {
    breaking: usize,
    dangerous: usize,
    safe: usize,
}

pub(super) fn write(report: &Report) -> Result<String> {
    let document = Document {
        version: VERSION,
        old: &report.old,
        new: &report.new,
        areas: &report.areas,
        used_only: report.used,
        counts: Counts {
            breaking: report.count(Level::Breaking),
            dangerous: report.count(Level::Dangerous),
            safe: report.count(Level::Safe),
        },
        notes: &report.notes,
        changes: &report.changes,
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
