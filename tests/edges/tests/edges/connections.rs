//! Connections that end while they are not in use, or as the client uses them again.

use crate::support::builder;
use glabflow::Client;
use glabflow_test_server::{Connection, Server, json};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncReadExt;

/// When the server closes a connection although it said that it would keep it open.
#[derive(Debug, Clone, Copy)]
enum End {
    /// As soon as the first response is sent: the client may or may not have noticed before it sends the next request.
    AfterResponse,
    /// When the second request is read, without a response: the client cannot know whether it was executed.
    InsteadOfSecondResponse,
    /// When the first byte of the second request has arrived, by a reset. The request is not executed.
    DuringSecondRequest,
}

/// How often each request was executed, by method and target.
type Done = Arc<Mutex<HashMap<String, usize>>>;

async fn server(end: End) -> (Server, Done) {
    let done = Done::default();
    let log = Arc::clone(&done);
    let serve = move |connection| serve(connection, end, Arc::clone(&log));
    (Server::builder().serve(serve).await.expect("a port"), done)
}

async fn serve(mut connection: Connection, end: End, done: Done) -> std::io::Result<()> {
    let mut responses = 0;
    while let Some(request) = connection.read().await? {
        let name = format!("{} {}", request.method, request.target);
        *done.lock().expect("no test panicked while it held the lock").entry(name).or_default() += 1;
        if responses == 1 && matches!(end, End::InsteadOfSecondResponse) {
            return Ok(());
        }
        connection.write(json(200, "{}").with("Connection", "keep-alive")).await?;
        responses += 1;
        match end {
            End::AfterResponse => return Ok(()),
            // The rest is not read, so closing the socket resets the connection.
            End::DuringSecondRequest => return connection.stream.read_u8().await.map(drop),
            End::InsteadOfSecondResponse => {}
        }
    }
    Ok(())
}

fn client(url: String) -> Client {
    builder(url).concurrency(4).build().expect("a client")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_succeed_if_kept_alive_connections_end() {
    for end in [End::AfterResponse, End::InsteadOfSecondResponse, End::DuringSecondRequest] {
        let (server, done) = server(end).await;
        let gl = client(server.url());
        for number in 0..200 {
            let answer = gl.get(&format!("n/{number}")).send::<Value>().await;
            assert!(answer.is_ok(), "{end:?}, {number}: {answer:?}");
        }
        let done = done.lock().expect("no test panicked while it held the lock");
        assert!((0..200).all(|number| done.contains_key(&format!("GET /api/v4/n/{number}"))), "{end:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_executed_at_most_once_if_kept_alive_connections_end() {
    for end in [End::AfterResponse, End::InsteadOfSecondResponse, End::DuringSecondRequest] {
        let (server, done) = server(end).await;
        let gl = client(server.url());
        let mut unknown = 0;
        for number in 0..201 {
            let answer = gl.post(&format!("n/{number}")).json(&number).send::<Value>().await;
            let times = done
                .lock()
                .expect("no test panicked while it held the lock")
                .get(&format!("POST /api/v4/n/{number}"))
                .copied()
                .unwrap_or_default();
            match answer {
                Ok(_) => assert_eq!(times, 1, "{end:?}, {number}"),
                Err(error) => {
                    assert!(error.is_outcome_unknown() && error.attempts() == 1, "{end:?}, {number}: {error}");
                    assert!(times <= 1, "{end:?}, {number}: {times} times");
                    unknown += 1;
                }
            }
        }
        // The second request of each connection gets no response: the client must report an unknown outcome.
        if matches!(end, End::InsteadOfSecondResponse) {
            // Not exactly half: a connection that is late to return to the pool gets its second request later.
            assert!((98..=100).contains(&unknown), "{unknown}");
        }
    }
}
