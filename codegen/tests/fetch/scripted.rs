//! Servers that respond by script.

use glabflow_fake::Fake;
use glabflow_test_server::{Reply, Server, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Starts a server whose script gives status and body for a request. If it gives nothing, the server never responds.
pub(crate) fn start(script: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static) -> Server {
    Server::start_blocking(move |request, _| script(&request.text()).map_or(Reply::Hang, response))
}

/// Starts a server that responds to every request with these bytes and closes the connection.
pub(crate) fn raw(response: impl Into<Vec<u8>>) -> Server {
    let response = response.into();
    Server::start_blocking(move |_, _| Reply::Raw(response.clone()))
}

/// Starts a server in front of a fake GitLab. The fake gets the requests for which the script gives no response.
pub(crate) fn before(fake: &Fake, script: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static) -> Server {
    let target = fake.address();
    Server::start_blocking(move |request, _| {
        let request = request.text();
        script(&request).map_or_else(|| Reply::Raw(forward(target, &request)), response)
    })
}

/// A response that asks for no wait before the next attempt.
pub(crate) fn response((status, body): (u16, String)) -> Reply {
    let reply = if body.starts_with('<') {
        Reply::new(status, body).with("content-type", "text/html")
    } else {
        json(status, body)
    };
    reply.with("retry-after", "0")
}

/// The responses of a GitLab with a small schema with descriptions.
pub(crate) fn small(request: &str) -> Option<(u16, String)> {
    const SCHEMA: &str = include_str!("../fixtures/ingest/graphql/described.json");
    let body = if request.starts_with("GET") {
        r#"{"version": "18.6.0-ee", "enterprise": true}"#
    } else if request.contains("__InputValue\\\"") {
        r#"{"data": {"__type": {"fields": [{"name": "isDeprecated"}]}}}"#
    } else {
        SCHEMA
    };
    Some((200, body.to_owned()))
}

/// The response of another server.
fn forward(target: SocketAddr, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(target).expect("connected");
    let closing = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    stream.write_all(closing.as_bytes()).expect("sent");
    let mut response = Vec::new();
    stream.read_to_end(&mut response).expect("a response");
    response
}
