//! Whether a server has what the operations need.

use glabflow::{Client, Difference, Token};
use glabflow_fake::Fake;

fn client(fake: &Fake) -> Client {
    Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build().expect("a client")
}

#[tokio::test]
async fn the_fake_has_everything() {
    let fake = Fake::builder().start().await.expect("started");
    let check = client(&fake).check_schema().await.expect("checked");
    assert_eq!((check.server.version.as_str(), check.server.enterprise), ("18.6.0-ee", Some(true)));
    assert_eq!(check.difference, Difference::None);
    assert_eq!(check.missing, Some(Vec::new()));
    assert!(check.is_match());
    let text = check.to_string();
    assert!(text.contains("server: GitLab 18.6.0-ee") && text.contains("schema: GitLab 18.x ee"), "{text}");
}

#[tokio::test]
async fn a_field_that_the_server_lacks_points_to_the_check() {
    let fake = Fake::builder().start().await.expect("started");
    let error = client(&fake).graphql().document("{ nowhere }").execute().await.expect_err("refused");
    let text = error.to_string();
    assert!(text.contains("'nowhere' doesn't exist on type 'Query'") && text.contains("`check_schema`"), "{text}");
}

#[tokio::test]
async fn whoever_may_not_know_the_version_gets_an_error() {
    let fake = Fake::builder().start().await.expect("started");
    let error = Client::builder(fake.url()).build().expect("a client").check_schema().await.expect_err("refused");
    assert!(error.is_unauthorized(), "{error}");
}
