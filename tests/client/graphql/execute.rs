//! Single calls: what is sent, and what responses mean.

use super::fixtures::{Done, Name, Needy, Rename, Told};
use super::{TOKEN, body, client, ok};
use glabflow::contract::graphql::GraphqlOperation;
use glabflow::{Client, ErrorKind, SkippingClock, Token};
use glabflow_test_server::{Reply, Server, json};
use serde_json::json as value;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

#[tokio::test]
async fn request_is_posted_beside_the_api_root_with_document_name_and_variables() {
    let server = Server::script(vec![ok(value!({"data": {"thing": {"name": "a"}}})).with("X-Request-Id", "r1")]).await;
    let gl = Client::builder(format!("{}/git/api/v4", server.url())).token(Token::personal(TOKEN)).build().expect("it");
    let response = gl.graphql().execute(Name(Name::new().0.with(0, "7"))).await.expect("a response");
    assert_eq!(response.output.as_deref(), Some("a"));
    assert_eq!(response.request_id(), Some("r1"));
    assert!(!response.is_partial() && !response.is_cached());
    let answer = gl.graphql().document("{ a }").variable("b", 1).execute().await.expect("a response");
    assert_eq!(answer.required().expect("data")["thing"]["name"], "a");

    let received = server.requests();
    assert_eq!((received[0].method.as_str(), received[0].target.as_str()), ("POST", "/git/api/graphql"));
    assert_eq!(received[0].headers["private-token"], TOKEN);
    assert_eq!(received[0].headers["content-type"], "application/json");
    assert_eq!(
        body(&received[0]),
        value!({"query": Name::DESCRIPTOR.document, "operationName": "Name", "variables": {"id": "7"}})
    );
    assert_eq!(body(&received[1]), value!({"query": "{ a }", "variables": {"b": 1}}));
}

#[tokio::test]
async fn invalid_documents_and_variables_are_rejected_before_sending() {
    let server = Server::script(vec![Reply::Close]).await;
    let graphql = client(&server).graphql();
    let told = graphql.execute(Told::new()).await.expect_err("a subscription");
    assert!(told.to_string().contains("poll a query"), "{told}");
    let needy = graphql.execute(Needy::new()).await.expect_err("no id");
    assert!(needy.to_string().contains("`id`"), "{needy}");
    let unfinished = graphql.document("query { a").execute().await.expect_err("unfinished");
    let several = graphql.document("query A { a } query B { b }").execute().await.expect_err("which?");
    let list = graphql.document("{ a }").variables([1]).execute().await.expect_err("a list");
    let told_by_text = graphql.document("subscription { a }").execute().await.expect_err("a subscription");
    for error in [told, needy, unfinished, several, list, told_by_text] {
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn partial_data_is_returned_with_errors_and_null_is_not_found() {
    let complaint = value!({"message": "boom glpat-hush-hush", "path": ["thing", "other", 0]});
    let server = Server::script(vec![
        ok(value!({"data": {"thing": {"name": "a"}}, "errors": [complaint]})),
        ok(value!({"data": {"thing": null}})),
        ok(value!({"data": {"thing": null}, "errors": [{
            "message": "The resource that you are attempting to access does not exist or you don't have permission to perform this action",
        }]})),
    ])
    .await;
    let graphql = client(&server).graphql();
    let part = graphql.execute(Name::new()).await.expect("a part");
    assert!(part.is_partial());
    assert_eq!(part.errors[0].to_string(), "boom [redacted] at thing.other[0]");
    assert_eq!(part.output.as_deref(), Some("a"));
    assert!(part.complete().is_err());

    let nothing = graphql.execute(Name::new()).await.expect("null");
    assert_eq!(nothing.output, None);
    let error = nothing.required().expect_err("null");
    assert!(error.is_not_found() && error.to_string().contains("may not see it"), "{error}");
    assert_eq!(error.operation(), Some("Name"));

    let error = graphql.execute(Name::new()).await.expect_err("not permitted");
    assert!(error.is_not_found());
    assert_eq!(error.graphql_errors().len(), 1);
}

#[tokio::test]
async fn non_graphql_responses_are_described() {
    let html = || Reply::new(200, "<title>Sign in</title>").with("Content-Type", "text/html");
    let server = Server::script(vec![
        html(),
        ok(value!({})),
        ok(value!([1])),
        ok(value!({"data": {"thing": {"name": "a"}, "x": []}, "errors": [{"message": "x"}]})),
        ok(value!({"error": "insufficient_scope"})),
        json(401, r#"{"errors": [{"message": "Invalid token", "locations": [], "path": []}]}"#),
        ok(value!({"data": {"thing": [1]}, "errors": [{"message": "Request timed out."}]})),
        ok(value!({"data": {"thing": [1]}})),
    ])
    .await;
    let graphql = client(&server).graphql();
    let kinds = [
        Some(ErrorKind::Decode),
        Some(ErrorKind::Decode),
        Some(ErrorKind::Decode),
        None,
        Some(ErrorKind::Forbidden),
        Some(ErrorKind::Unauthorized),
        Some(ErrorKind::Timeout),
        Some(ErrorKind::Decode),
    ];
    let mut last = None;
    for (index, kind) in kinds.into_iter().enumerate() {
        let error = graphql.execute(Name::new()).await.err();
        assert_eq!(error.as_ref().map(glabflow::Error::kind), kind, "{index}: {error:?}");
        assert!(!format!("{error:?}").contains(TOKEN));
        last = error;
    }
    let last = last.expect("it cannot be decoded");
    assert!(last.json_path().is_some_and(|path| path.starts_with("data.thing")), "{last}");
}

#[tokio::test]
async fn queries_are_retried_and_mutations_only_if_they_were_not_executed() {
    let limited = || Reply::new(429, "<html>Retry later</html>").with("Retry-After", "3");
    let server = Server::script(vec![
        json(502, ""),
        Reply::Close,
        limited(),
        ok(value!({"data": {"thing": {"name": "a"}}})),
        limited(),
        ok(value!({"data": {"rename": {"errors": [], "done": true}}})),
        json(502, ""),
    ])
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    assert!(gl.graphql().execute(Name::new()).await.is_ok());
    assert_eq!(server.requests().len(), 4);
    assert!(clock.slept().contains(&Duration::from_secs(3)));
    assert!(gl.graphql().execute(Rename::new()).await.is_ok());
    assert_eq!(server.requests().len(), 6);
    let error = gl.graphql().document("mutation { rename { done } }").execute().await.expect_err("a bad gateway");
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(server.requests().len(), 7);
}

#[tokio::test]
async fn payload_errors_fail_execute_but_not_execute_payload() {
    let refused = ok(value!({"data": {"rename": {"errors": ["Name is taken", "glpat-hush-hush"], "done": false}}}));
    let server = Server::script(vec![refused]).await;
    let graphql = client(&server).graphql();
    let error = graphql.execute(Rename::new()).await.expect_err("it was refused");
    assert!(error.is_mutation_error());
    assert_eq!(error.messages(), ["Name is taken", "[redacted]"]);
    let payload = graphql.execute_payload(Rename::new()).await.expect("a payload").required().expect("a payload");
    assert_eq!(payload, Done { done: false });
}

#[tokio::test]
async fn timeout_applies_to_each_call() {
    let server = Server::script(vec![Reply::Hang]).await;
    let graphql = client(&server).graphql().timeout(Duration::from_millis(30));
    assert!(graphql.execute(Name::new()).await.expect_err("silence").is_timeout());
    let error = graphql.execute(Rename::new()).await.expect_err("silence");
    assert!(error.is_timeout() && error.is_outcome_unknown());
}
