//! From an HTTP request to an HTTP response, with faults.

use super::credentials::{shortened, token, without_token};
use super::handle::{Incoming, Server};
use crate::body::ResponseBody;
use crate::fault::Fault;
use crate::log::Seen;
use crate::outgoing::outgoing;
use crate::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::Request;
use std::time::Duration;

/// The maximum size of a body; larger ones get 413.
const MAX_BODY: usize = 256 << 20;

/// The connection must be reset instead of getting a response.
#[derive(Debug)]
pub(crate) struct ResetConnection;

impl std::fmt::Display for ResetConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is reset by a fault")
    }
}

impl std::error::Error for ResetConnection {}

/// What happens to a connection instead of a response.
enum Cut {
    Reset,
    Hang,
    Restart(Duration),
}

/// The effects of faults on a response.
#[derive(Default)]
struct Effects<'f> {
    /// The response instead of the real one.
    reply: Option<Response>,
    /// A fault of the body.
    body: Option<&'f Fault>,
    /// The fields of a GraphQL response with a fault.
    broken: Vec<String>,
}

impl Server {
    /// Responds to a request, or applies a fault to its connection.
    pub(crate) async fn serve<B>(&self, request: Request<B>) -> Result<hyper::Response<ResponseBody>, ResetConnection>
    where
        B: hyper::body::Body<Data = Bytes, Error = hyper::Error> + Send + 'static,
    {
        let (number, _under_way) = self.log.arrive();
        let (head, body) = request.into_parts();
        let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
        let wanted = head.headers.get("x-fake-fault").and_then(|value| value.to_str().ok());
        let below = self.below_api(path).unwrap_or(path);
        let faults = self.faults.choose(number, head.method.as_str(), below, wanted);
        self.log.count_faults(faults.as_deref().unwrap_or_default());
        let token = token(&head.headers, query);
        let mut seen = Seen {
            method: head.method.to_string(),
            path: path.to_owned(),
            query: without_token(query),
            operation: None,
            token: token.as_deref().map(shortened),
            status: 0,
        };
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let applied = self.apply(faults.as_deref().unwrap_or_default(), number, token.as_deref(), target).await;
        let mut effects = match applied {
            Ok(effects) => effects,
            Err(cut) => {
                self.log.finish(seen);
                return Err(self.cut(cut).await);
            }
        };
        if let Some(capacity) = self.capacity.as_ref().filter(|_| effects.reply.is_none())
            && !capacity.serve().await
        {
            effects.reply = Some(self.broken(&Fault::Status(503), path));
        }
        let response = match (effects.reply, &faults) {
            (Some(response), _) => response,
            (None, Err(unknown)) => *Response::error(400, format!("X-Fake-Fault: {unknown}")),
            (None, Ok(_)) => match Limited::new(body, MAX_BODY).collect().await {
                Ok(body) => {
                    let request = Incoming {
                        method: head.method.as_str(),
                        path,
                        query,
                        headers: &head.headers,
                        body: &body.to_bytes(),
                        #[cfg(feature = "graphql")]
                        broken: &effects.broken,
                    };
                    let (response, operation) = self.respond(&request);
                    seen.operation = operation;
                    response
                }
                Err(_) => *Response::error(413, "Request Entity Too Large"),
            },
        };
        seen.status = response.status;
        self.log.finish(seen);
        Ok(outgoing(response, number, effects.body, head.method == hyper::Method::HEAD))
    }

    /// Applies faults in order, up to one that ends the connection.
    async fn apply<'f>(
        &self,
        faults: &'f [Fault],
        number: u64,
        token: Option<&str>,
        target: &str,
    ) -> Result<Effects<'f>, Cut> {
        let mut effects = Effects::default();
        for fault in faults {
            match fault {
                Fault::Latency(time) => tokio::time::sleep(*time).await,
                Fault::Hang => return Err(Cut::Hang),
                Fault::Reset => return Err(Cut::Reset),
                Fault::Restart(pause) => return Err(Cut::Restart(*pause)),
                Fault::Revoke => self.tokens.revoke(token.unwrap_or_default()),
                Fault::Meanwhile(request) => {
                    effects.reply = self.meanwhile(&request.replace("{n}", &number.to_string()));
                }
                Fault::Truncate
                | Fault::ResetMidBody
                | Fault::Slow(_)
                | Fault::InvalidJson
                | Fault::WrongLength
                | Fault::GzipBomb(_)
                | Fault::Oversize(_) => effects.body = Some(fault),
                Fault::GraphqlError(path) => effects.broken.push(path.clone()),
                fault => effects.reply = Some(self.broken(fault, target)),
            }
        }
        Ok(effects)
    }

    /// Resets the connection, or waits until it is closed.
    async fn cut(&self, cut: Cut) -> ResetConnection {
        match cut {
            Cut::Reset => return ResetConnection,
            Cut::Hang => {}
            Cut::Restart(pause) => drop(self.restarts.send_replace(pause)),
        }
        std::future::pending::<()>().await;
        ResetConnection
    }
}
