//! Sockets and bodies, including those that break on purpose.

use crate::server::Server;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Sleep;

/// Into how many pieces a slow body is cut.
const PIECES: usize = 8;
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// How long a cut-off body waits before the connection closes, so that what there is of it has been sent.
const LAST_FLUSH: Duration = Duration::from_millis(5);

/// The body of an answer.
pub(crate) struct Reply {
    pieces: VecDeque<Bytes>,
    /// The time before each piece but the first, and before the end of a broken body.
    pause: Duration,
    asleep: Option<Pin<Box<Sleep>>>,
    /// Whether the connection closes instead of the body's end.
    broken: bool,
    /// Whether the connection is reset instead of closed.
    resets: bool,
    /// Whether the body says how long it is.
    sized: bool,
}

impl Reply {
    /// A body in one piece.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Reply { sized: true, ..Reply::unsized_whole(bytes) }
    }

    /// A body in one piece that leaves it to the headers to say how long it is.
    pub(crate) fn unsized_whole(bytes: Bytes) -> Self {
        Reply { pieces: VecDeque::from([bytes]), ..Reply::empty() }
    }

    /// No body, whatever the headers say.
    pub(crate) fn empty() -> Self {
        Reply {
            pieces: VecDeque::new(),
            pause: Duration::ZERO,
            asleep: None,
            broken: false,
            resets: false,
            sized: false,
        }
    }

    /// A body after which the connection closes.
    pub(crate) fn broken(bytes: Bytes) -> Self {
        Reply { broken: true, pause: LAST_FLUSH, ..Reply::unsized_whole(bytes) }
    }

    /// A body after which the connection is reset.
    pub(crate) fn reset(bytes: Bytes) -> Self {
        Reply { resets: true, ..Reply::broken(bytes) }
    }

    /// A body in pieces that follow each other at once.
    pub(crate) fn pieces(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        Reply { pieces: pieces.into_iter().collect(), sized: true, ..Reply::empty() }
    }

    /// A body in pieces with pauses between them.
    pub(crate) fn slow(bytes: &Bytes, pause: Duration) -> Self {
        let size = bytes.len().div_ceil(PIECES).max(1);
        let pieces = (0..bytes.len()).step_by(size).map(|at| bytes.slice(at..bytes.len().min(at + size))).collect();
        Reply { pieces, pause, ..Reply::empty() }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(asleep) = &mut self.asleep {
            std::task::ready!(asleep.as_mut().poll(cx));
            self.asleep = None;
            if self.pieces.is_empty() && self.broken {
                return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
            }
        }
        let Some(piece) = self.pieces.pop_front() else { return Poll::Ready(None) };
        if self.broken || (self.pause > Duration::ZERO && !self.pieces.is_empty()) {
            self.asleep = Some(Box::pin(tokio::time::sleep(self.pause)));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && !self.broken
    }

    fn size_hint(&self) -> SizeHint {
        if self.sized {
            SizeHint::with_exact(self.pieces.iter().map(|piece| piece.len() as u64).sum())
        } else {
            SizeHint::default()
        }
    }
}

/// A connection that is reset instead of closed once it has been told to.
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Should this fail, the connection is closed, which the client has to cope with as well.
            let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Accepts connections until it is dropped, and all of its connections with it.
pub(crate) async fn accept(mut listener: TcpListener, server: Arc<Server>) {
    let mut connections = JoinSet::new();
    let mut restarts = server.restarts.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            Ok(()) = restarts.changed() => {
                let pause = *restarts.borrow_and_update();
                connections.shutdown().await;
                match reopened(listener, pause).await {
                    Ok(again) => listener = again,
                    // The port is gone, which clients meet as a server that does not come back.
                    Err(_) => return,
                }
                continue;
            }
        };
        // Accepting fails for connections that are gone already, and for want of file handles, which come back.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        server.log.connect();
        connections.spawn(connection(stream, server.clone()));
    }
}

/// Closes a listener and opens it again after a pause. Meanwhile the port is kept, and connections are refused.
async fn reopened(listener: TcpListener, pause: Duration) -> io::Result<TcpListener> {
    let address = listener.local_addr()?;
    drop(listener);
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    tokio::time::sleep(pause).await;
    socket.listen(BACKLOG)
}

async fn connection(stream: TcpStream, server: Arc<Server>) {
    // Without it small answers would wait for more, which is slow but not wrong.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket { stream, reset: reset.clone() };
    let service = hyper::service::service_fn(|request| {
        let (server, reset) = (&server, &reset);
        async move {
            let answer = server.serve(request).await;
            let resets = answer.as_ref().map_or(true, |answer| answer.body().resets);
            reset.fetch_or(resets, Ordering::Relaxed);
            answer
        }
    });
    // Clients that go away in the middle of something are nothing to report.
    let _ = hyper::server::conn::http1::Builder::new()
        .half_close(false)
        .serve_connection(TokioIo::new(socket), service)
        .await;
}
