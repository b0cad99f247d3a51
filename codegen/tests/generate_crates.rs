//! Writing complete crates by command: where, with which dependencies, and with which errors.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The schema of the example, which has both APIs.
fn schema() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/own-schema/schema")
}

/// Runs the command in a folder. Gives its exit code and its output.
fn run(root: &Path, command: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_glabflow-codegen"))
        .arg(command)
        .arg("--schema")
        .arg(schema())
        .args(arguments)
        .current_dir(root)
        .output()
        .expect("the command starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

/// The manifest of a generated crate.
fn manifest(root: &Path, file: &str) -> toml::Table {
    let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn is_complete(manifest: &toml::Table) -> bool {
    manifest["package"]["version"].is_str() && manifest["dependencies"]["glabflow-contract"].get("workspace").is_none()
}

#[test]
fn folder_outside_the_workspace_gets_complete_crates() {
    let root = tempfile::tempdir().expect("a folder");
    // A foreign workspace with a folder of the usual name.
    fs::write(root.path().join("Cargo.toml"), "[workspace]\nmembers = []\n").expect("written");
    for (arguments, out) in [(&["--out", "sdk/gitlab"][..], "sdk/gitlab"), (&[], "generated"), (&["--out", "."], ".")] {
        let (code, text) = run(root.path(), "generate", arguments);
        assert!(code == Some(0) && text.contains(" 0 unchanged, 0 removed"), "{text}");
        for krate in ["rest", "graphql", "index"] {
            let file = format!("{out}/{krate}/Cargo.toml");
            assert!(is_complete(&manifest(root.path(), &file)), "{file}");
        }
        assert!(root.path().join(out).join("graphql-schema/src").is_dir());
        assert!(
            !root.path().join(out).join("samples").exists() && !root.path().join(out).join("manifest.json").exists()
        );
        let (code, text) = run(root.path(), "check", arguments);
        assert!(code == Some(0) && text.contains("up to date"), "{text}");
    }
    let manifest = fs::read_to_string(root.path().join("Cargo.toml")).expect("there");
    assert_eq!(manifest, "[workspace]\nmembers = []\n");
}

#[test]
fn folder_of_the_workspace_gets_workspace_crates() {
    let root = tempfile::tempdir().expect("a folder");
    let features = "[features]\n# begin generated features\n# end generated features\n";
    fs::write(root.path().join("Cargo.toml"), features).expect("written");
    fs::create_dir(root.path().join("generated")).expect("created");
    for (from, arguments) in [("", &[][..]), ("", &["--out", "./generated/"]), ("generated", &["--out", "."])] {
        let (code, text) = run(&root.path().join(from), "generate", arguments);
        assert_eq!(code, Some(0), "{text}");
        assert!(!is_complete(&manifest(root.path(), "generated/rest/Cargo.toml")), "{arguments:?}");
    }
    let features = fs::read_to_string(root.path().join("Cargo.toml")).expect("there");
    assert!(features.contains("projects = [\"glabflow-rest/projects\"]"), "{features}");
    let (code, text) = run(root.path(), "generate", &["--glabflow", "0.1.0"]);
    assert!(code == Some(2) && text.contains("--glabflow is for complete crates"), "{text}");
    // Complete crates beside it do not change the workspace.
    let (code, text) = run(root.path(), "generate", &["--out", "sdk"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(is_complete(&manifest(root.path(), "sdk/rest/Cargo.toml")));
    assert_eq!(fs::read_to_string(root.path().join("Cargo.toml")).expect("there"), features);
}

#[test]
fn crates_depend_on_the_named_glabflow() {
    let root = tempfile::tempdir().expect("a folder");
    let checkout = fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).expect("a checkout");
    let checkout = checkout.display().to_string();
    let path = format!("{checkout}/crates/contract");
    for (source, wanted) in [
        ("9.8.7", &[("version", "9.8.7")][..]),
        (&checkout, &[("path", &path), ("version", env!("CARGO_PKG_VERSION"))]),
        ("https://host/glabflow?tag=v1", &[("git", "https://host/glabflow"), ("tag", "v1")]),
    ] {
        let (code, text) = run(root.path(), "generate", &["--out", "sdk", "--glabflow", source]);
        assert_eq!(code, Some(0), "{text}");
        let manifest = manifest(root.path(), "sdk/rest/Cargo.toml");
        for (key, value) in wanted {
            assert_eq!(manifest["dependencies"]["glabflow-contract"][key].as_str(), Some(*value), "{source}");
        }
    }
}

#[test]
fn invalid_arguments_are_rejected_without_writing() {
    let root = tempfile::tempdir().expect("a folder");
    let broken = root.path().join("broken");
    fs::create_dir_all(broken.join("rest")).expect("created");
    fs::write(broken.join("rest/openapi.json"), "{").expect("written");
    fs::create_dir(root.path().join("empty")).expect("created");
    fs::write(root.path().join("file"), "").expect("written");
    for (arguments, part) in [
        (&["--glabflow", "nonsense"][..], "neither a version nor a checkout of glabflow nor the address of a git"),
        (&["--glabflow", "empty"], "neither a version"),
        (&["--glabflow", "https://host/glabflow?depth=1"], "is not branch=NAME"),
        (&["--schema", "nowhere"], "cannot read nowhere/rest/openapi.json"),
        (&["--schema", "empty"], "cannot read empty/rest/openapi.json"),
        (&["--schema", "broken"], "broken/rest/openapi.json: the schema is not"),
        (&["--out", "file"], "cannot create file"),
        (&["--standalone"], "unexpected argument"),
    ] {
        // Duplicate options are rejected, so the schema comes from the case or from here.
        let mut command = Command::new(env!("CARGO_BIN_EXE_glabflow-codegen"));
        command.arg("generate").args(arguments).current_dir(root.path());
        if !arguments.contains(&"--schema") {
            command.arg("--schema").arg(schema());
        }
        if !arguments.contains(&"--out") {
            command.args(["--out", "sdk"]);
        }
        let output = command.output().expect("the command starts");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && text.contains(part), "{arguments:?}: {text}");
        assert!(!root.path().join("sdk").exists(), "{arguments:?}");
    }
}
