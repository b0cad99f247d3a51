//! A server on a port of its own.

use crate::connection::Connection;
use crate::log::Log;
use crate::reply::Reply;
use crate::request::Request;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, JoinSet};

/// A server on a port of its own. It ends, with its connections, when it is dropped.
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    log: Arc<Log>,
    task: JoinHandle<()>,
    /// Of a server for code that is not asynchronous.
    runtime: Option<Runtime>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Server {
    /// Starts a server whose replies are a function of the request and of the number of requests before it.
    pub async fn start(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Builder::default().start(handler).await.expect("a port")
    }

    /// Starts a server that gives these replies one after the other, and then the last one again and again.
    pub async fn script(replies: Vec<Reply>) -> Self {
        Server::start(move |_, count| replies[count.min(replies.len() - 1)].clone()).await
    }

    /// Starts a server as [`Server::start`] does, on a thread of its own.
    pub fn start_blocking(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Server::blocking(Server::start(handler))
    }

    /// A server at another address, with TLS, or with another protocol.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Runs a server on a thread of its own.
    pub fn blocking(starting: impl Future<Output = Server>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let mut server = runtime.block_on(starting);
        server.runtime = Some(runtime);
        server
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// What it has received.
    pub fn requests(&self) -> Vec<Request> {
        self.log.requests().clone()
    }

    /// Waits until it has received this many requests.
    pub async fn wait_for(&self, requests: usize) {
        self.log.wait_for(requests).await;
    }

    /// The number of connections that were made to it, those with a failed TLS handshake too.
    pub fn connections(&self) -> usize {
        self.log.connections()
    }
}

/// What kind of server to start.
#[derive(Default)]
pub struct Builder {
    address: Option<SocketAddr>,
    #[cfg(feature = "tls")]
    tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Builder {
    /// Listens at this address, by default at a free port of 127.0.0.1.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Speaks TLS, see [`Authority::acceptor`](crate::Authority::acceptor).
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, acceptor: tokio_rustls::TlsAcceptor) -> Self {
        self.tls = Some(acceptor);
        self
    }

    /// Starts a server whose replies are a function of the request and of the number of requests before it.
    ///
    /// # Errors
    ///
    /// The address is not available.
    pub async fn start(self, handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> io::Result<Server> {
        let handler = Arc::new(handler);
        self.serve(move |connection| {
            let handler = Arc::clone(&handler);
            async move { connection.serve(&*handler).await }
        })
        .await
    }

    /// Starts a server that leaves each connection to a function. How a connection ends does not matter to it.
    ///
    /// # Errors
    ///
    /// The address is not available.
    pub async fn serve<F>(self, serve: impl Fn(Connection) -> F + Send + Sync + 'static) -> io::Result<Server>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind(self.address.unwrap_or_else(|| ([127, 0, 0, 1], 0).into())).await?;
        let address = listener.local_addr()?;
        let log = Arc::new(Log::default());
        #[cfg(feature = "tls")]
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        #[cfg(not(feature = "tls"))]
        let scheme = "http";
        let shared = (Arc::new((self, serve)), Arc::clone(&log));
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                shared.1.connected();
                let (this, log) = shared.clone();
                connections.spawn(async move {
                    // A client that does not trust the certificate goes away, which is what its test looks at.
                    if let Ok(connection) = this.0.accept(stream, log).await {
                        let _ = this.1(connection).await;
                    }
                });
            }
        });
        Ok(Server { address, scheme, log, task, runtime: None })
    }

    async fn accept(&self, stream: TcpStream, log: Arc<Log>) -> io::Result<Connection> {
        #[cfg(feature = "tls")]
        if let Some(acceptor) = &self.tls {
            let stream = acceptor.accept(stream).await?;
            let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            return Ok(Connection::new(Box::new(stream), is_http2, log));
        }
        Ok(Connection::new(Box::new(stream), false, log))
    }
}
