//! `glabflow-codegen ingest rest`: GitLab's REST documents to the normal form.

use super::document::Document;
use super::normal::{self, Normal, counts};
use super::overlay::Overlay;
use super::report::{Input, Notes, Report};
use super::{fixups, openapi, print, read, swagger};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Turns GitLab's REST documents into one facts-only OpenAPI document.
#[derive(Debug, Clone, clap::Args)]
pub struct RestArgs {
    /// OpenAPI 3.0 or Swagger 2.0, as JSON or YAML. Of an operation that several files have, the first file's is taken.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where to write the document; without it only the summary is printed.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Corrections to apply, each with its reason. One that no longer applies is an error.
    #[arg(long, value_name = "FILE")]
    pub overlay: Option<PathBuf>,
    /// Where to write the whole report as JSON.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Keep descriptions of operations, parameters and fields; they become doc comments.
    #[arg(long)]
    pub keep_docs: bool,
}

/// Runs the command; the summary goes to `out`.
///
/// # Errors
/// When a file cannot be read or is not a document of these kinds, when an overlay entry does not apply, or when an
/// output cannot be written.
pub fn run(args: &RestArgs, out: &mut dyn Write) -> Result<()> {
    let overlay = args.overlay.as_deref().map(Overlay::read).transpose()?;
    let mut inputs = Vec::new();
    for file in &args.files {
        inputs.push((file.display().to_string(), read::file(file)?));
    }
    let (document, report) = ingest(inputs, overlay.as_ref(), args.keep_docs)?;
    if let Some(path) = &args.out {
        write_file(path, &print::document(&document))?;
    }
    if let Some(path) = &args.report {
        write_file(path, &format!("{}\n", serde_json::to_string_pretty(&report)?))?;
    }
    write!(out, "{report}")?;
    if let Some(path) = &args.out {
        writeln!(out, "wrote {}", path.display())?;
    }
    Ok(())
}

fn write_file(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The normal form of documents, given with their names.
pub(crate) fn ingest(
    inputs: Vec<(String, Value)>,
    overlay: Option<&Overlay>,
    keep_docs: bool,
) -> Result<(Value, Report)> {
    let mut report = Report::default();
    let mut merged = Document::default();
    for (file, root) in inputs {
        let mut notes = Notes::default();
        let (format, mut document) = parse(&root, &mut notes).with_context(|| file.clone())?;
        drop(root);
        report.exclusions.append(&mut notes.exclusions);
        let found = counts(&document);
        fixups::repair(&mut document, &mut report);
        let known_before = merge(&mut merged, document);
        report.inputs.push(Input { file, format, found, known_before });
    }
    fixups::finish(&mut merged, &mut report);
    if let Some(overlay) = overlay {
        overlay.apply(&mut merged, &mut report)?;
    }
    fixups::prune(&mut merged, &mut report);
    normal::verify(&merged)?;
    let mut notes = Notes::default();
    let value = Normal::new(keep_docs).write(&merged, &mut notes);
    report.exclusions.append(&mut notes.exclusions);
    report.exclusions.sort();
    report.output = counts(&merged);
    serde_json::from_value::<openapiv3::OpenAPI>(value.clone())
        .context("the result is not valid OpenAPI 3.0; this is a defect of the ingest")?;
    Ok((value, report))
}

/// Reads a document of either kind.
fn parse(root: &Value, notes: &mut Notes) -> Result<(&'static str, Document)> {
    let root = root.as_object().context("an OpenAPI document is an object at the top; this is not one")?;
    let version = |member: &str| match root.get(member) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let (format, document) = match (version("swagger"), version("openapi")) {
        (Some(version), _) if version.starts_with("2.") || version == "2" => {
            ("Swagger 2.0", swagger::read(root, notes))
        }
        (_, Some(version)) if version.starts_with("3.0") => ("OpenAPI 3.0", openapi::read(root, notes)),
        (_, Some(version)) => bail!("OpenAPI {version} is not supported; GitLab publishes 3.0"),
        (Some(version), _) => bail!("Swagger {version} is not supported; GitLab publishes 2.0"),
        (None, None) => bail!(
            "not an OpenAPI document: it has neither `openapi` nor `swagger` at the top. A GraphQL schema goes through \
             `ingest graphql`"
        ),
    };
    if document.operations.is_empty() {
        bail!("the document has no operations under `paths`");
    }
    Ok((format, document))
}

/// Adds what the earlier documents do not have; returns how many operations they do.
fn merge(merged: &mut Document, document: Document) -> usize {
    let shapes: std::collections::BTreeSet<String> =
        merged.operations.keys().map(|key| fixups::shape(&key.to_string())).collect();
    let mut known = 0;
    for (key, operation) in document.operations {
        if shapes.contains(&fixups::shape(&key.to_string())) {
            known += 1;
        } else {
            merged.operations.insert(key, operation);
        }
    }
    for (name, schema) in document.schemas {
        merged.schemas.entry(name).or_insert(schema);
    }
    known
}
