//! Loaders: the number of requests that they need, and the value of each key.
#![cfg(feature = "graphql-core")]

mod graphql_responder;

use glabflow::graphql::{LoaderSpec, Loaders};
use glabflow::{Client, ErrorKind, SkippingClock, Token};
use graphql_responder::Responder;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::time::SystemTime;

/// The aliases of a document, with their fields and the values of their variables.
fn aliases(request: &Value) -> Vec<(String, String, Vec<Value>)> {
    let text = request["query"].as_str().expect("a document");
    let fields = text.lines().filter(|line| line.starts_with('k'));
    fields
        .map(|line| {
            let (alias, rest) = line.split_once(": ").expect("an alias");
            let field = rest.split(['(', ' ']).next().expect("a field");
            let value = |number: usize| request["variables"].get(format!("{alias}_{number}"));
            (alias.to_owned(), field.to_owned(), (0..).map_while(value).cloned().collect())
        })
        .collect()
}

fn exists(path: &str) -> bool {
    !path.contains("missing")
}

fn found(path: &str) -> Value {
    let path = path.to_lowercase();
    if exists(&path) {
        json!({"id": format!("gid://gitlab/Project/{}", path.len()), "fullPath": path})
    } else {
        Value::Null
    }
}

/// Responds as GitLab does: lists are in another order than the keys, and omit missing ones.
fn gitlab(request: &Value) -> Value {
    let mut data = Map::new();
    let mut errors = Vec::new();
    for (alias, field, values) in aliases(request) {
        let listed = |key: &str, values: &Value| {
            let texts = values.as_array().expect("a list").iter().rev().map(|value| value.as_str().expect("text"));
            let nodes: Vec<Value> = texts
                .filter(|text| exists(text))
                .map(|text| json!({"glabflowKey": text.to_lowercase(), key: text.to_lowercase(), "id": "gid://gitlab/X/1"}))
                .collect();
            json!({"nodes": nodes})
        };
        let answer = match field.as_str() {
            "groups" => listed("fullPath", &values[0]),
            "projects" => listed("fullPath", &values[0]),
            "users" => listed("username", &values[0]),
            "project" if values.get(1).is_some_and(Value::is_string) => json!({"mergeRequest": null}),
            "project" if values.len() > 1 => json!({"issues": listed("iid", &values[1])}),
            "project" | "group" => {
                let path = values[0].as_str().expect("a path");
                if path.contains("broken") {
                    errors.push(json!({"message": "Internal server error", "path": [alias]}));
                }
                if path.contains("broken") { Value::Null } else { found(path) }
            }
            other => panic!("unexpected field {other}"),
        };
        data.insert(alias, answer);
    }
    json!({"data": data, "errors": errors})
}

async fn server() -> Responder {
    Responder::start(|request, _| gitlab(request)).await
}

fn loaders(server: &Responder) -> Loaders {
    let clock = SkippingClock::new(SystemTime::UNIX_EPOCH, 0.5);
    let builder = Client::builder(server.url()).token(Token::personal("glpat-example")).clock(clock);
    builder.build().expect("a client").graphql().loaders()
}

fn project() -> LoaderSpec<String, Value> {
    LoaderSpec::field("project").argument("fullPath", "ID!").folded().select("id fullPath")
}

/// Rejects a document because of the first value that contains `bad`, with GitLab's message.
fn picky(request: &Value) -> Value {
    let variables = request["variables"].as_object().expect("variables");
    let bad = variables.iter().find(|(_, value)| value.to_string().contains("bad"));
    match bad {
        Some((name, _)) => {
            let message = format!("Variable ${name} of type ID! was provided invalid value");
            json!({"errors": [{"message": message, "extensions": {"value": "bad", "problems": []}}]})
        }
        None => gitlab(request),
    }
}

#[tokio::test]
async fn rejected_key_fails_without_affecting_others() {
    let listed = LoaderSpec::field("projects").by_list("fullPaths", "[ID!]", "fullPath").select("id fullPath");
    for spec in [project(), listed] {
        let server = Responder::start(|request, _| picky(request)).await;
        let loader = loaders(&server).loader(spec);
        let keys = (0..20)
            .map(|number| if number == 7 || number == 12 { format!("bad{number}") } else { format!("p{number}") });
        let keys: Vec<String> = keys.collect();
        let results = loader.load_all(keys.clone()).await;
        for (key, result) in keys.iter().zip(results) {
            match result {
                Err(error) => {
                    assert!(key.contains("bad") && error.to_string().contains("invalid value"), "{key}: {error}")
                }
                Ok(project) => assert_eq!(project.expect("a project")["fullPath"], **key),
            }
        }
    }
}

#[tokio::test]
async fn two_hundred_projects_need_four_requests() {
    let server = server().await;
    let loaders = loaders(&server);
    let loader = loaders.projects_by_path();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..200 {
        let loader = loader.clone();
        tasks.spawn(async move { (number, loader.load(format!("Group/p{number}")).await) });
    }
    while let Some(task) = tasks.join_next().await {
        let (number, project) = task.expect("no panic");
        let project = project.expect("a response").expect("a project");
        assert_eq!(project.full_path, Some(format!("group/p{number}")));
    }
    assert_eq!(server.requests().len(), 4);
    for request in server.requests() {
        assert_eq!(aliases(&request)[0].2[0].as_array().expect("paths").len(), 50);
        assert!(request["query"].as_str().expect("a document").chars().count() <= 10_000);
    }
    let statistics = loaders.statistics();
    assert_eq!((statistics.loads, statistics.requests, statistics.batches), (200, 4, 1));
}

#[tokio::test]
async fn lookups_of_different_kinds_share_a_document() {
    let server = server().await;
    let loaders = loaders(&server);
    let (groups, users, issues) = (loaders.groups_by_path(), loaders.users_by_username(), loaders.issues());
    let keys = [("a/b".to_owned(), 1), ("c/d".to_owned(), 1), ("A/b".to_owned(), 2)];
    let (group, user, found) = tokio::join!(groups.load("g"), users.load("Root"), issues.load_all(keys));
    assert_eq!(group.expect("a response").expect("a group").full_path.as_deref(), Some("g"));
    assert_eq!(user.expect("a response").expect("a user").username.as_deref(), Some("root"));
    let iids: Vec<_> = found.into_iter().map(|issue| issue.expect("a response").expect("an issue").iid).collect();
    assert_eq!(iids, ["1", "1", "2"].map(|iid| Some(iid.to_owned())));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    // A group, a list of users, and the issues of two projects.
    assert_eq!(aliases(&requests[0]).len(), 4);
}

#[tokio::test]
async fn errors_are_assigned_to_their_keys() {
    let server = server().await;
    let loader = loaders(&server).loader(project());
    let results = loader.load_all(["fine", "broken", "missing", "FINE"]).await;
    let [fine, broken, missing, again] = results.try_into().expect("four results");
    let fine = fine.expect("a response");
    assert_eq!(fine.as_ref().expect("a project")["fullPath"], "fine");
    let error = broken.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(error.graphql_errors().len(), 1);
    assert_eq!(missing.expect("a response"), None);
    assert_eq!(again.expect("a response"), fine);
    assert_eq!(server.requests().len(), 1);
    assert_eq!(loader.statistics().joined, 1);
}

#[tokio::test]
async fn batch_is_halved_if_the_document_is_too_complex() {
    let server = Responder::start(|request, _| {
        let score = aliases(request).len() * 50;
        if score <= 250 {
            return gitlab(request);
        }
        let message = format!("Query has complexity of {score}, which exceeds max complexity of 250");
        json!({"errors": [{"message": message}]})
    })
    .await;
    let loader = loaders(&server).loader(project());
    for (number, result) in loader.load_all((0..16).map(|number| format!("p{number}"))).await.into_iter().enumerate() {
        assert_eq!(result.expect("a response").expect("a project")["fullPath"], format!("p{number}"));
    }
    // 16, 8, 8, 4, 4, 4, 4
    assert_eq!(server.requests().len(), 7);
    loader.load_all((16..26).map(|number| format!("p{number}"))).await;
    assert_eq!((server.requests().len(), loader.statistics().splits), (9, 3), "it has learned that five fit");
}

#[tokio::test]
async fn failed_request_fails_all_its_keys() {
    let refuse = |_: &Value, _| json!({"errors": [{"message": "Query has complexity of 300, which exceeds max complexity of 250"}]});
    let server = Responder::start(refuse).await;
    let error = loaders(&server).loader(project()).load("p").await.expect_err("an error");
    assert_eq!((error.kind(), server.requests().len()), (ErrorKind::Complexity, 1));

    let server = Responder::start(|_, _| json!({"errors": [{"message": "Invalid token"}]})).await;
    let results = loaders(&server).loader(project()).load_all(["a", "b"]).await;
    assert_eq!(server.requests().len(), 1);
    for result in results {
        let error = result.expect_err("an error");
        assert!(error.is_unauthorized() && std::error::Error::source(&error).is_some());
    }
}

#[tokio::test]
async fn invalid_specs_and_keys_are_rejected_before_sending() {
    let server = server().await;
    let loaders = loaders(&server);
    let broken = LoaderSpec::field("project").argument("fullPath", "ID!").select::<String, Value>("id {");
    let short = LoaderSpec::field("project").argument("fullPath", "ID!").select::<(String, i64), Value>("id");
    let error = loaders.loader(broken).load("a").await.expect_err("no selection");
    assert_eq!(error.kind(), ErrorKind::Argument);
    let error = loaders.loader(short).load(("a".to_owned(), 1)).await.expect_err("a part too many");
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn cached_keys_are_not_requested() {
    let server = server().await;
    let loader = loaders(&server).loader(project()).cached();
    loader.prime("known", Some(json!(1)));
    assert_eq!(loader.load("KNOWN").await.expect("a response"), Some(json!(1)));
    assert_eq!(loader.load("missing").await.expect("a response"), None);
    assert_eq!(loader.load("missing").await.expect("a response"), None);
    assert_eq!(server.requests().len(), 1);
    loader.clear("missing");
    assert_eq!(loader.load("missing").await.expect("a response"), None);
    assert_eq!((server.requests().len(), loader.statistics().cached), (2, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_key_gets_its_own_value(
        paths in prop::collection::vec("(missing|a|B|long-name)/[a-cA-C]{1,2}", 0..120),
        batch in 1_usize..60,
        by_list: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let server = server().await;
            let loaders = loaders(&server).batch(batch);
            let list = || LoaderSpec::field("projects").by_list("fullPaths", "[String!]", "fullPath").folded().select("id fullPath");
            let loader = loaders.loader(if by_list { list() } else { project() });
            let results = loader.load_all(paths.clone()).await;
            assert_eq!(results.len(), paths.len());
            for (path, result) in paths.iter().zip(results) {
                let path = path.to_lowercase();
                let value = result.expect("a response");
                assert_eq!(value.map(|value| value["fullPath"].clone()), exists(&path).then(|| json!(path)), "{path}");
            }
            let keys: std::collections::HashSet<_> = paths.iter().map(|path| path.to_lowercase()).collect();
            let room = batch.min(if by_list { 50 } else { 250 / 3 });
            assert_eq!(server.requests().len(), keys.len().div_ceil(room));
        });
    }
}

#[cfg(feature = "graphql-builder")]
#[tokio::test]
async fn loader_documents_are_valid_and_within_the_limits() {
    use glabflow::graphql::builder::Document;
    let server = server().await;
    let loaders = loaders(&server);
    let numbers = || (1..=60_i64).collect::<Vec<_>>();
    let names = || (0..60).map(|number| format!("group-{number}/name")).collect::<Vec<_>>();
    let issues = (0..40).map(|number| (format!("group/{}", number % 7), number));
    let merge_requests = LoaderSpec::field("project").argument("fullPath", "ID!").below("mergeRequest");
    let merge_requests = merge_requests.argument("iid", "String!").select::<(String, i64), Value>("title state");
    let by_path = (loaders.projects_by_path(), loaders.users_by_username(), loaders.groups_by_path());
    let by_id = (loaders.projects_by_id(), loaders.users_by_id(), loaders.groups_by_id());
    let (below, aliased) = (loaders.issues(), loaders.loader(merge_requests));
    tokio::join!(
        by_path.0.load_all(names()),
        by_path.1.load_all(names()),
        by_path.2.load_all(names()),
        by_id.0.load_all(numbers()),
        by_id.1.load_all(numbers()),
        by_id.2.load_all(numbers()),
        below.load_all(issues),
        aliased.load_all((1..40).map(|iid| ("group/project".to_owned(), iid))),
    );
    let requests = server.requests();
    assert!(requests.len() > 5);
    for request in requests {
        let document = Document::parse(request["query"].as_str().expect("a document")).expect("a valid document");
        let variables = request["variables"].as_object().expect("variables");
        document.check_variables(variables).expect("valid variables");
        document.estimate(variables).within(&glabflow::contract::graphql::cost::LIMITS).expect("within the limits");
    }
}
