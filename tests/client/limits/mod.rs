//! Rate limits, concurrency and the circuit breaker, over real sockets and with a clock of the tests.

mod budgets;
mod circuit;
mod concurrency;
mod idle;

use futures_util::future::join_all;
use glabflow::Client;
use serde_json::Value;

/// Sends requests to a path concurrently.
async fn send(gl: &Client, path: &str, requests: usize) {
    let all = join_all((0..requests).map(|_| gl.get(path).send::<Value>())).await;
    for answer in all {
        answer.expect("a response");
    }
}
