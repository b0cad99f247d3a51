//! Where a schema to compare comes from: a folder, a file, or a git revision.

use super::graphql::Graphql;
use super::level::Area;
use super::rest::Documented;
use crate::ingest::{graphql, read, rest};
use crate::model;
use crate::schema_dir::layout::{GRAPHQL_SCHEMA, REST_SCHEMA, SELECTION};
use anyhow::{Context, Result, bail};
use glabflow_contract::index::Index;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// The folder of a revision that is looked into when the caller names none.
const SCHEMA_FOLDER: &str = "./schema";

/// The rules of generated GraphQL operations, for schemas that come without.
const RULES: &str = include_str!("../../selection.toml");

/// The texts of a schema, read and not understood yet.
#[derive(Debug)]
pub struct Source {
    /// What the caller called it.
    pub name: String,
    rest: Option<Text>,
    graphql: Option<Text>,
    selection: Option<String>,
}

/// A document.
#[derive(Debug)]
struct Text {
    name: String,
    bytes: Vec<u8>,
}

/// What two schemas are compared by.
#[derive(Debug, Default)]
pub struct Schemas {
    /// The operations and types of the REST API.
    pub rest: Option<Index>,
    /// What the REST document says beyond them.
    pub documented: Documented,
    /// The GraphQL schema, with its operations and types.
    pub graphql: Option<Graphql>,
    /// What of the source could not be read as it is; differences there may be none of GitLab's.
    pub notes: Vec<String>,
}

impl Source {
    /// Reads what `spec` names: a folder with `rest/openapi.json`, `graphql/schema.graphql` or both; one document of any
    /// form that the ingest takes; or a git revision, `REV` or `REV:PATH`, with `git:` before it where a file is called
    /// like it.
    ///
    /// # Errors
    /// When it is none of these, or cannot be read.
    pub fn read(spec: &str) -> Result<Self> {
        if let Some(revision) = spec.strip_prefix("git:") {
            return Self::from_git(spec, revision);
        }
        let path = Path::new(spec);
        if path.is_dir() {
            return Self::from_folder(spec, &|file| optional(&path.join(file)));
        }
        if path.exists() {
            let bytes = std::fs::read(path).with_context(|| format!("cannot read {spec}"))?;
            return Self::from_file(spec, bytes);
        }
        match commit(spec) {
            Ok(_) => Self::from_git(spec, spec),
            Err(error) => Err(error.context(format!("`{spec}` is no file, no folder and no git revision"))),
        }
    }

    /// A source of two texts, for tests and for callers that have them.
    pub fn of_texts(name: &str, rest: Option<&str>, graphql: Option<&str>) -> Self {
        let text = |text: &str| Text { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
        Source { name: name.to_owned(), rest: rest.map(text), graphql: graphql.map(text), selection: None }
    }

    fn from_folder(spec: &str, file: &dyn Fn(&str) -> Result<Option<Vec<u8>>>) -> Result<Self> {
        let document = |name: &str| -> Result<Option<Text>> {
            Ok(file(name)?.map(|bytes| Text { name: format!("{spec}/{name}"), bytes }))
        };
        let (rest, graphql) = (document(REST_SCHEMA)?, document(GRAPHQL_SCHEMA)?);
        if rest.is_none() && graphql.is_none() {
            bail!("{spec} has neither {REST_SCHEMA} nor {GRAPHQL_SCHEMA}: it is no schema folder");
        }
        let selection = file(SELECTION)?.map(String::from_utf8).transpose();
        let selection = selection.with_context(|| format!("{spec}/{SELECTION} is not UTF-8 text"))?;
        Ok(Source { name: spec.to_owned(), rest, graphql, selection })
    }

    fn from_file(spec: &str, bytes: Vec<u8>) -> Result<Self> {
        let is_rest = is_rest(&bytes);
        let text = Some(Text { name: spec.to_owned(), bytes });
        let (rest, graphql) = if is_rest { (text, None) } else { (None, text) };
        Ok(Source { name: spec.to_owned(), rest, graphql, selection: None })
    }

    fn from_git(spec: &str, revision: &str) -> Result<Self> {
        let (revision, path) = revision.split_once(':').unwrap_or((revision, SCHEMA_FOLDER));
        let commit = commit(revision).with_context(|| spec.to_owned())?;
        let path = path.trim_end_matches('/');
        let kind = git(&["cat-file", "-t", &format!("{commit}:{path}")])?;
        if !kind.status.success() {
            bail!("{spec}: the revision {revision} has no `{path}`; name the folder or file as `{revision}:PATH`");
        }
        let show = |path: &str| -> Result<Vec<u8>> {
            let shown = git(&["cat-file", "blob", &format!("{commit}:{path}")])?;
            if !shown.status.success() {
                bail!("{spec}: {}", stderr(&shown));
            }
            Ok(shown.stdout)
        };
        if kind.stdout.starts_with(b"blob") {
            return Self::from_file(spec, show(path)?);
        }
        Self::from_folder(spec, &|file| {
            let path = format!("{path}/{file}");
            let exists = git(&["cat-file", "-e", &format!("{commit}:{path}")])?.status.success();
            exists.then(|| show(&path)).transpose()
        })
    }

    /// Whether the source has a document of an API.
    pub fn has(&self, area: Area) -> bool {
        match area {
            Area::Rest => self.rest.is_some(),
            Area::Graphql => self.graphql.is_some(),
        }
    }

    /// The rules for GraphQL operations that came with the source.
    pub fn rules(&self) -> Option<&str> {
        self.selection.as_deref()
    }

    /// Understands the documents of some APIs. `rules` are used for GraphQL operations where the source has none.
    ///
    /// # Errors
    /// When a document is not understood.
    pub fn schemas(&self, areas: &[Area], rules: Option<&str>) -> Result<Schemas> {
        let mut schemas = Schemas::default();
        if let Some(text) = self.rest.as_ref().filter(|_| areas.contains(&Area::Rest)) {
            let (index, documented) = text.rest(&mut schemas.notes).with_context(|| text.name.clone())?;
            (schemas.rest, schemas.documented) = (Some(index), documented);
        }
        if let Some(text) = self.graphql.as_ref().filter(|_| areas.contains(&Area::Graphql)) {
            let rules = self.selection.as_deref().or(rules).unwrap_or(RULES);
            schemas.graphql = Some(text.graphql(rules, &mut schemas.notes).with_context(|| text.name.clone())?);
        }
        Ok(schemas)
    }
}

impl Text {
    fn rest(&self, notes: &mut Vec<String>) -> Result<(Index, Documented)> {
        let root = read::parse(&self.bytes)?;
        let (document, report) = rest::ingest(vec![(self.name.clone(), root)], None, false)?;
        if !report.exclusions.is_empty() {
            notes.push(format!("{}: {} parts could not be taken over", self.name, report.exclusions.len()));
        }
        let documented = Documented::of(&document);
        let document = serde_json::from_value(document).context("the ingest made no OpenAPI 3.0 of it")?;
        let model = model::rest::from_document(&document)?;
        notes.extend(model.exclusions.iter().map(|it| format!("{}: {}: {}", self.name, it.operation, it.reason)));
        Ok((model.index, documented))
    }

    fn graphql(&self, rules: &str, notes: &mut Vec<String>) -> Result<Graphql> {
        let text = std::str::from_utf8(&self.bytes).context("not UTF-8 text; is the file compressed or binary?")?;
        let (schema, report) = graphql::documents(&[(self.name.clone(), text.to_owned())], false)?;
        for note in &report.missing {
            notes.push(format!("{}: {} {} are not told by the file", self.name, note.count, note.what));
        }
        let rules = model::graphql::Rules::parse(rules)?.for_any_version();
        let index = model::graphql::build(&schema, &rules)?;
        Ok(Graphql { schema, index })
    }
}

/// A file's bytes; none when there is no such file.
fn optional(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Whether a document is one of the REST API: it names its OpenAPI or Swagger version at the top. Everything else is
/// for the reader of GraphQL schemas to accept or refuse.
fn is_rest(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        let members = |value: &Value| value.get("openapi").is_some() || value.get("swagger").is_some();
        return serde_json::from_str::<Value>(text).is_ok_and(|value| members(&value));
    }
    let key = |line: &str| {
        line.trim_start_matches(['"', '\'']).starts_with("openapi")
            || line.trim_start_matches(['"', '\'']).starts_with("swagger")
    };
    text.lines().any(|line| key(line) && line.contains(':'))
}

/// The commit that a revision names.
fn commit(revision: &str) -> Result<String> {
    let revision = revision.split_once(':').map_or(revision, |(revision, _)| revision);
    let parsed = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])?;
    if !parsed.status.success() {
        let said = stderr(&parsed);
        let said = if said.is_empty() { "git knows no such revision here".to_owned() } else { said };
        bail!("`{revision}`: {said}");
    }
    Ok(String::from_utf8_lossy(&parsed.stdout).trim().to_owned())
}

fn git(arguments: &[&str]) -> Result<Output> {
    Command::new("git").args(arguments).output().context("cannot run git; is it installed?")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}
