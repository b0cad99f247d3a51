//! Sockets, including those that are reset on purpose.

use crate::server::Server;
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// The maximum number of connections that wait to be accepted.
const BACKLOG: u32 = 1024;
/// A connection that can be reset instead of closed.
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // If this fails, the connection is closed, which clients must handle too.
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
                    // The port is in use. For clients the server never comes back.
                    Err(_) => return,
                }
                continue;
            }
        };
        // Accepting fails if the connection is already closed, or while there are no file handles.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        server.log.connect();
        connections.spawn(connection(stream, server.clone()));
    }
}

/// Closes a listener and opens it again after a pause. Meanwhile the port stays reserved, and connections are refused.
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
    // Without it small responses are delayed, which is no error.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket { stream, reset: reset.clone() };
    let service = hyper::service::service_fn(|request| {
        let (server, reset) = (&server, &reset);
        async move {
            let response = server.serve(request).await;
            let resets = response.as_ref().map_or(true, |response| response.body().resets());
            reset.fetch_or(resets, Ordering::Relaxed);
            response
        }
    });
    // Clients may disconnect at any time, so errors are ignored.
    let _ = hyper::server::conn::http1::Builder::new()
        .half_close(false)
        .serve_connection(TokioIo::new(socket), service)
        .await;
}
