//! The schema check against the fake GitLab.

use glabflow::{Client, Difference, Token};
use glabflow_fake::Fake;
use serde_json::json;

fn client(fake: &Fake) -> Client {
    Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build().expect("a client")
}

#[tokio::test]
async fn fake_matches_the_schema() {
    let fake = Fake::builder().start().await.expect("started");
    let check = client(&fake).check_schema().await.expect("checked");
    let server = check.server.as_ref().expect("a version");
    assert_eq!((server.version.as_str(), server.enterprise), ("18.9.0-ee", Some(true)));
    assert_eq!(check.rest.difference, Difference::None);
    assert_eq!(check.graphql.expect("compared").difference, Difference::None);
    assert_eq!(check.missing_operations, Some(Vec::new()));
    assert!(check.is_match());
    let text = check.to_string();
    assert!(text.contains("server: GitLab 18.9.0-ee") && text.contains("REST: made for GitLab 18.x ee"), "{text}");
}

#[tokio::test]
async fn errors_for_missing_fields_hint_at_the_check_and_then_name_both_versions() {
    let fake = Fake::builder().version("17.11.2-ee").start().await.expect("started");
    let gl = client(&fake);
    let documents = [
        ("{ nowhere }", "'nowhere' doesn't exist on type 'Query'"),
        ("{ currentUser(nothing: 1) { id } }", "doesn't accept argument 'nothing'"),
        ("mutation ($input: CreateIssueInput!) { createIssue(input: $input) { errors } }", "Field is not defined on"),
    ];
    let refused = async |text: &'static str| {
        let document = gl.graphql().document(text);
        let document = match text.contains("$input") {
            true => document.variable("input", json!({"projectPath": "a/b", "title": "x", "nothing": 1})),
            false => document,
        };
        document.execute().await.expect_err("refused").to_string()
    };
    for (text, says) in documents {
        let error = refused(text).await;
        assert!(error.contains(says) && error.contains("`check_schema`"), "{error}");
    }
    let check = gl.check_schema().await.expect("checked");
    assert_eq!((check.rest.difference, check.is_match()), (Difference::Older, false));
    for (text, says) in documents {
        let error = refused(text).await;
        let hint = "the server is GitLab 17.11.2-ee, older than the schema of the operations (18.9 ee)";
        assert!(error.contains(says) && error.contains(hint) && !error.contains("`check_schema`"), "{error}");
    }
    let error = gl.get("nowhere").send::<serde_json::Value>().await.expect_err("refused").to_string();
    assert!(error.contains("GitLab 17.11.2-ee, older than the schema of the operations (18.x ee)"), "{error}");
}

#[tokio::test]
async fn anonymous_check_reports_public_facts() {
    let fake = Fake::builder().start().await.expect("started");
    let check = Client::builder(fake.url()).build().expect("a client").check_schema().await.expect("checked");
    assert_eq!((check.server, check.rest.difference), (None, Difference::Unknown));
    assert_eq!(check.missing_operations, Some(Vec::new()));
}

#[tokio::test]
async fn check_with_an_unknown_token_fails() {
    let fake = Fake::builder().start().await.expect("started");
    let gl = Client::builder(fake.url()).token(Token::personal("glpat-nobody")).build().expect("a client");
    let error = gl.check_schema().await.expect_err("refused");
    assert!(error.is_unauthorized(), "{error}");
}
