//! Faults, each as a client meets it.

use crate::Session;
use glabflow_fake::{Fake, Fault};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Sends a request for some users under a fault and reads whatever comes until the connection ends.
fn raw(fake: &Fake, fault: &str) -> (String, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(fake.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let request = format!(
        "GET /api/v4/users?per_page=3 HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: glpat-demo\r\nX-Fake-Fault: {fault}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).err().map(|error| error.kind());
    (String::from_utf8(bytes).unwrap(), end)
}

/// The announced length of the body, and the body.
fn body(answer: &str) -> (usize, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    (length.parse().unwrap(), body)
}

#[test]
fn answers_that_break_on_the_way() {
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

    assert_eq!(raw(&fake, "reset"), (String::new(), Some(ErrorKind::ConnectionReset)));
    let (answer, end) = raw(&fake, "hang");
    assert!(answer.is_empty() && matches!(end, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{end:?}");
}

#[tokio::test]
async fn answers_that_say_no() {
    let session = Session::start(Fake::builder().retry_after(Duration::from_secs(7))).await;
    let get = async |fault: &str| {
        let request = session.client.get(session.url("/version")).header("PRIVATE-TOKEN", "glpat-demo");
        crate::Reply::read(request.header("X-Fake-Fault", fault).send().await.unwrap()).await
    };
    for (fault, status) in [("500", 500), ("502", 502), ("503", 503), ("504", 504), ("520", 520), ("409-lock", 409)] {
        assert_eq!(get(fault).await.status, status, "{fault}");
    }
    assert!(get("520").await.headers["content-type"].starts_with("text/html"));
    assert_eq!(get("409-lock").await.body["message"], "Resource lock");
    let limited = get("429").await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("7")));
    assert_eq!(limited.header("ratelimit-remaining"), Some("0"));
    let bare = get("429-bare").await;
    assert_eq!((bare.status, bare.header("retry-after"), bare.header("ratelimit-reset")), (429, None, None));
    let nonsense = get("418").await;
    assert_eq!(
        (nonsense.status, &nonsense.body["error"]),
        (400, &"X-Fake-Fault: there is no fault called `418`".into())
    );

    let no_follow = crate::client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = no_follow.get(session.url("/version?a=1")).header("X-Fake-Fault", "redirect");
    let redirect = request.send().await.unwrap();
    assert_eq!(redirect.headers()["location"], session.url("/version?a=1"));
    let request = no_follow.get(session.url("/version")).header("X-Fake-Fault", "redirect=http://elsewhere.example/");
    assert_eq!(request.send().await.unwrap().headers()["location"], "http://elsewhere.example/");
}

#[tokio::test]
async fn requests_fail_by_script() {
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
async fn a_share_of_requests_fails_and_a_retry_succeeds() {
    let session = Session::start(Fake::builder().fail_rate(0.3).seed(3)).await;
    let (mut failures, mut ids) = (0, Vec::new());
    for page in 1..=50 {
        // Thirty tries of a thing that fails three times in ten do not all fail.
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
            panic!("page {page} never came");
        };
        ids.extend(found.iter().map(|user| user["id"].as_u64().unwrap()));
    }
    assert_eq!(ids, (1..=1000).rev().collect::<Vec<_>>());
    assert!(failures >= 5, "{failures} failures");
    let statuses = session.fake.requests().by_status;
    assert!(statuses.keys().filter(|status| **status != 200).count() >= 3, "{statuses:?}");
}

#[tokio::test]
async fn a_change_under_a_fault_that_answers_has_not_happened() {
    let session = Session::start(Fake::builder().fail_on("POST /projects", 0, 1, Fault::Status(503))).await;
    let create = async || session.post("/projects", serde_json::json!({"name": "once"})).await.status;
    assert_eq!((create().await, create().await, create().await), (503, 201, 400));
}
