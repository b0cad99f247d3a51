//! What the build scripts of the generated crates do when their feature `build-codegen` is on.
//!
//! They generate from the schema folder that `GLABFLOW_SCHEMA_DIR` names into cargo's output folder, and tell the crate to
//! take that in the place of its own code.

use super::cargo_features::always_on;
use super::crates::{Folders, REST_MODULES};
use super::facade_manifest;
use crate::emit::Files;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// The variable that names the schema folder.
const SCHEMA_DIR: &str = "GLABFLOW_SCHEMA_DIR";

/// What cargo and the user tell a build script.
#[derive(Debug, Default)]
struct Environment {
    schema: Option<OsString>,
    out: Option<OsString>,
    manifest: Option<OsString>,
}

impl Environment {
    fn read() -> Self {
        Environment {
            schema: env::var_os(SCHEMA_DIR),
            out: env::var_os("OUT_DIR"),
            manifest: env::var_os("CARGO_MANIFEST_DIR"),
        }
    }
}

/// Files below the output folder, and lines for cargo.
type Half = (Files, String);

/// Generates `glabflow-rest`.
pub fn rest() -> ExitCode {
    run(rest_half)
}

/// Generates `glabflow-graphql`.
pub fn graphql() -> ExitCode {
    run(graphql_half)
}

/// Generates the table of `glabflow-graphql-schema`.
pub fn graphql_schema() -> ExitCode {
    run(table)
}

fn rest_half(folders: &Folders, _: &Environment) -> Result<Half> {
    let facade = facade_manifest::resources();
    let generated = folders.rest(Some(&facade))?;
    let tags = generated.modules(REST_MODULES);
    let unknown = tags.difference(&facade).map(String::as_str).collect::<Vec<_>>();
    Ok((only(generated.files, "rest/src/"), always_on(&unknown)))
}

fn graphql_half(folders: &Folders, environment: &Environment) -> Result<Half> {
    let generated = folders.graphql()?.with_context(|| no_graphql(folders))?;
    let areas = generated.modules("graphql/src/");
    let known = crate_features(environment)?;
    let unknown = areas.difference(&known).map(String::as_str).collect::<Vec<_>>();
    Ok((only(generated.files, "graphql/"), always_on(&unknown)))
}

fn table(folders: &Folders, _: &Environment) -> Result<Half> {
    Ok((folders.graphql_table()?.with_context(|| no_graphql(folders))?, String::new()))
}

fn no_graphql(folders: &Folders) -> String {
    format!("{} has no GraphQL schema; leave the feature `graphql` off, or fetch one", folders.schema.display())
}

/// The features of the crate that is built, by its manifest.
fn crate_features(environment: &Environment) -> Result<BTreeSet<String>> {
    let folder = environment.manifest.as_ref().context("this is for build scripts: cargo sets CARGO_MANIFEST_DIR")?;
    let path = Path::new(folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: toml::Table = toml::from_str(&text).with_context(|| path.display().to_string())?;
    let features = manifest.get("features").and_then(toml::Value::as_table);
    Ok(features.map(|features| features.keys().cloned().collect()).unwrap_or_default())
}

fn only(files: Files, folder: &str) -> Files {
    files.into_iter().filter(|(path, _)| path.starts_with(folder)).collect()
}

fn run(generate: impl FnOnce(&Folders, &Environment) -> Result<Half>) -> ExitCode {
    let (lines, succeeded) = lines(&Environment::read(), generate);
    // Build scripts talk to cargo through standard output; without it there is nobody to tell.
    match std::io::stdout().write_all(lines.as_bytes()) {
        Ok(()) if succeeded => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Generates, and gives the lines for cargo and whether all went well.
fn lines(environment: &Environment, generate: impl FnOnce(&Folders, &Environment) -> Result<Half>) -> (String, bool) {
    let lines = format!("cargo::rerun-if-env-changed={SCHEMA_DIR}\n");
    let Some(folder) = environment.schema.as_ref().filter(|folder| !folder.is_empty()) else {
        let warning = format!(
            "cargo::warning=the feature `build-codegen` is on and {SCHEMA_DIR} is not set: the operations are those that \
             come with glabflow\n"
        );
        return (lines + &warning, true);
    };
    match own(PathBuf::from(folder), environment, generate) {
        Ok(more) => (lines + &more, true),
        Err(error) => (lines + &format!("cargo::error={}\n", format!("{error:#}").replace('\n', " ")), false),
    }
}

fn own(
    schema: PathBuf,
    environment: &Environment,
    generate: impl FnOnce(&Folders, &Environment) -> Result<Half>,
) -> Result<String> {
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
    let out = environment.out.as_ref().map(PathBuf::from);
    let out = out.context("this is for build scripts: cargo sets OUT_DIR")?;
    let folders = Folders { schema, out: out.clone() };
    let (files, lines) = generate(&folders, environment)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A build script's folders: its output, its manifest, and a schema with what is named of the example's.
    fn folders(files: &[&str]) -> (tempfile::TempDir, Environment) {
        let root = tempfile::tempdir().expect("a folder");
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/own-schema/schema");
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("schema")).expect("made");
        for file in files {
            write(&at("schema").join(file), &fs::read_to_string(example.join(file)).expect("read")).expect("written");
        }
        write(&at("crate/Cargo.toml"), "[features]\nfull = []\n").expect("written");
        let text = |name: &str| Some(at(name).into_os_string());
        let environment = Environment { schema: text("schema"), out: text("out"), manifest: text("crate") };
        (root, environment)
    }

    const REST: &str = "rest/openapi.json";
    const GRAPHQL: [&str; 2] = ["graphql/schema.graphql", "selection.toml"];

    /// What cargo is told besides when to run the script again; it must be an error that ends the build.
    fn error(environment: &Environment, half: fn(&Folders, &Environment) -> Result<Half>) -> String {
        let (told, succeeded) = lines(environment, half);
        assert!(!succeeded && told.ends_with('\n') && told.lines().count() == 2, "{told}");
        let again = "cargo::rerun-if-env-changed=GLABFLOW_SCHEMA_DIR\ncargo::error=";
        told.strip_prefix(again).unwrap_or_else(|| panic!("{told}")).trim_end().to_owned()
    }

    #[test]
    fn missing_variable_is_a_warning() {
        let (root, mut environment) = folders(&[REST]);
        for schema in [None, Some(OsString::new())] {
            environment.schema = schema;
            let (told, succeeded) = lines(&environment, rest_half);
            assert!(succeeded && told.starts_with("cargo::rerun-if-env-changed=GLABFLOW_SCHEMA_DIR\n"), "{told}");
            assert!(
                told.contains("\ncargo::warning=the feature `build-codegen` is on and GLABFLOW_SCHEMA_DIR is not set")
            );
            assert!(!told.contains("glabflow_own_schema"), "the crate would take what was not generated: {told}");
        }
        assert!(!root.path().join("out").exists());
    }

    #[test]
    fn invalid_schema_folder_is_an_error_with_advice() {
        let (root, mut environment) = folders(&[]);
        environment.schema = Some("schema".into());
        let told = error(&environment, rest_half);
        assert!(told.contains("must be an absolute path, and is schema; in .cargo/config.toml: [env]"), "{told}");
        for missing in ["nowhere", "crate/Cargo.toml"] {
            environment.schema = Some(root.path().join(missing).into_os_string());
            let told = error(&environment, table);
            assert!(
                told.contains(missing) && told.contains("is no folder; `glabflow-codegen fetch` makes one"),
                "{told}"
            );
        }
    }

    #[test]
    fn missing_schema_is_an_error_for_the_half_that_needs_it() {
        let (_root, environment) = folders(&[REST]);
        assert!(lines(&environment, rest_half).1);
        for half in [graphql_half, table] {
            let told = error(&environment, half);
            assert!(told.contains("has no GraphQL schema; leave the feature `graphql` off, or fetch one"), "{told}");
        }
        let (_root, environment) = folders(&GRAPHQL);
        let told = error(&environment, rest_half);
        assert!(told.contains("cannot read") && told.contains(REST), "{told}");
        let (_root, environment) = folders(&GRAPHQL[..1]);
        let told = error(&environment, graphql_half);
        assert!(told.contains("cannot read") && told.contains("selection.toml"), "{told}");
    }

    #[test]
    fn broken_schema_is_reported_in_one_line() {
        let (root, environment) = folders(&GRAPHQL);
        write(&root.path().join("schema/graphql/schema.graphql"), "type Query {\n  a: \n").expect("written");
        for half in [graphql_half, table] {
            let told = error(&environment, half);
            assert!(told.contains("SDL") && told.contains(&*root.path().to_string_lossy()), "{told}");
        }
        write(&root.path().join("schema/rest/openapi.json"), "{").expect("written");
        let told = error(&environment, rest_half);
        assert!(told.contains("EOF") && told.contains("rest/openapi.json: "), "{told}");
    }

    #[test]
    fn generation_outside_a_build_script_is_an_error() {
        let (_root, mut environment) = folders(&[REST, GRAPHQL[0], GRAPHQL[1]]);
        environment.manifest = None;
        assert!(error(&environment, graphql_half).contains("cargo sets CARGO_MANIFEST_DIR"));
        environment.out = None;
        assert!(error(&environment, rest_half).contains("cargo sets OUT_DIR"));
    }

    #[test]
    fn generated_code_and_its_inputs_are_announced_to_cargo() {
        let (root, environment) = folders(&[REST, GRAPHQL[0], GRAPHQL[1]]);
        for (half, file) in [
            (rest_half as fn(&Folders, &Environment) -> Result<Half>, "rest/src/projects.rs"),
            (graphql_half, "graphql/src/modules.rs"),
            (table, "graphql-schema/src/lib.rs"),
        ] {
            let (told, succeeded) = lines(&environment, half);
            let schema = root.path().join("schema");
            assert!(succeeded && told.contains("\ncargo::rustc-cfg=glabflow_own_schema\n"), "{told}");
            assert!(told.contains(&format!("\ncargo::rerun-if-changed={}\n", schema.display())), "{told}");
            assert!(root.path().join("out").join(file).is_file(), "{file}");
        }
    }
}
