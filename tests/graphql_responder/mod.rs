//! A GraphQL server whose answers are a function of the request.

use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server on a port of its own, until it is dropped.
pub(crate) struct Responder {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Value>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Responder {
    /// A server that answers by a function of the request and of how many came before it.
    pub(crate) async fn start(reply: impl Fn(&Value, usize) -> Value + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (reply, log) = (Arc::new(reply), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (reply, log) = (Arc::clone(&reply), Arc::clone(&log));
                connections.spawn(async move {
                    // A client that goes away ends the connection, which is none of the server's business.
                    let _ = serve(stream, &*reply, &log).await;
                });
            }
        });
        Responder { url, requests, task }
    }

    /// The bodies of the requests that came.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.requests.lock().expect("no test panicked while it held the lock").clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    reply: &(dyn Fn(&Value, usize) -> Value + Send + Sync),
    log: &Mutex<Vec<Value>>,
) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let end = head + length.unwrap_or(0_usize);
        while buffer.len() < end {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        let request: Value = serde_json::from_slice(&buffer[head..end])?;
        buffer.drain(..end);
        let answer = {
            let mut log = log.lock().expect("no test panicked while it held the lock");
            let answer = reply(&request, log.len()).to_string();
            log.push(request);
            answer
        };
        let length = answer.len();
        let text =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{answer}");
        stream.write_all(text.as_bytes()).await?;
    }
}
