//! `fetch` against the embedded fake GitLab, and against servers with bad responses.

mod folder;
mod network;
mod refused;
mod scripted;

use glabflow_codegen::fetch::{self, FetchArgs};
use glabflow_codegen::schema_dir::layout;
use glabflow_codegen::{ingest, output};
use glabflow_fake::Fake;
use glabflow_test_server::Server;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the checked-in schema, which the fake serves.
fn checked_in(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema").join(file)
}

fn small_openapi() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/openapi.json")
}

/// The arguments of `fetch`: no token, a small REST document.
fn args(url: &str, out: &Path) -> FetchArgs {
    FetchArgs {
        url: url.to_owned(),
        token_env: None,
        out: out.to_owned(),
        openapi: Some(small_openapi().display().to_string()),
        gitlab_version: None,
        edition: None,
        docs: false,
        parts: false,
        ca_file: None,
        timeout: 30,
    }
}

fn run(args: &FetchArgs) -> Result<String, String> {
    let mut out = Vec::new();
    match fetch::run(args, &mut out) {
        Ok(()) => Ok(String::from_utf8(out).expect("the summary is text")),
        Err(error) => Err(format!("{error:#}")),
    }
}

/// The error of fetching from a server. Nothing must be written.
fn refusal(server: &Server, change: impl FnOnce(&mut FetchArgs)) -> String {
    let root = tempfile::tempdir().expect("a folder");
    let mut args = args(&server.url(), &root.path().join("schema"));
    change(&mut args);
    let text = run(&args).expect_err("refused");
    assert_eq!(fs::read_dir(root.path()).expect("listed").count(), 0, "{text}");
    text
}

/// The schema without parts that introspection does not report: our own marks of the Enterprise edition and their directive.
fn introspectable(sdl: &str) -> String {
    let mut text = String::new();
    let mut rest = sdl;
    while let Some((before, after)) = rest.split_once(" @ee") {
        text.push_str(before);
        rest = after.strip_prefix('(').and_then(|after| after.split_once(')')).map_or(after, |(_, after)| after);
    }
    text.push_str(rest);
    text.lines().filter(|line| !line.starts_with("directive ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn fetched_schema_equals_the_schema_of_the_server() {
    let fake = Fake::builder().start_blocking().expect("started");
    let root = tempfile::tempdir().expect("a folder");
    let out = root.path().join("schema");
    let summary = run(&args(&fake.url(), &out)).expect("fetched");
    assert!(summary.contains("read in 2 requests"), "{summary}");
    let fetched = fs::read_to_string(out.join(layout::GRAPHQL_SCHEMA)).expect("written");
    let known = fs::read_to_string(checked_in(layout::GRAPHQL_SCHEMA)).expect("checked in");
    similar_or_say(&introspectable(&fetched), &introspectable(&known));

    let mut once_more = args(&fake.url(), &out);
    once_more.parts = true;
    let summary = run(&once_more).expect("fetched in parts");
    assert!(
        !summary.contains("read in 2 requests") && summary.contains("in parts, as --parts says; at most 64"),
        "{summary}"
    );
    assert_eq!(fs::read_to_string(out.join(layout::GRAPHQL_SCHEMA)).expect("written"), fetched);

    let manifest = fs::read_to_string(out.join("schema.toml")).expect("written");
    assert!(manifest.contains("version = \"unknown\"") && !manifest.contains("127.0.0.1"), "{manifest}");
    let folders = output::Folders { schema: out, out: root.path().join("generated") };
    assert!(output::write(&folders).expect("generated").changed.len() > 100);
}

#[test]
fn descriptions_are_fetched_only_with_docs() {
    let server = scripted::start(scripted::small);
    let root = tempfile::tempdir().expect("a folder");
    let mut args = args(&server.url(), &root.path().join("schema"));
    let schema = |args: &FetchArgs| {
        let summary = run(args).expect("fetched");
        assert!(summary.contains("GraphQL: 2 operations\n"), "{summary}");
        fs::read_to_string(args.out.join(layout::GRAPHQL_SCHEMA)).expect("written")
    };
    let facts = schema(&args);
    assert!(!facts.contains('"'), "{facts}");
    assert!(server.requests().iter().all(|request| !request.text().contains("description")));
    args.docs = true;
    let described = schema(&args);
    assert!(described.contains("Full path of the project to change."), "{described}");
    let asked = server.requests().pop().expect("asked").text();
    assert_eq!(asked.matches("name description").count(), 4, "types, fields, values, inputs: {asked}");
    assert!(fs::read_to_string(args.out.join(layout::REST_SCHEMA)).is_ok());
}

#[test]
fn reduced_selection_details_are_reported() {
    // An object with this many fields costs more than GitLab allows if the rules select all of them.
    let kind = |kind: &str, name: &str| json!({ "kind": kind, "name": name, "ofType": null });
    let field = |name: &str, of| json!({ "name": name, "args": [], "type": of, "isDeprecated": false });
    let numbers: Vec<_> = (0..300).map(|at| field(&format!("f{at}"), kind("SCALAR", "Int"))).collect();
    let object = |name: &str, fields| json!({ "kind": "OBJECT", "name": name, "fields": fields, "interfaces": [] });
    let types = json!([
        object("Query", vec![field("a", kind("OBJECT", "A"))]),
        object("A", numbers),
        { "kind": "SCALAR", "name": "Int" },
    ]);
    let schema = json!({ "queryType": { "name": "Query" }, "types": types, "directives": [] });
    let schema = json!({ "data": { "__schema": schema } }).to_string();
    let server = scripted::start(move |request| {
        let is_schema = request.contains("types { ...T }");
        if is_schema { Some((200, schema.clone())) } else { scripted::small(request) }
    });
    let root = tempfile::tempdir().expect("a folder");
    let out = root.path().join("schema");
    fs::create_dir(&out).expect("made");
    let rules = fs::read_to_string(checked_in("selection.toml")).expect("read");
    let rules = rules.replace("leaves = ", "leaves = 400 # ").replace("detail = ", "detail = 400 # ");
    fs::write(out.join("selection.toml"), format!("missing = \"ignore\"\n{rules}")).expect("written");
    let summary = run(&args(&server.url(), &out)).expect("fetched");
    let printed = summary.lines().find(|line| line.starts_with("GraphQL: 1 operations; "));
    let printed = printed.unwrap_or_else(|| panic!("{summary}"));
    assert!(printed.contains("/8 of what selection.toml allows") && printed.contains("more than 250"), "{printed}");
}

/// Compares, and shows the first lines that differ.
fn similar_or_say(found: &str, wanted: &str) {
    let differences: Vec<_> = similar::TextDiff::from_lines(wanted, found)
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .take(20)
        .map(|change| format!("{}{change}", change.tag()))
        .collect();
    assert!(differences.is_empty(), "{}", differences.concat());
}

#[test]
fn introspection_is_split_to_fit_complexity_limits() {
    let fake = Fake::builder().start_blocking().expect("started");
    let server = scripted::before(&fake, |query| {
        let parts = query.matches("__type(name:").count();
        let is_whole = query.contains("types { ...T }");
        (is_whole || parts > 20).then(|| {
            let message = "Query has complexity of 999, which exceeds max complexity of 250";
            (200, json!({"errors": [{ "message": message }]}).to_string())
        })
    });
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join("schema")).expect("made");
    fs::copy(checked_in("selection.toml"), root.path().join("schema/selection.toml")).expect("copied");
    let summary = run(&args(&server.url(), &root.path().join("schema"))).expect("fetched");
    // The checked-in rules need editions, which a server does not report.
    assert!(summary.contains("`generate` will fail until selection.toml is changed"), "{summary}");
    // 3,783 types in groups of 16, the rejected requests, the probe and the list.
    assert!(summary.contains("read in 24"), "{summary}");
    for part in [
        "the server rejects the complete query (Query has complexity of 999",
        "; at most 16 types at once, since it rejects more (Que",
    ] {
        assert!(summary.contains(part), "{summary}");
    }
    let fetched = fs::read_to_string(root.path().join("schema/graphql/schema.graphql")).expect("written");
    let known = fs::read_to_string(checked_in(layout::GRAPHQL_SCHEMA)).expect("checked in");
    similar_or_say(&introspectable(&fetched), &introspectable(&known));
}

#[test]
fn version_and_edition_are_recorded_and_other_files_kept() {
    let fake = Fake::builder().version("18.6.0-ee").start_blocking().expect("started");
    let root = tempfile::tempdir().expect("a folder");
    let out = root.path().join("schema");
    fs::create_dir_all(out.join("graphql/versions")).expect("made");
    fs::write(out.join("graphql/versions/1.graphql"), "mine").expect("written");
    let selection = fs::read_to_string(checked_in("selection.toml")).expect("read");
    fs::write(out.join("selection.toml"), &selection).expect("written");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_glabflow-codegen"))
        .args(["fetch", "--url", &fake.url(), "--token-env", "A_TOKEN", "--out"])
        .arg(&out)
        .arg("--openapi")
        .arg(small_openapi())
        .env("A_TOKEN", fake.admin_token())
        .output()
        .expect("the command starts");
    let (printed, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}");
    assert!(printed.contains("server: GitLab 18.6.0 ee"), "{printed}");
    assert!(!format!("{printed}{errors}").contains(fake.admin_token()));
    let manifest = fs::read_to_string(out.join("schema.toml")).expect("written");
    for line in ["[graphql]", "[rest]", "version = \"18.6.0\"", "edition = \"ee\"", "source = \"introspection\""] {
        assert!(manifest.contains(line), "{manifest}");
    }
    assert!(!manifest.contains(fake.admin_token()) && !manifest.contains("127.0.0.1"), "{manifest}");
    assert_eq!(fs::read_to_string(out.join("graphql/versions/1.graphql")).expect("there"), "mine");
    assert_eq!(fs::read_to_string(out.join("selection.toml")).expect("there"), selection);
}

#[test]
fn rest_document_of_another_host_is_fetched_without_the_token() {
    let server = scripted::start(scripted::small);
    let document = fs::read_to_string(small_openapi()).expect("read");
    let elsewhere = scripted::start(move |_| Some((200, document.clone())));
    let redirect = scripted::raw(format!(
        "HTTP/1.1 302 Found\r\nlocation: {}/openapi.json\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url()
    ));
    let root = tempfile::tempdir().expect("a folder");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_glabflow-codegen"))
        .args(["fetch", "--url", &server.url(), "--out", "schema", "--openapi", &redirect.url()])
        .env("GITLAB_TOKEN", "glpat-SECRET")
        .current_dir(root.path())
        .output()
        .expect("the command starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(root.path().join("schema/rest/openapi.json").is_file());
    for request in elsewhere.requests().iter().chain(&redirect.requests()) {
        let request = request.text();
        assert!(request.starts_with("GET /") && !request.to_ascii_lowercase().contains("authorization"), "{request}");
    }
    assert_eq!((elsewhere.requests().len(), redirect.requests().len()), (1, 1));
}

#[test]
fn missing_rest_document_fails_unless_none_is_requested() {
    // Without a token, the server does not report its version.
    let server = scripted::start(|request| {
        if request.starts_with("GET") { Some((401, "{}".to_owned())) } else { scripted::small(request) }
    });
    let text = refusal(&server, |args| args.openapi = None);
    assert!(text.contains("--gitlab-version") && text.contains("--openapi none"), "{text}");
    let text = refusal(&server, |args| args.openapi = Some("nowhere.json".to_owned()));
    assert!(text.contains("cannot read nowhere.json"), "{text}");
    let page = scripted::start(|_| Some((200, "<html><title>Sign in</title></html>".to_owned())));
    let text = refusal(&server, |args| args.openapi = Some(page.url()));
    assert!(text.contains("web page"), "{text}");
    let root = tempfile::tempdir().expect("a folder");
    let mut args = args(&server.url(), &root.path().join("schema"));
    args.openapi = Some("none".to_owned());
    let summary = run(&args).expect("fetched");
    assert!(summary.contains("no REST document"), "{summary}");
    assert!(!root.path().join("schema/rest").exists());
}

#[test]
fn checked_in_schema_is_unchanged_by_ingest() {
    // Otherwise the schema fetched from the fake would differ, apart from what `introspectable` removes.
    let text = fs::read_to_string(checked_in(layout::GRAPHQL_SCHEMA)).expect("checked in");
    let schema = ingest::graphql::parse(&text).expect("understood");
    assert_eq!(ingest::graphql::print(&schema), text);
    assert!(introspectable("type A @ee(since: \"1\") {\n  b: C @ee\n}").eq("type A {\n  b: C\n}"));
}
