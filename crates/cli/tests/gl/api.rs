//! `gl api`, against the embedded fake GitLab.

use crate::{Run, finish, gl};
use glabflow_fake::{ADMIN_TOKEN, Builder, Fake, Fault, READ_ONLY_TOKEN};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Command;
use std::time::Duration;
use tokio::net::TcpSocket;

/// Each test has its own server, so that its counters belong to the test.
fn server() -> Fake {
    start(Fake::builder().users(50).projects(12))
}

fn start(builder: Builder) -> Fake {
    builder.start_blocking().expect("a free port")
}

/// `gl api` as the administrator.
fn command(fake: &Fake, args: &[&str]) -> Command {
    let mut command = gl(&[&["api"], args].concat());
    command.env("GITLAB_URL", fake.url()).env("GITLAB_TOKEN", ADMIN_TOKEN);
    command
}

fn api(fake: &Fake, args: &[&str]) -> Run {
    finish(command(fake, args), b"")
}

fn json(fake: &Fake, args: &[&str]) -> Value {
    let stdout = api(fake, args).succeeded().stdout;
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

fn lines(run: Run) -> Vec<Value> {
    run.succeeded().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

/// The text without the parts that differ from run to run.
fn steady(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let words = line.split(' ').map(|word| match word.find("127.0.0.1:") {
            Some(at) => {
                let rest = &word[at + 10..];
                let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
                format!("{}127.0.0.1:PORT{}", &word[..at], &rest[end..])
            }
            None => word.to_owned(),
        });
        out.push_str(&words.collect::<Vec<_>>().join(" "));
        out.push('\n');
    }
    out
}

#[test]
fn an_object_is_written_in_each_format() {
    let fake = server();
    let project = json(&fake, &["get_project", "--field", "id=1"]);
    let path = project["path_with_namespace"].as_str().unwrap();
    let same = [
        vec!["get_project".to_owned(), "-F".to_owned(), format!("id={path}")],
        vec!["projects/1".to_owned()],
        vec!["GET".to_owned(), format!("/api/v4/projects/{}", path.replace('/', "%2F"))],
        vec!["/projects/:id".to_owned(), "-F".to_owned(), "id=1".to_owned()],
    ];
    for args in same {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        assert_eq!(json(&fake, &args)["id"], 1, "{args:?}");
    }
    let line = api(&fake, &["projects/1", "--format", "ndjson"]).succeeded().stdout;
    assert_eq!(line.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), project);
    let table =
        api(&fake, &["projects/1", "--format", "table", "--columns", "id,path_with_namespace"]).succeeded().stdout;
    assert_eq!(table, format!("id                   1\npath_with_namespace  {path}\n"));
}

#[test]
fn lists_are_written_as_tables() {
    let fake = server();
    let table = |args: &[&str]| api(&fake, args).succeeded().stdout;
    insta::assert_snapshot!("users", steady(&table(&["list_users", "--limit", "4", "--format", "table"])));
    insta::assert_snapshot!("projects", steady(&table(&["list_projects", "--limit", "4", "--format", "table"])));
    insta::assert_snapshot!(
        "columns",
        table(&["projects", "--limit", "3", "--columns", "id,namespace.full_path,topics"])
    );
}

#[test]
fn all_pages_of_a_list_are_read() {
    let fake = start(Fake::builder().users(1_234));
    for more in [&[][..], &["--concurrency", "4"]] {
        let users = lines(api(&fake, &[&["list_users", "--paginate", "--format", "ndjson"], more].concat()));
        let unique: HashSet<i64> = ids(&users).into_iter().collect();
        assert_eq!((users.len(), unique.len()), (1_234, 1_234));
    }
    let all = json(&fake, &["list_users", "--paginate"]);
    assert_eq!(all.as_array().unwrap().len(), 1_234);
    let table = api(&fake, &["list_users", "--paginate", "--format", "table"]).succeeded().stdout;
    assert_eq!(table.lines().count(), 1_235);
    assert_eq!(json(&fake, &["users", "--paginate", "--field", "search=nobody at all"]), Value::Array(vec![]));
}

#[test]
fn a_note_reports_further_pages() {
    let fake = server();
    let page = api(&fake, &["list_users"]).succeeded();
    assert_eq!(serde_json::from_str::<Vec<Value>>(&page.stdout).unwrap().len(), 20);
    assert_eq!(page.stderr, "note: this is one page of 3, of a list with 50 items; --paginate reads the whole list\n");
    assert_eq!(api(&fake, &["list_users", "--field", "per_page=50"]).succeeded().stderr, "");
}

#[test]
fn a_limit_reads_no_more_pages_than_necessary() {
    let fake = start(Fake::builder().users(500));
    let first = ids(json(&fake, &["list_users", "--field", "per_page=100"]).as_array().unwrap());
    fake.forget_requests();
    let some = lines(api(&fake, &["list_users", "--limit", "150", "--format", "ndjson"]));
    assert_eq!(some.len(), 150);
    assert_eq!(ids(&some)[..100], first, "in the list's own order");
    assert_eq!(fake.requests().total, 2);
    fake.forget_requests();
    assert_eq!(lines(api(&fake, &["list_users", "--limit", "3", "--format", "ndjson"])).len(), 3);
    assert!(fake.requests().log[0].query.contains("per_page=3"), "{:?}", fake.requests().log);
    assert_eq!(json(&fake, &["list_users", "--limit", "0"]), Value::Array(vec![]));
    assert_eq!(fake.requests().total, 1);
}

#[test]
fn an_incomplete_list_is_not_closed() {
    let fake = start(Fake::builder().users(500).fail_on("GET /users", 2, 1, Fault::InvalidJson));
    let run = api(&fake, &["list_users", "--paginate"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.starts_with("gl: list_users: the response does not have the expected shape"), "{}", run.stderr);
    assert!(serde_json::from_str::<Value>(&run.stdout).is_err());
    let whole: Vec<Value> = serde_json::from_str(&format!("{}]", run.stdout)).unwrap();
    assert_eq!(whole.len(), 200);
}

#[test]
fn things_are_created_changed_and_removed() {
    let fake = server();
    let issue = json(&fake, &["POST", "projects/1/issues", "-F", "title=From the command line", "-F", "labels=bug"]);
    assert_eq!((&issue["title"], &issue["labels"]), (&"From the command line".into(), &serde_json::json!(["bug"])));
    let iid = format!("issue_iid={}", issue["iid"]);

    let changed = finish(
        command(&fake, &["update_issue", "-F", "id=1", "-F", &iid, "--input", "-"]),
        br#"{"title": "By hand", "state_event": "close"}"#,
    );
    let changed: Value = serde_json::from_str(&changed.succeeded().stdout).unwrap();
    assert_eq!((&changed["title"], &changed["state"]), (&"By hand".into(), &"closed".into()));

    let removed = api(&fake, &["DELETE", "projects/1/issues/:issue_iid", "-F", &iid]).succeeded();
    assert_eq!((removed.stdout.as_str(), removed.stderr.as_str()), ("", ""));
    assert!(api(&fake, &["get_issue", "-F", "id=1", "-F", &iid]).failed(3).contains("404"));
}

#[test]
fn mistakes_send_nothing() {
    let fake = server();
    let cases: [(&[&str], &str); 6] = [
        (&["list_projects", "-F", "archive=true"], "(did you mean `archived`?)"),
        (&["list_projects", "-F", "archived=maybe"], "must be true or false"),
        (&["list_project_issues"], "list_project_issues requires --field id=... (id or full path)"),
        (&["lst_projects"], "(did you mean `list_projects`?)"),
        (&["get_project", "-F", "id=1", "--paginate"], "does not respond with a list"),
        (&["list_projects", "--format", "json", "--columns", "id"], "--columns requires --format table"),
    ];
    for (args, message) in cases {
        let stderr = api(&fake, args).failed(2);
        assert!(stderr.contains(message), "{args:?}: {stderr}");
    }
    assert_eq!(fake.requests().total, 0);
    assert!(finish(gl(&["api", "version", "--url", "ftp://example.com"]), b"").failed(2).contains("https://"));
}

#[test]
fn exit_codes_distinguish_failures() {
    let fake = server();
    assert!(api(&fake, &["projects/999999"]).failed(3).contains("not visible to this token"));
    let mut unknown = command(&fake, &["user"]);
    unknown.env("GITLAB_TOKEN", "glpat-unknown");
    assert!(finish(unknown, b"").failed(4).contains("401"));
    let mut reader = command(&fake, &["POST", "projects/1/issues", "-F", "title=x"]);
    reader.env("GITLAB_TOKEN", READ_ONLY_TOKEN);
    assert!(finish(reader, b"").failed(4).contains("403"));

    let wait = Duration::from_secs(3_600);
    let limited = start(Fake::builder().fail_on("GET /version", 0, 100, Fault::RateLimited).retry_after(wait));
    assert!(api(&limited, &["version", "--timeout", "1m"]).failed(5).contains("get_version"));

    let broken = start(Fake::builder().users(2).fail_on("GET /version", 0, 1, Fault::InvalidJson));
    assert!(api(&broken, &["version"]).failed(1).contains("get_version"));

    // A reserved port on which nobody listens.
    let closed = TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let gone = format!("http://{}", closed.local_addr().unwrap());
    let unreachable = finish(gl(&["api", "POST", "projects/1/star", "--url", &gone, "--timeout", "1ms"]), b"");
    assert_eq!(unreachable.code, 1, "{}", unreachable.stderr);
}

#[test]
fn tokens_are_never_shown() {
    let fake = server();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("{ADMIN_TOKEN}\n")).unwrap();
    let path = file.path().to_str().unwrap();
    let mut by_file = command(&fake, &["user", "--token-file", path, "--verbose", "--include"]);
    by_file.env_remove("GITLAB_TOKEN");
    let by_file = finish(by_file, b"").succeeded();
    let failed = api(&fake, &["projects/999999", "-v", "-f", "private_token=glpat-hidden", "-f", "password=hunter2"]);
    assert_eq!(failed.code, 3);
    assert!(failed.stderr.contains("get_project GET http://127.0.0.1"), "{}", failed.stderr);
    for secret in [ADMIN_TOKEN, "glpat-hidden", "hunter2"] {
        for run in [&by_file, &failed] {
            assert!(!run.stderr.contains(secret) && !run.stdout.contains(secret), "{secret}: {run:?}");
        }
    }
}

#[test]
fn a_job_token_stays_with_its_server() {
    let (job, other) = (server(), server());
    let run = |url: Option<&str>| {
        let mut command = gl(&["api", "version"]);
        command.env("CI_SERVER_URL", job.url()).env("CI_JOB_TOKEN", glabflow_fake::JOB_TOKEN);
        if let Some(url) = url {
            command.args(["--url", url]);
        }
        finish(command, b"")
    };
    run(None);
    run(Some(&other.url()));
    assert!(job.requests().log[0].token.is_some());
    assert!(other.requests().log[0].token.is_none());
}

#[test]
fn status_headers_and_requests_are_reported_on_stderr() {
    let fake = server();
    let run = api(&fake, &["list_users", "--limit", "2", "--include", "--verbose", "--format", "ndjson"]).succeeded();
    assert_eq!(run.stdout.lines().count(), 2);
    assert!(run.stderr.contains("list_users GET http://127.0.0.1"), "{}", run.stderr);
    assert!(run.stderr.contains("200\n") && run.stderr.contains("\nx-request-id: "), "{}", run.stderr);
}

#[test]
fn head_requests_headers_only() {
    let fake = server();
    let run = api(&fake, &["HEAD", "projects/1", "--include"]).succeeded();
    assert_eq!(run.stdout, "");
    assert!(run.stderr.starts_with("200\n") && !run.stderr.contains("note:"), "{}", run.stderr);
}

#[test]
fn files_are_streamed() {
    let fake = server();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("trace.txt");
    let jobs = json(&fake, &["list_project_jobs", "-F", "id=1", "--limit", "1"]);
    let trace = format!("projects/1/jobs/{}/trace", jobs[0]["id"]);
    let text = api(&fake, &[&trace]).succeeded().stdout;
    assert!(!text.is_empty());
    let saved = api(&fake, &[&trace, "--output", target.to_str().unwrap()]).succeeded();
    assert_eq!((saved.stdout.as_str(), fs::read_to_string(&target).unwrap()), ("", text));
    let listed = folder.path().join("users.json");
    api(&fake, &["list_users", "--limit", "2", "-o", listed.to_str().unwrap()]).succeeded();
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&fs::read(&listed).unwrap()).unwrap().len(), 2);
}

#[test]
fn files_are_uploaded() {
    let fake = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    fs::write(&file, "some notes").unwrap();
    let upload = json(&fake, &["POST", "projects/1/uploads", "-F", &format!("file=@{}", file.display())]);
    assert!(upload["markdown"].as_str().unwrap().contains("notes"), "{upload}");
    let stderr = api(&fake, &["POST", "projects/1/uploads", "-F", "file=notes.txt"]).failed(2);
    assert!(stderr.contains("write `@PATH` as its value"), "{stderr}");
}

#[test]
fn paths_outside_the_schema_are_sent_unchanged() {
    let fake = server();
    let run = api(&fake, &["new/thing?deep=true", "-F", "a=1"]);
    assert_eq!(run.code, 3);
    assert!(!run.stderr.contains("note:"), "{}", run.stderr);
    let run = api(&fake, &["POST", "new/thing"]);
    assert!(run.stderr.starts_with("note: the schema does not know `new/thing`"), "{}", run.stderr);
    let log = fake.requests().log;
    assert_eq!((log[0].path.as_str(), log[0].query.as_str()), ("/api/v4/new/thing", "deep=true&a=1"));
}

#[test]
fn a_closed_pipe_ends_the_list_quietly() {
    let fake = start(Fake::builder().users(20_000));
    let mut child = command(&fake, &["list_users", "--paginate", "--format", "ndjson"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with('{'));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
    assert!(fake.requests().total < 100, "most of the list was not read");
}

#[test]
fn faults_lose_no_items() {
    let fake = start(Fake::builder().users(700).fail_rate(0.2).retry_after(Duration::ZERO).seed(3));
    let users = lines(api(&fake, &["list_users", "--paginate", "--format", "ndjson"]));
    let unique: HashSet<i64> = ids(&users).into_iter().collect();
    assert_eq!((users.len(), unique.len()), (700, 700));
}
