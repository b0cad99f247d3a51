//! `gl operations`.

use crate::{gl, run};
use serde_json::Value;
use std::io::Read;

#[test]
fn a_search_requires_all_words() {
    insta::assert_snapshot!(run(&["operations", "todos", "mark"]).succeeded().stdout);
    let found = run(&["operations", "protected_branches get", "NAME", "--format", "ndjson"]).succeeded().stdout;
    assert!(found.contains("\"get_protected_branch\"") && !found.contains("list_protected_branches"), "{found}");
    let none = run(&["operations", "no", "such", "thing"]).succeeded();
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "no operation contains all of: no such thing\n"));
}

#[test]
fn the_list_has_every_operation_in_each_format() {
    let lines = run(&["operations", "--format", "ndjson"]).succeeded().stdout;
    let count = lines.lines().count();
    assert!(count > 1_600, "{count}");
    for line in lines.lines() {
        let operation: Value = serde_json::from_str(line).unwrap();
        assert!(operation["path"].as_str().unwrap().starts_with('/'), "{operation}");
    }
    let list: Vec<Value> = serde_json::from_str(&run(&["operations", "--format", "json"]).succeeded().stdout).unwrap();
    assert_eq!(list.len(), count);
    assert_eq!(run(&["operations"]).succeeded().stdout.lines().count(), count + 1);
}

#[test]
fn a_tag_narrows_the_list() {
    let lines = run(&["operations", "--tag", "todos", "--format", "ndjson"]).succeeded().stdout;
    assert!(lines.lines().count() > 1);
    for line in lines.lines() {
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["tag"], "todos");
    }
    let stderr = run(&["operations", "--tag", "project"]).failed(2);
    assert_eq!(stderr, "gl: there is no tag `project` (did you mean `projects`?)\n");
}

#[test]
fn one_operation_is_shown() {
    insta::assert_snapshot!(run(&["operations", "show", "get_project"]).succeeded().stdout);
    let shown: Value =
        serde_json::from_str(&run(&["operations", "show", "get_project", "--format", "json"]).succeeded().stdout)
            .unwrap();
    assert_eq!(shown["path"], "/projects/{id}");
    assert_eq!(
        run(&["operations", "show", "get_projct"]).failed(2),
        "gl: there is no operation `get_projct` (did you mean `get_project`?)\n\
         hint: `gl operations get_projct` searches in ids and paths\n"
    );
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = gl(&["operations"]).spawn().unwrap();
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}
