//! What is sent again and what is not, how answers decode, and what errors say. No test waits: the clock skips.

use crate::support::{Closed, Reply, Server, json};
use glabflow::contract::{Method, Upload};
use glabflow::{Client, ErrorKind, Event, EventKind, RetryPolicy, SkippingClock};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

struct Setup {
    server: Server,
    gl: Client,
    clock: Arc<SkippingClock>,
}

async fn setup(replies: Vec<Reply>) -> Setup {
    with(replies, |builder| builder).await
}

async fn with(replies: Vec<Reply>, change: impl FnOnce(glabflow::ClientBuilder) -> glabflow::ClientBuilder) -> Setup {
    let server = Server::script(replies).await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH + Duration::from_secs(1_000_000), 0.5));
    let gl = change(Client::builder(server.url()).clock(Arc::clone(&clock))).build().expect("a client");
    Setup { server, gl, clock }
}

fn ok() -> Reply {
    json(200, r#"{"id": 1}"#)
}

fn millis(clock: &SkippingClock) -> Vec<u128> {
    clock.slept().iter().map(Duration::as_millis).collect()
}

#[tokio::test]
async fn what_a_busy_server_answers_is_repeated() {
    for first in [json(500, ""), json(502, "<html>"), json(503, ""), json(504, ""), json(520, "<html>"), json(530, "")]
    {
        let Setup { server, gl, clock } = setup(vec![first.clone(), first, ok()]).await;
        gl.get("x").send::<Value>().await.expect("an answer");
        assert_eq!(server.received().len(), 3);
        assert_eq!(millis(&clock), [125, 250]);
    }
}

#[tokio::test]
async fn broken_connections_and_bodies_are_repeated() {
    let Setup { server, gl, .. } = setup(vec![Reply::Close, ok().cut_off(), json(404, "{}")]).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(error.is_not_found());
    assert_eq!((server.received().len(), error.attempts()), (3, 3));
}

#[tokio::test]
async fn what_may_have_happened_is_not_done_twice() {
    for first in [json(502, ""), Reply::Close, ok().cut_off()] {
        let Setup { server, gl, .. } = setup(vec![first, ok()]).await;
        let error = gl.post("projects").json(&Value::Null).send::<Value>().await.expect_err("an error");
        assert!(error.is_outcome_unknown() && error.is_transient(), "{error}");
        assert!(error.to_string().contains("not repeated"), "{error}");
        assert_eq!(server.received().len(), 1);
    }
    let Setup { server, gl, .. } = setup(vec![json(502, ""), ok()]).await;
    gl.post("projects").idempotent(true).send::<Value>().await.expect("an answer");
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_put_that_does_more_than_set_values_is_not_done_twice() {
    let Setup { server, gl, .. } = setup(vec![json(502, ""), ok()]).await;
    let update = gl.repository_files().update(1, "a.txt", "main", "a message", "text");
    let error = update.send().await.expect_err("an error");
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(server.received().len(), 1);

    let Setup { server, gl, .. } = setup(vec![json(502, ""), ok()]).await;
    gl.projects().update(1).description("x").send().await.expect("an answer");
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_refusal_after_an_unknown_outcome_says_what_it_may_mean() {
    let hint = "an attempt before this one may have done it";
    for status in [404, 405, 409, 422] {
        let Setup { gl, server: _server, .. } = setup(vec![json(502, ""), json(status, "{}")]).await;
        let error = gl.delete("x").send::<()>().await.expect_err("an error");
        assert!(error.to_string().contains(hint), "{error}");
        let Setup { gl, server: _server, .. } = setup(vec![Reply::Close, json(status, "{}")]).await;
        let error = gl.put("x").send::<()>().await.expect_err("an error");
        assert!(error.to_string().contains(hint), "{error}");
    }
    // Nothing was done before these, or there is nothing to do.
    let limited = || json(429, "").with("Retry-After", "1");
    let Setup { gl, server: _server, .. } = setup(vec![limited(), json(404, "{}")]).await;
    let error = gl.delete("x").send::<()>().await.expect_err("an error");
    assert!(!error.to_string().contains(hint), "{error}");
    let Setup { gl, server: _server, .. } = setup(vec![json(502, ""), json(404, "{}")]).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(!error.to_string().contains(hint), "{error}");
}

#[tokio::test]
async fn times_may_be_endless() {
    let (endless, long) = (Duration::MAX, Duration::from_secs(10_000));
    let limited = json(429, "").with("Retry-After", long.as_secs().to_string());
    let policy = RetryPolicy { max_wait: endless, base_delay: endless, max_delay: endless, ..RetryPolicy::default() };
    let Setup { server, gl, clock } = with(vec![limited, ok()], |builder| {
        builder.timeout(endless).read_timeout(endless).connect_timeout(endless).retry(policy)
    })
    .await;
    gl.get("x").send::<Value>().await.expect("an answer");
    assert_eq!(server.received().len(), 2);
    assert!((long..long + Duration::from_secs(2)).contains(&clock.slept().iter().sum()), "{:?}", clock.slept());
    gl.get("x").timeout(endless).send::<Value>().await.expect("an answer");
    gl.get("x").items::<Value>().timeout(endless).next().await.expect("an answer").expect_err("no list");
    gl.get("x").download().timeout(endless).await.expect("a file");
}

#[tokio::test]
async fn what_did_certainly_not_happen_is_done_again_even_by_post() {
    let lock = json(409, r#"{"message": "409 Conflict: Resource lock"}"#);
    let limited = json(429, "Retry later").with("Retry-After", "3");
    let Setup { server, gl, clock } = setup(vec![lock, limited, ok()]).await;
    gl.post("projects").send::<Value>().await.expect("an answer");
    assert_eq!(server.received().len(), 3);
    assert_eq!(millis(&clock), [125, 3150]);

    let Setup { server, gl, .. } = setup(vec![json(409, r#"{"message": "already there"}"#)]).await;
    let error = gl.post("projects").send::<Value>().await.expect_err("an error");
    assert!(error.is_conflict() && !error.is_outcome_unknown());
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_server_that_no_one_listens_at_is_tried_again_by_any_method() {
    let closed = Closed::new();
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.5));
    let gl = Client::builder(closed.url()).clock(Arc::clone(&clock)).build().expect("a client");
    let error = gl.post("x").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 6));
    assert!(!error.is_outcome_unknown());
    assert_eq!(clock.slept().len(), 5);
}

#[tokio::test]
async fn a_limit_is_waited_out_by_header_by_reset_and_by_guess() {
    let now = 1_000_000;
    let replies = vec![json(429, "").with("RateLimit-Reset", (now + 30).to_string()), json(429, "<html>"), ok()];
    let Setup { server, gl, clock } = setup(replies).await;
    gl.get("x").send::<Value>().await.expect("an answer");
    assert_eq!(server.received().len(), 3);
    assert_eq!(millis(&clock), [30_500, 375]);

    let Setup { gl, server: _server, .. } = setup(vec![json(429, "").with("Retry-After", "3600")]).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(error.is_rate_limited());
    assert_eq!((error.retry_after(), error.attempts()), (Some(Duration::from_secs(3600)), 1));
}

#[tokio::test]
async fn a_limit_holds_back_every_clone_of_a_client() {
    let limited = json(429, "").with("Retry-After", "60");
    let Setup { gl, clock, server: _server } =
        with(vec![limited, ok()], |builder| builder.retry(RetryPolicy::never())).await;
    gl.get("x").send::<Value>().await.expect_err("an error");
    gl.clone().get("y").send::<Value>().await.expect("an answer");
    assert_eq!(millis(&clock), [60_500]);
}

#[tokio::test]
async fn a_call_ends_when_its_time_is_over() {
    let limited = json(429, "").with("Retry-After", "60");
    let Setup { server, gl, .. } = with(vec![limited], |builder| builder.timeout(Duration::from_secs(5))).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(error.is_rate_limited(), "{error}");
    assert_eq!(server.received().len(), 1);

    let Setup { gl, server: _server, .. } =
        with(vec![Reply::Hang], |builder| builder.timeout(Duration::from_millis(5))).await;
    let error = gl.post("x").send::<Value>().await.expect_err("an error");
    assert!(error.is_timeout() && error.is_outcome_unknown(), "{error}");
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn a_silent_server_is_given_up_and_asked_again() {
    let Setup { server, gl, .. } =
        with(vec![Reply::Hang, ok()], |builder| builder.read_timeout(Duration::from_millis(200))).await;
    gl.get("x").send::<Value>().await.expect("an answer");
    // On a busy machine, the second answer may be late as well.
    assert!((2..=6).contains(&server.received().len()), "{}", server.received().len());
}

#[tokio::test]
async fn an_upload_that_can_be_read_once_is_sent_once() {
    let Setup { server, gl, .. } = setup(vec![json(429, ""), ok()]).await;
    let stream = futures_util::stream::iter([Ok(bytes::Bytes::from("abc"))]);
    let error = gl.put("x").body(Upload::stream("f", stream)).send::<Value>().await.expect_err("an error");
    assert!(error.is_rate_limited());
    assert_eq!(server.received().len(), 1);
    assert_eq!(server.received()[0].body, b"abc");

    let Setup { server, gl, .. } = setup(vec![json(503, ""), ok()]).await;
    gl.put("x").body(Upload::bytes("f", "abc")).send::<Value>().await.expect("an answer");
    let bodies: Vec<_> = server.received().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, [b"abc", b"abc"]);
}

#[tokio::test]
async fn errors_tell_what_is_known() {
    let refused =
        json(422, r#"{"message": {"name": ["is too long"], "path": ["is taken"]}}"#).with("X-Request-Id", "01H");
    let Setup { server, gl, .. } = setup(vec![refused]).await;
    let error = gl.post("projects?a=b").send::<Value>().await.expect_err("an error");
    assert!(error.is_validation());
    assert_eq!(server.received()[0].method, "POST");
    assert_eq!(error.operation(), Some("raw"));
    assert_eq!(error.method(), Some(Method::Post));
    assert_eq!(error.url(), Some(format!("{}/api/v4/projects?a=b", server.url()).as_str()));
    assert_eq!((error.status(), error.request_id(), error.attempts()), (Some(422), Some("01H"), 1));
    assert_eq!(error.messages(), ["name is too long", "path is taken"]);
    assert_eq!(error.fields()[0], ("name".to_owned(), vec!["is too long".to_owned()]));
}

#[tokio::test]
async fn an_answer_of_another_shape_is_shown_where_it_differs() {
    let Setup { gl, server: _server, .. } = setup(vec![json(200, r#"[{"id": 1}, {"id": {"a": 2}}]"#)]).await;
    let error = gl.get("x").send::<Vec<std::collections::BTreeMap<String, i64>>>().await.expect_err("an error");
    assert!(error.is_decode());
    assert_eq!(error.json_path(), Some("[1].id"));
    assert!(error.excerpt().is_some_and(|excerpt| excerpt.contains(r#"{"a": 2}"#)), "{error}");

    let page = Reply::Answer(200, vec![("Content-Type".into(), "text/html".into())], b"<html>Sign in</html>".into());
    let Setup { gl, server: _server, .. } = setup(vec![page]).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(error.to_string().contains("text/html"), "{error}");
}

#[tokio::test]
async fn an_observer_sees_every_step() {
    let steps = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&steps);
    let limited = json(429, "").with("Retry-After", "1");
    let Setup { gl, server: _server, .. } = with(vec![limited, ok().with("X-Request-Id", "01H")], |builder| {
        builder.observer(move |event: &Event<'_>| {
            let step = match &event.kind {
                EventKind::Started => "started".to_owned(),
                EventKind::Finished { status, request_id, bytes, .. } => format!("{status} {request_id:?} {bytes:?}"),
                EventKind::Failed { error, .. } => format!("failed {:?}", error.status()),
                EventKind::Retrying { delay, .. } => format!("retrying {}", delay.as_millis()),
                EventKind::Waiting { .. } => "waiting".to_owned(),
                other => format!("{other:?}"),
            };
            seen.lock().expect("a lock").push(format!("{} {step}", event.attempt));
        })
    })
    .await;
    gl.get("x").send::<Value>().await.expect("an answer");
    assert_eq!(
        *steps.lock().expect("a lock"),
        ["1 started", "1 failed Some(429)", "1 retrying 1050", "2 started", "2 200 Some(\"01H\") Some(9)"]
    );
}

#[tokio::test]
async fn empty_answers_decode_to_nothing_and_bytes_come_as_they_are() {
    let Setup { gl, server: _server, .. } = setup(vec![json(204, "")]).await;
    gl.delete("x").send::<()>().await.expect("nothing");
    assert_eq!(gl.delete("x").send::<Option<i64>>().await.expect("nothing").into_inner(), None);
    assert!(gl.get("x").bytes().await.expect("bytes").is_empty());
}

#[tokio::test]
async fn a_download_is_saved_whole_or_not_at_all() {
    let folder = std::env::temp_dir().join(format!("glabflow-download-{}", std::process::id()));
    // A process of this number may have left it behind.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("file");
    let Setup { gl, server: _server, .. } = setup(vec![json(200, "the file"), json(200, "another").cut_off()]).await;
    let size = gl.get("f").download().await.expect("a file").save_to(&path).await.expect("it is saved");
    assert_eq!(size, 8);
    let error = gl.get("f").download().await.expect("a file").save_to(&path).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "the file");
    assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1, "nothing is left behind");
    let error =
        gl.get("f").download().await.expect("a file").save_to(folder.join("no/file")).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Io);
    std::fs::remove_dir_all(&folder).expect("the folder is there");
}

#[tokio::test]
async fn nothing_is_sent_before_it_is_awaited() {
    let Setup { server, gl, .. } = setup(vec![ok()]).await;
    drop(gl.get("x").send::<Value>());
    drop(gl.get("x").items::<Value>());
    assert!(server.received().is_empty());
}
