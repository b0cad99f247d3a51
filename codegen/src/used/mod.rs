//! Finds the GitLab operations that a code base uses, so that a diff can be limited to them.
//!
//! It finds calls of generated methods (`gl.projects().list()`), names of generated operations (`ListProjects`), paths of
//! raw requests (`gl.get("projects")`), loaders (`projects_by_path()`), operation ids in strings, and GraphQL documents in
//! strings, in `.graphql` files and in calls of the query builder. It knows names, but no types, so it prefers false
//! positives. It does not find documents with computed fields, and paths that are joined from parts.

mod query_builder;
mod scan;
mod tokens;

use crate::diff::level::Area;
use crate::diff::source::Source;
use crate::diff::usage::{DocumentUse, GraphqlUse, RestUse, SchemaUse, Unreadable, Used, VERSION};
use anyhow::{Context, Result, bail};
use scan::{Names, Scanned};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The arguments of `used`.
#[derive(Debug, Clone, clap::Args)]
#[non_exhaustive]
pub struct UsedArgs {
    /// The folder with Rust sources and GraphQL documents. Folders with the name `target` and hidden folders are skipped.
    #[arg(value_name = "SRC_DIR")]
    pub folder: PathBuf,
    /// The schema that the code base was written for, in any form that `diff` accepts. Use the OLD schema of the later `diff`,
    /// such as the git revision HEAD: a newer one does not have removed operations.
    #[arg(long, value_name = "SCHEMA", default_value = "schema")]
    pub schema: String,
    /// Where to write the file [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Scans a folder, and writes the operations that it uses.
///
/// # Errors
/// If the schema or the folder cannot be read, or if the file cannot be written.
pub fn run(args: &UsedArgs, out: &mut dyn Write) -> Result<()> {
    let used = scan(&args.folder, &Source::read(&args.schema)?)?;
    let text = serde_json::to_string_pretty(&used)? + "\n";
    let Some(path) = &args.output else { return Ok(out.write_all(text.as_bytes())?) };
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    let (rest, graphql, documents) = (used.rest.len(), used.graphql.len(), used.documents.len());
    writeln!(out, "{rest} REST operations, {graphql} GraphQL operations and {documents} documents")?;
    for file in &used.unreadable {
        writeln!(out, "not scanned: {}: {}", file.file, file.reason)?;
    }
    Ok(())
}

/// The operations of a schema that the files of a folder use.
///
/// # Errors
/// If the schema is invalid, or the folder cannot be read.
pub fn scan(folder: &Path, schema: &Source) -> Result<Used> {
    if !folder.is_dir() {
        bail!("{} is not a folder", folder.display());
    }
    let schemas = schema.schemas(&[Area::Rest, Area::Graphql], None)?;
    let names = Names::of(&schemas);
    let mut rest: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    let mut graphql: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    let mut documents = BTreeSet::new();
    let mut unreadable = Vec::new();
    let mut open: Vec<PathBuf> = files(folder)?;
    let mut seen = BTreeSet::new();
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let file = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        let scanned = text.and_then(|text| if is_rust { names.rust(&text) } else { Scanned::document(text) });
        match scanned {
            Err(reason) => unreadable.push(Unreadable { file, reason }),
            Ok(scanned) => {
                for at in scanned.rest {
                    rest.entry(at).or_default().insert(file.clone());
                }
                for at in scanned.graphql {
                    graphql.entry(at).or_default().insert(file.clone());
                }
                documents.extend(scanned.documents.into_iter().map(|text| DocumentUse { file: file.clone(), text }));
                // The path of a derive's document is relative to the folder of its crate.
                let root = path.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").exists());
                let named = scanned.document_files.iter().filter_map(|file| Some(root?.join(file)));
                open.extend(named.filter(|path| path.exists()));
            }
        }
    }
    unreadable.sort_by(|a, b| a.file.cmp(&b.file));
    let rest_use = |(at, files): (usize, BTreeSet<String>)| {
        let operation = schemas.rest.as_ref()?.operations.get(at)?;
        let text = format!("{} {}", operation.method, operation.path);
        Some(RestUse { id: operation.id.clone(), operation: text, files: files.into_iter().collect() })
    };
    let graphql_use = |(at, files): (usize, BTreeSet<String>)| {
        let operation = schemas.graphql.as_ref()?.index.operations.get(at)?;
        let (kind, path) = (operation.kind.as_str().to_owned(), operation.path.clone());
        Some(GraphqlUse { id: operation.id.clone(), kind, path, files: files.into_iter().collect() })
    };
    Ok(Used {
        version: VERSION,
        schema: Some(SchemaUse::of(&schema.name, &schemas)),
        rest: rest.into_iter().filter_map(rest_use).collect(),
        graphql: graphql.into_iter().filter_map(graphql_use).collect(),
        documents: documents.into_iter().collect(),
        unreadable,
    })
}

/// All Rust files and GraphQL documents below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            // Links are not followed, since they may form loops.
            let kind = entry.file_type()?;
            if kind.is_dir() && name != "target" && !name.starts_with('.') {
                open.push(path);
            } else if kind.is_file() && [".rs", ".graphql", ".gql"].iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    Ok(found)
}
