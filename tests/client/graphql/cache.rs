//! The cache of responses.

use super::fixtures::{Name, Rename, Things};
use super::{body, builder, client, ok, page};
use glabflow::graphql::Cache;
use glabflow::{Client, SkippingClock, Token};
use glabflow_test_server::{Reply, Server, json};
use serde_json::json as value;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

#[tokio::test]
async fn cache_serves_responses_until_they_expire_or_are_invalidated() {
    let server = Server::start(|received, count| match body(received)["operationName"].as_str() {
        Some("Rename") => ok(value!({"data": {"rename": {"errors": []}}})),
        _ => ok(value!({"data": {"thing": {"name": count.to_string()}}})),
    })
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.5));
    let cache = Cache::new(1 << 20, Duration::from_secs(60));
    let gl = builder(&server).clock(Arc::clone(&clock)).graphql_cache(cache.clone()).build().expect("a client");
    let ask = async |gl: &Client, id: &str| {
        let name = Name(Name::new().0.with(0, id));
        gl.graphql().execute(name).await.expect("a response").required().expect("a name")
    };
    assert_eq!(ask(&gl, "a").await, "0");
    assert_eq!(ask(&gl, "a").await, "0");
    assert_eq!(ask(&gl, "b").await, "1");
    clock.advance(Duration::from_secs(61));
    assert_eq!(ask(&gl, "a").await, "2");
    gl.graphql().execute(Rename::new()).await.expect("it is renamed");
    assert_eq!(ask(&gl, "a").await, "4");

    let other = Client::builder(server.url())
        .token(Token::personal("glpat-other"))
        .clock(Arc::clone(&clock))
        .graphql_cache(cache.clone())
        .build()
        .expect("a client");
    assert_eq!(ask(&other, "a").await, "5");
    assert_eq!(ask(&gl, "a").await, "4");
    let uncached = gl.graphql().uncached().execute(Name(Name::new().0.with(0, "a"))).await.expect("a response");
    assert_eq!(uncached.output.as_deref(), Some("6"));

    let tagged = gl.graphql().tag("mine");
    let document = || tagged.document("{ thing { name } }").execute();
    assert!(!document().await.expect("a response").is_cached());
    assert!(document().await.expect("a response").is_cached());
    cache.invalidate("mine");
    assert!(!document().await.expect("a response").is_cached());
    let statistics = cache.statistics();
    assert_eq!((statistics.hits, statistics.misses, statistics.evictions), (3, 7, 0));
    cache.clear();
    assert_eq!((cache.statistics().entries, cache.statistics().bytes), (0, 0));
    assert!(!format!("{cache:?}").contains("glpat"));
}

#[tokio::test]
async fn cache_skips_responses_with_errors_and_evicts_the_least_recently_used() {
    let server = Server::start(|_, count| match count {
        0 => ok(value!({"data": {"thing": {"name": "a"}}, "errors": [{"message": "x"}]})),
        _ => ok(value!({"data": {"thing": {"name": "a".repeat(1000)}}})),
    })
    .await;
    let cache = Cache::new(4000, Duration::from_secs(60));
    let graphql = client(&server).graphql().cache(&cache);
    let ask = async |id: i32| {
        let name = Name(Name::new().0.with(0, id));
        graphql.execute(name).await.expect("a response").is_cached()
    };
    assert_eq!([ask(1).await, ask(1).await, ask(1).await], [false, false, true]);
    assert_eq!([ask(2).await, ask(1).await, ask(3).await], [false, true, false]);
    // 2 is the least recently used.
    assert_eq!([ask(1).await, ask(2).await], [true, false]);
    let statistics = cache.statistics();
    assert!(statistics.evictions == 2 && statistics.bytes <= 4000 && statistics.entries == 2, "{statistics:?}");
}

#[tokio::test]
async fn concurrent_cache_misses_share_one_request() {
    let server = Server::start(|_, count| match count {
        0 => ok(value!({"data": {"thing": {"name": "a"}}})),
        1 => json(400, ""),
        _ => ok(value!({"data": {"thing": {"name": "b"}}})),
    })
    .await;
    let cache = Cache::new(1 << 20, Duration::from_secs(60));
    let graphql = client(&server).graphql().cache(&cache);
    let (a, b, c) =
        tokio::join!(graphql.execute(Name::new()), graphql.execute(Name::new()), graphql.execute(Name::new()));
    for response in [a, b, c] {
        assert_eq!(response.expect("a response").output.as_deref(), Some("a"));
    }
    assert_eq!(server.requests().len(), 1);
    assert_eq!((cache.statistics().misses, cache.statistics().coalesced), (1, 2));
    // Only the call that sent the request gets its error.
    cache.clear();
    let (a, b) = tokio::join!(graphql.execute(Name::new()), graphql.execute(Name::new()));
    assert!(a.is_err() && b.is_ok());
}

#[tokio::test]
async fn waiting_call_sends_the_request_when_the_first_is_cancelled() {
    let server = Server::start(|_, count| match count {
        0 => Reply::Hang,
        _ => ok(value!({"data": {"thing": {"name": "a"}}})),
    })
    .await;
    let graphql = client(&server).graphql().cache(&Cache::new(1 << 20, Duration::from_secs(60)));
    let first = tokio::spawn({
        let graphql = graphql.clone();
        async move { graphql.execute(Name::new()).await.map(drop) }
    });
    server.wait_for(1).await;
    let second = graphql.execute(Name::new());
    let end = async {
        tokio::task::yield_now().await;
        first.abort();
    };
    let (second, ()) = tokio::join!(second, end);
    assert_eq!(second.expect("a response").output.as_deref(), Some("a"));
}

#[tokio::test]
async fn cache_hit_takes_less_than_50_microseconds() {
    let server = Server::start(|received, _| page(received, 10)).await;
    let graphql = client(&server).graphql().cache(&Cache::new(1 << 20, Duration::from_secs(60)));
    graphql.execute(Things::new()).await.expect("a page");
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = std::time::Instant::now();
        assert!(graphql.execute(Things::new()).await.expect("a page").is_cached());
        times.push(start.elapsed());
    }
    // On a busy machine most of them are slow.
    let fastest = times.into_iter().min().expect("200 times");
    assert!(fastest < Duration::from_micros(50), "{fastest:?}");
}
