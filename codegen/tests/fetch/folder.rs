//! The folder that `fetch` writes: as a whole or not at all.

use crate::scripted::{self, Scripted};
use crate::small_openapi;

#[test]
fn who_stops_listening_gets_the_folder_and_the_exit_code_nevertheless() {
    let root = tempfile::tempdir().expect("a folder");
    let run = |server: &Scripted| {
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
    // The version is told before the schema turns out to be none.
    let broken = Scripted::start(|request| {
        if request.starts_with("GET") { scripted::small(request) } else { Some((200, "{\"x\": 1}".to_owned())) }
    });
    let (code, complaint) = run(&broken);
    assert!(code == Some(2) && complaint.contains("no GraphQL answer"), "{code:?} {complaint}");
    assert!(!root.path().join("schema").exists());
    assert_eq!(run(&Scripted::start(scripted::small)), (Some(0), String::new()));
    assert!(root.path().join("schema/graphql/schema.graphql").is_file());
}
