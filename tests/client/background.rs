//! What happens to streams and loads if their background task panics or its runtime ends.

use futures_util::FutureExt;
use glabflow::contract::{Body, Call, Descriptor, Method, Output, Paging, Param, Range, RangeKey};
use glabflow::{Client, ErrorKind, Event, Items, RetryPolicy, Token};
use glabflow_test_server::{Reply, Request, Server, json};
use serde_json::{Value, json as value};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

static LIST: Descriptor = Descriptor {
    id: "list_things",
    tag: "things",
    method: Method::Get,
    path: "/things",
    params: &[Param::query("id_after"), Param::query("id_before"), Param::query("order_by"), Param::query("sort")],
    body: Body::None,
    output: Output::List,
    paging: Paging::Offset,
    ranges: &[Range { key: RangeKey::Id, sorted: true }],
    idempotent: true,
    deprecated: false,
    docs: None,
};

/// Longer than any step takes.
const LONG: Duration = Duration::from_secs(20);
const THINGS: i64 = 1_000;

/// A page of the things from 1 to 1000.
fn page(request: &Request) -> Reply {
    let number = |name: &str| request.query(name).map_or(0, |text| text.parse::<i64>().expect("a number"));
    let (low, high) = (number("id_after"), request.query("id_before").map_or(THINGS + 1, |_| number("id_before")));
    let (page, size) = (number("page").max(1), number("per_page"));
    let mut ids: Vec<i64> = (low + 1..high).collect();
    if request.query("sort") == Some("desc") {
        ids.reverse();
    }
    let pages = (ids.len() as i64 + size - 1) / size;
    let things: Vec<Value> =
        ids.iter().skip(((page - 1) * size) as usize).take(size as usize).map(|id| value!({"id": id})).collect();
    json(200, Value::from(things).to_string())
        .with("X-Page", page.to_string())
        .with("X-Total", ids.len().to_string())
        .with("X-Total-Pages", pages.to_string())
        .with("X-Next-Page", if page < pages { (page + 1).to_string() } else { String::new() })
}

fn items(gl: &Client) -> Items<Value> {
    Call::new(gl.clone(), &LIST).items()
}

fn client(url: &str) -> glabflow::ClientBuilder {
    Client::builder(url).token(Token::personal("t")).retry(RetryPolicy::never())
}

/// A client whose observer panics during the third request.
fn panicking(url: &str) -> Client {
    let requests = AtomicUsize::new(0);
    let observer =
        move |_: &Event<'_>| assert!(requests.fetch_add(1, Ordering::Relaxed) < 5, "an observer that panics");
    client(url).observer(observer).build().expect("a client")
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// All ways to read a list in the background.
fn ways() -> [fn(Items<Value>) -> Items<Value>; 4] {
    [|items| items, |items| items.parallel(3), |items| items.partitioned(3), |items| items.partitioned(3).unordered()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn background_panic_propagates_to_the_stream() {
    let server = Server::start(|request, _| page(request)).await;
    for way in ways() {
        let gl = panicking(&server.url());
        let reading = tokio::time::timeout(LONG, AssertUnwindSafe(way(items(&gl)).try_collect()).catch_unwind()).await;
        assert!(reading.expect("no hang").is_err(), "the observer's panic");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panic_in_a_parallel_decoder_propagates_to_the_stream() {
    #[derive(Debug)]
    struct Touchy;
    impl<'de> serde::Deserialize<'de> for Touchy {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let thing = Value::deserialize(deserializer)?;
            assert!(thing["id"] != 350, "a type that panics");
            Ok(Touchy)
        }
    }
    let server = Server::start(|request, _| page(request)).await;
    let gl = client(&server.url()).build().expect("a client");
    for way in [|items: Items<Touchy>| items, |items: Items<Touchy>| items.parallel(3)] {
        let all = way(gl.get("things").items::<Touchy>()).try_collect();
        let reading = tokio::time::timeout(LONG, AssertUnwindSafe(all).catch_unwind()).await;
        assert!(reading.expect("no hang").is_err(), "the type's panic");
    }
}

#[test]
fn stream_fails_and_can_be_resumed_when_its_runtime_is_gone() {
    let server = Server::start_blocking(|request, _| page(request));
    let url = server.url();
    for way in ways() {
        let new = || way(items(&client(&url).build().expect("a client")));
        let mut things = new();
        let mut seen = Vec::new();
        let first = runtime();
        first.block_on(async {
            for _ in 0..150 {
                seen.push(things.next().await.expect("an item").expect("a thing")["id"].as_i64());
            }
        });
        drop(first);
        let second = runtime();
        let rest = async {
            loop {
                match things.next().await.expect("an error before the end") {
                    Ok(thing) => seen.push(thing["id"].as_i64()),
                    Err(error) => break error,
                }
            }
        };
        let error = second.block_on(async { tokio::time::timeout(LONG, rest).await }).expect("no hang");
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        let token = error.resume_token().expect("a token").clone();
        let rest = second.block_on(new().resume(token).try_collect()).expect("the rest");
        seen.extend(rest.iter().map(|thing| thing["id"].as_i64()));
        seen.sort_unstable();
        assert_eq!(seen, (1..=THINGS).map(Some).collect::<Vec<_>>());
    }
}

#[cfg(feature = "graphql")]
mod graphql {
    use super::*;
    use glabflow::graphql::{Loader, LoaderSpec};

    fn loader(gl: &Client, window: Duration) -> Loader<String, Value> {
        let spec = LoaderSpec::field("projects").by_list("fullPaths", "[String!]", "fullPath");
        gl.graphql().loaders().window(window).loader(spec.select::<String, Value>("name"))
    }

    fn answer() -> Reply {
        json(200, r#"{"data": {"k0": {"nodes": [{"glabflowKey": "a", "name": "A"}]}}}"#)
    }

    fn connection(request: &Request) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        let from = body["variables"]["after"].as_str().map_or(0, |after| after.parse::<i64>().expect("a cursor"));
        let nodes: Vec<Value> = (from + 1..=from + 100).map(|id| value!({"id": id})).collect();
        let info = value!({"endCursor": (from + 100).to_string(), "hasNextPage": from + 100 < THINGS});
        json(200, value!({"data": {"things": {"nodes": nodes, "pageInfo": info}}}).to_string())
    }

    const DOCUMENT: &str = "query($after: String, $first: Int) { things(after: $after, first: $first) { nodes { id } pageInfo { endCursor hasNextPage } } }";

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn background_panic_propagates_to_the_node_stream() {
        let server = Server::start(|request, _| connection(request)).await;
        let gl = panicking(&server.url());
        let nodes = gl.graphql().stream_document::<Value>(DOCUMENT, value!({}), &["things"]);
        let reading = tokio::time::timeout(LONG, AssertUnwindSafe(nodes.try_collect()).catch_unwind()).await;
        assert!(reading.expect("no hang").is_err(), "the observer's panic");
    }

    #[test]
    fn node_stream_fails_and_can_be_resumed_when_its_runtime_is_gone() {
        let server = Server::start_blocking(|request, _| connection(request));
        let new = || {
            let gl = client(&server.url()).build().expect("a client");
            gl.graphql().stream_document::<Value>(DOCUMENT, value!({}), &["things"])
        };
        let mut nodes = new();
        let mut seen = vec![runtime().block_on(nodes.next()).expect("a node").expect("a node")];
        let second = runtime();
        let error = second.block_on(async {
            loop {
                match nodes.next().await.expect("an error before the end") {
                    Ok(node) => seen.push(node),
                    Err(error) => break error,
                }
            }
        });
        let token = error.resume_token().expect("a token").clone();
        seen.extend(second.block_on(new().resume(token).try_collect()).expect("the rest"));
        assert_eq!(
            seen.iter().filter_map(|node| node["id"].as_i64()).collect::<Vec<_>>(),
            (1..=THINGS).collect::<Vec<_>>()
        );
    }

    #[tokio::test]
    async fn panic_of_the_sending_task_fails_its_loads_but_no_later_ones() {
        let server = Server::start(|_, _| answer()).await;
        let requests = AtomicUsize::new(0);
        let observer =
            move |_: &Event<'_>| assert!(requests.fetch_add(1, Ordering::Relaxed) > 0, "the first one panics");
        let gl = client(&server.url()).observer(observer).build().expect("a client");
        let loader = loader(&gl, Duration::from_millis(1));
        let load = || tokio::time::timeout(LONG, loader.load("a"));
        let error = load().await.expect("no hang").expect_err("its task panicked");
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        assert_eq!(load().await.expect("no hang").expect("a response").expect("a project")["name"], "A");
    }

    #[test]
    fn loads_succeed_on_a_new_runtime_after_the_first_is_gone() {
        let server = Server::start_blocking(|_, _| answer());
        let gl = client(&server.url()).build().expect("a client");
        // The runtime ends before the keys are sent, then after.
        for window in [Duration::from_secs(1), Duration::ZERO] {
            let loader = loader(&gl, window);
            let first = runtime();
            first.block_on(async {
                tokio::select! {
                    biased;
                    _ = loader.load("a") => panic!("too early"),
                    () = tokio::task::yield_now() => {}
                }
            });
            drop(first);
            let load = runtime().block_on(async { tokio::time::timeout(LONG, loader.load("a")).await });
            assert_eq!(load.expect("no hang").expect("a response").expect("a project")["name"], "A");
        }
    }

    #[tokio::test]
    async fn request_is_cancelled_when_all_its_loads_are_dropped() {
        let server = Server::start(|_, _| Reply::Hang).await;
        let gl = client(&server.url()).concurrency(1).build().expect("a client");
        let loader = Arc::new(loader(&gl, Duration::ZERO));
        let load = |key: &'static str| {
            let loader = Arc::clone(&loader);
            tokio::spawn(async move { loader.load(key).await.is_ok() })
        };
        let (one, other) = (load("a"), load("b"));
        server.wait_for(1).await;
        one.abort();
        other.abort();
        // The only permit is free again.
        let next = tokio::spawn(gl.get("x").send::<Value>());
        tokio::time::timeout(LONG, server.wait_for(2)).await.expect("the request of the loads has been given up");
        next.abort();
    }
}
