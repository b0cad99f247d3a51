//! `gl graphql`, against the embedded fake GitLab.

use crate::{Run, finish, gl, run};
use glabflow_fake::{ADMIN_TOKEN, Builder, Fake, Fault, READ_ONLY_TOKEN};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Command;

/// All users, page by page.
const USERS: &str = "query Users($after: String, $first: Int) { users(after: $after, first: $first) { \
                     nodes { id username } pageInfo { endCursor hasNextPage } } }";

/// Each test has its own server, so that its counters belong to the test.
fn server() -> Fake {
    start(Fake::builder().users(50).projects(12))
}

fn start(builder: Builder) -> Fake {
    builder.start_blocking().expect("a free port")
}

/// `gl graphql` as the administrator.
fn command(fake: &Fake, args: &[&str]) -> Command {
    let mut command = gl(&[&["graphql"], args].concat());
    command.env("GITLAB_URL", fake.url()).env("GITLAB_TOKEN", ADMIN_TOKEN);
    command
}

fn graphql(fake: &Fake, args: &[&str]) -> Run {
    finish(command(fake, args), b"")
}

fn json(fake: &Fake, args: &[&str]) -> Value {
    let stdout = graphql(fake, args).succeeded().stdout;
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `fullPath=...` of the first project.
fn project(fake: &Fake) -> String {
    let projects = json(fake, &["{ projects(first: 1) { nodes { fullPath } } }"]);
    format!("fullPath={}", projects["projects"]["nodes"][0]["fullPath"].as_str().unwrap())
}

#[test]
fn documents_are_read_from_all_places() {
    let fake = server();
    let text = "query Me($with: Boolean!) { currentUser { username id @include(if: $with) } }";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("me.graphql");
    fs::write(&path, text).unwrap();
    fs::write(folder.path().join("me.json"), "{\"with\": true}").unwrap();
    let expected = json!({"currentUser": {"username": "root", "id": "gid://gitlab/User/1"}});

    assert_eq!(json(&fake, &[text, "--var", "with=true"]), expected);
    assert_eq!(json(&fake, &[path.to_str().unwrap(), "-F", "with=true"]), expected);
    assert_eq!(json(&fake, &["@me", "--saved", folder.path().to_str().unwrap()]), expected);
    let mut saved = command(&fake, &["@me", "--var", "with=false", "--format", "ndjson"]);
    saved.env("GLABFLOW_QUERIES", folder.path());
    assert_eq!(finish(saved, b"").succeeded().stdout, "{\"currentUser\":{\"username\":\"root\"}}\n");
    let piped = finish(command(&fake, &["-", "--var", "with=true"]), text.as_bytes()).succeeded().stdout;
    assert_eq!(serde_json::from_str::<Value>(&piped).unwrap(), expected);
}

#[test]
fn an_operation_writes_its_output() {
    let fake = server();
    let path = project(&fake);
    assert_eq!(format!("fullPath={}", json(&fake, &["project", "--var", &path])["fullPath"].as_str().unwrap()), path);
    let page = graphql(&fake, &["users", "--var", "first=4"]).succeeded();
    assert_eq!(serde_json::from_str::<Vec<Value>>(&page.stdout).unwrap().len(), 4);
    assert_eq!(page.stderr, "note: this is one page of several; --paginate reads the whole connection\n");
    insta::assert_snapshot!(
        graphql(&fake, &["users", "--limit", "3", "--columns", "id,username,state"]).succeeded().stdout
    );
    let chosen = graphql(&fake, &["project_issues", "--var", &path, "--limit", "1", "--format", "table"]);
    assert!(chosen.succeeded().stdout.starts_with("ID "), "useful columns come first");
}

#[test]
fn mutations_have_an_effect() {
    let fake = server();
    let path = project(&fake);
    let path = path.replace("fullPath", "projectPath");
    let made = json(&fake, &["create_issue", "--var", &path, "--var", "title=From here", "--var", "confidential=true"]);
    assert_eq!((&made["issue"]["title"], &made["issue"]["confidential"]), (&"From here".into(), &true.into()));
    let iid = made["issue"]["iid"].as_str().unwrap();
    let update = ["update_issue", "--var", &path, "--var", &format!("iid={iid}"), "--var", "title=Changed"];
    assert_eq!(json(&fake, &update)["issue"]["title"], "Changed");

    let rejected = graphql(&fake, &["create_issue", "--var", "projectPath=no/such", "--var", "title=x"]);
    assert!(rejected.failed(3).contains("does not exist or you don't have permission"));
    let mut reader = command(&fake, &["create_issue", "--var", &path, "--var", "title=x"]);
    reader.env("GITLAB_TOKEN", READ_ONLY_TOKEN);
    assert_ne!(finish(reader, b"").code, 0);
}

#[test]
fn errors_in_a_payload_are_failures() {
    let fake = server();
    let path = project(&fake).replace("fullPath", "projectPath");
    let run = graphql(&fake, &["create_issue", "--var", &path, "--var", "title="]);
    assert_eq!(run.code, 1, "{run:?}");
    let payload: Value = serde_json::from_str(&run.stdout).unwrap();
    let reason = payload["errors"][0].as_str().unwrap();
    assert_eq!(run.stderr, format!("gl: {reason}\ngl: the mutation failed\n"));
}

#[test]
fn all_pages_of_a_connection_are_read() {
    let fake = start(Fake::builder().users(1_234));
    let users = lines(&graphql(&fake, &[USERS, "--paginate", "--format", "ndjson"]).succeeded().stdout);
    let unique: HashSet<&str> = users.iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!((users.len(), unique.len()), (1_234, 1_234));
    assert_eq!(json(&fake, &["users", "--paginate"]).as_array().unwrap().len(), 1_234);
    assert_eq!(json(&fake, &["users", "--paginate", "users", "--limit", "150"]).as_array().unwrap().len(), 150);
    let table = graphql(&fake, &[USERS, "--paginate", "users", "--format", "table"]).succeeded().stdout;
    assert_eq!(table.lines().count(), 1_235);
    fake.forget_requests();
    assert_eq!(json(&fake, &[USERS, "--limit", "250"]).as_array().unwrap().len(), 250);
    assert_eq!(fake.requests().of("graphql"), 3);
    fake.forget_requests();
    assert_eq!(json(&fake, &[USERS, "--limit", "0"]), Value::Array(vec![]));
    assert_eq!(fake.requests().total, 0);
}

#[test]
fn an_incomplete_connection_is_not_closed() {
    let fake = start(Fake::builder().users(500).fail_on("POST /api/graphql", 2, 1, Fault::InvalidJson));
    let run = graphql(&fake, &[USERS, "--paginate"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(serde_json::from_str::<Value>(&run.stdout).is_err());
    let whole: Vec<Value> = serde_json::from_str(&format!("{}]", run.stdout)).unwrap();
    assert_eq!(whole.len(), 200);
}

#[test]
fn partial_data_is_written_and_errors_are_reported() {
    let broken = || Fault::GraphqlError("users.nodes.publicEmail".to_owned());
    let fake = start(Fake::builder().users(3).fail_on("POST /api/graphql", 0, 2, broken()));
    let run = graphql(&fake, &["{ users { nodes { id publicEmail } } }"]);
    assert_eq!(run.code, 1);
    let data: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(data["users"]["nodes"].as_array().unwrap().len(), 3);
    assert!(run.stderr.ends_with("gl: the response is incomplete\n"), "{}", run.stderr);
    assert!(run.stderr.contains("users.nodes"), "{}", run.stderr);

    let stream = graphql(&fake, &[&USERS.replace("username", "publicEmail"), "--paginate"]);
    assert_eq!(stream.code, 1);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&stream.stdout).unwrap().len(), 3, "the list is complete");
    assert!(stream.stderr.ends_with("gl: the response is incomplete\n"), "{}", stream.stderr);
}

#[test]
fn invalid_calls_are_explained_and_not_sent() {
    let fake = server();
    let two = "query($after: String) { a: users(after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } \
               projects { nodes { id } } }";
    let cases: [(&[&str], &str); 13] = [
        (&["{ currentUsr { id } }"], "1:3: currentUsr: `Query` has no field `currentUsr`; did you mean `currentUser`?"),
        (&["{ currentUser { id"], "the document: "),
        (&["project_pipeline"], "there is no operation `project_pipeline`; did you mean"),
        (&["project_pipelines"], "$fullPath: needs a value: ID!"),
        (&["project_pipelines", "--var", "fulPath=a"], "; did you mean `fullPath`?"),
        (&["project_pipelines", "--var", "fullPath=a", "--var", "first=ten"], "$first: is Int, not a string"),
        (&["@me"], "hint: set it with --saved DIR or GLABFLOW_QUERIES"),
        (&["project", "--var", "fullPath=a", "--paginate"], "selects no connection"),
        (&["{ users { nodes { id } } }", "--paginate"], "select `pageInfo { endCursor hasNextPage }` in it"),
        (&[two, "--paginate"], "several connections: `a`, `projects`"),
        (&[two, "--paginate", "b"], "there is no connection at `b`"),
        (&["create_issue", "--var", "projectPath=a", "--var", "title=b", "--limit", "1"], "require a query"),
        (&["users", "--format", "json", "--columns", "id"], "--columns requires --format table"),
    ];
    for (args, message) in cases {
        let stderr = graphql(&fake, args).failed(2);
        assert!(stderr.contains(message), "{args:?}: {stderr}");
    }
    assert_eq!(fake.requests().total, 0);
    let subscription = graphql(&fake, &["issue_crm_contacts_updated", "--var", "issuableId=gid://gitlab/Issue/1"]);
    assert!(subscription.failed(2).contains("subscriptions do not go over HTTP"));
}

#[test]
fn a_dry_run_sends_nothing_and_reports_the_cost() {
    let fake = server();
    let args = ["project_issues", "--var", "fullPath=a/b", "--var", "first=20", "--paginate", "--dry-run"];
    let plan = graphql(&fake, &args).succeeded().stdout;
    assert!(plan.starts_with("query ProjectIssuesQuery("), "{plan}");
    let comments: Vec<&str> = plan.lines().filter(|line| line.starts_with('#')).collect();
    insta::assert_snapshot!(comments.join("\n"));
    // The output is still a document.
    let again = finish(command(&fake, &["-", "--var", "fullPath=a/b", "--dry-run"]), plan.as_bytes()).succeeded();
    assert!(again.stdout.starts_with("query ProjectIssuesQuery("));

    let plan = json(&fake, &["{ currentUser { id } }", "--dry-run", "--format", "json"]);
    assert_eq!((&plan["kind"], &plan["depth"], &plan["limits"]["depth"]), (&"query".into(), &2.into(), &20.into()));
    assert_eq!(plan["parts"][0]["path"], "currentUser");

    let aliases: String = (0..60).map(|at| format!("p{at}: projects {{ nodes {{ id name }} }} ")).collect();
    let costly = graphql(&fake, &[&format!("{{ {aliases} }}"), "--dry-run"]);
    assert_eq!(costly.code, 1, "{}", costly.stderr);
    assert!(costly.stdout.contains(" of 250, exceeds the limit\n"), "{}", costly.stdout);
    assert_eq!(costly.stderr, "gl: the estimated cost of the document exceeds GitLab's limits\n");
    assert_eq!(fake.requests().total, 0);
}

#[test]
fn exit_codes_distinguish_failures() {
    let fake = server();
    assert!(graphql(&fake, &["project", "--var", "fullPath=no/such"]).failed(3).contains("project: "));
    assert_eq!(json(&fake, &["{ project(fullPath: \"no/such\") { id } }"]), json!({"project": null}));
    let mut unknown = command(&fake, &["{ currentUser { id } }"]);
    unknown.env("GITLAB_TOKEN", "glpat-unknown");
    let stderr = finish(unknown, b"").failed(4);
    assert!(!stderr.contains("glpat-unknown"), "{stderr}");

    let small = start(Fake::builder().users(5).complexity_limit(5));
    let stderr = graphql(&small, &["{ users { nodes { id username } } }"]).failed(1);
    assert!(stderr.starts_with("estimated cost: "), "the most expensive parts are explained: {stderr}");
    assert!(stderr.contains("users.nodes") && stderr.contains("exceeds max complexity of 5"), "{stderr}");
}

#[test]
fn a_closed_pipe_ends_the_connection_quietly() {
    let fake = start(Fake::builder().users(20_000));
    let mut child = command(&fake, &[USERS, "--paginate", "--format", "ndjson"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with('{'));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
    assert!(fake.requests().total < 100, "most of the connection was not read");
}

#[test]
fn operations_are_found() {
    let table = run(&["graphql", "operations", "project", "PIPELINES", "--kind", "query"]).succeeded().stdout;
    insta::assert_snapshot!(table);
    let all = run(&["graphql", "operations", "--format", "ndjson"]).succeeded().stdout;
    assert!(all.lines().count() > 1_000);
    let mutations =
        lines(&run(&["graphql", "operations", "--kind", "mutation", "--format", "ndjson"]).succeeded().stdout);
    assert!(mutations.len() > 100);
    assert!(mutations.iter().all(|operation| operation["kind"] == "mutation"));
    let none = run(&["graphql", "operations", "no", "such", "thing"]).succeeded();
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "no operation contains all of: no such thing\n"));
}

#[test]
fn one_operation_is_shown() {
    insta::assert_snapshot!("query", run(&["graphql", "show", "project_pipelines"]).succeeded().stdout);
    let mutation = run(&["graphql", "show", "create_issue"]).succeeded().stdout;
    assert!(mutation.contains("the variables are the fields of `$input`"), "{mutation}");
    let shown = run(&["graphql", "show", "project_pipelines", "--format", "json"]).succeeded().stdout;
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap()["path"], json!(["project", "pipelines"]));
    let stderr = run(&["graphql", "show", "project_pipelins"]).failed(2);
    assert!(stderr.contains("; did you mean `project_pipelines`?"), "{stderr}");
}
