//! The number of concurrent requests, connections that are opened ahead, and timeouts of calls.

use super::idle::QUIET_ROUNDS;
use super::send;
use futures_util::future::join_all;
use glabflow::{Client, Concurrency, Token};
use glabflow_fake::Fake;
use glabflow_test_server::{ClosedPort, Reply, Server, json};
use serde_json::Value;
use std::time::Duration;

#[tokio::test]
async fn download_holds_no_concurrency_permit() {
    let server = Server::start(|_, _| json(200, "[1]")).await;
    let builder = Client::builder(server.url()).concurrency(Concurrency::fixed(1));
    let gl = builder.build().expect("a client");
    let mut file = gl.get("file").download().await.expect("a file");
    let sent = gl.post("copy").json(&[1]).send::<Value>().await.expect("a free permit");
    assert_eq!(sent.into_inner(), serde_json::json!([1]));
    assert_eq!(file.next().await.expect("bytes").expect("bytes"), "[1]");
}

#[tokio::test]
async fn call_timeouts_lower_the_adaptive_concurrency() {
    let server = Server::script(vec![Reply::Hang]).await;
    let gl = Client::builder(server.url()).timeout(Duration::from_millis(50)).build().expect("a client");
    assert_eq!(gl.concurrency(), 16);
    let all = join_all((0..16).map(|_| gl.get("x").send::<Value>())).await;
    assert!(all.into_iter().all(|answer| answer.expect_err("too late").is_timeout()));
    assert!(gl.concurrency() < 16, "{}", gl.concurrency());
}

#[tokio::test]
async fn preconnecting_opens_reusable_connections_without_a_token() {
    let fake = Fake::builder().users(5).latency(Duration::from_millis(20)).start().await.expect("a server");
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build().expect("a client");
    gl.preconnect(5).await.expect("connections");
    let requests = fake.requests();
    assert_eq!((requests.connections, requests.total), (5, 5));
    assert!(requests.log.iter().all(|seen| seen.token.is_none() && seen.path == "/robots.txt"));
    // The connections return to the pool in tasks of their own, which run meanwhile.
    for _ in 0..QUIET_ROUNDS {
        tokio::task::yield_now().await;
    }
    send(&gl, "users/1", 5).await;
    // A connection may not have returned to the pool when the first request looks.
    assert!(fake.requests().connections <= 7, "the opened connections are used");

    let closed = ClosedPort::new();
    let gl = Client::builder(closed.url()).build().expect("a client");
    assert!(gl.preconnect(2).await.is_err());
}

#[tokio::test]
async fn call_timeout_overrides_the_client_timeout() {
    let server = Server::script(vec![Reply::Hang]).await;
    let gl = Client::builder(server.url()).build().expect("a client");
    let soon = Duration::from_millis(5);
    assert!(gl.get("x").send::<Value>().timeout(soon).await.expect_err("too late").is_timeout());
    assert!(gl.get("x").timeout(soon).send::<Value>().await.expect_err("too late").is_timeout());
    let page = gl.get("x").items::<Value>().timeout(soon).next().await.expect("an error");
    assert!(page.expect_err("too late").is_timeout());
    assert!(gl.get("x").download().timeout(soon).await.expect_err("too late").is_timeout());
    let archive = gl.repositories().get_archive(1).send().timeout(soon).await;
    assert!(archive.expect_err("too late").is_timeout());
}

#[tokio::test]
async fn concurrency_is_as_configured() {
    assert_eq!(Client::for_gitlab_com("glpat-x").expect("a client").concurrency(), 20);
    let with = |concurrency: Concurrency| {
        Client::builder("https://h.example").concurrency(concurrency).build().expect("a client").concurrency()
    };
    assert_eq!([with(8.into()), with(Concurrency::fixed(100)), with(Concurrency::default())], [8, 100, 16]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adaptive_concurrency_settles_at_the_capacity_of_a_saturated_server() {
    let fake = Fake::builder().users(5).capacity(4, Duration::from_millis(20), 8).start().await.expect("a server");
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build().expect("a client");
    assert_eq!(gl.concurrency(), 16);
    send(&gl, "users/1", 600).await;
    // Four are processed and eight wait: of more than twelve at once, some are rejected.
    assert!((2..=13).contains(&gl.concurrency()), "{}", gl.concurrency());
    assert!(fake.requests().with_status(503) < 120, "{}", fake.requests().with_status(503));
}
