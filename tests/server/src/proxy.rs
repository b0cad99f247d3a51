//! A proxy.

use crate::connection::Connection;
use crate::reply::Reply;
use crate::server::Server;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// A proxy for `CONNECT`. It records the heads of requests and every byte that goes through it.
pub struct Proxy {
    server: Server,
    record: Arc<Record>,
}

#[derive(Default)]
struct Record {
    heads: Mutex<Vec<String>>,
    bytes: Mutex<Vec<u8>>,
}

impl Proxy {
    /// Starts a proxy that lets requests with this text in their heads through, and responds to others with 407.
    pub async fn start(password: &'static str) -> Self {
        let record = Arc::new(Record::default());
        let shared = Arc::clone(&record);
        let serve = move |connection| tunnel(connection, password, Arc::clone(&shared));
        Proxy { server: Server::builder().serve(serve).await.expect("a port"), record }
    }

    /// Starts a proxy as [`Proxy::start`] does, on a thread of its own.
    pub fn start_blocking(password: &'static str) -> Self {
        let mut record = Arc::default();
        let server = Server::blocking(async {
            let proxy = Proxy::start(password).await;
            record = proxy.record;
            proxy.server
        });
        Proxy { server, record }
    }

    /// Its address with these credentials, `user:password`.
    pub fn url(&self, credentials: &str) -> String {
        format!("http://{credentials}@{}", self.server.address())
    }

    /// The heads of the requests that were made to it.
    pub fn heads(&self) -> Vec<String> {
        lock(&self.record.heads).clone()
    }

    /// Whether this text went through it, in a head or in a tunnel.
    pub fn has_seen(&self, text: &str) -> bool {
        lock(&self.record.bytes).windows(text.len()).any(|window| window == text.as_bytes())
    }
}

async fn tunnel(mut client: Connection, password: &str, record: Arc<Record>) -> io::Result<()> {
    let Some(request) = client.read().await? else { return Ok(()) };
    lock(&record.bytes).extend_from_slice(request.head.as_bytes());
    let passes = request.head.contains(password);
    lock(&record.heads).push(request.head);
    if !passes {
        return client.write(Reply::new(407, "").with("Proxy-Authenticate", "Basic")).await.map(drop);
    }
    let server = TcpStream::connect(request.target).await?;
    client.write(Reply::Raw(b"HTTP/1.1 200 Connected\r\n\r\n".to_vec())).await?;
    let (from_client, to_client) = tokio::io::split(client.stream);
    let (from_server, to_server) = server.into_split();
    tokio::try_join!(copy(from_client, to_server, &record), copy(from_server, to_client, &record)).map(drop)
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, record: &Record) -> io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        match from.read(&mut chunk).await? {
            0 => return to.shutdown().await,
            count => {
                lock(&record.bytes).extend_from_slice(&chunk[..count]);
                to.write_all(&chunk[..count]).await?;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
