//! GraphQL by the blocking client against the fake GitLab.

use glabflow::{Client, Token};
use glabflow_fake::Fake;
use serde_json::{Value, json};

#[test]
fn blocking_client_executes_graphql() {
    let fake = Fake::builder().users(250).start_blocking().expect("a server");
    let builder = Client::builder(fake.url()).token(Token::personal(fake.admin_token()));
    let gl = builder.build_blocking().expect("a client");
    let response = gl.graphql().document("{ currentUser { username } }").execute().expect("a response");
    assert_eq!(response.required().expect("data")["currentUser"]["username"], "root");
    let text = "query($after: String, $first: Int) {
        users(after: $after, first: $first) { nodes { username } pageInfo { endCursor hasNextPage } }
    }";
    let users = gl.graphql().stream_document::<Value>(text, json!({}), &["users"]);
    let users: Result<Vec<_>, _> = users.page_size(100).limit(120).collect();
    assert_eq!(users.expect("users").len(), 120);
}
