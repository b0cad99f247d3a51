//! `glabflow-codegen ingest rest`: converts GitLab's REST documents into the normal form.

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

/// Converts GitLab's REST documents into one facts-only OpenAPI document.
#[derive(Debug, Clone, clap::Args)]
#[non_exhaustive]
pub struct RestArgs {
    /// OpenAPI 3.0 or Swagger 2.0, as JSON or YAML. If several files have an operation, the first file is used.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where to write the document. Without it, only the summary is printed.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Corrections to apply, each with its reason. A correction that no longer applies is an error.
    #[arg(long, value_name = "FILE")]
    pub overlay: Option<PathBuf>,
    /// Where to write the complete report as JSON.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// The manifest to update with the document's version, size and fingerprint.
    #[arg(long, value_name = "FILE", requires_all = ["out", "gitlab_version"])]
    pub manifest: Option<PathBuf>,
    /// The GitLab version of the files, for the manifest.
    #[arg(long, value_name = "VERSION")]
    pub gitlab_version: Option<String>,
    /// The GitLab edition of the files, for the manifest.
    #[arg(long, value_name = "EDITION", default_value = "ee")]
    pub edition: String,
    /// Keep descriptions of operations, parameters and fields, which become doc comments.
    #[arg(long)]
    pub keep_docs: bool,
}

/// Runs the command. The summary goes to `out`.
///
/// # Errors
/// If a file cannot be read or is not such a document, if an overlay entry does not apply, or if an output cannot be
/// written.
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

/// The normal form of one document, given as JSON or YAML: the text that `ingest rest` would write without an overlay.
///
/// # Errors
/// If it is not such a document, or nothing of it can be used.
pub fn normal_form(document: &[u8]) -> Result<String> {
    let root = read::parse(document)?;
    let (value, _) = ingest(vec![("the document".to_owned(), root)], None, false)?;
    Ok(print::document(&value))
}

/// All repairs, each with its id and description.
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
        bail!("no operation can be used\n{report}");
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
        .context("the result is not valid OpenAPI 3.0; this is a bug of the ingest")?;
    Ok((value, report))
}

/// Reads OpenAPI 3.0 or Swagger 2.0.
fn parse(root: &Value, notes: &mut Notes) -> Result<(&'static str, Document)> {
    let root = root.as_object().context("not an OpenAPI document: the top level must be an object")?;
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
            "not an OpenAPI document: it has neither `openapi` nor `swagger` at the top. For a GraphQL schema, use \
             `ingest graphql`"
        ),
    };
    if document.operations.is_empty() {
        bail!("the document has no operations under `paths`");
    }
    Ok((format, document))
}

/// Adds operations and schemas that earlier documents do not have. Returns the number of known operations.
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
                reason: "an earlier file has a schema with this name and other contents".to_owned(),
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

    /// Any JSON with the keywords of documents, so that it reaches many repairs.
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
                // After the repairs, the normal form is valid.
                Err(error) => prop_assert!(format!("{error:#}").contains("no operation can be used"), "{:#}", error),
            }
        }

        #[test]
        fn arbitrary_json_is_rejected_without_a_panic(root in json_value()) {
            let _ = outcome(root);
        }
    }
}
