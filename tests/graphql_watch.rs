//! Watches: each change is reported once, across errors, pages and restarts.
#![cfg(feature = "graphql-core")]

mod graphql_responder;

use glabflow::contract::graphql::ConnectionOperation;
use glabflow::graphql::operations::{projects::ProjectsQuery, types::Project};
use glabflow::graphql::{Change, ChangeStream, WatchState};
use glabflow::{Client, ErrorKind, SkippingClock, Token};
use graphql_responder::Responder;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A page of projects, each with path and name.
fn page(projects: &[(&str, &str)], next: Option<&str>) -> Value {
    let nodes: Vec<Value> = projects.iter().map(|(path, name)| json!({"fullPath": path, "name": name})).collect();
    json!({"data": {"projects": {"nodes": nodes, "pageInfo": {"endCursor": next, "hasNextPage": next.is_some()}}}})
}

async fn script(answers: Vec<Value>) -> Responder {
    Responder::start(move |_, count| answers[count.min(answers.len() - 1)].clone()).await
}

fn watch(server: &Responder) -> (ChangeStream<Project>, Arc<SkippingClock>) {
    let clock = Arc::new(SkippingClock::new(SystemTime::UNIX_EPOCH, 0.5));
    let builder = Client::builder(server.url()).token(Token::personal("glpat-example")).clock(Arc::clone(&clock));
    let client = builder.build().expect("a client");
    let key = |project: &Project| project.full_path.clone().unwrap_or_default();
    (client.graphql().watch(ProjectsQuery::new().page_size(2)).by(key), clock)
}

/// The next change in short form: `+`, `~` or `-`, and the key.
async fn next(watch: &mut ChangeStream<Project>) -> String {
    match watch.next().await.expect("no end").expect("a change") {
        Change::Created { key, item } => {
            assert_eq!(item.full_path.as_deref(), Some(key.as_str()));
            format!("+{key}")
        }
        Change::Updated { key, .. } => format!("~{key}"),
        Change::Removed { key } => format!("-{key}"),
    }
}

fn seconds(all: &[Duration]) -> Vec<u64> {
    all.iter().map(Duration::as_secs).collect()
}

#[tokio::test]
async fn changes_are_reported_once_and_shorten_the_interval() {
    let first = page(&[("a", "A"), ("b", "B")], None);
    let then = page(&[("b", "B2"), ("c", "C")], None);
    let server =
        script(vec![first.clone(), first.clone(), first.clone(), first, then.clone(), then, page(&[], None)]).await;
    let (mut watch, clock) = watch(&server);
    watch = watch.interval(Duration::from_secs(2), Duration::from_secs(7));
    for expected in ["+a", "+b", "~b", "+c", "-a", "-b", "-c"] {
        assert_eq!(next(&mut watch).await, expected);
    }
    assert_eq!(server.requests().len(), 7);
    assert_eq!(seconds(&clock.slept()), [2, 4, 7, 7, 2, 4]);
    assert!(watch.state().is_empty());
}

#[tokio::test]
async fn state_holds_only_reported_changes() {
    let now = page(&[("a", "A"), ("b", "B")], None);
    let server = script(vec![now.clone(), now.clone(), page(&[("a", "A2"), ("b", "B")], None)]).await;
    let (mut first, _) = watch(&server);
    assert_eq!(next(&mut first).await, "+a");
    let kept = first.state().to_string();
    drop(first);
    let state: WatchState = kept.parse().expect("a state");
    assert_eq!((state.len(), state.to_string()), (1, kept));
    let mut second = watch(&server).0.resume(state.clone());
    assert_eq!(next(&mut second).await, "+b", "found before, but not reported");
    assert_eq!(next(&mut second).await, "~a");
    assert!("{}".parse::<WatchState>().is_err());

    // The same operation with other variables reads another list.
    let client = Client::builder(server.url()).build().expect("a client");
    let other = client.graphql().watch(ProjectsQuery::new().search("x"));
    let mut other = other.by(|project| project.name.clone().unwrap_or_default()).resume(state);
    let error = other.next().await.expect("an error").expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(other.next().await.is_none());
}

#[tokio::test]
async fn failed_polls_are_errors_and_not_removals() {
    let now = page(&[("a", "A")], None);
    let partial =
        json!({"data": {"projects": {"nodes": []}}, "errors": [{"message": "Timeout", "path": ["projects"]}]});
    let gone = json!({"data": {"projects": null}});
    let circle = page(&[("a", "A")], Some("x"));
    let server = script(vec![now.clone(), partial, gone, circle.clone(), circle, now, page(&[], None)]).await;
    let (mut watch, clock) = watch(&server);
    assert_eq!(next(&mut watch).await, "+a");
    for kind in [ErrorKind::Timeout, ErrorKind::NotFound, ErrorKind::Paging] {
        let error = watch.next().await.expect("no end").expect_err("an error");
        assert_eq!(error.kind(), kind);
    }
    assert_eq!(next(&mut watch).await, "-a");
    assert_eq!(seconds(&clock.slept()), [2, 4, 8, 16, 32]);
}

#[tokio::test]
async fn item_missing_from_a_single_poll_is_not_removed() {
    let pages = |first: &[(&str, &str)], second: &[(&str, &str)]| [page(first, Some("x")), page(second, None)];
    let answers = [
        pages(&[("a", "A"), ("b", "B")], &[("c", "C")]),
        pages(&[("a", "A")], &[("c", "C")]),
        pages(&[("a", "A"), ("b", "B")], &[("b", "B")]),
        pages(&[("b", "B")], &[("c", "C2")]),
        pages(&[("b", "B")], &[("c", "C2")]),
    ];
    let server = script(answers.concat()).await;
    let mut watch = watch(&server).0.only_changes();
    // `b` and `c` were each missing once and came back; `a` is missing twice.
    assert_eq!(next(&mut watch).await, "~c");
    assert_eq!(next(&mut watch).await, "-a");
    assert_eq!(server.requests().len(), 10);
    assert_eq!(server.requests()[1]["variables"], json!({"after": "x", "first": 2}));
}

#[tokio::test]
async fn watch_sends_nothing_unless_polled() {
    let server = script(vec![page(&[("a", "A")], None)]).await;
    let (mut watch, clock) = watch(&server);
    assert!(server.requests().is_empty());
    assert_eq!(next(&mut watch).await, "+a");
    drop(watch);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!((server.requests().len(), clock.slept().len()), (1, 0));
}

/// The projects `p0` to `p59` in pages of the size that the request asks for. Pages of more than 30 are too costly.
fn sixty_projects(request: &Value) -> Value {
    let variables = &request["variables"];
    let first = variables["first"].as_u64().expect("a page size");
    if first > 30 {
        let score = 2 * (100 + first);
        let message = format!("Query has complexity of {score}, which exceeds max complexity of 260");
        return json!({"errors": [{"message": message}]});
    }
    let start: u64 = variables["after"].as_str().map_or(0, |cursor| cursor.parse().expect("a cursor"));
    let end = (start + first).min(60);
    let names: Vec<String> = (start..end).map(|number| format!("p{number}")).collect();
    let projects: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "name")).collect();
    page(&projects, (end < 60).then(|| end.to_string()).as_deref())
}

#[tokio::test]
async fn too_costly_pages_are_halved_and_the_watch_continues() {
    // The third reading finds another project in the place of `p59`.
    let server = Responder::start(|request, count| {
        let mut response = sixty_projects(request);
        if count >= 11 {
            let text = response.to_string().replace("p59", "new");
            response = serde_json::from_str(&text).expect("JSON");
        }
        response
    })
    .await;
    let client = Client::builder(server.url()).clock(SkippingClock::new(SystemTime::UNIX_EPOCH, 0.5));
    let client = client.build().expect("a client");
    let key = |project: &Project| project.full_path.clone().unwrap_or_default();
    let mut watch = client.graphql().watch(ProjectsQuery::new()).by(key);
    for number in 0..60 {
        assert_eq!(next(&mut watch).await, format!("+p{number}"));
    }
    for expected in ["+new", "-p59"] {
        // An item of a list of several pages is removed when it is missing twice.
        assert_eq!(next(&mut watch).await, expected);
    }
    let sizes: Vec<u64> =
        server.requests().iter().filter_map(|request| request["variables"]["first"].as_u64()).collect();
    // Each later reading starts with twice the size that worked.
    assert_eq!(sizes[..9], [100, 50, 25, 25, 25, 50, 25, 25, 25]);
    assert!(sizes[9..].iter().all(|size| *size <= 50), "{sizes:?}");
}
