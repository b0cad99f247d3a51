//! Documents of the query builder: they are checked before they are sent.
#![cfg(feature = "graphql-builder")]

use glabflow::Client;
use glabflow::graphql::builder::{Calibration, Document, Query, SCORE_KEY, var};
use glabflow_test_server::Server;
use serde_json::json;
use std::sync::Arc;

/// A server that responds to every request with this.
async fn server(response: serde_json::Value) -> (Client, Server) {
    let server = Server::script(vec![glabflow_test_server::json(200, response.to_string())]).await;
    (Client::builder(server.url()).build().expect("a client"), server)
}

fn document() -> Document {
    Query::new("Name")
        .variable("path", "ID!")
        .field("project", |project| project.arg("fullPath", var("path")).fields(["name"]))
        .build()
        .expect("valid")
}

#[tokio::test]
async fn checked_document_is_sent_with_its_variables() {
    let (client, server) = server(json!({"data": {"project": {"name": "it"}}})).await;
    let answer = client.graphql().checked(&document()).variable("path", "a/b").execute().await.expect("answered");
    assert_eq!(answer.output, Some(json!({"project": {"name": "it"}})));
    let request = server.requests()[0].text();
    assert!(request.contains(r#""variables":{"path":"a/b"}"#) && request.contains("query Name("), "{request}");
}

#[tokio::test]
async fn invalid_variables_and_costly_documents_are_not_sent() {
    let (client, server) = server(json!({"data": null})).await;
    let graphql = client.graphql();
    for (variables, wanted) in [
        (json!({}), "$path: needs a value: ID!"),
        (json!({"path": true}), "$path: is ID!, not a boolean"),
        (json!({"path": "a", "pth": "b"}), "$pth: the document declares no such variable; did you mean `path`?"),
        (json!([]), "must be a JSON object"),
    ] {
        let error = graphql.checked(&document()).variables(variables).execute().await.expect_err("refused");
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let costly = graphql.checked(&document()).variable("path", "a").complexity_limit(1);
    let error = costly.execute().await.expect_err("refused");
    assert_eq!(error.kind(), glabflow::ErrorKind::Complexity);
    assert!(error.to_string().contains("2 points") && error.to_string().contains("project"), "{error}");
    assert!(server.requests().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn score_of_the_server_calibrates_the_next_estimate() {
    let (client, server) =
        server(json!({"data": {"project": {"name": "it"}, SCORE_KEY: {"limit": 250, "score": 23}}})).await;
    let calibration = Arc::new(Calibration::new());
    let checked = client.graphql().checked(&document()).variable("path", "a/b").calibrate(&calibration);
    assert_eq!(checked.estimate().expect("fits").complexity, 2);
    let answer = checked.clone().execute().await.expect("answered");
    assert_eq!(answer.output, Some(json!({"project": {"name": "it"}})));
    assert!(server.requests()[0].text().contains("queryComplexity"));
    assert_eq!(checked.estimate().expect("fits").complexity, 20);
    let error = checked.complexity_limit(19).execute().await.expect_err("refused");
    assert_eq!(error.kind(), glabflow::ErrorKind::Complexity);
}
