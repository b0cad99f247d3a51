//! GraphQL: requests, the meaning of responses, streams, batches and the cache.

mod batch;
mod cache;
mod execute;
mod fixtures;
mod rate_limit;
mod stream;

use glabflow::{Client, ClientBuilder, SkippingClock, Token};
use glabflow_test_server::{Reply, Request, Server, json};
use serde_json::{Value, json as value};
use std::time::UNIX_EPOCH;

const TOKEN: &str = "glpat-hush-hush";

fn builder(server: &Server) -> ClientBuilder {
    Client::builder(server.url()).token(Token::personal(TOKEN)).clock(SkippingClock::new(UNIX_EPOCH, 0.5))
}

fn client(server: &Server) -> Client {
    builder(server).build().expect("a client")
}

fn body(received: &Request) -> Value {
    serde_json::from_slice(&received.body).expect("JSON")
}

fn ok(body: Value) -> Reply {
    json(200, body.to_string())
}

/// A page of a list of `count` things. Its cursor is the id of its last thing.
fn page(received: &Request, count: i64) -> Reply {
    let variables = body(received)["variables"].take();
    let cursor = |name: &str| variables[name].as_str().and_then(|cursor| cursor.parse::<i64>().ok());
    let size = |name: &str| variables[name].as_i64();
    let after = cursor("a").or(cursor("after")).unwrap_or(0);
    let last = (after + size("f").or(size("first")).unwrap_or(100)).min(count);
    let nodes: Vec<Value> = (after + 1..=last).map(|id| value!({"id": id})).collect();
    let info = value!({"endCursor": last.to_string(), "hasNextPage": last < count});
    ok(value!({"data": {"group": {"things": {"nodes": nodes, "pageInfo": info}}}}))
}
