//! One connection to a client.

use crate::log::Log;
use crate::reply::Reply;
use crate::request::Request;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes in both directions, encrypted or not.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A connection to a client.
///
/// Dropping it closes the socket at once: a client whose bytes were not read yet sees a reset.
pub struct Connection {
    /// The socket, for a protocol of the test's own.
    pub stream: Box<dyn Stream>,
    /// Where the server records requests.
    pub log: Arc<Log>,
    /// Bytes that were received and not read yet.
    buffer: Vec<u8>,
    is_http2: bool,
}

impl Connection {
    pub(crate) fn new(stream: Box<dyn Stream>, is_http2: bool, log: Arc<Log>) -> Self {
        Connection { stream, log, buffer: Vec::new(), is_http2 }
    }

    /// Whether client and server agreed on HTTP/2, which only a server with TLS offers.
    pub fn is_http2(&self) -> bool {
        self.is_http2
    }

    /// The next request, which is not recorded. Nothing if the client has closed the connection.
    ///
    /// # Errors
    ///
    /// The connection breaks, or what comes is not HTTP/1.1.
    pub async fn read(&mut self) -> io::Result<Option<Request>> {
        let end = loop {
            if self.buffer.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
                return Err(io::ErrorKind::InvalidData.into());
            }
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            if !self.more().await? {
                return Ok(None);
            }
        };
        let head = String::from_utf8_lossy(&self.take(end)).into_owned();
        let mut request = Request::parse(head);
        if let Some(length) = request.headers.get("content-length").and_then(|length| length.parse().ok()) {
            request.body = self.exactly(length).await?;
        } else if request.headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
            request.body = self.chunks().await?;
        }
        Ok(Some(request))
    }

    /// Carries out a reply. Gives whether the connection stays open after it.
    ///
    /// # Errors
    ///
    /// The connection breaks.
    pub async fn write(&mut self, reply: Reply) -> io::Result<bool> {
        let (bytes, stays_open) = match reply {
            Reply::Response(response) => (response.bytes(), !response.is_last()),
            Reply::Raw(bytes) => (bytes, false),
            Reply::Hang => std::future::pending().await,
            Reply::Close => (Vec::new(), false),
        };
        // In one piece: a second small write would wait until the client has acknowledged the first.
        self.stream.write_all(&bytes).await?;
        self.stream.flush().await?;
        Ok(stays_open)
    }

    /// Responds to requests with a handler and records them until the connection ends.
    ///
    /// # Errors
    ///
    /// The connection breaks.
    pub async fn serve(mut self, handler: &(impl Fn(&Request, usize) -> Reply + ?Sized)) -> io::Result<()> {
        loop {
            let reply = match self.read().await {
                Ok(Some(request)) => self.log.reply(request, handler),
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => Reply::new(400, "").until_close(),
                Err(error) => return Err(error),
            };
            if !self.write(reply).await? {
                return self.stream.shutdown().await;
            }
        }
    }

    async fn more(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        self.buffer.drain(..length).collect()
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            if !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.take(length))
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                match find(&self.buffer, b"\r\n") {
                    Some(end) => break end,
                    None if self.more().await? => {}
                    None => return Err(io::ErrorKind::UnexpectedEof.into()),
                }
            };
            let line = self.take(end + 2);
            let size = std::str::from_utf8(&line).ok().and_then(|line| usize::from_str_radix(line.trim(), 16).ok());
            let size = size.ok_or(io::ErrorKind::InvalidInput)?;
            body.extend(self.exactly(size).await?);
            self.exactly(2).await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
