//! Rate limits that a response with status 200 reports.

use super::fixtures::{Name, Rename};
use super::ok;
use glabflow::{Client, SkippingClock};
use glabflow_test_server::{Reply, Server};
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// GitLab's response if a limit for single fields is exceeded. The headers describe the limit for all requests.
fn too_many(data: Value, path: Value) -> Reply {
    let message = "This endpoint has been requested too many times. Try again later.";
    let answer = ok(value!({"data": data, "errors": [{"message": message, "path": path}]}));
    answer.with("RateLimit-Name", "api").with("RateLimit-Limit", "600").with("RateLimit-Remaining", "500")
}

#[tokio::test]
async fn rate_limit_in_a_200_is_retried_if_no_field_was_executed() {
    let server = Server::script(vec![
        too_many(Value::Null, value!([])),
        too_many(value!({"thing": null}), value!(["thing"])),
        ok(value!({"data": {"thing": {"name": "a"}}})),
        too_many(value!({"rename": null}), value!(["rename"])),
        ok(value!({"data": {"rename": {"errors": [], "done": true}}})),
    ])
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 1.0));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    assert_eq!(gl.graphql().execute(Name::new()).await.expect("a name").output.as_deref(), Some("a"));
    assert_eq!(server.requests().len(), 3);
    assert_eq!(clock.slept().iter().map(Duration::as_millis).collect::<Vec<_>>(), [250, 500]);
    assert!(gl.graphql().execute(Rename::new()).await.is_ok());
    assert_eq!(server.requests().len(), 5);
    let names: Vec<String> = gl.budget().into_iter().map(|budget| budget.name).collect();
    assert_eq!(names, ["api", "Name", "Rename"], "the limit for all requests is not the exceeded one");
}

#[tokio::test]
async fn rate_limit_in_a_200_is_not_retried_if_fields_were_executed() {
    let done = value!({"rename": {"done": true}, "other": null});
    let server = Server::script(vec![
        too_many(done, value!(["other"])),
        too_many(value!({"rename": null}), value!(["rename", "thing", "name"])),
        too_many(value!({"thing": {"name": "a"}, "search": null}), value!(["search"])),
    ])
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 1.0));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    let both = gl.graphql().document("mutation { rename { done } other { done } }").execute().await.expect("a part");
    assert!(both.is_partial() && server.requests().len() == 1);
    let paused = gl.budget().iter().any(|budget| budget.paused_for.is_some());
    assert!(paused, "the next request waits: {:?}", gl.budget());
    let deep = gl.graphql().document("mutation { rename { thing { name } } }").execute().await.expect("nothing");
    assert!(deep.is_partial() && server.requests().len() == 2, "the nested field may have been resolved last");
    let part = gl.graphql().execute(Name::new()).await.expect("a part");
    assert!(part.is_partial() && server.requests().len() == 3);
}

#[tokio::test]
async fn rate_limit_in_a_200_fails_after_the_maximum_attempts() {
    let server = Server::script(vec![too_many(Value::Null, value!([]))]).await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 1.0));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    let error = gl.graphql().execute(Name::new()).await.expect_err("refused");
    assert!(error.is_rate_limited() && error.attempts() == 11, "{error}");
    assert_eq!((error.status(), error.graphql_errors().len()), (Some(200), 1));
    assert!(error.to_string().contains("requested too many times"), "{error}");
}
