//! Faults from the client's point of view.

use crate::Session;
use glabflow_fake::{Fake, Fault};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Requests some users under a fault and reads until the connection ends.
fn raw(fake: &Fake, fault: &str) -> (String, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(fake.address()).unwrap();
    // A response that hangs never ends, so reading has a timeout.
    let patience = Duration::from_millis(if fault == "hang" { 300 } else { 30_000 });
    stream.set_read_timeout(Some(patience)).unwrap();
    let request = format!(
        "GET /api/v4/users?per_page=3 HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: glpat-demo\r\nX-Fake-Fault: {fault}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).err().map(|error| error.kind());
    (String::from_utf8(bytes).unwrap(), end)
}

/// `Content-Length`, and the body.
fn body(answer: &str) -> (usize, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    (length.parse().unwrap(), body)
}

#[test]
fn response_bodies_break_as_requested() {
    let fake = Fake::builder().start_blocking().unwrap();
    let (whole, end) = raw(&fake, "latency=0");
    assert_eq!(end, None);
    let (length, text) = body(&whole);
    assert_eq!(length, text.len());

    let (answer, _) = raw(&fake, "truncate");
    let (announced, cut) = body(&answer);
    assert_eq!((announced, cut), (length, &text[..length / 2]));

    let (answer, end) = raw(&fake, "invalid-json");
    let (announced, cut) = body(&answer);
    assert_eq!((announced, end), (cut.len(), None));
    assert!(serde_json::from_str::<serde_json::Value>(cut).is_err());

    let (answer, end) = raw(&fake, "wrong-length");
    let (announced, cut) = body(&answer);
    assert!(announced < length && end.is_none() && cut == &text[..announced]);

    let before = Instant::now();
    let (answer, _) = raw(&fake, "slow=2");
    assert_eq!(body(&answer), (length, text));
    assert!(before.elapsed() >= Duration::from_millis(14));

    let (answer, end) = raw(&fake, "reset-mid");
    assert_eq!((body(&answer), end), ((length, &text[..length / 2]), Some(ErrorKind::ConnectionReset)));

    let (answer, end) = raw(&fake, "oversize=2");
    let (announced, padded) = body(&answer);
    assert_eq!((announced, padded.len(), end), (length + (2 << 20), announced, None));
    assert_eq!(padded.trim_end(), text);

    assert_eq!(raw(&fake, "reset"), (String::new(), Some(ErrorKind::ConnectionReset)));
    let (answer, end) = raw(&fake, "hang");
    assert!(answer.is_empty() && matches!(end, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{end:?}");
}

#[tokio::test]
async fn error_responses_match_their_fault() {
    let session = Session::start(Fake::builder().retry_after(Duration::from_secs(7))).await;
    let get = async |fault: &str| {
        let request = session.client.get(session.url("/version")).header("PRIVATE-TOKEN", "glpat-demo");
        crate::Reply::read(request.header("X-Fake-Fault", fault).send().await.unwrap()).await
    };
    for status in [500, 502, 503, 504].into_iter().chain(520..=530) {
        let reply = get(&status.to_string()).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.headers["content-type"].starts_with("text/html"), status != 500);
    }
    assert_eq!(get("409-lock").await.status, 409);
    assert_eq!(get("409-lock").await.body["message"], "Resource lock");
    let limited = get("429").await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("7")));
    assert_eq!(limited.header("ratelimit-remaining"), Some("0"));
    let bare = get("429-bare").await;
    assert_eq!((bare.status, bare.header("retry-after"), bare.header("ratelimit-reset")), (429, None, None));
    let nonsense = get("418").await;
    assert_eq!((nonsense.status, &nonsense.body["error"]), (400, &"X-Fake-Fault: unknown fault `418`".into()));

    let no_follow = crate::client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = no_follow.get(session.url("/version?a=1")).header("X-Fake-Fault", "redirect");
    let redirect = request.send().await.unwrap();
    assert_eq!(redirect.headers()["location"], session.url("/version?a=1"));
    let request = no_follow.get(session.url("/version")).header("X-Fake-Fault", "redirect=http://elsewhere.example/");
    assert_eq!(request.send().await.unwrap().headers()["location"], "http://elsewhere.example/");
}

#[tokio::test]
async fn scripted_requests_fail() {
    let builder = Fake::builder().fail_on("GET /users", 2, 1, Fault::Status(503)).fail_on(
        "/projects*",
        0,
        2,
        Fault::ResourceLock,
    );
    let session = Session::start(builder).await;
    let mut statuses = Vec::new();
    for path in ["/users", "/users", "/users", "/users", "/projects/1", "/projects", "/projects"] {
        statuses.push(session.get(path).await.status);
    }
    assert_eq!(statuses, [200, 200, 503, 200, 409, 409, 200]);
}

#[tokio::test]
async fn scripts_can_change_at_run_time_and_faults_are_counted() {
    let session = Session::start(Fake::builder()).await;
    session.fake.fail_on("GET /version", 1, u64::MAX, Fault::Status(503));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(session.get("/version").await.status);
    }
    session.fake.stop_failing();
    statuses.push(session.get("/version").await.status);
    assert_eq!(statuses, [200, 503, 503, 200]);
    assert_eq!(session.fake.requests().with_fault(&Fault::Status(503)), 2);
    assert_eq!(session.fake.requests().by_fault.len(), 1);
}

#[tokio::test]
async fn a_revoked_token_is_rejected_and_a_new_one_accepted() {
    let session = Session::start(Fake::builder().fail_on("GET /user", 1, 1, Fault::Revoke)).await;
    let statuses = [session.get("/user").await, session.get("/user").await, session.get("/version").await];
    assert_eq!(statuses.map(|reply| reply.status), [200, 401, 401]);
    session.fake.add_token("glpat-demo", 1, glabflow_fake::Scope::Api);
    assert_eq!(session.get("/user").await.status, 200);
}

#[tokio::test]
async fn restarted_server_keeps_port_and_data() {
    let session = Session::start(Fake::builder()).await;
    assert_eq!(session.delete("/users/5").await.status, 204);
    session.fake.fail_on("GET /version", 0, 1, Fault::Restart(Duration::from_secs(2)));
    let request = || session.client.get(session.url("/version")).header("PRIVATE-TOKEN", "glpat-demo").send();
    assert!(request().await.is_err());
    assert!(request().await.is_err_and(|error| error.is_connect()));
    // Real time is the subject: the port of the server opens again after two seconds.
    let before = Instant::now();
    while request().await.is_err() {
        assert!(before.elapsed() < Duration::from_secs(60), "the server did not restart");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(session.get("/users/5").await.status, 404);
}

#[tokio::test]
async fn meanwhile_requests_run_first() {
    let builder = Fake::builder()
        .users(5)
        .fail_on("GET /users", 1, 1, Fault::Meanwhile("DELETE /users/3".into()))
        .fail_on(
            "GET /users",
            1,
            1,
            Fault::Meanwhile("POST /users?email=n{n}@x.example&username=n{n}&name=N&password=p{n}xxxxxxx".into()),
        )
        .fail_on("GET /users", 1, 1, Fault::Meanwhile("DELETE /users/77".into()));
    let session = Session::start(builder).await;
    assert_eq!(session.get("/users").await.ids(), [5, 4, 3, 2, 1]);
    assert_eq!(session.get("/users").await.ids(), [5, 4, 2, 1]);
    assert_eq!(session.get("/users").await.ids(), [6, 5, 4, 2, 1]);
    let failed = session.get("/users").await;
    assert_eq!(failed.status, 400);
    assert!(failed.body["error"].as_str().unwrap().contains("failed with 404"), "{failed:?}");
}

#[tokio::test]
async fn fail_rate_fails_some_requests_and_retries_succeed() {
    let session = Session::start(Fake::builder().fail_rate(0.3).seed(3)).await;
    let (mut failures, mut ids) = (0, Vec::new());
    for page in 1..=50 {
        // With a failure rate of 30%, thirty attempts do not all fail.
        let found = 'tries: {
            for _ in 0..30 {
                let request = session.client.get(session.url(&format!("/users?per_page=20&page={page}")));
                let reply = request.header("PRIVATE-TOKEN", "glpat-demo").send().await;
                if let Ok(reply) = reply.and_then(reqwest::Response::error_for_status)
                    && let Ok(users) = reply.json::<Vec<serde_json::Value>>().await
                {
                    break 'tries users;
                }
                failures += 1;
            }
            panic!("page {page} did not arrive");
        };
        ids.extend(found.iter().map(|user| user["id"].as_u64().unwrap()));
    }
    assert_eq!(ids, (1..=1000).rev().collect::<Vec<_>>());
    assert!(failures >= 5, "{failures} failures");
    let statuses = session.fake.requests().by_status;
    assert!(statuses.keys().filter(|status| **status != 200).count() >= 3, "{statuses:?}");
}

#[tokio::test]
async fn faults_that_replace_the_response_prevent_the_change() {
    let session = Session::start(Fake::builder().fail_on("POST /projects", 0, 1, Fault::Status(503))).await;
    let create = async || session.post("/projects", serde_json::json!({"name": "once"})).await.status;
    assert_eq!((create().await, create().await, create().await), (503, 201, 400));
}
