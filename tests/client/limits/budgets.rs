//! Rate limits: which requests wait, and how long.

use super::idle::{BEGIN, Idle};
use super::send;
use futures_util::future::join_all;
use glabflow::{Client, Concurrency, Event, EventKind, RateLimits, RetryPolicy, SkippingClock, Token};
use glabflow_fake::{Fake, RateLimit};
use glabflow_test_server::{Request, Server, json};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

async fn fake(idle: &Idle, limits: impl IntoIterator<Item = RateLimit>) -> Fake {
    let builder = Fake::builder().users(50).projects(5).clock(idle.of_fake());
    limits.into_iter().fold(builder, glabflow_fake::Builder::limit).start().await.expect("a server")
}

fn api(requests: u64) -> RateLimit {
    RateLimit::per_minute("throttle_authenticated_api", requests)
}

/// Lets other tasks run until a condition holds.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn requests_beyond_a_minute_limit_wait_for_the_next_minute() {
    let idle = Idle::new();
    let fake = fake(&idle, [api(600)]).await;
    let gl = idle.client(&fake, |builder| builder);
    send(&gl, "users/1", 1200).await;
    let requests = fake.requests();
    assert_eq!((requests.with_status(429), requests.with_status(200)), (0, 1200));
    // The minute has 40 seconds left: 600 requests fit into it, and 600 into the next.
    let passed = idle.passed().as_secs_f64();
    assert!((40.0..44.0).contains(&passed), "{passed} s, 40 s is ideal");
    let budget = gl.budget();
    assert_eq!(budget[0].name, "throttle_authenticated_api");
    assert_eq!((budget[0].windows[0].limit, budget[0].windows[0].remaining, budget[0].in_flight), (600, 0, 0));
}

#[tokio::test]
async fn hour_limit_is_respected_beside_a_minute_limit() {
    let idle = Idle::new();
    let hour = RateLimit::per_hour("throttle_authenticated_api", 250);
    let fake = fake(&idle, [api(100), hour]).await;
    let gl = idle.client(&fake, |builder| builder.retry(RetryPolicy::default().max_wait(Duration::from_secs(3600))));
    send(&gl, "users/1", 300).await;
    assert_eq!(fake.requests().with_status(429), 0);
    // 100 in each of two minutes, 50 in the third, and the others in the next hour, which starts in 1,600 seconds.
    let passed = idle.passed().as_secs_f64();
    assert!((1600.0..1604.0).contains(&passed), "{passed} s");
}

#[tokio::test]
async fn wait_longer_than_max_wait_fails_before_sending() {
    let idle = Idle::new();
    let fake = fake(&idle, [RateLimit::per_hour("hourly", 3)]).await;
    let gl = idle.client(&fake, |builder| builder);
    send(&gl, "users/1", 3).await;
    let error = gl.get("users/1").send::<Value>().await.expect_err("1,600 seconds are too long");
    assert!(error.is_rate_limited() && error.to_string().contains("`hourly`"), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1600)));
    let quick =
        gl.get("users/1").timeout(Duration::from_secs(5)).send::<Value>().await.expect_err("too long for the timeout");
    assert!(quick.is_rate_limited());
    assert_eq!(fake.requests().total, 3);
}

#[tokio::test]
async fn exhausted_limit_does_not_delay_other_request_classes() {
    for search in [
        RateLimit::per_minute("search_rate_limit", 10).on("search"),
        RateLimit::per_minute("", 10).on("search").silent(),
    ] {
        let idle = Idle::new();
        let fake = fake(&idle, [api(10_000), search]).await;
        let gl = idle.client(&fake, |builder| builder.concurrency(Concurrency::fixed(4)));
        send(&gl, "users/1", 1).await;
        send(&gl, "search?scope=projects&search=a", 10).await;
        idle.hold(true);
        let searching = gl.clone();
        let others = tokio::spawn(async move { send(&searching, "search?scope=projects&search=a", 20).await });
        until(|| gl.budget().iter().any(|budget| budget.waiting >= 16)).await;
        // Twenty searches wait, and none of them holds a permit that these need.
        let sent = tokio::time::timeout(Duration::from_secs(30), send(&gl, "users/1", 200)).await;
        assert!(sent.is_ok(), "they waited");
        others.abort();
    }
}

#[tokio::test]
async fn only_one_request_probes_after_a_pause() {
    let idle = Idle::new();
    let fake = fake(&idle, [api(100).silent()]).await;
    let seen: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let (clock, times) = (idle.clone(), Arc::clone(&seen));
    let gl = idle.client(&fake, |builder| builder.concurrency(Concurrency::fixed(16)));
    let watching = move || times.lock().unwrap().push(clock.passed());
    let all = (0..200).map(|_| {
        let (request, watching) = (gl.get("users/1").send::<Value>(), watching.clone());
        async move {
            request.await.expect("a response");
            watching();
        }
    });
    join_all(all).await;
    // After the first burst of 429, one request at a time probes the limit.
    let refused = fake.requests().with_status(429);
    assert!(refused <= 16 + 10, "{refused} responses with 429");
    assert_eq!(seen.lock().unwrap().len(), 200);
    let passed = idle.passed().as_secs_f64();
    assert!((40.0..90.0).contains(&passed), "{passed} s until the next minute");
}

#[tokio::test]
async fn budgets_are_separate_for_each_token_and_server() {
    let refuse_one = |request: &Request, _: usize| match request.headers.get("private-token") {
        Some(token) if token == "one" => json(429, "").with("Retry-After", "60"),
        _ => json(200, "1"),
    };
    let (server, elsewhere) = (Server::start(refuse_one).await, Server::script(vec![json(200, "1")]).await);
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.5));
    let client = |server: &Server, token: &str| {
        let builder = Client::builder(server.url()).token(Token::personal(token)).clock(Arc::clone(&clock));
        builder.retry(RetryPolicy::never()).build().expect("a client")
    };
    let one = client(&server, "one");
    one.get("x").send::<Value>().await.expect_err("too many");
    client(&server, "two").get("x").send::<Value>().await.expect("a response");
    client(&elsewhere, "one").get("x").send::<Value>().await.expect("a response");
    assert!(clock.slept().is_empty(), "no request waited");
    assert!(one.clone().budget()[0].paused_for.is_some(), "clones share it");
}

#[tokio::test]
async fn cancelled_waiters_release_their_reservations() {
    let idle = Idle::new();
    let fake = fake(&idle, [api(5)]).await;
    let gl = idle.client(&fake, |builder| builder.concurrency(Concurrency::fixed(2)));
    send(&gl, "users/1", 5).await;
    idle.hold(true);
    let waiting: Vec<_> = (0..20).map(|_| tokio::spawn(gl.get("users/1").send::<Value>())).collect();
    until(|| gl.budget()[0].waiting >= 20).await;
    for task in &waiting {
        task.abort();
    }
    join_all(waiting).await;
    assert_eq!((gl.budget()[0].waiting, gl.budget()[0].in_flight), (0, 0));
    idle.hold(false);
    send(&gl, "users/1", 5).await;
    assert_eq!(fake.requests().with_status(429), 0);
}

#[tokio::test]
async fn responses_429_are_retried_when_rate_limits_are_off() {
    let idle = Idle::new();
    let fake = fake(&idle, [api(20)]).await;
    let gl = idle.client(&fake, |builder| builder.rate_limits(RateLimits::off()));
    send(&gl, "users/1", 30).await;
    assert!(gl.budget().is_empty() && fake.requests().with_status(429) > 0);
}

#[tokio::test]
async fn waiting_event_names_the_limit_and_the_delay() {
    let limited = json(200, "1").with("RateLimit-Remaining", "0").with("RateLimit-Limit", "60");
    let server =
        Server::script(vec![limited.with("RateLimit-Reset", "37").with("RateLimit-Name", "mine"), json(200, "1")])
            .await;
    let waits: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&waits);
    let observer = move |event: &Event<'_>| {
        if let EventKind::Waiting { delay, budget } = &event.kind {
            seen.lock().unwrap().push(format!("{budget} {:?}", delay.map(|delay| delay.as_secs())));
        }
    };
    let clock = SkippingClock::new(UNIX_EPOCH + Duration::from_secs(BEGIN), 0.5);
    let gl = Client::builder(server.url()).clock(clock).observer(observer).build().expect("a client");
    send(&gl, "x", 1).await;
    send(&gl, "x", 1).await;
    assert_eq!(*waits.lock().unwrap(), ["mine Some(37)"]);
}

#[tokio::test]
async fn waiting_event_without_delay_is_emitted_while_responses_are_outstanding() {
    let idle = Idle::new();
    let builder = Fake::builder().users(50).clock(idle.of_fake()).limit(api(3));
    let fake = builder.start().await.expect("a server");
    let waits: Arc<Mutex<Vec<Option<Duration>>>> = Arc::default();
    let (seen, clock) = (Arc::clone(&waits), idle.clone());
    let observer = move |event: &Event<'_>| {
        clock.observe(event);
        if let EventKind::Waiting { delay, budget } = &event.kind {
            assert_eq!(*budget, "throttle_authenticated_api");
            seen.lock().unwrap().push(*delay);
        }
    };
    let builder = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).clock(idle.clone());
    let gl = builder.observer(observer).build().expect("a client");
    send(&gl, "users/1", 1).await;
    // Two are left: the others wait for the responses to these, and then for the next minute.
    send(&gl, "users/1", 5).await;
    let waits = waits.lock().unwrap();
    assert!(waits.contains(&None), "{waits:?}");
    assert!(waits.iter().flatten().any(|delay| *delay > Duration::from_secs(30)), "{waits:?}");
}
