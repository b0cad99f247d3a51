//! A GraphQL server whose responses are a function of the request.

use glabflow_test_server::{Request, Server, json};
use serde_json::Value;

/// A server on a port of its own, until it is dropped.
pub(crate) struct Responder(Server);

impl Responder {
    /// Starts a server that responds with a function of the request's body and of the number of requests before it.
    pub(crate) async fn start(respond: impl Fn(&Value, usize) -> Value + Send + Sync + 'static) -> Self {
        Responder(Server::start(move |request, count| json(200, respond(&body(request), count).to_string())).await)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    /// The bodies of the requests that it has received.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.0.requests().iter().map(body).collect()
    }
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}
