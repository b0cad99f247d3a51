//! Checks against servers that tell some things and refuse others.

use crate::support::{Server, json};
use glabflow::{Client, Difference, Error, SchemaCheck};
use serde_json::{Value, json as value};

/// What a server answers to a question of a check.
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
            schema: with_fields(|_| true),
        }
    }
}

/// The answer of a server that has those root fields of the generated operations.
fn with_fields(has: impl Fn(&str) -> bool) -> Value {
    let fields = |root: &str| -> Vec<Value> {
        let all = glabflow::graphql::operations::ROOT_FIELDS.iter().filter(|field| has(field));
        let names = all.filter_map(|field| field.strip_prefix(root)?.strip_prefix('.'));
        names.map(|name| value!({"name": name})).collect()
    };
    let root = |name: &str| value!({"fields": fields(name)});
    value!({"data": {"__schema": {
        "queryType": root("Query"), "mutationType": root("Mutation"), "subscriptionType": root("Subscription"),
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
            other => panic!("nobody should ask for {other}"),
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
async fn the_blocking_client_finds_the_same() {
    let server = start(Answers::default()).await;
    let client = Client::builder(server.url());
    let (done, found) = tokio::sync::oneshot::channel();
    let thread = std::thread::spawn(move || {
        let checked = client.build_blocking().and_then(|gl| gl.check_schema());
        done.send(checked).is_ok()
    });
    let found = found.await.expect("the thread answers").expect("checked");
    assert_eq!(found, check(Answers::default()).await.expect("checked"));
    assert!(thread.join().is_ok_and(|sent| sent));
}

fn refusal(status: u16) -> (u16, Value) {
    (status, value!({"message": "no"}))
}

#[tokio::test]
async fn graphql_tells_the_version_where_rest_does_not() {
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
async fn servers_before_metadata_tell_their_version_too() {
    let version = (200, value!({"version": "15.0.1-ee"}));
    let found = check(Answers { metadata: refusal(404), version, ..Answers::default() }).await.expect("checked");
    assert_eq!(found.server.expect("a version").to_string(), "15.0.1-ee (Enterprise edition)");
    assert_eq!(found.rest.difference, Difference::Older);
}

#[tokio::test]
async fn missing_root_fields_are_named() {
    let lacks = ["Query.project", "Mutation.createIssue"];
    let schema = with_fields(|field| !lacks.contains(&field));
    let found = check(Answers { schema, ..Answers::default() }).await.expect("checked");
    let mut missing = found.missing_root_fields.clone().expect("told");
    missing.sort_unstable();
    assert_eq!(missing, ["Mutation.createIssue", "Query.project"]);
    assert_eq!((found.rest.difference, found.is_match()), (Difference::None, false));
    let text = found.to_string();
    assert!(
        text.contains("GraphQL: the server lacks 2 root fields:\n  ") && text.contains("\n  Query.project"),
        "{text}"
    );
}

#[tokio::test]
async fn a_server_that_hides_its_schema_is_known_by_its_version_alone() {
    let schema = value!({"errors": [{"message": "Introspection is disabled"}]});
    let found = check(Answers { schema, ..Answers::default() }).await.expect("checked");
    assert_eq!((&found.missing_root_fields, found.is_match()), (&None, true));
    assert!(found.to_string().ends_with("GraphQL: the server does not tell which root fields it has"), "{found}");
}

#[tokio::test]
async fn who_learns_nothing_gets_the_reason() {
    let schema = value!({"errors": [{"message": "Introspection is disabled"}]});
    let error = check(Answers { metadata: refusal(401), schema, ..Answers::default() }).await.expect_err("refused");
    assert!(error.is_unauthorized() && error.to_string().contains("/api/v4/metadata"), "{error}");
    let no_version = Answers { metadata: (200, value!({"hello": "world"})), ..Answers::default() };
    let error = check(no_version).await.expect_err("no GitLab").to_string();
    assert!(error.contains("does not tell its version; is this a GitLab?"), "{error}");
}
