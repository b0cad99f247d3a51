//! Work on the items of a list, several at a time.

use super::{BY_NUMBER, List, PLAIN, numbers};
use glabflow::{Client, Event, EventKind};
use glabflow_test_server::{Reply, Server, json};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn fanout_returns_each_item_with_its_result() {
    let (_server, gl) = List { length: 150, ..PLAIN }.serve().await;
    let mut outcomes = numbers(&gl, &BY_NUMBER).fanout(8, |number| {
        let gl = gl.clone();
        async move {
            if number % 10 == 0 {
                Err("round")
            } else {
                gl.get("numbers").send::<Vec<i64>>().await.map_err(|_| "failed").map(|page| page.len())
            }
        }
    });
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    while let Some(outcome) = outcomes.next().await {
        let outcome = outcome.expect("an item");
        match outcome.result {
            Ok(length) => {
                assert_eq!(length, 20);
                done.push(outcome.input);
            }
            Err(why) => {
                assert_eq!(why, "round");
                failed.push(outcome.input);
            }
        }
    }
    assert_eq!((done.len(), failed.len()), (135, 15));
}

#[tokio::test]
async fn dropping_a_fanout_sends_no_more_requests() {
    let list = List { length: 1_000, ..PLAIN };
    let server = Server::start(move |request, _| match request.target.split('?').next() {
        Some("/api/v4/numbers") => list.page(request),
        Some("/api/v4/after") => json(200, "[]"),
        _ => Reply::Hang,
    })
    .await;
    let gl = Client::builder(server.url()).concurrency(4).build().expect("a client");
    let progress = Arc::new(std::sync::Mutex::new(None));
    let mut outcomes = numbers(&gl, &BY_NUMBER)
        .prefetch(0)
        .fanout(20, |number| gl.get(&format!("work/{number}")).send::<Value>())
        .on_progress({
            let progress = Arc::clone(&progress);
            move |it| *progress.lock().expect("no panic") = Some(it)
        });
    // One page, then four of the twenty that have started: the others wait for a permit.
    tokio::select! {
        outcome = outcomes.next() => panic!("{}", outcome.is_some()),
        () = server.wait_for(5) => {}
    }
    let last = progress.lock().expect("no panic").expect("a report");
    assert_eq!((last.done, last.failed, last.running), (0, 0, 20));
    drop(outcomes);
    for _ in 0..20 {
        gl.get("after").send::<Value>().await.expect("a response: the permits are free again");
    }
    let received = server.requests();
    let of = |path: &str| received.iter().filter(|request| request.target.starts_with(path)).count();
    assert_eq!((of("/api/v4/numbers"), of("/api/v4/work/"), of("/api/v4/after")), (1, 4, 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_a_fanout_ends_prefetching() {
    let list = List { length: 100_000, ..PLAIN };
    let server = Server::start(move |request, _| match request.target.split('?').next() {
        Some("/api/v4/numbers") => list.page(request),
        _ => json(200, "[]"),
    })
    .await;
    let started = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&started);
    let observer = move |event: &Event<'_>| {
        if matches!(event.kind, EventKind::Started) && event.url().contains("/api/v4/numbers") {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    };
    let gl = Client::builder(server.url()).observer(observer).build().expect("a client");
    // Counted by the client: a page whose request was started before may reach the server later.
    let pages = || started.load(Ordering::SeqCst);
    let after = async || gl.get("after").send::<Value>().await.expect("a response");
    for (parallel, items) in [(1, 150), (1, 720), (4, 150), (4, 1_030), (1, 201), (4, 401)] {
        let mut outcomes =
            numbers(&gl, &BY_NUMBER).parallel(parallel).fanout(20, |number| async move { Ok::<_, ()>(number) });
        for _ in 0..items {
            outcomes.next().await.expect("an outcome").expect("an item");
        }
        drop(outcomes);
        // The task that reads ahead ends at its next await, which it reaches meanwhile.
        for _ in 0..20 {
            after().await;
        }
        let before = pages();
        for _ in 0..20 {
            after().await;
        }
        assert_eq!(pages(), before, "{parallel} {items}");
    }
}
