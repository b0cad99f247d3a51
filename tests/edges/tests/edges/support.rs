//! A TLS or plain server with real HTTP/1.1 and HTTP/2 behind it, which counts connections and keeps what it was asked.

use bytes::Bytes;
use glabflow::{Client, ClientBuilder, SkippingClock};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// The token that clients carry.
pub(crate) const TOKEN: &str = "glpat-EDGESECRETEDGE";

/// A client with a token, whose waits take no time.
pub(crate) fn builder(url: impl Into<String>) -> ClientBuilder {
    let clock = SkippingClock::new(UNIX_EPOCH, 0.5);
    Client::builder(url).token(glabflow::Token::personal(TOKEN)).clock(clock)
}

/// A port where no one listens, and which no one else gets for as long as the socket is kept.
pub(crate) fn closed() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = socket.local_addr().expect("an address");
    (socket, address)
}

/// An error with everything that it says, its sources too.
pub(crate) fn told(error: &glabflow::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(&format!(" / {error} {error:?}"));
        source = error.source();
    }
    text
}

/// A certificate authority that no one knows.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "A test's own authority");
        let key = KeyPair::generate().expect("a key");
        Authority { issuer: CertifiedIssuer::self_signed(params, key).expect("a certificate") }
    }

    /// Its certificate as a file.
    pub(crate) fn file(&self) -> NamedTempFile {
        let mut file = NamedTempFile::new().expect("a file");
        file.write_all(self.issuer.pem().as_bytes()).expect("room on the disk");
        file
    }

    /// What a server needs for TLS with a certificate of this authority.
    pub(crate) fn acceptor(&self, change: impl FnOnce(&mut CertificateParams), protocols: &[&[u8]]) -> TlsAcceptor {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::IpAddress([127, 0, 0, 1].into())];
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a certificate and its key");
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// What the server was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) target: String,
    pub(crate) version: Version,
    pub(crate) headers: hyper::HeaderMap,
}

/// An answer: status, headers, body.
pub(crate) type Answer = Response<Full<Bytes>>;

/// A JSON answer.
pub(crate) fn json(body: impl Into<Bytes>) -> Answer {
    Response::builder().header("content-type", "application/json").body(Full::new(body.into())).expect("an answer")
}

#[derive(Default)]
struct State {
    connections: AtomicUsize,
    asked: Mutex<Vec<Asked>>,
}

/// A server on a port of its own, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// A server with TLS, which answers by a function of the request.
    pub(crate) async fn tls(acceptor: TlsAcceptor, answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Server::start("127.0.0.1:0", Some(acceptor), answer).await.expect("a port")
    }

    /// A server without TLS at this address.
    pub(crate) async fn plain(
        at: &str,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        Server::start(at, None, answer).await
    }

    async fn start(
        at: &str,
        acceptor: Option<TlsAcceptor>,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let state = Arc::new(State::default());
        let (shared, answer) = (Arc::clone(&state), Arc::new(answer));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (state, answer, acceptor) = (Arc::clone(&shared), Arc::clone(&answer), acceptor.clone());
                connections.spawn(async move {
                    state.connections.fetch_add(1, Ordering::SeqCst);
                    match acceptor {
                        None => serve(stream, false, state, answer).await,
                        // A client that does not trust the certificate goes away.
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                                serve(stream, is_h2, state, answer).await;
                            }
                        }
                    }
                });
            }
        });
        Ok(Server { address, scheme, state, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Connections that were made to it, also those that came to nothing.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// What it was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().expect("no test panicked while it held the lock").clone()
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    is_h2: bool,
    state: Arc<State>,
    answer: Arc<impl Fn(&Asked) -> Answer + Send + Sync + 'static>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (state, answer) = (Arc::clone(&state), Arc::clone(&answer));
        async move {
            let (head, body) = request.into_parts();
            // It is read so that the connection can be used again.
            let _ = body.collect().await;
            let asked = Asked {
                target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
                version: head.version,
                headers: head.headers,
            };
            let answer = answer(&asked);
            state.asked.lock().expect("no test panicked while it held the lock").push(asked);
            Ok::<_, Infallible>(answer)
        }
    });
    // How a connection ends is what the tests look at from the other side.
    let _ = if is_h2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service)
            .await
    } else {
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await
    };
}
