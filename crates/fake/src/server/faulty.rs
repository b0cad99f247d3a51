//! Faults that take the place of the real response.

use super::handle::{Asked, Server, method};
use super::headers::{budget, retry_later};
use crate::answer::Answer;
use crate::fault::Fault;
use crate::identity::ADMIN_TOKEN;
use crate::limit::{Standing, USUAL_LIMIT};
use crate::time::Time;
use hyper::header::HeaderMap;
use std::sync::PoisonError;

impl Server {
    /// Carries out somebody else's request, as the administrator; an answer when that fails, so that it is noticed.
    pub(super) fn meanwhile(&self, request: &str) -> Option<Answer> {
        let (name, target) = request.split_once(' ').unwrap_or(("", request));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(method) = method(name) else {
            return Some(*Answer::error(400, format!("X-Fake-Fault: `{request}` must begin with a method")));
        };
        let asked = Asked {
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
        let answer =
            self.rest.find(method, path).and_then(|(at, values)| self.known(&asked, path, admin, at, values, now));
        let answer = answer.unwrap_or_else(|refusal| *refusal);
        (answer.status >= 400).then(|| {
            let why = String::from_utf8_lossy(&answer.body);
            *Answer::error(400, format!("X-Fake-Fault: `{request}` was answered with {}: {why}", answer.status))
        })
    }

    /// The answer of a fault that stands in for the real one.
    pub(super) fn broken(&self, fault: &Fault, target: &str) -> Answer {
        match fault {
            Fault::RateLimited => {
                let now = self.clock.unix_millis() / 1000;
                let reset = now + self.retry_after.as_secs();
                let mut answer = retry_later().with("retry-after", self.retry_after.as_secs().to_string());
                let name = USUAL_LIMIT.to_owned();
                answer.headers.extend(budget(&Standing { name, limit: 600, observed: 601, reset, is_told: true }));
                answer
            }
            Fault::RateLimitedBare => retry_later(),
            Fault::Status(status @ 520..) => {
                let page = format!(
                    "<!DOCTYPE html>\n<html><head><title>{status}: the origin cannot be reached</title></head>\
                     <body><h1>Error {status}</h1></body></html>\n"
                );
                Answer { status: *status, ..Answer::file("text/html; charset=UTF-8", page) }
                    .with("server", "cloudflare")
            }
            Fault::ResourceLock => *Answer::message(409, "Resource lock"),
            Fault::Redirect(to) => {
                let to = to.clone().unwrap_or_else(|| {
                    let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
                    let origin = store.world.origin.strip_suffix(self.root.as_str()).unwrap_or(&store.world.origin);
                    format!("{origin}{target}")
                });
                Answer { status: 302, ..Answer::file("text/html", "") }.with("location", to)
            }
            Fault::Status(status @ 502..=504) => {
                let page = format!("<html><body><h1>{status}</h1><p>GitLab is not responding</p></body></html>\n");
                Answer { status: *status, ..Answer::file("text/html; charset=utf-8", page) }
            }
            _ => *Answer::message(500, "500 Internal Server Error"),
        }
    }
}
