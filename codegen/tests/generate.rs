//! `generate` and `check` on a folder: what is written, what is removed, what is told.

use glabflow_codegen::generate::{self, Folders};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A workspace with a schema and a manifest with the marker lines.
fn workspace() -> (tempfile::TempDir, Folders) {
    let root = tempfile::tempdir().expect("a folder for the test");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/openapi.json");
    let folders = Folders { schema: root.path().join("schema"), out: root.path().join("generated") };
    let schema = folders.schema.join(generate::REST_SCHEMA);
    fs::create_dir_all(schema.parent().expect("a folder")).expect("made");
    fs::copy(sample, schema).expect("copied");
    let manifest =
        "[features]\nmine = []\n# begin generated features\nold = []\n# end generated features\n\n[dependencies]\n";
    fs::write(root.path().join("Cargo.toml"), manifest).expect("written");
    (root, folders)
}

fn read(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn a_second_run_changes_nothing() {
    let (root, folders) = workspace();
    let first = generate::write(&folders).expect("generated");
    assert!(first.changed.contains(&root.path().join("generated/rest/src/enums.rs")), "{:?}", first.changed);
    let second = generate::write(&folders).expect("generated again");
    assert_eq!((second.changed, second.removed), (Vec::<PathBuf>::new(), Vec::new()));
    assert_eq!(second.unchanged, first.changed.len());
    assert_eq!(generate::differences(&folders).expect("compared"), "");
}

#[test]
fn only_the_features_between_the_markers_are_replaced() {
    let (root, folders) = workspace();
    generate::write(&folders).expect("generated");
    let manifest = read(root.path(), "Cargo.toml");
    assert!(manifest.starts_with("[features]\nmine = []\n# begin generated features\n"), "{manifest}");
    assert!(manifest.ends_with("# end generated features\n\n[dependencies]\n"), "{manifest}");
    assert!(manifest.contains("enums = [\"glabflow-rest/enums\"]\n"), "{manifest}");
    assert!(!manifest.contains("old = []"), "{manifest}");
}

#[test]
fn what_is_not_generated_any_more_is_told_and_removed() {
    let (root, folders) = workspace();
    generate::write(&folders).expect("generated");
    let leftover = root.path().join("generated/rest/src/gone.rs");
    fs::write(&leftover, "// left over").expect("written");
    let mine = root.path().join("generated/README.md");
    fs::write(&mine, "not the generator's").expect("written");
    let told = generate::differences(&folders).expect("compared");
    assert_eq!(told, format!("{}: is not generated any more\n", leftover.display()));
    assert_eq!(generate::write(&folders).expect("generated").removed, std::slice::from_ref(&leftover));
    assert!(!leftover.exists() && mine.exists());
}

#[test]
fn a_changed_or_missing_file_is_told() {
    let (root, folders) = workspace();
    generate::write(&folders).expect("generated");
    let changed = root.path().join("generated/rest/src/enums.rs");
    let text = fs::read_to_string(&changed).expect("read").replace("Operations on enums.", "By hand.");
    fs::write(&changed, text).expect("written");
    fs::remove_file(root.path().join("generated/index/types.json")).expect("removed");
    let told = generate::differences(&folders).expect("compared");
    assert!(told.contains("-//! By hand.\n+//! Operations on enums.\n"), "{told}");
    assert!(told.contains("types.json: is missing\n"), "{told}");
}

#[test]
fn the_manifest_has_the_fingerprint_of_the_schema() {
    let (root, folders) = workspace();
    generate::write(&folders).expect("generated");
    let fingerprint = generate::fingerprint(read(root.path(), "schema/rest/openapi.json").as_bytes());
    assert!(read(root.path(), "generated/manifest.json").contains(&fingerprint));
    // The known value of FNV-1a for this text; `build.rs` computes the same.
    assert_eq!(generate::fingerprint(b"foobar"), "fnv1a64:85944171f73967e8");
}

#[test]
fn the_command_says_by_its_exit_code_what_it_found() {
    let (root, _) = workspace();
    let run = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_glabflow-codegen")).args(arguments).current_dir(root.path()).output();
        let output = output.expect("the command starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    assert_eq!(run(&["check"]).0, Some(1));
    assert_eq!(run(&["generate"]).0, Some(0));
    assert_eq!(run(&["check"]), (Some(0), "the generated code is up to date\n".to_owned()));
    assert_eq!(run(&["check", "--schema", "nowhere"]).0, Some(2));
    assert_eq!(run(&["no-such-command"]).0, Some(2));
    let (code, stats) = run(&["stats", "--format", "json"]);
    assert_eq!(code, Some(0));
    let stats: serde_json::Value = serde_json::from_str(&stats).expect("the figures are JSON");
    assert_eq!(stats["by_paging"]["keyset"], 1);
    assert_eq!(stats["by_tag"]["enums"], 1);
    assert_eq!(stats["exclusions"], serde_json::json!([]));
    let (code, names) = run(&["names"]);
    assert_eq!(code, Some(0));
    assert!(
        names.lines().any(|line| line.split_whitespace().eq(["enums().list", "list_enums", "ListEnums"])),
        "{names}"
    );
}

#[test]
fn a_list_of_itself_is_a_list_of_anything() {
    let schema = r##"{"openapi": "3.0.0", "info": {"title": "a", "version": "1"}, "paths": {"/api/v4/a": {"get": {"operationId": "list_a",
        "tags": ["a"], "responses": {"200": {"description": "", "content": {"application/json":
        {"schema": {"$ref": "#/components/schemas/Tree"}}}}}}}}, "components": {"schemas": {
        "Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        "Node": {"type": "object", "properties": {"nodes": {"$ref": "#/components/schemas/Nodes"}}},
        "Nodes": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}}}}"##;
    let of = |schema: &str| {
        let model = glabflow_codegen::model::from_json(schema).expect("a model");
        assert_eq!(model.exclusions, []);
        serde_json::to_string(&model.index).expect("JSON")
    };
    assert!(of(schema).contains("any"), "{}", of(schema));
    // Where an object is in between, it has a name that the list can say.
    let nodes = of(&schema.replace("schemas/Tree\"}}}}}}}}", "schemas/Nodes\"}}}}}}}}"));
    assert!(!nodes.contains("any") && nodes.contains("Node"), "{nodes}");
}
