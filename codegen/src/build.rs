//! What the build scripts of the generated crates do when their feature `build-codegen` is on.
//!
//! They generate from the schema folder that `GLABFLOW_SCHEMA_DIR` names into cargo's output folder, and tell the crate to
//! take that in the place of its own code.

use crate::generate::{Folders, Generated};
use crate::{emit::Files, facade};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// The folder of the modules of REST resources.
pub(crate) const REST_MODULES: &str = "rest/src/";

/// The variable that names the schema folder.
const SCHEMA_DIR: &str = "GLABFLOW_SCHEMA_DIR";

/// Generates `glabflow-rest`.
pub fn rest() -> ExitCode {
    run(|folders| {
        let facade = facade::resources();
        let generated = folders.rest(Some(&facade))?;
        let tags = generated.modules(REST_MODULES);
        let unknown = tags.difference(&facade).map(String::as_str).collect::<Vec<_>>();
        Ok((only(generated.files, "rest/src/"), always_on(&unknown)))
    })
}

/// Generates `glabflow-graphql`.
pub fn graphql() -> ExitCode {
    run(|folders| {
        let generated = folders.graphql()?.with_context(|| no_graphql(folders))?;
        let areas = generated.modules("graphql/src/");
        let known = crate_features()?;
        let unknown = areas.difference(&known).map(String::as_str).collect::<Vec<_>>();
        Ok((only(generated.files, "graphql/"), always_on(&unknown)))
    })
}

/// Generates the table of `glabflow-graphql-schema`.
pub fn graphql_schema() -> ExitCode {
    run(|folders| Ok((folders.graphql_table()?.with_context(|| no_graphql(folders))?, String::new())))
}

fn no_graphql(folders: &Folders) -> String {
    format!("{} has no GraphQL schema; leave the feature `graphql` off, or fetch one", folders.schema.display())
}

/// The features of the crate that is built, by its manifest.
fn crate_features() -> Result<BTreeSet<String>> {
    let folder =
        env::var_os("CARGO_MANIFEST_DIR").context("this is for build scripts: cargo sets CARGO_MANIFEST_DIR")?;
    let path = Path::new(&folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: toml::Table = toml::from_str(&text).with_context(|| path.display().to_string())?;
    let features = manifest.get("features").and_then(toml::Value::as_table);
    Ok(features.map(|features| features.keys().cloned().collect()).unwrap_or_default())
}

/// The lines for cargo that switch resources and areas on for which the crate has no features.
pub(crate) fn always_on(tags: &[&str]) -> String {
    let mut out = String::new();
    for tag in tags {
        // A String takes everything that is written to it.
        let _ = writeln!(out, "cargo::rustc-check-cfg=cfg(feature, values(\"{tag}\"))");
        let _ = writeln!(out, "cargo::rustc-cfg=feature=\"{tag}\"");
    }
    out
}

fn only(files: Files, folder: &str) -> Files {
    files.into_iter().filter(|(path, _)| path.starts_with(folder)).collect()
}

fn run(generate: impl FnOnce(&Folders) -> Result<(Files, String)>) -> ExitCode {
    let mut lines = format!("cargo::rerun-if-env-changed={SCHEMA_DIR}\n");
    let outcome = match env::var_os(SCHEMA_DIR).filter(|folder| !folder.is_empty()) {
        None => {
            lines.push_str(&format!(
                "cargo::warning=the feature `build-codegen` is on and {SCHEMA_DIR} is not set: the operations are those that \
                 come with glabflow\n"
            ));
            Ok(String::new())
        }
        Some(folder) => own(PathBuf::from(folder), generate),
    };
    let code = match outcome {
        Ok(more) => {
            lines.push_str(&more);
            ExitCode::SUCCESS
        }
        Err(error) => {
            lines.push_str(&format!("cargo::error={}\n", format!("{error:#}").replace('\n', " ")));
            ExitCode::FAILURE
        }
    };
    // Build scripts talk to cargo through standard output; without it there is nobody to tell.
    match std::io::stdout().write_all(lines.as_bytes()) {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}

fn own(schema: PathBuf, generate: impl FnOnce(&Folders) -> Result<(Files, String)>) -> Result<String> {
    if schema.is_relative() {
        bail!(
            "{SCHEMA_DIR} must be an absolute path, and is {}; in .cargo/config.toml: \
             [env] {SCHEMA_DIR} = {{ value = \"schema\", relative = true }}",
            schema.display()
        );
    }
    if !schema.is_dir() {
        bail!("{SCHEMA_DIR} names {}, which is no folder; `glabflow-codegen fetch` makes one", schema.display());
    }
    let out = env::var_os("OUT_DIR").map(PathBuf::from).context("this is for build scripts: cargo sets OUT_DIR")?;
    let folders = Folders { schema, out: out.clone() };
    let (files, lines) = generate(&folders)?;
    for (path, text) in &files {
        write(&out.join(path), text)?;
    }
    Ok(format!("cargo::rerun-if-changed={}\ncargo::rustc-cfg=glabflow_own_schema\n{lines}", folders.schema.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

impl Generated {
    /// The resources or areas that have modules in this folder.
    pub(crate) fn modules(&self, folder: &str) -> BTreeSet<String> {
        let module = |path: &String| {
            let name = path.strip_prefix(folder)?.strip_suffix(".rs")?;
            (!name.contains('/') && !matches!(name, "ids" | "lib" | "modules")).then(|| name.to_owned())
        };
        self.files.keys().filter_map(module).collect()
    }
}
