//! The folder that `fetch` writes, either completely or not at all.

use crate::scripted;
use crate::{args, run, small_openapi};
use glabflow_test_server::Server;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// All files below a folder with their bytes.
fn contents(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("listed") {
            let path = entry.expect("listed").path();
            let name = path.display().to_string();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(name, fs::read(path).expect("read"));
            }
        }
    }
    found
}

#[test]
fn failed_fetch_leaves_the_folder_unchanged() {
    let root = tempfile::tempdir().expect("a folder");
    let out = root.path().join("schema");
    let server = scripted::start(scripted::small);
    run(&args(&server.url(), &out)).expect("fetched");
    fs::write(out.join("rest/overlay.toml"), "# mine\r\n").expect("written");
    let before = contents(root.path());
    // The last request fails, then the first one.
    let document = scripted::start(|_| Some((500, String::new())));
    let mut late = args(&server.url(), &out);
    late.openapi = Some(document.url());
    let text = run(&late).expect_err("refused");
    assert!(text.contains("responds with 500"), "{text}");
    run(&args(&document.url(), &out)).expect_err("refused");
    assert_eq!(contents(root.path()), before);
}

#[test]
fn rules_of_a_killed_run_are_restored() {
    let root = tempfile::tempdir().expect("a folder");
    let out = root.path().join("schema");
    let server = scripted::start(scripted::small);
    run(&args(&server.url(), &out)).expect("fetched");
    let mut rules = fs::read_to_string(out.join("selection.toml")).expect("there");
    rules.push_str("# mine\n");
    fs::write(out.join("selection.toml"), &rules).expect("written");
    fs::rename(&out, root.path().join(".schema.old-1")).expect("as it was killed");
    let summary = run(&args(&server.url(), &out)).expect("fetched");
    assert!(summary.starts_with("restored "), "{summary}");
    assert_eq!(fs::read_to_string(out.join("selection.toml")).expect("there"), rules);
    assert_eq!(fs::read_dir(root.path()).expect("listed").count(), 1);
}

#[test]
fn closed_stdout_does_not_affect_folder_and_exit_code() {
    let root = tempfile::tempdir().expect("a folder");
    let run = |server: &Server| {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_glabflow-codegen"))
            .args(["fetch", "--url", &server.url(), "--out", "schema", "--openapi"])
            .arg(small_openapi())
            .env_remove("GITLAB_TOKEN")
            .current_dir(root.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // The version is printed before the schema turns out to be invalid.
    let broken = scripted::start(|request| {
        if request.starts_with("GET") { scripted::small(request) } else { Some((200, "{\"x\": 1}".to_owned())) }
    });
    let (code, complaint) = run(&broken);
    assert!(code == Some(2) && complaint.contains("not a GraphQL response"), "{code:?} {complaint}");
    assert!(!root.path().join("schema").exists());
    assert_eq!(run(&scripted::start(scripted::small)), (Some(0), String::new()));
    assert!(root.path().join("schema/graphql/schema.graphql").is_file());
}
