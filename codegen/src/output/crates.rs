//! Generates the crates in memory, from a schema folder to files.

use super::facade_manifest::{generated_features, splice};
use super::write::{MANIFEST, Output};
use crate::emit::{self, Files, SchemaInfo};
use crate::ingest::{self, graphql::schema::Schema};
use crate::model::{self, rest::Model};
use crate::schema_dir::fingerprint::fingerprint;
use crate::schema_dir::layout::{GRAPHQL_SCHEMA, REST_SCHEMA, SCHEMA_MANIFEST, SELECTION};
use crate::schema_dir::manifest as schema_manifest;
use anyhow::{Context, Result};
use glabflow_contract::index::graphql;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The root module of the index crate. Both APIs add to it.
const INDEX_LIBRARY: &str = "index/src/lib.rs";

/// The folder with the modules of REST resources.
pub(super) const REST_MODULES: &str = "rest/src/";

/// The folder of the generated crates in the workspace.
const WORKSPACE_FOLDER: &str = "generated";

/// The schema folder and the output folder.
#[derive(Debug, Clone, clap::Args)]
pub struct Folders {
    /// The schema folder.
    #[arg(long, value_name = "DIR", default_value = "schema")]
    pub schema: PathBuf,
    /// The output folder. It gets complete crates for use by path or by `[patch]`. In glabflow's own workspace, the folder
    /// `generated` gets the crates of the workspace, and the manifest the list of their features.
    #[arg(long, value_name = "DIR", default_value = "generated")]
    pub out: PathBuf,
}

impl Folders {
    /// Reads the schema and builds the model.
    ///
    /// # Errors
    /// If the schema cannot be read or is invalid.
    pub fn model(&self) -> Result<Model> {
        model::rest::from_json(&self.read_schema()?)
    }

    /// Whether there is a GraphQL schema. Without one, only the REST crates are generated.
    pub fn has_graphql(&self) -> bool {
        self.schema.join(GRAPHQL_SCHEMA).exists()
    }

    /// Reads the GraphQL schema and the selection rules and builds the model.
    ///
    /// # Errors
    /// If the schema or the rules cannot be read or are invalid.
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

    /// The facts about a document in the schema's manifest; unknown without a manifest.
    pub(super) fn facts(&self, document: &str) -> Result<SchemaInfo> {
        let path = self.schema.join(SCHEMA_MANIFEST);
        let text = if path.exists() { self.read(SCHEMA_MANIFEST)? } else { String::new() };
        let (version, edition) =
            schema_manifest::version(&text, document).with_context(|| path.display().to_string())?;
        Ok(SchemaInfo { version, edition, facade: None })
    }

    /// Generates the REST crates.
    pub(super) fn rest(&self, facade: Option<&BTreeSet<String>>) -> Result<Generated> {
        Generated::rest(&self.read_schema()?, &SchemaInfo { facade: facade.cloned(), ..self.facts("rest")? })
            .with_context(|| self.schema.join(REST_SCHEMA).display().to_string())
    }

    /// Generates only the GraphQL crates, if there is a schema.
    pub(super) fn graphql(&self) -> Result<Option<Generated>> {
        if !self.has_graphql() {
            return Ok(None);
        }
        let mut files =
            Generated { files: Files::from([(MANIFEST.to_owned(), "{}".to_owned())]), features: String::new() };
        self.add_graphql(&mut files)?;
        Ok(Some(files))
    }

    /// Generates only the crate with the table of the GraphQL schema, if there is a schema.
    pub(super) fn graphql_table(&self) -> Result<Option<Files>> {
        if !self.has_graphql() {
            return Ok(None);
        }
        let schema = ingest::graphql::parse(&self.read(GRAPHQL_SCHEMA)?);
        let schema = schema.with_context(|| self.schema.join(GRAPHQL_SCHEMA).display().to_string())?;
        emit::graphql::schema_table::files(&schema).map(Some)
    }

    fn add_graphql(&self, files: &mut Generated) -> Result<()> {
        let added = files.add_graphql(&self.read_graphql()?, &self.facts("graphql")?);
        added.with_context(|| format!("the GraphQL schema in {}", self.schema.display()))
    }

    /// Whether the output folder belongs to glabflow's own workspace.
    pub(super) fn are_of_workspace(&self) -> bool {
        let Some(manifest) = self.workspace_manifest() else { return false };
        fs::read_to_string(manifest).is_ok_and(|manifest| generated_features(&manifest).is_some())
    }

    /// The manifest of the workspace, if the output folder may belong to one.
    fn workspace_manifest(&self) -> Option<PathBuf> {
        let out = std::path::absolute(&self.out).ok()?;
        let above = out.parent().filter(|_| out.ends_with(WORKSPACE_FOLDER))?;
        Some(above.join("Cargo.toml"))
    }

    /// All files for the workspace, by path.
    pub(super) fn output(&self) -> Result<Output> {
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

/// The files that are generated from a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The files below the output folder.
    pub files: Files,
    /// The features for the manifest of the workspace.
    pub features: String,
}

/// The texts of the GraphQL schema.
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

impl Generated {
    /// Generates the REST crates from the text of the document. The same text gives the same bytes.
    ///
    /// # Errors
    /// If the schema is invalid.
    pub fn rest(schema: &str, facts: &SchemaInfo) -> Result<Self> {
        let model = model::rest::from_json(schema)?;
        let mut files = emit::rest::files(&model.index, facts)?;
        files.insert(MANIFEST.to_owned(), manifest(schema, &model)?);
        Ok(Generated { files, features: emit::rest::root_features(&model.index)? })
    }

    /// Adds the GraphQL crates. The same texts give the same bytes.
    ///
    /// # Errors
    /// If the schema or the selection rules are invalid.
    pub fn add_graphql(&mut self, texts: &GraphqlSchema, facts: &SchemaInfo) -> Result<()> {
        let schema = ingest::graphql::parse(&texts.schema)?;
        let index = texts.model(&schema)?;
        self.files.append(&mut emit::graphql::files(&index, facts)?);
        self.files.append(&mut emit::graphql::schema_table::files(&schema)?);
        self.files.entry(INDEX_LIBRARY.to_owned()).or_default().push_str(emit::graphql::INDEX_LIBRARY);
        self.note_schema(GRAPHQL_SCHEMA, &texts.schema)?;
        self.note_schema(SELECTION, &texts.selection)?;
        let counts = json!({ "operations": index.operations.len(), "types": index.types.len() });
        self.note(|manifest| manifest["graphql"] = counts)
    }

    /// The resources or areas with modules in a folder.
    pub(super) fn modules(&self, folder: &str) -> BTreeSet<String> {
        let module = |path: &String| {
            let name = path.strip_prefix(folder)?.strip_suffix(".rs")?;
            (!name.contains('/') && !matches!(name, "ids" | "lib" | "modules")).then(|| name.to_owned())
        };
        self.files.keys().filter_map(module).collect()
    }

    /// Adds the fingerprint of a schema file to the manifest.
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

/// The manifest of the generated code. `build.rs` compares its fingerprints with the schema.
fn manifest(schema: &str, model: &Model) -> Result<String> {
    let manifest = json!({
        "generator": concat!("glabflow-codegen ", env!("CARGO_PKG_VERSION")),
        "schema": { REST_SCHEMA: fingerprint(schema.as_bytes()) },
        "operations": model.index.operations.len(),
        "types": model.index.types.len(),
    });
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}
