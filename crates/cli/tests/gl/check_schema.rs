//! `gl check-schema`, against the embedded fake GitLab.

use crate::{Run, finish, gl};
use glabflow_fake::{ADMIN_TOKEN, Fake, Fault};
use serde_json::Value;

/// Only the version matters.
fn server(version: &str) -> Fake {
    Fake::builder().users(2).projects(1).version(version).start_blocking().expect("a free port")
}

fn check(fake: &Fake, token: &str, args: &[&str]) -> Run {
    let mut command = gl(&[&["check-schema"], args].concat());
    command.env("GITLAB_URL", fake.url()).env("GITLAB_TOKEN", token);
    finish(command, b"")
}

const DIFFERS: &str = "gl: the server does not match the schema, or does not report its version\n";

/// The report about a server that does not match.
#[track_caller]
fn differing(run: Run) -> String {
    assert_eq!((run.code, run.stderr.as_str()), (1, DIFFERS), "{}", run.stdout);
    run.stdout
}

#[test]
fn a_matching_server_succeeds() {
    let fake = server("18.9.0-ee");
    insta::assert_snapshot!(check(&fake, ADMIN_TOKEN, &[]).succeeded().stdout);
    insta::assert_snapshot!("json", check(&fake, ADMIN_TOKEN, &["--format", "json"]).succeeded().stdout);
    let line = check(&fake, ADMIN_TOKEN, &["--format", "ndjson"]).succeeded().stdout;
    assert_eq!(line.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&line).expect("JSON")["matches"], true);
}

#[test]
fn differences_are_reported() {
    let texts = ["17.11.2-ee", "18.6.0-ee", "19.1.0-pre", "18.9.0"]
        .map(|version| differing(check(&server(version), ADMIN_TOKEN, &[])));
    insta::assert_snapshot!(texts.join("\n"));
    let found = differing(check(&server("17.11.2"), ADMIN_TOKEN, &["--format", "json"]));
    let found: Value = serde_json::from_str(&found).expect("JSON");
    assert_eq!((&found["rest"]["difference"], &found["server"]["enterprise"]), (&"older".into(), &false.into()));
}

#[test]
fn anonymous_check_reports_public_facts() {
    let fake = server("18.9.0-ee");
    insta::assert_snapshot!(differing(check(&fake, "", &[])));
    let found: Value = serde_json::from_str(&differing(check(&fake, "", &["--format", "json"]))).expect("JSON");
    assert_eq!((&found["server"], &found["graphql"]["difference"]), (&Value::Null, &"unknown".into()));
}

#[test]
fn errors_have_the_usual_exit_codes() {
    let fake = server("18.9.0-ee");
    assert!(check(&fake, "glpat-nobody", &[]).failed(4).contains("unauthorized: the token is missing, invalid"));
    assert!(check(&fake, ADMIN_TOKEN, &["--url", "nonsense://x"]).failed(2).starts_with("gl: "));
    fake.fail_on("*", 0, 9, Fault::InvalidJson);
    assert!(check(&fake, ADMIN_TOKEN, &[]).failed(1).starts_with("gl: "));
}

#[test]
fn control_characters_of_the_server_are_removed() {
    let text = check(&server("18.6.0\u{1b}[31m-ee"), ADMIN_TOKEN, &[]).stdout;
    assert!(text.starts_with("server: GitLab 18.6.0 [31m-ee"), "{text:?}");
}
