//! Which requests are retried, how responses decode, and what errors contain. The clock skips waits.

use glabflow::contract::{Method, Upload};
use glabflow::{Client, ErrorKind, Event, EventKind, RetryPolicy, SkippingClock};
use glabflow_test_server::{ClosedPort, Reply, Server, json};
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
async fn server_errors_are_retried_for_reads() {
    for first in [json(500, ""), json(502, "<html>"), json(503, ""), json(504, ""), json(520, "<html>"), json(530, "")]
    {
        let Setup { server, gl, clock } = setup(vec![first.clone(), first, ok()]).await;
        gl.get("x").send::<Value>().await.expect("a response");
        assert_eq!(server.requests().len(), 3);
        assert_eq!(millis(&clock), [125, 250]);
    }
}

#[tokio::test]
async fn broken_connections_and_bodies_are_retried_for_reads() {
    let Setup { server, gl, .. } = setup(vec![Reply::Close, ok().cut_off(), json(404, "{}")]).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(error.is_not_found());
    assert_eq!((server.requests().len(), error.attempts()), (3, 3));
}

#[tokio::test]
async fn post_with_unknown_outcome_is_not_retried_unless_idempotent() {
    for first in [json(502, ""), Reply::Close, ok().cut_off()] {
        let Setup { server, gl, .. } = setup(vec![first, ok()]).await;
        let error = gl.post("projects").json(&Value::Null).send::<Value>().await.expect_err("an error");
        assert!(error.is_outcome_unknown() && error.is_transient(), "{error}");
        assert!(error.to_string().contains("not retried"), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
    let Setup { server, gl, .. } = setup(vec![json(502, ""), ok()]).await;
    gl.post("projects").idempotent(true).send::<Value>().await.expect("a response");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn put_is_retried_only_if_it_is_idempotent() {
    let Setup { server, gl, .. } = setup(vec![json(502, ""), ok()]).await;
    let update = gl.repository_files().update(1, "a.txt", "main", "a message", "text");
    let error = update.send().await.expect_err("an error");
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(server.requests().len(), 1);

    let Setup { server, gl, .. } = setup(vec![json(502, ""), ok()]).await;
    gl.projects().update(1).description("x").send().await.expect("a response");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn error_after_an_unknown_outcome_hints_at_the_earlier_attempt() {
    let hint = "an earlier attempt may have been carried out";
    for status in [404, 405, 409, 422] {
        let Setup { gl, server: _server, .. } = setup(vec![json(502, ""), json(status, "{}")]).await;
        let error = gl.delete("x").send::<()>().await.expect_err("an error");
        assert!(error.to_string().contains(hint), "{error}");
        let Setup { gl, server: _server, .. } = setup(vec![Reply::Close, json(status, "{}")]).await;
        let error = gl.put("x").send::<()>().await.expect_err("an error");
        assert!(error.to_string().contains(hint), "{error}");
    }
    // Without an earlier attempt that may have been executed, or for reads, there is no hint.
    let limited = || json(429, "").with("Retry-After", "1");
    let Setup { gl, server: _server, .. } = setup(vec![limited(), json(404, "{}")]).await;
    let error = gl.delete("x").send::<()>().await.expect_err("an error");
    assert!(!error.to_string().contains(hint), "{error}");
    let Setup { gl, server: _server, .. } = setup(vec![json(502, ""), json(404, "{}")]).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(!error.to_string().contains(hint), "{error}");
}

#[tokio::test]
async fn maximum_durations_do_not_overflow() {
    let (endless, long) = (Duration::MAX, Duration::from_secs(10_000));
    let limited = json(429, "").with("Retry-After", long.as_secs().to_string());
    let policy = RetryPolicy::default().max_wait(endless).base_delay(endless).max_delay(endless);
    let Setup { server, gl, clock } = with(vec![limited, ok()], |builder| {
        builder.timeout(endless).read_timeout(endless).connect_timeout(endless).retry(policy)
    })
    .await;
    gl.get("x").send::<Value>().await.expect("a response");
    assert_eq!(server.requests().len(), 2);
    assert!(
        (long..long + Duration::from_secs(2)).contains(&clock.slept().iter().sum::<Duration>()),
        "{:?}",
        clock.slept()
    );
    gl.get("x").timeout(endless).send::<Value>().await.expect("a response");
    gl.get("x").items::<Value>().timeout(endless).next().await.expect("a response").expect_err("no list");
    gl.get("x").download().timeout(endless).await.expect("a file");
}

#[tokio::test]
async fn post_is_retried_if_it_was_certainly_not_executed() {
    let lock = json(409, r#"{"message": "409 Conflict: Resource lock"}"#);
    let limited = json(429, "Retry later").with("Retry-After", "3");
    let Setup { server, gl, clock } = setup(vec![lock, limited, ok()]).await;
    gl.post("projects").send::<Value>().await.expect("a response");
    assert_eq!(server.requests().len(), 3);
    assert_eq!(millis(&clock), [125, 3150]);

    let Setup { server, gl, .. } = setup(vec![json(409, r#"{"message": "already there"}"#)]).await;
    let error = gl.post("projects").send::<Value>().await.expect_err("an error");
    assert!(error.is_conflict() && !error.is_outcome_unknown());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn connection_refused_is_retried_for_all_methods() {
    let closed = ClosedPort::new();
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.5));
    let gl = Client::builder(closed.url()).clock(Arc::clone(&clock)).build().expect("a client");
    let error = gl.post("x").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 6));
    assert!(!error.is_outcome_unknown());
    assert_eq!(clock.slept().len(), 5);
}

#[tokio::test]
async fn delay_after_429_comes_from_headers_or_backoff() {
    let now = 1_000_000;
    let replies = vec![json(429, "").with("RateLimit-Reset", (now + 30).to_string()), json(429, "<html>"), ok()];
    let Setup { server, gl, clock } = setup(replies).await;
    gl.get("x").send::<Value>().await.expect("a response");
    assert_eq!(server.requests().len(), 3);
    assert_eq!(millis(&clock), [30_500, 375]);

    let Setup { gl, server: _server, .. } = setup(vec![json(429, "").with("Retry-After", "3600")]).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(error.is_rate_limited());
    assert_eq!((error.retry_after(), error.attempts()), (Some(Duration::from_secs(3600)), 1));
}

#[tokio::test]
async fn rate_limit_pause_applies_to_clones_of_a_client() {
    let limited = json(429, "").with("Retry-After", "60");
    let Setup { gl, clock, server: _server } =
        with(vec![limited, ok()], |builder| builder.retry(RetryPolicy::never())).await;
    gl.get("x").send::<Value>().await.expect_err("an error");
    gl.clone().get("y").send::<Value>().await.expect("a response");
    assert_eq!(millis(&clock), [60_500]);
}

#[tokio::test]
async fn call_ends_at_its_timeout() {
    let limited = json(429, "").with("Retry-After", "60");
    let Setup { server, gl, .. } = with(vec![limited], |builder| builder.timeout(Duration::from_secs(5))).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(error.is_rate_limited(), "{error}");
    assert_eq!(server.requests().len(), 1);

    let Setup { gl, server: _server, .. } =
        with(vec![Reply::Hang], |builder| builder.timeout(Duration::from_millis(5))).await;
    let error = gl.post("x").send::<Value>().await.expect_err("an error");
    assert!(error.is_timeout() && error.is_outcome_unknown(), "{error}");
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn read_timeout_is_retried() {
    let Setup { server, gl, .. } =
        with(vec![Reply::Hang, ok()], |builder| builder.read_timeout(Duration::from_millis(200))).await;
    gl.get("x").send::<Value>().await.expect("a response");
    // On a busy machine, the second response may be late as well.
    assert!((2..=6).contains(&server.requests().len()), "{}", server.requests().len());
}

#[tokio::test]
async fn one_shot_upload_is_not_retried() {
    let Setup { server, gl, .. } = setup(vec![json(429, ""), ok()]).await;
    let stream = futures_util::stream::iter([Ok(bytes::Bytes::from("abc"))]);
    let error = gl.put("x").body(Upload::stream("f", stream)).send::<Value>().await.expect_err("an error");
    assert!(error.is_rate_limited());
    assert_eq!(server.requests().len(), 1);
    assert_eq!(server.requests()[0].body, b"abc");

    let Setup { server, gl, .. } = setup(vec![json(503, ""), ok()]).await;
    gl.put("x").body(Upload::bytes("f", "abc")).send::<Value>().await.expect("a response");
    let bodies: Vec<_> = server.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, [b"abc", b"abc"]);
}

#[tokio::test]
async fn errors_have_request_and_response_details() {
    let refused =
        json(422, r#"{"message": {"name": ["is too long"], "path": ["is taken"]}}"#).with("X-Request-Id", "01H");
    let Setup { server, gl, .. } = setup(vec![refused]).await;
    let error = gl.post("projects?a=b").send::<Value>().await.expect_err("an error");
    assert!(error.is_validation());
    assert_eq!(server.requests()[0].method, "POST");
    assert_eq!(error.operation(), Some("raw"));
    assert_eq!(error.method(), Some(Method::Post));
    assert_eq!(error.url(), Some(format!("{}/api/v4/projects?a=b", server.url()).as_str()));
    assert_eq!((error.status(), error.request_id(), error.attempts()), (Some(422), Some("01H"), 1));
    assert_eq!(error.messages(), ["name is too long", "path is taken"]);
    assert_eq!(error.fields()[0], ("name".to_owned(), vec!["is too long".to_owned()]));
}

#[tokio::test]
async fn decode_error_has_path_and_excerpt() {
    let Setup { gl, server: _server, .. } = setup(vec![json(200, r#"[{"id": 1}, {"id": {"a": 2}}]"#)]).await;
    let error = gl.get("x").send::<Vec<std::collections::BTreeMap<String, i64>>>().await.expect_err("an error");
    assert!(error.is_decode());
    assert_eq!(error.json_path(), Some("[1].id"));
    assert!(error.excerpt().is_some_and(|excerpt| excerpt.contains(r#"{"a": 2}"#)), "{error}");

    let page = Reply::new(200, "<html>Sign in</html>").with("Content-Type", "text/html");
    let Setup { gl, server: _server, .. } = setup(vec![page]).await;
    let error = gl.get("x").send::<Value>().await.expect_err("an error");
    assert!(error.to_string().contains("text/html"), "{error}");
}

#[tokio::test]
async fn observer_sees_each_attempt() {
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
    gl.get("x").send::<Value>().await.expect("a response");
    assert_eq!(
        *steps.lock().expect("a lock"),
        ["1 started", "1 failed Some(429)", "1 retrying 1050", "2 started", "2 200 Some(\"01H\") Some(9)"]
    );
}

#[tokio::test]
async fn empty_responses_decode_to_unit_none_and_no_bytes() {
    let Setup { gl, server: _server, .. } = setup(vec![json(204, "")]).await;
    gl.delete("x").send::<()>().await.expect("nothing");
    assert_eq!(gl.delete("x").send::<Option<i64>>().await.expect("nothing").into_inner(), None);
    assert!(gl.get("x").bytes().await.expect("bytes").is_empty());
}

#[tokio::test]
async fn interrupted_download_leaves_the_file_unchanged() {
    let folder = std::env::temp_dir().join(format!("glabflow-download-{}", std::process::id()));
    // An earlier process with the same id may have left it behind.
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
async fn requests_are_not_sent_before_they_are_polled() {
    let Setup { server, gl, .. } = setup(vec![ok()]).await;
    drop(gl.get("x").send::<Value>());
    drop(gl.get("x").items::<Value>());
    assert!(server.requests().is_empty());
}
