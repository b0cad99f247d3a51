//! Answers that are kept: what a hit saves, and what keeping costs.

use super::{client, loopback, page, runtime};
use divan::Bencher;
use glabflow::graphql::operations::users::UsersQuery;
use glabflow::graphql::{Cache, Graphql};
use serde_json::json;
use std::time::Duration;
use tokio::runtime::Runtime;

fn server() -> String {
    let answer = loopback::json("", json!({"data": page(10)}).to_string().as_bytes());
    loopback::start(|_| move |_, _| answer.clone())
}

fn cache() -> Cache {
    Cache::new(1 << 20, Duration::from_secs(3600))
}

/// Asks for a page of 10 nodes; whether it came out of the cache.
fn ask(runtime: &Runtime, graphql: &Graphql) -> bool {
    let answer = runtime.block_on(graphql.execute(UsersQuery::new())).expect("a response");
    assert_eq!(answer.output.as_ref().map(|users| users.nodes.len()), Some(10));
    answer.is_cached()
}

#[divan::bench]
fn hit(bencher: Bencher<'_, '_>) {
    let (runtime, graphql) = (runtime(), client(server()).graphql().cache(&cache()));
    ask(&runtime, &graphql);
    bencher.bench(|| assert!(ask(&runtime, &graphql)));
}

#[divan::bench]
fn miss_and_store(bencher: Bencher<'_, '_>) {
    let (runtime, gl, cache) = (runtime(), client(server()), cache());
    let graphql = gl.graphql().cache(&cache);
    bencher.bench(|| {
        cache.clear();
        assert!(!ask(&runtime, &graphql));
    });
}

#[divan::bench]
fn without_a_cache(bencher: Bencher<'_, '_>) {
    let (runtime, graphql) = (runtime(), client(server()).graphql());
    bencher.bench(|| assert!(!ask(&runtime, &graphql)));
}
