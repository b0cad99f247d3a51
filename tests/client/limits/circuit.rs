//! The circuit breaker: when it opens, and what it does then.

use super::send;
use glabflow::{CircuitBreaker, Client, Concurrency, ErrorKind, RateLimits, RetryPolicy, SkippingClock};
use glabflow_test_server::{Reply, Server, json};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, UNIX_EPOCH};

#[tokio::test]
async fn open_circuit_fails_fast_until_the_next_probe() {
    let up = Arc::new(AtomicBool::new(false));
    let is_up = Arc::clone(&up);
    let server = Server::start(move |_, _| if is_up.load(SeqCst) { json(200, "1") } else { json(502, "<html>") }).await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
    let circuit = CircuitBreaker::default().after(Duration::from_secs(1));
    let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).circuit_breaker(circuit);
    let gl = builder.retry(RetryPolicy::never()).build().expect("a client");
    for _ in 0..10 {
        let error = gl.get("x").send::<Value>().await.expect_err("down");
        assert_eq!(error.kind(), ErrorKind::Server);
        clock.advance(Duration::from_millis(200));
    }
    let error = gl.get("x").send::<Value>().await.expect_err("down");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 0));
    assert!(error.is_transient() && error.retry_after() == Some(Duration::from_millis(1800)), "{error}");
    assert_eq!(server.requests().len(), 10, "nothing was sent");

    clock.advance(Duration::from_secs(2));
    assert_eq!(gl.get("x").send::<Value>().await.expect_err("down").kind(), ErrorKind::Server);
    assert_eq!(gl.get("x").send::<Value>().await.expect_err("down").kind(), ErrorKind::Unavailable);
    up.store(true, SeqCst);
    clock.advance(Duration::from_secs(4));
    send(&gl, "x", 1).await;
    send(&gl, "x", 3).await;
}

#[tokio::test]
async fn client_errors_and_500_do_not_open_the_circuit() {
    for status in [400, 401, 404, 429, 500] {
        let server = Server::start(move |_, _| json(status, "")).await;
        let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
        let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).rate_limits(RateLimits::off());
        let gl = builder.retry(RetryPolicy::never()).build().expect("a client");
        for _ in 0..30 {
            let error = gl.get("x").send::<Value>().await.expect_err("refused");
            assert_eq!(error.status(), Some(status));
            clock.advance(Duration::from_secs(1));
        }
    }
}

/// Such a server accepts connections and never responds, like a load balancer without a server behind it.
#[tokio::test]
async fn unresponsive_server_opens_the_circuit_but_one_slow_endpoint_does_not() {
    for reply in [Reply::Hang, Reply::Close] {
        let is_mute = Arc::new(AtomicBool::new(true));
        let mute = Arc::clone(&is_mute);
        let server = Server::start(move |request, _| match mute.load(SeqCst) || request.target.ends_with("slow") {
            true => reply.clone(),
            false => json(200, "{}"),
        })
        .await;
        let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
        // Real time: the timeout of a read on a socket.
        let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).read_timeout(Duration::from_millis(100));
        let gl = builder.retry(RetryPolicy::never()).build().expect("a client");
        for _ in 0..10 {
            let error = gl.get("x").send::<Value>().await.expect_err("no response");
            assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Transport), "{error}");
            clock.advance(Duration::from_millis(1200));
        }
        let error = gl.get("x").send::<Value>().await.expect_err("down");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 0), "{error}");
        // A call may time out before the server has read its request.
        assert!(server.requests().len() <= 10, "{}", server.requests().len());
        is_mute.store(false, SeqCst);
        clock.advance(Duration::from_secs(2));
        for _ in 0..12 {
            // On a busy machine, a response may take longer than the read timeout. That does not open the circuit.
            let mut answer = gl.get("x").send::<Value>().await;
            for _ in 0..5 {
                match &answer {
                    Err(error) if error.is_timeout() => {
                        // The circuit may have been waiting for this response.
                        clock.advance(CircuitBreaker::default().max_probe);
                        answer = gl.get("x").send().await;
                    }
                    _ => break,
                }
            }
            answer.expect("a response");
            let error = gl.get("slow").send::<Value>().await.expect_err("no response");
            assert_ne!(error.kind(), ErrorKind::Unavailable);
            clock.advance(Duration::from_millis(1200));
        }
    }
}

#[tokio::test]
async fn failures_of_another_host_do_not_affect_limits_or_circuit() {
    let storage = Server::script(vec![json(429, "").with("Retry-After", "300"), json(503, ""), Reply::Close]).await;
    let to = storage.url();
    let server = Server::start(move |request, _| match request.target.ends_with("file") {
        true => json(302, "").with("Location", format!("{to}/file")),
        false => json(200, "{}"),
    })
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
    let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).retry(RetryPolicy::never());
    let gl = builder.build().expect("a client");
    for _ in 0..30 {
        let error = gl.get("file").download().await.expect_err("no file");
        assert_ne!(error.kind(), ErrorKind::Unavailable, "{error}");
        clock.advance(Duration::from_secs(1));
    }
    assert!(gl.budget().is_empty(), "{:?}", gl.budget());
    send(&gl, "x", 1).await;
    assert_eq!((server.requests().len(), storage.requests().len()), (31, 30));
}

/// A probe that hangs may hold the only permit.
#[tokio::test]
async fn open_circuit_fails_before_waiting_for_a_permit() {
    let server = Server::start(|_, count| if count < 10 { Reply::Close } else { Reply::Hang }).await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
    let builder = Client::builder(server.url()).clock(Arc::clone(&clock)).retry(RetryPolicy::never());
    let gl = builder.concurrency(Concurrency::fixed(1)).build().expect("a client");
    for _ in 0..10 {
        gl.get("x").send::<Value>().await.expect_err("no response");
        clock.advance(Duration::from_millis(1200));
    }
    clock.advance(Duration::from_secs(2));
    let probe = tokio::spawn(gl.get("x").send::<Value>());
    server.wait_for(11).await;
    let error = gl.get("x").send::<Value>().await.expect_err("down");
    assert_eq!((error.kind(), server.requests().len()), (ErrorKind::Unavailable, 11), "{error}");
    probe.abort();
}
