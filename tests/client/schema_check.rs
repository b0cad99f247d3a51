//! Checks of servers that report only some of the facts.

use glabflow::{Client, Difference, Error, SchemaCheck};
use glabflow_test_server::{Server, json};
use serde_json::{Value, json as value};

/// The responses of a server to the requests of a check.
#[derive(Clone)]
struct Answers {
    /// `/api/v4/metadata`.
    metadata: (u16, Value),
    /// `/api/v4/version`.
    version: (u16, Value),
    /// GraphQL's `metadata`.
    graphql: Value,
    /// GraphQL's `__schema`.
    schema: Value,
}

impl Default for Answers {
    fn default() -> Self {
        Answers {
            metadata: (200, value!({"version": "18.9.2-ee", "enterprise": true})),
            version: (404, value!({"error": "404 Not Found"})),
            graphql: value!({"data": {"metadata": null}}),
            schema: value!({"errors": [{"message": "Introspection is disabled"}]}),
        }
    }
}

/// The introspection of a server that has no type but `Query`.
fn bare() -> Value {
    value!({"data": {"__schema": {
        "queryType": {"name": "Query"}, "mutationType": null, "subscriptionType": null,
        "types": [{"name": "Query", "fields": []}],
    }}})
}

async fn start(answers: Answers) -> Server {
    Server::start(move |request, _| {
        let (status, body) = match request.target.as_str() {
            "/api/v4/metadata" => answers.metadata.clone(),
            "/api/v4/version" => answers.version.clone(),
            "/api/graphql" if request.body.windows(8).any(|bytes| bytes == b"__schema") => {
                (200, answers.schema.clone())
            }
            "/api/graphql" => (200, answers.graphql.clone()),
            other => panic!("unexpected request for {other}"),
        };
        json(status, body.to_string())
    })
    .await
}

async fn check(answers: Answers) -> Result<SchemaCheck, Error> {
    let server = start(answers).await;
    Client::builder(server.url()).build().expect("a client").check_schema().await
}

#[cfg(feature = "blocking")]
#[tokio::test]
async fn blocking_check_equals_async_check() {
    let server = start(Answers::default()).await;
    let client = Client::builder(server.url());
    let (done, found) = tokio::sync::oneshot::channel();
    let thread = std::thread::spawn(move || {
        let checked = client.build_blocking().and_then(|gl| gl.check_schema());
        done.send(checked).is_ok()
    });
    let found = found.await.expect("a result of the thread").expect("checked");
    assert_eq!(found, check(Answers::default()).await.expect("checked"));
    assert!(thread.join().is_ok_and(|sent| sent));
}

fn refusal(status: u16) -> (u16, Value) {
    (status, value!({"message": "no"}))
}

#[tokio::test]
async fn version_comes_from_graphql_if_rest_denies_it() {
    for status in [401, 403, 404] {
        let graphql = value!({"data": {"metadata": {"version": "18.9.1", "enterprise": false}}});
        let answers = Answers { metadata: refusal(status), version: refusal(status), graphql, ..Answers::default() };
        let found = check(answers).await.expect("checked");
        let server = found.server.expect("a version");
        assert_eq!((server.version.as_str(), server.enterprise), ("18.9.1", Some(false)), "{status}");
        assert_eq!(found.rest.difference, Difference::Edition, "{status}");
    }
}

#[tokio::test]
async fn version_of_servers_without_metadata_comes_from_version_endpoint() {
    let version = (200, value!({"version": "15.0.1-ee"}));
    let found = check(Answers { metadata: refusal(404), version, ..Answers::default() }).await.expect("checked");
    assert_eq!(found.server.expect("a version").to_string(), "15.0.1-ee (Enterprise edition)");
    assert_eq!(found.rest.difference, Difference::Older);
}

#[tokio::test]
async fn missing_operations_are_reported_with_what_they_lack() {
    let found = check(Answers { schema: bare(), ..Answers::default() }).await.expect("checked");
    let missing = found.missing_operations.clone().expect("a list");
    let all = glabflow::graphql::operations::descriptors().count();
    assert!(all > 100 && missing.len() == all, "{} of {all}", missing.len());
    let project = missing.iter().find(|missing| missing.operation == "project").expect("an operation");
    assert_eq!(project.lacks, ["ID", "Query.project"]);
    let create = missing.iter().find(|missing| missing.operation == "create_issue").expect("an operation");
    assert_eq!(create.lacks, ["CreateIssueInput", "Mutation"]);
    assert_eq!((found.rest.difference, found.is_match()), (Difference::None, false));
    let text = found.to_string();
    assert!(text.contains(&format!("GraphQL: the server lacks what {all} operations need:\n  ")), "{text}");
    let needs = text.lines().find(|line| line.starts_with("  Query.project: ")).expect("a line");
    assert!(needs.contains("project_") && needs.ends_with(" more"), "{needs}");
}

/// The server does not report deprecated arguments, so arguments cannot be checked.
#[tokio::test]
async fn introspection_falls_back_if_include_deprecated_is_unknown() {
    let server = Server::start(|request, _| {
        let text = String::from_utf8_lossy(&request.body);
        let refusal = value!({"errors": [{"message": "Field 'args' doesn't accept argument 'includeDeprecated'"}]});
        let body = match request.target.as_str() {
            "/api/v4/metadata" => value!({"version": "13.12.0-ee"}),
            _ if text.contains("args(includeDeprecated") => refusal,
            _ => bare(),
        };
        json(200, body.to_string())
    })
    .await;
    let found = Client::builder(server.url()).build().expect("a client").check_schema().await.expect("checked");
    assert!(found.missing_operations.is_some_and(|missing| !missing.is_empty()));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn check_without_introspection_compares_versions_only() {
    let found = check(Answers::default()).await.expect("checked");
    assert_eq!((&found.missing_operations, found.is_match()), (&None, true));
    assert!(found.to_string().ends_with("GraphQL: the server does not report its schema"), "{found}");
}

#[tokio::test]
async fn check_fails_with_the_reason_if_nothing_can_be_read() {
    let error = check(Answers { metadata: refusal(401), ..Answers::default() }).await.expect_err("refused");
    assert!(error.is_unauthorized() && error.to_string().contains("/api/v4/metadata"), "{error}");
    let no_version = Answers { metadata: (200, value!({"hello": "world"})), ..Answers::default() };
    let error = check(no_version).await.expect_err("no GitLab").to_string();
    assert!(error.contains("does not report its version; check that it is a GitLab server"), "{error}");
}
