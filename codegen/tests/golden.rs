//! The code generated for edge cases of schemas equals the golden files.
//!
//! The golden files are a crate of the workspace, so they are compiled and tested. After an intended change, run
//! `UPDATE_GOLDEN=1 cargo test -p glabflow-codegen --test golden` and review the difference.

use glabflow_codegen::emit::SchemaInfo;
use glabflow_codegen::output::Generated;
use similar::TextDiff;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn schema() -> String {
    fs::read_to_string(folder().join("openapi.json")).expect("the sample schema is there")
}

/// The generated files that have a golden file, with its path: the Rust of operations and types, and the index.
fn generated() -> Vec<(PathBuf, String)> {
    let output = Generated::rest(&schema(), &SchemaInfo::default()).expect("the sample schema is understood");
    let kept = output.files.into_iter().filter_map(|(path, text)| {
        let place = path.strip_prefix("rest/src/").map(|path| Path::new("src").join(path));
        let place = place.or_else(|| path.ends_with(".json").then(|| PathBuf::from(path.replace('/', "-"))));
        place.map(|place| (folder().join(place), text))
    });
    kept.filter(|(path, _)| !path.ends_with("manifest.json")).collect()
}

#[test]
fn generated_code_matches_the_golden_files() {
    let files = generated();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let _ = fs::remove_dir_all(folder().join("src"));
        for (path, text) in &files {
            fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
            fs::write(path, text).expect("the golden file can be written");
        }
        return;
    }
    let mut problems = String::new();
    for (path, text) in &files {
        let golden = fs::read_to_string(path).unwrap_or_default();
        if golden != *text {
            let name = path.display().to_string();
            problems
                .push_str(&TextDiff::from_lines(&golden, text).unified_diff().header(&name, "generated").to_string());
        }
    }
    let known: Vec<&PathBuf> = files.iter().map(|(path, _)| path).collect();
    for path in sources(&folder().join("src")) {
        if !known.contains(&&path) {
            problems.push_str(&format!("{} is not generated any more\n", path.display()));
        }
    }
    assert!(problems.is_empty(), "{problems}\nif this is intended, run the test with UPDATE_GOLDEN=1");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(sources(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn generation_is_deterministic() {
    let output = || Generated::rest(&schema(), &SchemaInfo::default()).expect("generated");
    assert_eq!(output(), output());
}
