//! HTTP/2 servers that end a connection in the midst of requests, as each one does when it is restarted.

use crate::support::{Authority, TOKEN, builder};
use bytes::Bytes;
use glabflow::{Client, RetryPolicy};
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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::server::TlsStream;

const REQUESTS: u64 = 60;

/// What becomes of every third request of a connection; all that came before it are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Third {
    /// The connection ends, and the server says that it has not looked at this one (GOAWAY with the one before).
    Unseen,
    /// The server refuses this one alone (RST_STREAM, REFUSED_STREAM).
    Refused,
    /// It is carried out. The connection ends without an answer, and the server says that it has seen it (GOAWAY with its id).
    Unanswered,
}

/// How often the request with each number was carried out.
type Done = Arc<Mutex<HashMap<u64, usize>>>;

/// A server that speaks HTTP/2 frame by frame, since none does on purpose what these tests are about.
struct Server {
    url: String,
    done: Done,
    authority: Authority,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start<F>(serve: impl Fn(TlsStream<TcpStream>, Done) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let authority = Authority::new();
        let acceptor = authority.acceptor(|_| {}, &[b"h2"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        let done = Done::default();
        let log = Arc::clone(&done);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let stream = acceptor.accept(stream).await.expect("a client that trusts the certificate");
                connections.spawn(serve(stream, Arc::clone(&log)));
            }
        });
        Server { url, done, authority, task }
    }

    fn client(&self) -> Client {
        let file = self.authority.file();
        // One request may be unlucky with one connection after the other.
        let policy = RetryPolicy { max_attempts: 50, budget: 10_000, ..RetryPolicy::default() };
        builder(&*self.url).ca_file(file.path()).concurrency(4).retry(policy).build().expect("a client")
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

async fn write(stream: &mut TlsStream<TcpStream>, kind: u8, flags: u8, id: u32, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
    let head = [&length.to_be_bytes()[1..], &[kind, flags], &id.to_be_bytes()].concat();
    stream.write_all(&[&head, payload].concat()).await?;
    stream.flush().await
}

/// Serves one connection. A request's number is its body, 0 without one.
async fn frames(mut stream: TlsStream<TcpStream>, third: Third, done: &Done) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    write(&mut stream, SETTINGS, 0, 0, &[]).await?;
    let mut bodies: HashMap<u32, Vec<u8>> = HashMap::new();
    // Requests whose bodies are still to come, which may overtake each other.
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
            SETTINGS if flags & ACK == 0 => write(&mut stream, SETTINGS, ACK, 0, &[]).await?,
            PING if flags & ACK == 0 => write(&mut stream, PING, ACK, 0, &payload).await?,
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
        // The last one that the server says it has seen, were it to go now; what it says must be true of all others too.
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
                write(&mut stream, RST_STREAM, 0, id, &7_u32.to_be_bytes()).await?;
            }
            Third::Unseen | Third::Unanswered if is_third => {
                if third == Third::Unanswered {
                    carry_out();
                }
                write(&mut stream, GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat()).await?;
                stream.shutdown().await?;
                // What the client still sends is read, or its system would throw away what it has not read yet.
                return tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop);
            }
            _ => {
                carry_out();
                // 0x88 is `:status: 200`.
                write(&mut stream, HEADERS, END_HEADERS, id, &[0x88]).await?;
                write(&mut stream, DATA, END_STREAM, id, b"{}").await?;
                answered = id.max(answered);
            }
        }
    }
}

async fn server(third: Third) -> Server {
    Server::start(move |stream, done| async move {
        // How a connection ends is what the tests look at from the other side.
        let _ = frames(stream, third, &done).await;
    })
    .await
}

/// Sends all requests, four at once, and gives the outcome of each by its number.
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
async fn reads_are_sent_again() {
    for third in [Third::Unseen, Third::Refused, Third::Unanswered] {
        let server = server(third).await;
        for (number, outcome) in send_all(&server.client(), false).await {
            assert!(outcome.is_ok(), "{third:?}, {number}: {outcome:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_sent_again_when_the_server_has_not_seen_them() {
    for third in [Third::Unseen, Third::Refused] {
        let server = server(third).await;
        for (number, outcome) in send_all(&server.client(), true).await {
            assert!(outcome.is_ok(), "{third:?}, {number}: {outcome:?}");
            assert_eq!(server.times(number), 1, "{third:?}, {number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_the_server_may_have_made_are_not_sent_again() {
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
    assert!(unknown >= 10, "only {unknown} of them were left without an answer");
}

/// Answers the fourth request of a connection, and lets it go as a server does that is shut down.
async fn graceful(stream: TlsStream<TcpStream>, connections: Arc<AtomicUsize>) {
    connections.fetch_add(1, SeqCst);
    let (count, enough) = (AtomicUsize::new(0), Notify::new());
    let service = service_fn(|request: Request<Incoming>| {
        if count.fetch_add(1, SeqCst) == 3 {
            enough.notify_one();
        }
        let query = request.uri().query().unwrap_or_default();
        let page = query.split('&').find_map(|pair| pair.strip_prefix("page=")).map_or(1, |page| page.parse().unwrap());
        async move {
            // Others begin while this one is under way.
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            let items: Vec<u64> = (page * 10 - 9..=page * 10).collect();
            let next = if page < REQUESTS { (page + 1).to_string() } else { String::new() };
            let answer = Response::builder()
                .header("content-type", "application/json")
                .header("x-page", page)
                .header("x-total-pages", REQUESTS)
                .header("x-next-page", next)
                .body(Full::new(Bytes::from(format!("{items:?}"))));
            Ok::<_, Infallible>(answer.expect("an answer"))
        }
    });
    let connection =
        hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let over = tokio::select! {
        _ = connection.as_mut() => true,
        () = enough.notified() => false,
    };
    if !over {
        connection.as_mut().graceful_shutdown();
        // How it ends is what the test looks at from the other side.
        let _ = connection.await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_goes_on_over_servers_that_are_shut_down() {
    for at_once in [1, 4] {
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let server = Server::start(move |stream, _| graceful(stream, Arc::clone(&counter))).await;
        let items = server.client().get("n").query("per_page", 10).items::<u64>().parallel(at_once).try_collect().await;
        let items = items.expect("the whole list");
        assert_eq!(items, (1..=REQUESTS * 10).collect::<Vec<_>>(), "{at_once} at once");
        assert!(connections.load(SeqCst) >= 5, "{} connections", connections.load(SeqCst));
    }
}
