//! Generated GraphQL operations against the fake GitLab, as a program uses them.

use glabflow::graphql::operations::projects::ProjectsQuery;
use glabflow::graphql::operations::users::CurrentUserQuery;
use glabflow::graphql::{Cache, ConnectionOperation};
use glabflow::{Client, ErrorKind, Token};
use glabflow_fake::Fake;
use serde_json::{Value, json};
use std::time::Duration;

async fn fake() -> (Fake, Client) {
    let fake = Fake::builder().start().await.expect("a server");
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build().expect("a client");
    (fake, gl)
}

#[tokio::test]
async fn rest_operation_and_document_return_the_same_projects() {
    let (_fake, gl) = fake().await;
    let mut by_rest = Vec::new();
    let mut projects = gl.projects().list().items();
    while let Some(project) = projects.next().await {
        by_rest.push(project.expect("a project").path_with_namespace.unwrap_or_default());
    }
    by_rest.sort();
    assert!(!by_rest.is_empty());

    let typed = gl.graphql().stream(ProjectsQuery::new()).page_size(2).try_collect().await.expect("all projects");
    let mut by_operation: Vec<String> =
        typed.into_iter().map(|project| project.full_path.unwrap_or_default()).collect();
    by_operation.sort();
    assert_eq!(by_operation, by_rest);

    let document = "query ($after: String, $first: Int) { all: projects(after: $after, first: $first) \
        { edges { node { fullPath } } pageInfo { endCursor hasNextPage } } }";
    let raw = gl
        .graphql()
        .stream_document::<Value>(document, json!({"first": 3}), &["all"])
        .try_collect()
        .await
        .expect("all");
    let mut by_document: Vec<String> = raw.iter().filter_map(|it| it["fullPath"].as_str()).map(str::to_owned).collect();
    by_document.sort();
    assert_eq!(by_document, by_rest);
}

#[tokio::test]
async fn a_stream_starts_with_the_page_size_of_its_operation() {
    let (_fake, gl) = fake().await;
    let page_size = |operation: ProjectsQuery| {
        let token = gl.graphql().stream(operation).resume_token().to_string();
        let token: Value = serde_json::from_str(&token).expect("JSON");
        token["position"]["cursor"]["page_size"].clone()
    };
    assert_eq!(page_size(ProjectsQuery::new()), 100);
    assert_eq!(page_size(ProjectsQuery::new().page_size(2)), 2);
}

#[tokio::test]
async fn batch_mixes_operations_and_documents_and_uses_the_cache() {
    let (_fake, gl) = fake().await;
    let graphql = gl.graphql().cache(&Cache::new(1 << 20, Duration::from_secs(60)));
    for is_cached in [false, true] {
        let batch = graphql.batch().add("me", CurrentUserQuery::new());
        let batch = batch.add("projects", graphql.document("{ projects(first: 1) { nodes { id } } }"));
        let batch = batch.add("nonsense", graphql.document("{ noSuchField }"));
        let mut results = batch.run().await.expect("results");
        let failures: Vec<_> = results.failures().map(|(name, error)| (name.to_owned(), error.kind())).collect();
        assert_eq!(failures, [("nonsense".to_owned(), ErrorKind::Validation)]);
        let me = results.take::<CurrentUserQuery>("me").expect("a response");
        assert_eq!(me.is_cached(), is_cached);
        assert!(me.required().expect("a user").username.is_some());
    }
}

#[tokio::test]
async fn too_complex_document_is_a_complexity_error() {
    let (_fake, gl) = fake().await;
    let part = |at: usize| format!("p{at}: projects(first: 100) {{ nodes {{ id name fullPath webUrl }} }} ");
    let document = format!("{{ {} }}", (0..40).map(part).collect::<String>());
    let error = gl.graphql().document(document).execute().await.expect_err("too much");
    assert!(error.is_too_complex(), "{error}");
    assert!(error.graphql_errors()[0].complexity().is_some_and(|(score, limit)| score > limit));
}
