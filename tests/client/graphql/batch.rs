//! Batches, and queries whose types `graphql_client` derives.

use super::fixtures::{Name, Rename};
use super::{body, client, ok};
use glabflow::ErrorKind;
use glabflow_test_server::{Server, json};
use graphql_client::GraphQLQuery;
use serde_json::json as value;

#[tokio::test]
async fn batch_has_a_result_for_each_name() {
    let server = Server::start(|received, _| match body(received)["operationName"].as_str() {
        Some("Name") => ok(value!({"data": {"thing": {"name": "a"}}})),
        Some("Rename") => ok(value!({"data": {"rename": {"errors": ["taken"]}}})),
        _ => json(404, ""),
    })
    .await;
    let graphql = client(&server).graphql();
    let batch = graphql.batch().add("name", Name::new()).add("rename", Rename::new()).concurrency(2);
    let batch = batch.add("lost", graphql.document("{ a }")).add("bad", graphql.document("{"));
    let mut results = batch.run().await.expect("results");
    let failures: Vec<_> = results.failures().map(|(name, error)| (name, error.kind())).collect();
    assert_eq!(
        failures,
        [("bad", ErrorKind::Argument), ("lost", ErrorKind::NotFound), ("rename", ErrorKind::MutationError)]
    );
    assert!(!results.is_ok());
    assert_eq!(results.take::<Name>("name").expect("a name").output.as_deref(), Some("a"));
    assert_eq!(results.take::<Name>("name").expect_err("taken").kind(), ErrorKind::Argument);
    assert_eq!(results.into_map().len(), 3);
    assert_eq!(server.requests().len(), 3);

    let twice = graphql.batch().add("a", Name::new()).add("a", Name::new()).run().await;
    assert_eq!(twice.expect_err("which?").kind(), ErrorKind::Argument);
    assert_eq!(server.requests().len(), 3);
}

/// A query written by hand. Its types are derived from the schema of this repository.
#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema/graphql/schema.graphql",
    query_path = "examples/graphql/project.graphql",
    response_derives = "Debug"
)]
struct ProjectSummary;

#[tokio::test]
async fn derived_queries_are_executed_by_the_client() {
    let server = Server::script(vec![
        ok(value!({"data": {"project": {"name": "a", "starCount": 3, "group": null}}})),
        ok(value!({"data": {"project": null}})),
    ])
    .await;
    let graphql = client(&server).graphql();
    let variables = || project_summary::Variables { path: "a/b".to_owned() };
    let data = graphql.query::<ProjectSummary>(variables()).await.expect("a response").required().expect("data");
    assert_eq!(data.project.map(|project| (project.name, project.star_count)), Some(("a".to_owned(), 3)));
    assert_eq!(body(&server.requests()[0])["operationName"], "ProjectSummary");
    assert_eq!(body(&server.requests()[0])["variables"], value!({"path": "a/b"}));
    let data = graphql.query::<ProjectSummary>(variables()).await.expect("a response").required().expect("data");
    assert!(data.project.is_none());
}
