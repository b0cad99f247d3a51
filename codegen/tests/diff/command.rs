//! The commands `diff` and `used`: exit codes, sources, and reports about used operations.

use std::path::Path;
use std::process::{Command, Output};

const OLD: &str = "type Query { a: Int, b: Int, c: Color } enum Color { RED }";
const NEW: &str = "type Query { a: Int, c: Color } enum Color { RED GREEN }";

/// A folder with two schemas as files, and as two commits of `schema/` with their tags.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    std::fs::create_dir_all(at.join("schema/graphql")).expect("a folder");
    git(at, &["init", "--quiet"]);
    for (tag, text) in [("v1", OLD), ("v2", NEW)] {
        write(at, &format!("{tag}.graphql"), text);
        write(at, "schema/graphql/schema.graphql", text);
        git(at, &["add", "--all"]);
        git(at, &["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "-m", tag]);
        git(at, &["tag", tag]);
    }
    folder
}

/// The folder before a newer schema is committed: HEAD has the old schema, `schema` has the new one.
fn upgraded() -> tempfile::TempDir {
    let folder = folder();
    git(folder.path(), &["checkout", "--quiet", "v1"]);
    write(folder.path(), "schema/graphql/schema.graphql", NEW);
    folder
}

fn write(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join(file), text).expect("the file can be written");
}

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git").current_dir(folder).args(arguments).status().expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_glabflow-codegen");
    Command::new(program).current_dir(folder).args(arguments).output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn exit_code_depends_on_the_highest_level_found() {
    let folder = folder();
    for (arguments, code) in [
        (&["v1.graphql", "v2.graphql"][..], 0),
        (&["v1.graphql", "v2.graphql", "--fail-on", "breaking"], 1),
        (&["v1.graphql", "v2.graphql", "--fail-on", "dangerous", "--format", "json"], 1),
        (&["v1.graphql", "v1.graphql", "--fail-on", "dangerous"], 0),
        (&["v1.graphql", "v2.graphql", "--only", "rest"], 2),
        (&["v1.graphql", "nothing"], 2),
        (&["v1.graphql", "--fail-on", "nonsense"], 2),
    ] {
        let output = run(folder.path(), &[&["diff"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
    }
}

#[test]
fn exit_codes_are_the_same_if_stdout_is_closed() {
    let folder = folder();
    std::fs::create_dir_all(folder.path().join("rest/rest")).expect("a folder");
    let operation = r#"{"operationId": "list_cars", "tags": ["cars"], "responses": {"200": {"description": ""}}}"#;
    let rest = format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "", "version": ""}}, "paths": {{"/api/v4/cars": {{"get": {operation}}}}}}}"#
    );
    write(folder.path(), "rest/rest/openapi.json", &rest);
    let unread = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let program = env!("CARGO_BIN_EXE_glabflow-codegen");
        let output = Command::new(program).current_dir(folder.path()).args(arguments).stdout(writer).output();
        output.expect("the program runs")
    };
    for (arguments, code) in [
        (&["diff", "v1.graphql", "v2.graphql", "--fail-on", "breaking"][..], 1),
        (&["diff", "v1.graphql", "v2.graphql"], 0),
        (&["used", ".", "--schema", "nothing"], 2),
        (&["used", ".", "--schema", "v1"], 0),
        (&["check", "--schema", "rest", "--out", "generated"], 1),
    ] {
        let output = unread(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        assert_eq!(output.stderr.is_empty(), code != 2, "{arguments:?}: {}", said(&output));
    }
    // Files are written although nobody reads the output.
    let arguments = ["ingest", "graphql", "v1.graphql", "--out", "facts.graphql"];
    let output = unread(&arguments);
    assert!(output.status.success() && folder.path().join("facts.graphql").exists(), "{}", said(&output));
}

#[test]
fn revisions_files_and_folders_are_distinguished() {
    let folder = folder();
    let expected = "graphql-field-removed:Query.b";
    for (old, new) in [
        ("v1", "v2"),
        ("git:v1", "HEAD"),
        ("HEAD~1", "schema"),
        ("v1:schema", "schema/graphql/schema.graphql"),
        ("v1:schema/graphql/schema.graphql", "v2:v2.graphql"),
        ("v1:./schema/", "v2.graphql"),
    ] {
        let output = run(folder.path(), &["diff", old, new]);
        assert!(output.status.success() && said(&output).contains(expected), "{old} {new}: {}", said(&output));
    }
    for (old, expected) in [
        ("nothing", "is not a file, a folder or a git revision"),
        ("git:nothing", "no such revision"),
        ("v1:other", "has no `other`"),
        ("--help-me", "unexpected argument"),
        ("git:--all", "no such revision"),
        (".", "it is not a schema folder"),
    ] {
        let output = run(folder.path(), &["diff", old, "v2"]);
        assert_eq!(output.status.code(), Some(2), "{old}: {}", said(&output));
        assert!(said(&output).contains(expected), "{old}: {}", said(&output));
    }
    write(folder.path(), "broken.graphql", "type Query {");
    write(folder.path(), "page.html", "<!DOCTYPE html>");
    write(folder.path(), "cut.json", "{\"openapi\": \"3.0.0\", \"paths\"");
    for (file, expected) in [("broken.graphql", "SDL"), ("page.html", "HTML"), ("cut.json", "JSON")] {
        let output = run(folder.path(), &["diff", file, "v2"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(expected) && said(&output).contains(file), "{file}: {}", said(&output));
    }
}

/// The commands of a page that concern used operations, without quotes and comments.
fn documented(page: &str) -> Vec<Vec<String>> {
    let bare = |line: &'_ str| line.trim_start_matches([' ', '-']).trim_start_matches("run: ").to_owned();
    let commands = page.lines().map(bare).filter_map(|line| Some(line.strip_prefix("glabflow-codegen ")?.to_owned()));
    let commands = commands.map(|command| command.split(" #").next().unwrap_or_default().to_owned());
    let commands = commands.filter(|command| command.starts_with("used ") || command.contains("--used "));
    let base = |word: &str| word.replace('"', "").replace("$CI_MERGE_REQUEST_DIFF_BASE_SHA", "HEAD");
    commands.map(|command| command.split_whitespace().map(base).collect()).collect()
}

#[test]
fn documented_commands_find_a_removal() {
    let pages = [
        (include_str!("../../../README.md"), 2),
        (include_str!("../../../docs/diff.md"), 2),
        (include_str!("../../../docs/ci.md"), 6),
    ];
    for (page, count) in pages {
        let folder = upgraded();
        std::fs::create_dir(folder.path().join("src")).expect("a folder");
        write(folder.path(), "src/main.rs", "fn main() { gl.graphql().execute(BQuery::new()); }");
        let commands = documented(page);
        assert_eq!(commands.len(), count, "{commands:?}");
        for command in commands {
            let words: Vec<&str> = command.iter().map(String::as_str).collect();
            let output = run(folder.path(), &words);
            let fails = words.contains(&"--fail-on");
            assert_eq!(output.status.code(), Some(i32::from(fails)), "{words:?}: {}", said(&output));
            if words[0] == "diff" {
                let file =
                    words.iter().position(|word| *word == "--output").map(|at| folder.path().join(words[at + 1]));
                let report = file.map_or(said(&output), |file| std::fs::read_to_string(file).expect("a report"));
                assert!(report.contains("Query.b") && !report.contains("created with"), "{words:?}: {report}");
            }
        }
    }
}

#[test]
fn usage_list_from_another_schema_is_reported() {
    let folder = upgraded();
    write(folder.path(), "main.rs", "fn main() { gl.graphql().execute(BQuery::new()); }");
    assert!(run(folder.path(), &["used", ".", "--output", "used.json"]).status.success());
    let output = run(folder.path(), &["diff", "HEAD", "schema", "--used", "used.json"]);
    assert!(
        said(&output).contains("created with schema, which has other GraphQL operations than HEAD"),
        "{}",
        said(&output)
    );
}

#[test]
fn report_is_limited_to_used_operations() {
    let folder = upgraded();
    let at = folder.path();
    std::fs::create_dir_all(at.join("app/src")).expect("a folder");
    std::fs::create_dir_all(at.join("app/queries")).expect("a folder");
    write(at, "app/Cargo.toml", "");
    let source = |text: &str| write(at, "app/src/main.rs", text);
    let report = || {
        let used = run(at, &["used", "app/src", "--schema", "HEAD", "--output", "used.json"]);
        assert!(used.status.success(), "{}", said(&used));
        let output = run(at, &["diff", "HEAD", "schema", "--used", "used.json"]);
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };

    source("fn main() { gl.graphql().execute(AQuery::new()); }");
    let nothing = report();
    assert!(!nothing.contains("Query.b") && !nothing.contains("Color."), "{nothing}");

    source("fn main() { gl.graphql().execute(BQuery::new()); }");
    assert!(report().contains("graphql-field-removed:Query.b"));

    source("const COLOR: &str = \"query Q { c }\";");
    let color = report();
    assert!(color.contains("graphql-enum-value-added:Color.GREEN") && !color.contains("Query.b"), "{color}");

    // A derive names its document relative to the crate, here outside the scanned folder.
    write(at, "app/queries/b.graphql", "query Q { b }");
    source("#[graphql(schema_path = \"s.graphql\", query_path = \"queries/b.graphql\")] struct Q;");
    assert!(report().contains("graphql-field-removed:Query.b"));

    source("fn main( {");
    let used = run(at, &["used", "app/src", "--schema", "HEAD", "--output", "used.json"]);
    assert!(said(&used).contains("not scanned: main.rs: not Rust"), "{}", said(&used));
    for format in ["text", "json", "markdown", "junit", "html", "changelog"] {
        let output = run(at, &["diff", "HEAD", "schema", "--used", "used.json", "--format", format]);
        assert!(said(&output).contains("main.rs was not scanned"), "{format}: {}", said(&output));
    }

    write(at, "used.json", "{\"version\": 9, \"rest\": [], \"graphql\": [], \"documents\": [], \"unreadable\": []}");
    let output = run(at, &["diff", "HEAD", "schema", "--used", "used.json"]);
    assert!(output.status.code() == Some(2) && said(&output).contains("version 9"), "{}", said(&output));
}

#[test]
fn report_can_be_written_to_a_file() {
    let folder = folder();
    let output = run(folder.path(), &["diff", "v1", "v2", "--format", "html", "--output", "report.html"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{}", said(&output));
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("the report is there");
    assert!(page.starts_with("<!doctype html>"));
    let output = run(folder.path(), &["diff", "v1", "v2", "--output", "no/such/folder"]);
    assert!(output.status.code() == Some(2) && said(&output).contains("cannot write"), "{}", said(&output));
}
