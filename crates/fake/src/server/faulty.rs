//! Faults that replace the real response.

use super::handle::{Incoming, Server, method};
use super::headers::{budget, retry_later};
use crate::fault::Fault;
use crate::identity::ADMIN_TOKEN;
use crate::limit::{LimitState, USUAL_LIMIT};
use crate::response::Response;
use crate::time::Time;
use hyper::header::HeaderMap;
use std::sync::PoisonError;

impl Server {
    /// Runs another request as the administrator. Returns an error response if that fails.
    pub(super) fn meanwhile(&self, request: &str) -> Option<Response> {
        let (name, target) = request.split_once(' ').unwrap_or(("", request));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(method) = method(name) else {
            return Some(*Response::error(400, format!("X-Fake-Fault: `{request}` must begin with a method")));
        };
        let incoming = Incoming {
            method: name,
            path,
            query,
            headers: &HeaderMap::new(),
            body: b"",
            #[cfg(feature = "graphql")]
            broken: &[],
        };
        let now = Time(self.clock.unix_millis());
        let admin = Some(ADMIN_TOKEN.to_owned());
        let response =
            self.rest.find(method, path).and_then(|(at, values)| self.known(&incoming, path, admin, at, values, now));
        let response = response.unwrap_or_else(|error| *error);
        (response.status >= 400).then(|| {
            let why = String::from_utf8_lossy(&response.body);
            *Response::error(400, format!("X-Fake-Fault: `{request}` failed with {}: {why}", response.status))
        })
    }

    /// The response of a fault that replaces the real one.
    pub(super) fn broken(&self, fault: &Fault, target: &str) -> Response {
        match fault {
            Fault::RateLimited => {
                let now = self.clock.unix_millis() / 1000;
                let reset = now + self.retry_after.as_secs();
                let mut response = retry_later().with("retry-after", self.retry_after.as_secs().to_string());
                let name = USUAL_LIMIT.to_owned();
                response.headers.extend(budget(&LimitState {
                    name,
                    limit: 600,
                    observed: 601,
                    reset,
                    is_reported: true,
                }));
                response
            }
            Fault::RateLimitedBare => retry_later(),
            Fault::Status(status @ 520..) => {
                let page = format!(
                    "<!DOCTYPE html>\n<html><head><title>{status}: the origin cannot be reached</title></head>\
                     <body><h1>Error {status}</h1></body></html>\n"
                );
                Response { status: *status, ..Response::file("text/html; charset=UTF-8", page) }
                    .with("server", "cloudflare")
            }
            Fault::ResourceLock => *Response::message(409, "Resource lock"),
            Fault::Redirect(to) => {
                let to = to.clone().unwrap_or_else(|| {
                    let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
                    let origin = store.world.origin.strip_suffix(self.root.as_str()).unwrap_or(&store.world.origin);
                    format!("{origin}{target}")
                });
                Response { status: 302, ..Response::file("text/html", "") }.with("location", to)
            }
            Fault::Status(status @ 502..=504) => {
                let page = format!("<html><body><h1>{status}</h1><p>GitLab is not responding</p></body></html>\n");
                Response { status: *status, ..Response::file("text/html; charset=utf-8", page) }
            }
            _ => *Response::message(500, "500 Internal Server Error"),
        }
    }
}
