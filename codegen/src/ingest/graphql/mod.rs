//! From GraphQL introspection answers and SDL to one SDL document: facts only, or with descriptions on request.
//!
//! What a server leaves out of its answer can come from another file: the first file says what there is, the others
//! fill in members which the first one was not asked for (values of enums, members of unions, interfaces, defaults,
//! deprecations). What no file knows is repaired so that the result is a valid schema, and reported.

mod docs;
mod fill;
mod introspection;
mod print;
mod reason;
mod repair;
mod report;
pub mod schema;
mod sdl;
#[cfg(test)]
mod tests;

pub(crate) use docs::is_hidden;
pub use print::print;
pub use report::{Input, Note, Report};
pub use sdl::parse;

use crate::schema_dir::fingerprint::fingerprint;
use crate::schema_dir::manifest;
use anyhow::{Context, Result, bail};
use report::{Missing, Notes};
use schema::Schema;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What to read and where to write.
#[derive(Debug, Clone, clap::Args)]
pub struct GraphqlArgs {
    /// Introspection answers (JSON) or SDL. The first says what there is, the others fill in what it does not say.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where to write the facts-only schema; without it only the summary is printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where to write the whole report as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// A manifest to write the schema's version, size and fingerprint to.
    #[arg(long, value_name = "FILE", requires_all = ["out", "gitlab_version"])]
    manifest: Option<PathBuf>,
    /// Keep descriptions of types, fields, arguments and values; they become doc comments.
    #[arg(long)]
    keep_docs: bool,
    /// The GitLab version that the first file is from, for the manifest.
    #[arg(long, value_name = "VERSION")]
    gitlab_version: Option<String>,
    /// The GitLab edition that the first file is from, for the manifest.
    #[arg(long, value_name = "EDITION", default_value = "ee")]
    edition: String,
}

/// Reads, repairs and writes a schema, and reports.
///
/// # Errors
/// When a file cannot be read or written, or is no schema.
pub fn run(args: &GraphqlArgs, out: &mut dyn Write) -> Result<()> {
    let (schema, report) = files(&args.files, args.keep_docs)?;
    let write = |path: &Path, text: String| -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    let text = print(&schema);
    if let (Some(path), Some(version)) = (&args.manifest, &args.gitlab_version) {
        let entry = manifest::Entry {
            source: report.inputs.first().map_or("", |input| input.format),
            version: Some(version.clone()),
            edition: Some(args.edition.clone()),
            count: ("types", schema.types.len()),
            fingerprint: fingerprint(text.as_bytes()),
        };
        manifest::update(path, "graphql", entry)?;
    }
    if let Some(path) = &args.out {
        write(path, text)?;
    }
    if let Some(path) = &args.report {
        write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    write!(out, "{report}")?;
    if let Some(path) = &args.out {
        writeln!(out, "wrote {}", path.display())?;
    }
    Ok(())
}

/// Reads files and makes one schema of them; the first one says what there is. Descriptions are kept on request.
///
/// # Errors
/// When a file cannot be read, or is no schema.
pub fn files(paths: &[impl AsRef<Path>], keep_docs: bool) -> Result<(Schema, Report)> {
    let mut texts = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = String::from_utf8(bytes)
            .with_context(|| format!("{} is not UTF-8 text; is it compressed or binary?", path.display()))?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
        texts.push((name, text));
    }
    documents(&texts, keep_docs)
}

/// Makes one schema of documents, given with their names; the first one says what there is. Descriptions are kept on
/// request.
///
/// # Errors
/// When a document is no schema, or there is none.
pub fn documents(documents: &[(String, String)], keep_docs: bool) -> Result<(Schema, Report)> {
    let mut parsed = Vec::new();
    let mut inputs = Vec::new();
    for (name, text) in documents {
        let (format, mut schema, missing) = read(text).with_context(|| name.clone())?;
        if !keep_docs {
            schema.drop_docs();
        }
        inputs.push(Input { file: name.clone(), format, found: schema.counts() });
        parsed.push((schema, missing));
    }
    let mut parsed = parsed.into_iter();
    let Some((mut schema, mut missing)) = parsed.next() else { bail!("no file was given") };
    let found_missing = missing.notes();
    let mut filled = Notes::default();
    for (other, _) in parsed {
        fill::fill(&mut schema, &mut missing, &other, &mut filled);
    }
    let mut repaired = Notes::default();
    repaired.add_count("deprecations read from descriptions", missing.deprecations_from_descriptions);
    repair::repair(&mut schema, &missing, &mut repaired);
    let output = schema.counts();
    let report = Report { inputs, missing: found_missing.0, filled: filled.0, repaired: repaired.0, output };
    if !schema.types.contains_key(&schema.query) {
        bail!("nothing is left of the query type {}\n{report}", schema.query);
    }
    Ok((schema, report))
}

fn read(text: &str) -> Result<(&'static str, Schema, Missing)> {
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().chars().next() {
        None => bail!("the file is empty"),
        Some('{' | '[') if !text.trim_start().starts_with("{}") => {
            let (schema, missing) = introspection::parse(text)?;
            Ok(("introspection", schema, missing))
        }
        Some('<') => bail!("this is HTML or XML; download the raw document instead of the page that shows it"),
        Some(_) => Ok(("sdl", sdl::parse(text)?, Missing::default())),
    }
}
