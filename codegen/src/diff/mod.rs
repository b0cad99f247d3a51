//! What changes between two versions of GitLab's schemas, on the wire and in the generated Rust.
//!
//! The comparison is about the meaning of the schemas, not their text: `source` reads them, `graphql` and `rest` compare
//! them. `change` is one difference, `kind` the table of all kinds. `touch` selects what a code base uses, `report` writes
//! the result.

pub mod change;
mod collect;
pub mod graphql;
pub mod kind;
pub mod level;
mod relation;
pub mod report;
pub mod rest;
mod rust;
pub mod source;
mod touch;
pub mod usage;

use anyhow::{Context, Result, bail};
use change::Change;
use level::{Area, Level};
use report::{Format, Report};
use source::{Schemas, Source};
use std::io::Write;
use std::path::PathBuf;
use usage::Used;

/// What to compare, and how to report it.
#[derive(Debug, Clone, clap::Args)]
#[non_exhaustive]
pub struct DiffArgs {
    /// The older schema: a schema folder, a file (OpenAPI or Swagger as JSON or YAML, SDL, introspection JSON), or a git
    /// revision, `REV` or `REV:PATH`. Put `git:` before a revision if a file has the same name.
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The newer schema, in one of the same forms.
    #[arg(value_name = "NEW")]
    pub new: String,
    /// The format of the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Exit with code 1 if a difference of this level or a higher one is reported.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
    /// Compare only one API.
    #[arg(long, value_enum, value_name = "API")]
    pub only: Option<Area>,
    /// Report only what concerns the operations in a file that `glabflow-codegen used` wrote.
    #[arg(long, value_name = "FILE")]
    pub used: Option<PathBuf>,
    /// Where to write the report [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The lowest level that counts as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum FailOn {
    /// Differences that break something.
    Breaking,
    /// Also differences that may change what a program does.
    Dangerous,
}

impl FailOn {
    fn level(self) -> Level {
        match self {
            FailOn::Breaking => Level::Breaking,
            FailOn::Dangerous => Level::Dangerous,
        }
    }
}

/// Compares and reports. Returns whether a difference of the level of `--fail-on` was found.
///
/// # Errors
/// If a schema cannot be read or is invalid, if the schemas have no API in common, or if the report cannot be written.
pub fn run(args: &DiffArgs, out: &mut dyn Write) -> Result<bool> {
    let (old, new) = (Source::read(&args.old)?, Source::read(&args.new)?);
    let used = args.used.as_deref().map(Used::read).transpose()?;
    let report = compare(&old, &new, args.only, used.as_ref())?;
    let text = report.write(args.format)?;
    match &args.output {
        Some(path) => std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?,
        None => out.write_all(text.as_bytes())?,
    }
    Ok(args.fail_on.is_some_and(|fail_on| report.changes.iter().any(|change| change.level >= fail_on.level())))
}

/// The differences between two schemas: of one API or of all that both have, and only those about used operations if
/// `used` is given.
///
/// # Errors
/// If a schema is invalid, or if the schemas have no API in common.
pub fn compare(old: &Source, new: &Source, only: Option<Area>, used: Option<&Used>) -> Result<Report> {
    let mut notes = Vec::new();
    let mut areas = Vec::new();
    for area in [Area::Rest, Area::Graphql].into_iter().filter(|area| only.is_none_or(|only| only == *area)) {
        match (old.has(area), new.has(area)) {
            (true, true) => areas.push(area),
            (false, false) => {}
            (true, false) => notes.push(format!("{area} is not compared: {} has no {area} schema", new.name)),
            (false, true) => notes.push(format!("{area} is not compared: {} has no {area} schema", old.name)),
        }
    }
    if areas.is_empty() {
        let which = only.map_or("REST or GraphQL".to_owned(), |area| area.to_string());
        bail!("nothing to compare: {} and {} do not both have a {which} schema", old.name, new.name);
    }
    let (before, after) = std::thread::scope(|scope| {
        let before = scope.spawn(|| old.schemas(&areas, new.rules()));
        let after = new.schemas(&areas, old.rules());
        match before.join() {
            Ok(before) => (before, after),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    let (mut before, mut after) = (before?, after?);
    notes.append(&mut before.notes);
    notes.append(&mut after.notes);
    let mut changes = differences(&before, &after);
    if let Some(used) = used {
        notes.append(&mut used.notes(&before, &old.name));
        let touched = touch::Touched::of(used, &before, &after, &mut notes);
        changes.retain(|change| touched.has(change));
    }
    changes.sort_by(|a, b| (b.level, a.area, &a.coordinate, a.kind).cmp(&(a.level, b.area, &b.coordinate, b.kind)));
    Ok(Report { old: old.name.clone(), new: new.name.clone(), areas, used: used.is_some(), notes, changes })
}

fn differences(old: &Schemas, new: &Schemas) -> Vec<Change> {
    let mut changes = Vec::new();
    if let (Some(before), Some(after)) = (&old.rest, &new.rest) {
        changes.append(&mut rest::compare((before, &old.documented), (after, &new.documented)));
    }
    if let (Some(old), Some(new)) = (&old.graphql, &new.graphql) {
        changes.append(&mut graphql::compare(old, new));
    }
    changes
}
