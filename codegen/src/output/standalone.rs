//! Complete generated crates, for use outside of glabflow's workspace by path or by `[patch]`. The names are the same.

use super::cargo_features::always_on;
use super::crates::{Folders, Generated, REST_MODULES};
use super::facade_manifest;
use crate::emit::Files;
use anyhow::{Context, Result, bail};
use std::path::Path;
use toml::{Table, Value};

/// The source of the `glabflow` crates that generated code depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The registry, with a version.
    Version(String),
    /// A checkout of the project.
    Path(String),
    /// A git repository, optionally with the key and value of a reference: `tag = "v1"`.
    Git(String, Option<(String, String)>),
}

impl Source {
    /// Parses a version, the path of a checkout, or the address of a git repository.
    ///
    /// # Errors
    /// If it is none of these.
    pub fn parse(text: &str) -> Result<Self> {
        if text.contains("://") || text.starts_with("git@") {
            return Source::git(text);
        }
        if text.starts_with(|first: char| first.is_ascii_digit()) && !Path::new(text).exists() {
            return Ok(Source::Version(text.to_owned()));
        }
        if !Path::new(text).join("crates/contract/Cargo.toml").is_file() {
            bail!("{text} is neither a version nor a checkout of glabflow nor the address of a git repository");
        }
        let path = std::fs::canonicalize(text).with_context(|| format!("cannot use {text}"))?;
        Ok(Source::Path(path.display().to_string()))
    }

    /// Parses the address of a git repository in cargo's form: `https://host/path?tag=v1`.
    fn git(text: &str) -> Result<Self> {
        let Some((url, reference)) = text.split_once('?') else { return Ok(Source::Git(text.to_owned(), None)) };
        match reference.split_once('=') {
            Some((key @ ("branch" | "tag" | "rev"), value)) if !value.is_empty() => {
                Ok(Source::Git(url.to_owned(), Some((key.to_owned(), value.to_owned()))))
            }
            _ => bail!("`{reference}` in {text} is not branch=NAME, tag=NAME or rev=COMMIT"),
        }
    }

    /// The dependency on a crate of the project. `folder` is its path in a checkout.
    fn dependency(&self, folder: &str, version: &str) -> Table {
        let (key, value) = match self {
            Source::Version(version) => ("version", version.clone()),
            Source::Path(path) => ("path", format!("{path}/{folder}")),
            Source::Git(url, _) => ("git", url.clone()),
        };
        let mut table = Table::from_iter([(key.to_owned(), Value::from(value))]);
        if let Source::Git(_, Some((key, value))) = self {
            table.insert(key.clone(), value.as_str().into());
        }
        table.entry("version").or_insert_with(|| version.into());
        table
    }
}

/// The files of the crates, below the output folder.
///
/// # Errors
/// If the schema cannot be read or is invalid.
pub fn files(folders: &Folders, source: &Source) -> Result<Files> {
    let facade = facade_manifest::resources();
    let mut generated = folders.rest(Some(&facade))?;
    let mut tags = generated.modules(REST_MODULES);
    let version = crate_version(&folders.facts("rest")?.version);
    if let Some(graphql) = folders.graphql()? {
        let library = "index/src/lib.rs";
        let rest = generated.files.get(library).cloned().unwrap_or_default();
        generated.files.extend(graphql.files);
        // Each API has its part of this module.
        let both = rest + generated.files.get(library).map_or("", String::as_str);
        generated.files.insert(library.to_owned(), both);
    }
    let Generated { mut files, .. } = generated;
    files.retain(|path, _| !path.starts_with("samples/") && path != "manifest.json");
    let unknown: Vec<String> = tags.difference(&facade).cloned().collect();
    tags.extend(facade);
    for (path, text) in &mut files {
        if let Some(crate_name) = path.strip_suffix("/Cargo.toml") {
            let resources = if crate_name == "rest" { tags.iter().map(String::as_str).collect() } else { Vec::new() };
            *text = manifest(text, &version, source, &resources).with_context(|| path.clone())?;
        }
    }
    let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
    files.insert("rest/build.rs".to_owned(), build_script(&unknown));
    for krate in ["graphql", "graphql-schema"] {
        files.entry(format!("{krate}/build.rs")).and_modify(|text| *text = build_script(&[]));
    }
    Ok(files)
}

/// The version of the crates: that of the generator, so that they can replace the published ones, with that of the schema.
fn crate_version(schema: &str) -> String {
    let is_fit = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let schema: String = schema.chars().filter(is_fit).collect();
    let schema = schema.trim_matches('.').replace("..", ".");
    let own = env!("CARGO_PKG_VERSION");
    if schema.is_empty() { format!("{own}+gitlab") } else { format!("{own}+gitlab.{schema}") }
}

/// The manifest of a crate, with the values that it would inherit from the workspace.
fn manifest(text: &str, version: &str, source: &Source, resources: &[&str]) -> Result<String> {
    let mut manifest: Table = toml::from_str(text)?;
    manifest.remove("lib");
    manifest.remove("lints");
    manifest.remove("build-dependencies");
    let package = manifest.get_mut("package").and_then(Value::as_table_mut).context("no package")?;
    package.retain(|_, value| !value.is_table());
    for (key, value) in [
        ("version", version),
        ("edition", "2024"),
        ("rust-version", env!("CARGO_PKG_RUST_VERSION")),
        ("license", env!("CARGO_PKG_LICENSE")),
    ] {
        package.insert(key.to_owned(), value.into());
    }
    let shared = facade_manifest::dependencies()?;
    if let Some(dependencies) = manifest.get_mut("dependencies").and_then(Value::as_table_mut) {
        for (name, dependency) in dependencies.iter_mut() {
            *dependency = written_out(name, dependency, &shared, source)?;
        }
    }
    if let Some(features) = manifest.get_mut("features").and_then(Value::as_table_mut) {
        // The feature has no effect: the code is generated already.
        features.insert("build-codegen".to_owned(), Value::Array(Vec::new()));
        for tag in resources {
            features.entry(*tag).or_insert_with(|| Value::Array(Vec::new()));
        }
    }
    let head = "# Generated by glabflow-codegen. Do not edit.\n\n";
    Ok(format!("{head}{}", toml::to_string(&manifest)?))
}

fn written_out(name: &str, dependency: &Value, shared: &Table, source: &Source) -> Result<Value> {
    let Some(own) = dependency.as_table().filter(|table| table.contains_key("workspace")) else {
        return Ok(dependency.clone());
    };
    let known = shared.get(name).with_context(|| format!("the workspace has no dependency {name}"))?;
    let mut table = match known {
        Value::Table(known) => known.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    };
    if let Some(folder) = table.remove("path") {
        let version = table.remove("version");
        let version = version.as_ref().and_then(Value::as_str).unwrap_or(env!("CARGO_PKG_VERSION"));
        table.extend(source.dependency(folder.as_str().unwrap_or_default(), version));
    }
    table.extend(own.iter().filter(|(key, _)| *key != "workspace").map(|(key, value)| (key.clone(), value.clone())));
    Ok(table.into())
}

/// A build script that enables resources for which `glabflow` has no features.
fn build_script(unknown: &[&str]) -> String {
    format!(
        "// Generated by glabflow-codegen. Do not edit.\n\n\
         fn main() {{\n    print!({:?});\n}}\n",
        format!(
            "cargo::rerun-if-changed=build.rs\ncargo::rustc-check-cfg=cfg(glabflow_own_schema)\n{}",
            always_on(unknown)
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_source_is_parsed_with_branch_tag_or_revision() {
        let dependency = |text: &str| {
            let source = Source::parse(text).map_err(|error| error.to_string())?;
            Ok::<_, String>(toml::to_string(&source.dependency("generated/rest", "0.1.0")).expect("a dependency"))
        };
        let git = "git = \"https://host/glabflow\"\n";
        assert_eq!(dependency("https://host/glabflow"), Ok(format!("{git}version = \"0.1.0\"\n")));
        let tagged = Ok(format!("{git}tag = \"v0.1.0\"\nversion = \"0.1.0\"\n"));
        assert_eq!(dependency("https://host/glabflow?tag=v0.1.0"), tagged);
        for wrong in ["https://host/glabflow?tag=", "https://host/glabflow?depth=1", "https://host/glabflow?main"] {
            let rejected = dependency(wrong).expect_err(wrong);
            assert!(rejected.contains("is not branch=NAME, tag=NAME or rev=COMMIT"), "{rejected}");
        }
    }
}
