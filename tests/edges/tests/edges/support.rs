//! Shared by these tests: clients, and servers that speak HTTP/2 if the client agrees.

use bytes::Bytes;
use glabflow::{Client, ClientBuilder, SkippingClock, Token};
use glabflow_test_server::{Authority, Connection, Reply, Request, Server};
use http_body_util::{BodyExt, Full};
use hyper::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::UNIX_EPOCH;
use tempfile::NamedTempFile;

/// The token that clients send.
pub(crate) const TOKEN: &str = "glpat-EDGESECRETEDGE";
/// The protocols that a server offers, in its order of preference.
pub(crate) const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];

/// A client with a token, whose waits take no time.
pub(crate) fn builder(url: impl Into<String>) -> ClientBuilder {
    let clock = SkippingClock::new(UNIX_EPOCH, 0.5);
    Client::builder(url).token(Token::personal(TOKEN)).clock(clock)
}

/// All texts of an error and of its sources.
pub(crate) fn shown(error: &glabflow::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(&format!(" / {error} {error:?}"));
        source = error.source();
    }
    text
}

/// The authority's certificate as a file.
pub(crate) fn ca_file(authority: &Authority) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(authority.pem().as_bytes()).expect("room on the disk");
    file
}

/// A server with TLS for 127.0.0.1, which speaks HTTP/1.1 and HTTP/2.
pub(crate) async fn tls(authority: &Authority, respond: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
    let handler = Arc::new(move |request: &Request, _: usize| respond(request));
    let serve = move |connection: Connection| {
        let handler = Arc::clone(&handler);
        async move {
            if connection.is_http2() { http2(connection, handler).await } else { connection.serve(&*handler).await }
        }
    };
    Server::builder().tls(authority.acceptor(|_| {}, BOTH)).serve(serve).await.expect("a port")
}

/// Serves a connection by HTTP/2.
async fn http2(
    connection: Connection,
    handler: Arc<impl Fn(&Request, usize) -> Reply + Send + Sync + 'static>,
) -> io::Result<()> {
    let log = connection.log;
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (log, handler) = (Arc::clone(&log), Arc::clone(&handler));
        async move {
            let (head, body) = request.into_parts();
            // The body is read so that the connection can be reused.
            let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
            let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let request = Request {
                head: String::new(),
                method: head.method.to_string(),
                target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
                version: format!("{:?}", head.version),
                headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
                body,
            };
            let Reply::Response(response) = log.reply(request, &*handler) else { panic!("not over HTTP/2") };
            let mut builder = Response::builder().status(response.status);
            for (name, value) in response.headers {
                builder = builder.header(name, value);
            }
            Ok::<_, Infallible>(builder.body(Full::new(Bytes::from(response.body))).expect("a response"))
        }
    });
    let io = TokioIo::new(connection.stream);
    hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(io, service)
        .await
        .map_err(io::Error::other)
}
