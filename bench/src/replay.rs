//! The server of a comparison: a fake GitLab with a cache of its responses.
//!
//! The fake builds each response again, which takes longer than a client needs to drop it. This cache keeps the responses, so
//! that the server is not the bottleneck. `bound-raw` shows how fast it is.
//!
//! It is built on hyper and not on the server of the tests (`tests/server`): that one parses slowly and records every
//! request, and a comparison makes hundreds of thousands.

use crate::outcome::Outcome;
use bytes::Bytes;
use clap::Args;
use glabflow_fake::Fake;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Size of the data and of the cache.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Number of users.
    #[arg(long)]
    users: u64,
    /// Number of projects.
    #[arg(long)]
    projects: u64,
    /// Maximum size of the cached responses in bytes; others are built again each time.
    #[arg(long, default_value_t = 1 << 30)]
    memory: u64,
}

/// A cached response.
#[derive(Clone)]
struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Two requests are the same if their keys are equal.
type Key = (String, Bytes);

struct Replay {
    fake: Fake,
    http: reqwest::Client,
    /// The address of the fake and of this server. Links in headers are changed from the first to the second.
    origins: (String, String),
    kept: Mutex<HashMap<Key, Kept>>,
    /// A page that is requested in two ways is stored once.
    bodies: Mutex<HashSet<Bytes>>,
    /// Bytes left in the cache.
    room: AtomicU64,
    latency: AtomicU64,
    requests: AtomicU64,
}

/// Serves until the standard input ends.
///
/// The first line of output is the address and the token. Each line of input then gets one line of output. Input is
/// `latency MILLISECONDS`, or `requests` for the number of requests since the last time.
pub(crate) fn serve(options: &Options) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let fake = Fake::builder()
        .users(options.users)
        .projects(options.projects)
        .offset_limit(None)
        // GitLab's complexity limit would stop only the loops written by hand, and this measures speed.
        .complexity_limit(1_000_000)
        .start_blocking()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let here = format!("http://{}", listener.local_addr()?);
    let replay = Arc::new(Replay {
        origins: (fake.url(), here.clone()),
        fake,
        http: crate::http::client()?,
        kept: Mutex::default(),
        bodies: Mutex::default(),
        room: AtomicU64::new(options.memory),
        latency: AtomicU64::new(0),
        requests: AtomicU64::new(0),
    });
    runtime.spawn(accept(listener, Arc::clone(&replay)));
    let mut out = std::io::stdout();
    writeln!(out, "{here} {}", replay.fake.admin_token())?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        match line?.split_once(' ').unwrap_or(("requests", "")) {
            ("latency", milliseconds) => {
                replay.latency.store(milliseconds.parse()?, Ordering::Relaxed);
                writeln!(out, "ok")?;
            }
            _ => writeln!(out, "{}", replay.requests.swap(0, Ordering::Relaxed))?,
        }
        out.flush()?;
    }
    Ok(())
}

async fn accept(listener: TcpListener, replay: Arc<Replay>) {
    // A client that cannot connect reports that itself.
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&replay)));
    }
}

async fn connection(stream: TcpStream, replay: Arc<Replay>) {
    // Errors do not matter here: a client may close its connection at any time.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(|request| replay.respond(request));
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Replay {
    async fn respond(&self, request: Request<Incoming>) -> Outcome<Response<Full<Bytes>>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let key = (format!("{} {path}", head.method), body.collect().await?.to_bytes());
        let known = lock(&self.kept).get(&key).cloned();
        let kept = match known {
            Some(kept) => kept,
            None => {
                let url = format!("{}{path}", self.origins.0);
                self.ask(&head.method, &url, head.headers, key).await?
            }
        };
        let latency = self.latency.load(Ordering::Relaxed);
        if latency > 0 {
            tokio::time::sleep(Duration::from_millis(latency)).await;
        }
        let mut response = Response::new(Full::new(kept.body));
        *response.status_mut() = kept.status;
        *response.headers_mut() = kept.headers;
        Ok(response)
    }

    /// Sends a request to the fake, and stores the response if there is room.
    async fn ask(&self, method: &hyper::Method, url: &str, mut headers: HeaderMap, key: Key) -> Outcome<Kept> {
        for own in [HOST, CONNECTION, CONTENT_LENGTH] {
            headers.remove(own);
        }
        let request = self.http.request(method.clone(), url).headers(headers).body(key.1.clone());
        let response = request.send().await?;
        let (status, headers) = (response.status(), self.moved(response.headers())?);
        let body = response.bytes().await?;
        let size = body.len() as u64;
        let mut kept = Kept { status, headers, body };
        let room = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(size));
        if status.is_success() && room.is_ok() {
            let mut bodies = lock(&self.bodies);
            match bodies.get(&kept.body) {
                Some(same) => {
                    kept.body = same.clone();
                    self.room.fetch_add(size, Ordering::Relaxed);
                }
                None => {
                    bodies.insert(kept.body.clone());
                }
            }
            drop(bodies);
            lock(&self.kept).insert(key, kept.clone());
        }
        Ok(kept)
    }

    /// The headers of the fake, changed for this server.
    fn moved(&self, headers: &HeaderMap) -> Outcome<HeaderMap> {
        let mut moved = HeaderMap::new();
        for (name, value) in headers {
            if [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name) {
                continue;
            }
            let value = value.to_str()?.replace(&self.origins.0, &self.origins.1);
            moved.append(HeaderName::clone(name), HeaderValue::from_str(&value)?);
        }
        Ok(moved)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
