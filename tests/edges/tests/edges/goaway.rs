//! HTTP/2 servers that end a connection with requests in flight, as servers do when they restart.

use crate::support::{TOKEN, builder, ca_file};
use bytes::Bytes;
use glabflow::{Client, RetryPolicy};
use glabflow_test_server::{Authority, Connection, Server, Stream};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinSet;

const REQUESTS: u64 = 60;

/// What happens to each third request of a connection. The two before it get responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Third {
    /// The connection ends, and the server reports that it has not seen the request (GOAWAY with the id before it).
    Unseen,
    /// The server rejects this request only (RST_STREAM, REFUSED_STREAM).
    Refused,
    /// It is executed. The connection ends without a response, and the server reports that it has seen the request (GOAWAY with
    /// its id).
    Unanswered,
}

/// How often the request with each number was executed.
type Done = Arc<Mutex<HashMap<u64, usize>>>;

/// A server that speaks nothing but HTTP/2.
struct Http2 {
    server: Server,
    done: Done,
    authority: Authority,
}

impl Http2 {
    async fn start<F>(serve: impl Fn(Connection, Done) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let authority = Authority::new();
        let acceptor = authority.acceptor(|_| {}, &[b"h2"]);
        let done = Done::default();
        let log = Arc::clone(&done);
        let serve = move |connection| serve(connection, Arc::clone(&log));
        let server = Server::builder().tls(acceptor).serve(serve).await.expect("a port");
        Http2 { server, done, authority }
    }

    fn client(&self) -> Client {
        let file = ca_file(&self.authority);
        // One request may be the third one of several connections.
        let policy = RetryPolicy::default().max_attempts(50).budget(10_000);
        builder(self.server.url()).ca_file(file.path()).concurrency(4).retry(policy).build().expect("a client")
    }

    fn times(&self, number: u64) -> usize {
        self.done.lock().expect("no test panicked while it held the lock").get(&number).copied().unwrap_or_default()
    }
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

async fn write(stream: &mut dyn Stream, kind: u8, flags: u8, id: u32, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
    let head = [&length.to_be_bytes()[1..], &[kind, flags], &id.to_be_bytes()].concat();
    stream.write_all(&[&head, payload].concat()).await?;
    stream.flush().await
}

/// Serves one connection. A request's number is its body, 0 without one.
async fn frames(stream: &mut dyn Stream, third: Third, done: &Done) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    write(stream, SETTINGS, 0, 0, &[]).await?;
    let mut bodies: HashMap<u32, Vec<u8>> = HashMap::new();
    // Requests with incomplete bodies. They may overtake each other.
    let mut open = BTreeSet::new();
    let (mut seen, mut answered) = (0, 0);
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, rest @ ..] = head;
        let id = u32::from_be_bytes(rest);
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).await?;
        match kind {
            SETTINGS if flags & ACK == 0 => write(stream, SETTINGS, ACK, 0, &[]).await?,
            PING if flags & ACK == 0 => write(stream, PING, ACK, 0, &payload).await?,
            DATA => bodies.entry(id).or_default().extend(payload),
            _ => {}
        }
        if !matches!(kind, HEADERS | DATA) {
            continue;
        }
        open.insert(id);
        if flags & END_STREAM == 0 {
            continue;
        }
        open.remove(&id);
        seen += 1;
        // The id that GOAWAY would name now. All requests up to it must have been seen, and none after it.
        let last = if third == Third::Unanswered { id } else { answered };
        let is_third = seen >= 3 && id >= last && open.iter().all(|open| *open > last);
        let carry_out = || {
            let text = String::from_utf8_lossy(bodies.get(&id).map(Vec::as_slice).unwrap_or_default());
            let number = text.parse().unwrap_or_default();
            *done.lock().expect("no test panicked while it held the lock").entry(number).or_default() += 1;
        };
        match third {
            Third::Refused if seen == 3 => {
                seen = 0;
                write(stream, RST_STREAM, 0, id, &7_u32.to_be_bytes()).await?;
            }
            Third::Unseen | Third::Unanswered if is_third => {
                if third == Third::Unanswered {
                    carry_out();
                }
                write(stream, GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat()).await?;
                stream.shutdown().await?;
                // The rest is read: otherwise a reset would discard what the client has not read yet.
                return tokio::io::copy(stream, &mut tokio::io::sink()).await.map(drop);
            }
            _ => {
                carry_out();
                // 0x88 is `:status: 200`.
                write(stream, HEADERS, END_HEADERS, id, &[0x88]).await?;
                write(stream, DATA, END_STREAM, id, b"{}").await?;
                answered = id.max(answered);
            }
        }
    }
}

/// A server that speaks frame by frame, since no real one does on purpose what these tests need.
async fn server(third: Third) -> Http2 {
    Http2::start(move |mut connection, done| async move { frames(&mut *connection.stream, third, &done).await }).await
}

/// Sends all requests, four at a time. Gives the outcome of each by its number.
async fn send_all(gl: &Client, is_change: bool) -> HashMap<u64, Result<(), glabflow::Error>> {
    let mut all = JoinSet::new();
    for number in 1..=REQUESTS {
        let gl = gl.clone();
        all.spawn(async move {
            let request = if is_change { gl.post("n").json(&number) } else { gl.get("n") };
            (number, request.send::<Value>().await.map(drop))
        });
    }
    all.join_all().await.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_are_retried_after_goaway_and_reset() {
    for third in [Third::Unseen, Third::Refused, Third::Unanswered] {
        let server = server(third).await;
        for (number, outcome) in send_all(&server.client(), false).await {
            assert!(outcome.is_ok(), "{third:?}, {number}: {outcome:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_retried_if_the_server_has_not_seen_them() {
    for third in [Third::Unseen, Third::Refused] {
        let server = server(third).await;
        for (number, outcome) in send_all(&server.client(), true).await {
            assert!(outcome.is_ok(), "{third:?}, {number}: {outcome:?}");
            assert_eq!(server.times(number), 1, "{third:?}, {number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_not_retried_if_the_server_may_have_executed_them() {
    let server = server(Third::Unanswered).await;
    let mut unknown = 0;
    for (number, outcome) in send_all(&server.client(), true).await {
        assert_eq!(server.times(number), 1, "{number}: {outcome:?}");
        if let Err(error) = outcome {
            assert!(error.is_outcome_unknown(), "{number}: {error}");
            assert!(!format!("{error} {error:?}").contains(TOKEN));
            unknown += 1;
        }
    }
    assert!(unknown >= 10, "only {unknown} of them got no response");
}

/// Shuts the connection down gracefully when its fourth request arrives.
async fn graceful(connection: Connection) -> io::Result<()> {
    let (count, enough) = (AtomicUsize::new(0), Notify::new());
    let service = service_fn(|request: Request<Incoming>| {
        if count.fetch_add(1, SeqCst) == 3 {
            enough.notify_one();
        }
        let query = request.uri().query().unwrap_or_default();
        let page = query.split('&').find_map(|pair| pair.strip_prefix("page=")).map_or(1, |page| page.parse().unwrap());
        async move {
            // Others begin while this one is in flight.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            let items: Vec<u64> = (page * 10 - 9..=page * 10).collect();
            let next = if page < REQUESTS { (page + 1).to_string() } else { String::new() };
            let response = Response::builder()
                .header("content-type", "application/json")
                .header("x-page", page)
                .header("x-total-pages", REQUESTS)
                .header("x-next-page", next)
                .body(Full::new(Bytes::from(format!("{items:?}"))));
            Ok::<_, Infallible>(response.expect("a response"))
        }
    });
    let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(connection.stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        result = connection.as_mut() => return result.map_err(io::Error::other),
        () = enough.notified() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.map_err(io::Error::other)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_continues_across_graceful_shutdowns() {
    for at_once in [1, 4] {
        let server = Http2::start(|connection, _| graceful(connection)).await;
        let items = server.client().get("n").query("per_page", 10).items::<u64>().parallel(at_once).try_collect().await;
        let items = items.expect("the whole list");
        assert_eq!(items, (1..=REQUESTS * 10).collect::<Vec<_>>(), "{at_once} at once");
        let connections = server.server.connections();
        assert!(connections >= 5, "{connections} connections");
    }
}
