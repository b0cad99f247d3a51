//! Rate limits and counters.

use crate::Session;
use glabflow_fake::{Clock, Fake, USER_TOKEN};
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

#[tokio::test]
async fn the_rate_limit_counts_requests_of_a_token_by_the_minute() {
    let clock = Clock::manual(1_800_000_000);
    let session = Session::start(Fake::builder().rate_limit(3).clock(clock.clone())).await;
    for observed in 1..=3 {
        let reply = session.get("/version").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("ratelimit-remaining"), Some((3 - observed).to_string().as_str()));
        assert_eq!(reply.header("ratelimit-observed"), Some(observed.to_string().as_str()));
    }
    clock.advance(Duration::from_secs(20));
    let rejected = session.get("/version").await;
    assert_eq!((rejected.status, rejected.body), (429, "Retry later\n".into()));
    let expected = [
        ("content-type", "text/plain"),
        ("retry-after", "40"),
        ("ratelimit-limit", "3"),
        ("ratelimit-name", "throttle_authenticated_api"),
        ("ratelimit-reset", "1800000060"),
        ("ratelimit-resettime", "Fri, 15 Jan 2027 08:01:00 GMT"),
    ];
    for (name, value) in expected {
        assert_eq!(rejected.headers.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert_eq!(session.get_as(Some(USER_TOKEN), "/version").await.status, 200, "another token has its own count");
    clock.advance(Duration::from_secs(40));
    assert_eq!(session.get("/version").await.status, 200);
}

#[tokio::test]
async fn requests_are_counted_and_tokens_are_shortened() {
    let session = Session::start(Fake::builder()).await;
    session.get("/users?per_page=1").await;
    session.get("/users/99999").await;
    session.get_as(None, "/users?private_token=glpat-demo&search=a").await;
    session.get("/nowhere").await;
    let requests = session.fake.requests();
    assert_eq!((requests.total, requests.of("list_users"), requests.with_status(404)), (4, 2, 2));
    assert_eq!((requests.most_at_once, requests.connections), (1, 1));
    let last = &requests.log[2];
    assert_eq!((last.method.as_str(), last.path.as_str(), last.status), ("GET", "/api/v4/users", 200));
    assert_eq!(last.query, "private_token=%5Bredacted%5D&search=a");
    assert!(!format!("{requests:?}").contains("glpat-demo"), "{requests:?}");
    session.fake.forget_requests();
    assert_eq!(session.fake.requests().total, 0);
}

#[tokio::test]
async fn concurrent_requests_are_counted() {
    let session = Session::start(Fake::builder().latency(Duration::from_secs(1))).await;
    tokio::join!(session.get("/version"), session.get("/version"), session.get("/version"));
    assert_eq!(session.fake.requests().most_at_once, 3);
}

#[test]
fn a_server_in_its_own_thread_stops_when_dropped() {
    let fake = Fake::builder().start_blocking().unwrap();
    let mut stream = std::net::TcpStream::connect(fake.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(b"GET /api/v4/version HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 401");
    drop(fake);
    let end = stream.read_to_end(&mut Vec::new()).map_err(|error| error.kind());
    assert!(matches!(end, Ok(_) | Err(ErrorKind::ConnectionReset)), "{end:?}");
}
