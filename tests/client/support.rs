//! A server whose answers a test writes down, for what a well-behaved server never does.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A request as the server received it.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Headers by their lower-case names.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The value of a query parameter, not decoded.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(at, _)| *at == name).map(|(_, value)| value)
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// An answer with headers and a body.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// The same, less the last bytes of its body.
    CutOff(u16, Vec<(String, String)>, Vec<u8>),
    /// The connection is closed without an answer.
    Close,
    /// Nothing, for ever.
    Hang,
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply::Answer(status, vec![("Content-Type".into(), "application/json".into())], body.into())
}

impl Reply {
    /// The same answer with one more header.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Reply::Answer(_, headers, _) | Reply::CutOff(_, headers, _) = &mut self {
            headers.push((name.to_owned(), value.into()));
        }
        self
    }

    /// The same answer, cut off.
    pub(crate) fn cut_off(self) -> Self {
        match self {
            Reply::Answer(status, headers, body) => Reply::CutOff(status, headers, body),
            other => other,
        }
    }
}

/// A port where no one listens, and which no one else gets, until it is dropped.
pub(crate) struct Closed(TcpSocket);

impl Closed {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        Closed(socket)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }
}

/// A server on a port of its own, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Received>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// A server that answers by a function of the request and of how many requests came before it.
    pub(crate) async fn start(reply: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (reply, requests) = (Arc::new(reply), Arc::clone(&log));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (reply, requests) = (Arc::clone(&reply), Arc::clone(&requests));
                connections.spawn(async move {
                    // A client that goes away ends the connection, which is none of the server's business.
                    let _ = serve(stream, &*reply, &requests).await;
                });
            }
        });
        Server { address, log, task }
    }

    /// A server that gives these answers one after the other, and the last one ever after.
    pub(crate) async fn script(replies: Vec<Reply>) -> Self {
        Server::start(move |_, count| replies[count.min(replies.len() - 1)].clone()).await
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it has received so many requests.
    pub(crate) async fn wait_for(&self, requests: usize) {
        while self.received().len() < requests {
            tokio::task::yield_now().await;
        }
    }

    /// What it has received.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.log.lock().expect("no test panicked while it held the lock").clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    reply: &(dyn Fn(&Received, usize) -> Reply + Send + Sync),
    log: &Mutex<Vec<Received>>,
) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await? {
        let reply = {
            let mut log = log.lock().expect("no test panicked while it held the lock");
            let reply = reply(&request, log.len());
            log.push(request);
            reply
        };
        let (status, headers, body, missing) = match reply {
            Reply::Answer(status, headers, body) => (status, headers, body, 0),
            Reply::CutOff(status, headers, body) => (status, headers, body, 1),
            Reply::Close => return Ok(()),
            Reply::Hang => std::future::pending().await,
        };
        let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        // In one piece: a second small one would wait for the first to be acknowledged.
        let answer = [head.as_bytes(), &body[..body.len() - missing]].concat();
        stream.write_all(&answer).await?;
        if missing > 0 {
            return Ok(());
        }
    }
    Ok(())
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<bool> {
    Ok(stream.read_buf(buffer).await? > 0)
}

/// Reads up to and with a line break, and returns what stands before it.
async fn line(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<String>> {
    loop {
        if let Some(end) = buffer.windows(2).position(|bytes| bytes == b"\r\n") {
            let line = String::from_utf8_lossy(&buffer[..end]).into_owned();
            buffer.drain(..end + 2);
            return Ok(Some(line));
        }
        if !more(stream, buffer).await? {
            return Ok(None);
        }
    }
}

async fn exactly(stream: &mut TcpStream, buffer: &mut Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
    while buffer.len() < length {
        if !more(stream, buffer).await? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(buffer.drain(..length).collect())
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Received>> {
    let Some(first) = line(stream, buffer).await? else { return Ok(None) };
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = BTreeMap::new();
    while let Some(text) = line(stream, buffer).await?.filter(|text| !text.is_empty()) {
        if let Some((name, value)) = text.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let mut body = Vec::new();
    if let Some(length) = headers.get("content-length").and_then(|length| length.parse().ok()) {
        body = exactly(stream, buffer, length).await?;
    } else if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        while let Some(size) = line(stream, buffer).await? {
            let size = usize::from_str_radix(&size, 16).map_err(io::Error::other)?;
            body.extend(exactly(stream, buffer, size).await?);
            line(stream, buffer).await?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(Some(Received { method, target, headers, body }))
}
