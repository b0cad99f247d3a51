//! `glabflow-codegen ingest rest`: GitLab's REST documents to the normal form.

pub(crate) mod document;
mod fixups;
mod normal_form;
mod openapi3;
mod operation_ids;
pub(crate) mod overlay;
pub(crate) mod print;
mod report;
mod swagger2;

use crate::ingest::read;
use crate::ingest::rest::document::Document;
use crate::ingest::rest::normal_form::{Normal, counts, verify};
use crate::ingest::rest::overlay::Overlay;
use crate::ingest::rest::report::{Exclusion, Input, Notes, Report};
use crate::schema_dir::fingerprint::fingerprint;
use crate::schema_dir::manifest;
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
    /// A manifest to write the document's version, size and fingerprint to.
    #[arg(long, value_name = "FILE", requires_all = ["out", "gitlab_version"])]
    pub manifest: Option<PathBuf>,
    /// The GitLab version that the files are from, for the manifest.
    #[arg(long, value_name = "VERSION")]
    pub gitlab_version: Option<String>,
    /// The GitLab edition that the files are from, for the manifest.
    #[arg(long, value_name = "EDITION", default_value = "ee")]
    pub edition: String,
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
    let text = print::document(&document);
    if let Some(path) = &args.out {
        write_file(path, &text)?;
    }
    if let (Some(path), Some(version)) = (&args.manifest, &args.gitlab_version) {
        let source = report.inputs.first().map_or("", |input| input.format);
        let entry = manifest::Entry {
            source,
            version: Some(version.clone()),
            edition: Some(args.edition.clone()),
            count: ("operations", report.output.operations),
            fingerprint: fingerprint(text.as_bytes()),
        };
        manifest::update(path, "rest", entry)?;
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

/// The normal form of one document, given as JSON or YAML: the text that would be written for it, with no overlay applied.
///
/// # Errors
/// When it is not a document of these kinds, or nothing of it can be taken over.
pub fn normal_form(document: &[u8]) -> Result<String> {
    let root = read::parse(document)?;
    let (value, _) = ingest(vec![("the document".to_owned(), root)], None, false)?;
    Ok(print::document(&value))
}

/// The repairs that the ingest knows, each with its id and what it repairs.
pub fn repairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    fixups::all()
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
        let known_before = merge(&mut merged, document, &mut report.exclusions);
        report.inputs.push(Input { file, format, found, known_before });
    }
    if merged.operations.is_empty() {
        bail!("nothing can be taken over\n{report}");
    }
    fixups::finish(&mut merged, &mut report);
    if let Some(overlay) = overlay {
        overlay.apply(&mut merged, &mut report)?;
    }
    fixups::prune(&mut merged, &mut report);
    verify(&merged)?;
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
            ("Swagger 2.0", swagger2::read(root, notes))
        }
        (_, Some(version)) if version.starts_with("3.0") => ("OpenAPI 3.0", openapi3::read(root, notes)),
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
fn merge(merged: &mut Document, document: Document, exclusions: &mut Vec<Exclusion>) -> usize {
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
        match merged.schemas.get(&name) {
            None => {
                merged.schemas.insert(name, schema);
            }
            Some(known) if *known == schema => {}
            Some(_) => exclusions.push(Exclusion {
                what: format!("schema {name}"),
                reason: "an earlier file has a schema of this name with other contents".to_owned(),
            }),
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// Any JSON of the words that documents are made of, so that it reaches deep into the repairs.
    fn json_value() -> impl Strategy<Value = Value> {
        let word = proptest::sample::select(vec![
            "$ref",
            "type",
            "array",
            "object",
            "string",
            "integer",
            "file",
            "items",
            "properties",
            "required",
            "enum",
            "default",
            "name",
            "in",
            "path",
            "query",
            "body",
            "formData",
            "schema",
            "parameters",
            "responses",
            "200",
            "201",
            "default",
            "get",
            "post",
            "requestBody",
            "content",
            "application/json",
            "allOf",
            "oneOf",
            "nullable",
            "tags",
            "operationId",
            "#/components/schemas/A",
            "#/parameters/A",
            "A",
            "/x/{id}",
            "/y/(*z/)",
            "page",
            "per_page",
            "x-gitlab-paginated",
            "\u{e9}",
            "",
            "{",
            "(",
            "\\",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            word.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 48, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((word.clone(), inner), 0..6).prop_map(|members| {
                    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
                }),
            ]
        })
    }

    fn outcome(root: Value) -> Result<Value> {
        ingest(vec![("test".to_owned(), root)], None, false).map(|(document, _)| document)
    }

    proptest! {
        // Failing cases become tests of their own.
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn arbitrary_operations_do_not_panic_and_results_are_stable(
            item in json_value(), schema in json_value(), parameter in json_value(), path in "[/a-z{}*:()\\\\]{0,12}",
            swagger in any::<bool>(),
        ) {
            let operation = json!({"parameters": [parameter, {"name": "n", "in": "body", "schema": schema}],
                "requestBody": {"content": {"application/json": {"schema": schema}}},
                "responses": {"200": {"schema": schema, "content": {"application/json": {"schema": schema}}}}});
            let mut root = json!({
                "paths": {"/x/{id}": item, path: {"get": operation, "post": operation}},
                "components": {"schemas": {"A": schema, "b c": {}}}, "definitions": {"A": schema},
            });
            root[if swagger { "swagger" } else { "openapi" }] = json!(if swagger { "2.0" } else { "3.0.1" });
            match outcome(root) {
                Ok(once) => {
                    let again = outcome(once.clone()).map_err(|error| TestCaseError::fail(format!("{error:#}")))?;
                    prop_assert_eq!(print::document(&again), print::document(&once));
                }
                // The repairs leave nothing behind that breaks the normal form.
                Err(error) => prop_assert!(format!("{error:#}").contains("nothing can be taken over"), "{:#}", error),
            }
        }

        #[test]
        fn arbitrary_json_is_rejected_without_a_panic(root in json_value()) {
            let _ = outcome(root);
        }
    }
}
