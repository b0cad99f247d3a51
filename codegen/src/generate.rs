//! From a schema folder to the generated folder: all output in memory, then written or compared.

mod disk;

use crate::emit::{self, Facts, Files};
use crate::ingest::{self, graphql::schema::Schema, manifest as schema_manifest};
use crate::model::{self, Model};
use crate::standalone;
use anyhow::{Context, Result, bail};
use glabflow_contract::index::graphql;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// The schema document, below the schema folder.
pub const REST_SCHEMA: &str = "rest/openapi.json";

/// The GraphQL schema, below the schema folder.
pub const GRAPHQL_SCHEMA: &str = "graphql/schema.graphql";

/// What GraphQL operations select, below the schema folder.
pub const SELECTION: &str = "selection.toml";

/// Which GitLab the schema is of, below the schema folder.
pub const SCHEMA_MANIFEST: &str = "schema.toml";

/// The root module of the index, which both halves add to.
const INDEX_LIBRARY: &str = "index/src/lib.rs";
const MANIFEST: &str = "manifest.json";

/// The folder of the generated crates in the workspace.
const WORKSPACE_FOLDER: &str = "generated";

/// Between these lines of the workspace's manifest stand the generated features.
const MARKERS: (&str, &str) = ("# begin generated features\n", "# end generated features\n");

/// What a run writes: the texts of files by their paths.
type Output = BTreeMap<PathBuf, String>;

/// Where to read and to write.
#[derive(Debug, Clone, clap::Args)]
pub struct Folders {
    /// The folder of the schema documents.
    #[arg(long, value_name = "DIR", default_value = "schema")]
    pub schema: PathBuf,
    /// The folder of the generated crates. In glabflow's own workspace, which is known by the marker lines in the manifest above, the
    /// folder `generated` gets the crates of the workspace, and the manifest the list of their features. Every other folder gets
    /// complete crates for use by path or by `[patch]`.
    #[arg(long, value_name = "DIR", default_value = "generated")]
    pub out: PathBuf,
}

/// What to generate, and for whom.
#[derive(Debug, Clone, clap::Args)]
pub struct GenerateArgs {
    /// Where to read and to write.
    #[command(flatten)]
    pub folders: Folders,
    /// Where complete crates find the crates of glabflow: a version, the path of a checkout, or the address of a git
    /// repository, which may end in `?branch=NAME`, `?tag=NAME` or `?rev=COMMIT` [default: the version of this generator].
    #[arg(long, value_name = "VERSION|PATH|URL")]
    pub glabflow: Option<String>,
}

impl GenerateArgs {
    /// Everything that is to be written, by path.
    fn output(&self) -> Result<Output> {
        if self.folders.are_of_workspace() {
            if self.glabflow.is_some() {
                bail!(
                    "--glabflow is for complete crates: those in {} are of glabflow's workspace; name another folder by --out",
                    self.folders.out.display()
                );
            }
            return self.folders.output();
        }
        let source = standalone::Source::parse(self.glabflow.as_deref().unwrap_or(env!("CARGO_PKG_VERSION")))?;
        let files = standalone::files(&self.folders, &source)?;
        Ok(files.into_iter().map(|(path, text)| (self.folders.out.join(path), text)).collect())
    }
}

impl Folders {
    /// Reads the schema and builds the model.
    ///
    /// # Errors
    /// When the schema cannot be read or understood.
    pub fn model(&self) -> Result<Model> {
        model::from_json(&self.read_schema()?)
    }

    /// Whether there is a GraphQL schema: who has a REST document alone gets the REST half alone.
    pub fn has_graphql(&self) -> bool {
        self.schema.join(GRAPHQL_SCHEMA).exists()
    }

    /// Reads the GraphQL schema and the selection rules and builds the model.
    ///
    /// # Errors
    /// When the schema or the rules cannot be read or understood.
    pub fn graphql_model(&self) -> Result<graphql::Index> {
        let texts = self.read_graphql()?;
        texts.model(&ingest::graphql::parse(&texts.schema)?)
    }

    fn read_graphql(&self) -> Result<GraphqlSchema> {
        Ok(GraphqlSchema { schema: self.read(GRAPHQL_SCHEMA)?, selection: self.read(SELECTION)? })
    }

    fn read_schema(&self) -> Result<String> {
        self.read(REST_SCHEMA)
    }

    fn read(&self, file: &str) -> Result<String> {
        let path = self.schema.join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// What the schema's manifest says about one of the documents; unknown where there is no manifest.
    pub(crate) fn facts(&self, document: &str) -> Result<Facts> {
        let path = self.schema.join(SCHEMA_MANIFEST);
        let text = if path.exists() { self.read(SCHEMA_MANIFEST)? } else { String::new() };
        let (version, edition) =
            schema_manifest::version(&text, document).with_context(|| path.display().to_string())?;
        Ok(Facts { version, edition, facade: None })
    }

    /// The generated REST half.
    pub(crate) fn rest(&self, facade: Option<&BTreeSet<String>>) -> Result<Generated> {
        output(&self.read_schema()?, &Facts { facade: facade.cloned(), ..self.facts("rest")? })
            .with_context(|| self.schema.join(REST_SCHEMA).display().to_string())
    }

    /// The generated GraphQL half alone, where there is one.
    pub(crate) fn graphql(&self) -> Result<Option<Generated>> {
        if !self.has_graphql() {
            return Ok(None);
        }
        let mut files =
            Generated { files: Files::from([(MANIFEST.to_owned(), "{}".to_owned())]), features: String::new() };
        self.add_graphql(&mut files)?;
        Ok(Some(files))
    }

    /// The crate of the GraphQL schema's table alone, where there is a schema.
    pub(crate) fn graphql_table(&self) -> Result<Option<Files>> {
        if !self.has_graphql() {
            return Ok(None);
        }
        let schema = ingest::graphql::parse(&self.read(GRAPHQL_SCHEMA)?);
        let schema = schema.with_context(|| self.schema.join(GRAPHQL_SCHEMA).display().to_string())?;
        emit::table::files(&schema).map(Some)
    }

    fn add_graphql(&self, files: &mut Generated) -> Result<()> {
        let added = files.add_graphql(&self.read_graphql()?, &self.facts("graphql")?);
        added.with_context(|| format!("the GraphQL schema in {}", self.schema.display()))
    }

    /// Whether the output folder is that of glabflow's own workspace.
    fn are_of_workspace(&self) -> bool {
        let Some(manifest) = self.workspace_manifest() else { return false };
        fs::read_to_string(manifest).is_ok_and(|manifest| generated_features(&manifest).is_some())
    }

    /// The manifest that lists the generated features, if this is a workspace that has one.
    fn workspace_manifest(&self) -> Option<PathBuf> {
        let out = std::path::absolute(&self.out).ok()?;
        let above = out.parent().filter(|_| out.ends_with(WORKSPACE_FOLDER))?;
        Some(above.join("Cargo.toml"))
    }

    /// What the generator writes for the workspace, by path.
    fn output(&self) -> Result<Output> {
        let mut files = self.rest(None)?;
        if self.has_graphql() {
            self.add_graphql(&mut files)?;
        }
        if self.schema.join(SCHEMA_MANIFEST).exists() {
            files.note_schema(SCHEMA_MANIFEST, &self.read(SCHEMA_MANIFEST)?)?;
        }
        let mut output: Output = files.files.into_iter().map(|(path, text)| (self.out.join(path), text)).collect();
        if let Some(manifest) = self.workspace_manifest()
            && let Ok(text) = fs::read_to_string(&manifest)
            && let Some(text) = splice(&text, &files.features)
        {
            output.insert(manifest, text);
        }
        Ok(output)
    }
}

/// What is generated from a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The files below the output folder.
    pub files: Files,
    /// The features of the workspace's manifest.
    pub features: String,
}

/// The texts that the GraphQL half is generated from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphqlSchema {
    /// The facts-only SDL.
    pub schema: String,
    /// `selection.toml`.
    pub selection: String,
}

impl GraphqlSchema {
    fn model(&self, schema: &Schema) -> Result<graphql::Index> {
        model::graphql::build(schema, &model::graphql::Rules::parse(&self.selection)?)
    }
}

/// Generates the REST half from the text of its schema document; the same text gives the same bytes.
///
/// # Errors
/// When the schema is not understood.
pub fn output(schema: &str, facts: &Facts) -> Result<Generated> {
    let model = model::from_json(schema)?;
    let mut files = emit::files(&model.index, facts)?;
    files.insert(MANIFEST.to_owned(), manifest(schema, &model)?);
    Ok(Generated { files, features: emit::root_features(&model.index)? })
}

impl Generated {
    /// Adds the GraphQL half; the same texts give the same bytes.
    ///
    /// # Errors
    /// When the schema or the selection rules are not understood.
    pub fn add_graphql(&mut self, texts: &GraphqlSchema, facts: &Facts) -> Result<()> {
        let schema = ingest::graphql::parse(&texts.schema)?;
        let index = texts.model(&schema)?;
        self.files.append(&mut emit::graphql::files(&index, facts)?);
        self.files.append(&mut emit::table::files(&schema)?);
        self.files.entry(INDEX_LIBRARY.to_owned()).or_default().push_str(emit::graphql::INDEX_LIBRARY);
        self.note_schema(GRAPHQL_SCHEMA, &texts.schema)?;
        self.note_schema(SELECTION, &texts.selection)?;
        let counts = json!({ "operations": index.operations.len(), "types": index.types.len() });
        self.note(|manifest| manifest["graphql"] = counts)
    }

    /// Writes down which text of a schema file this was generated from.
    fn note_schema(&mut self, file: &str, text: &str) -> Result<()> {
        let fingerprint = fingerprint(text.as_bytes());
        self.note(|manifest| manifest["schema"][file] = fingerprint.into())
    }

    fn note(&mut self, change: impl FnOnce(&mut serde_json::Value)) -> Result<()> {
        let text = self.files.entry(MANIFEST.to_owned()).or_default();
        let mut manifest: serde_json::Value = serde_json::from_str(text)?;
        change(&mut manifest);
        *text = serde_json::to_string_pretty(&manifest)? + "\n";
        Ok(())
    }
}

/// What was generated from what; `build.rs` compares the fingerprint with the schema beside it.
fn manifest(schema: &str, model: &Model) -> Result<String> {
    let manifest = json!({
        "generator": concat!("glabflow-codegen ", env!("CARGO_PKG_VERSION")),
        "schema": { REST_SCHEMA: fingerprint(schema.as_bytes()) },
        "operations": model.index.operations.len(),
        "types": model.index.types.len(),
    });
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

/// A fingerprint that tells two schemas apart: FNV-1a of 64 bits. It guards against forgetting, not against malice.
pub fn fingerprint(bytes: &[u8]) -> String {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("fnv1a64:{hash:016x}")
}

/// The generated features of a manifest; none where the text has no markers.
pub(crate) fn generated_features(manifest: &str) -> Option<&str> {
    let (_, rest) = manifest.split_once(MARKERS.0)?;
    rest.split_once(MARKERS.1).map(|(features, _)| features)
}

/// Puts the features between the markers; none where the text has no markers.
fn splice(manifest: &str, features: &str) -> Option<String> {
    let (before, rest) = manifest.split_once(MARKERS.0)?;
    let (_, after) = rest.split_once(MARKERS.1)?;
    Some(format!("{before}{}{features}{}{after}", MARKERS.0, MARKERS.1))
}

/// What `generate` did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or have changed.
    pub changed: Vec<PathBuf>,
    /// Files that are gone.
    pub removed: Vec<PathBuf>,
    /// Files that are as they were, and were not touched.
    pub unchanged: usize,
}

/// Generates for the workspace and writes; files that do not change keep their time stamps.
///
/// # Errors
/// When the schema cannot be read or understood, files of others are in the way, or a file cannot be written.
pub fn write(folders: &Folders) -> Result<Written> {
    disk::put(&folders.out, folders.output()?)
}

/// Generates as the arguments say, and writes.
///
/// # Errors
/// As for [`write()`], and when the source of glabflow's crates is none.
pub fn run(args: &GenerateArgs) -> Result<Written> {
    disk::put(&args.folders.out, args.output()?)
}

/// Compares what would be generated as the arguments say with what is there; the differences as a text, empty when there are none.
///
/// # Errors
/// When the schema or a generated file cannot be read or understood, and when the source of glabflow's crates is none.
pub fn check(args: &GenerateArgs) -> Result<String> {
    disk::differences(&args.folders.out, &args.output()?)
}
