//! From an HTTP request to an HTTP answer: authentication, rate limits, faults, headers and the log.

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::capacity::Capacity;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::identity::{ADMIN_TOKEN, Identity, Scope, Tokens};
use crate::limit::{Limiter, Standing};
use crate::log::{Log, Seen};
use crate::params::{Params, TOKENS, encode};
use crate::reply::Reply;
use crate::resource;
use crate::response::response;
use crate::rest::Rest;
use crate::script::Faults;
use crate::store::Store;
use crate::time::Time;
use bytes::Bytes;
use glabflow_contract::Method;
use http_body_util::{BodyExt, Limited};
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// The largest body that is read; larger ones are answered with 413.
const LARGEST_BODY: usize = 256 << 20;

/// Everything behind the socket.
pub(crate) struct Server {
    pub(crate) rest: Rest,
    #[cfg(feature = "graphql")]
    pub(crate) graphql: crate::graphql::Graphql,
    pub(crate) store: RwLock<Store>,
    pub(crate) tokens: Tokens,
    pub(crate) limiter: Limiter,
    pub(crate) capacity: Option<Capacity>,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) clock: Clock,
    /// The path below which GitLab lives: empty, or `/gitlab`.
    pub(crate) root: String,
    /// What injected 429 answers say in `Retry-After`.
    pub(crate) retry_after: Duration,
    /// Told for how long the server is to be away when it is to restart.
    pub(crate) restarts: watch::Sender<Duration>,
}

/// The connection must be reset instead of answered.
#[derive(Debug)]
pub(crate) struct ResetConnection;

impl std::fmt::Display for ResetConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is reset on purpose")
    }
}

impl std::error::Error for ResetConnection {}

/// What the sync part of a request needs.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// The fields of a GraphQL answer that fail on purpose.
    #[cfg(feature = "graphql")]
    pub(crate) broken: &'a [String],
}

impl Server {
    /// Answers a request, or does to its connection what a fault says.
    pub(crate) async fn serve<B>(&self, request: Request<B>) -> Result<Response<Reply>, ResetConnection>
    where
        B: hyper::body::Body<Data = Bytes, Error = hyper::Error> + Send + 'static,
    {
        let (number, _under_way) = self.log.arrive();
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        let asked = head.headers.get("x-fake-fault").and_then(|value| value.to_str().ok());
        let below = self.below_api(path).unwrap_or(path);
        let faults = self.faults.choose(number, head.method.as_str(), below, asked);
        self.log.befell(faults.as_deref().unwrap_or_default());
        let token = token(&head.headers, head.uri.query().unwrap_or_default());
        let mut seen = Seen {
            method: head.method.to_string(),
            path: path.to_owned(),
            query: without_token(head.uri.query().unwrap_or_default()),
            operation: None,
            token: token.as_deref().map(shortened),
            status: 0,
        };
        let mut reply = None;
        let mut after = None;
        let mut broken = Vec::new();
        for fault in faults.as_deref().unwrap_or_default() {
            match fault {
                Fault::Latency(time) => tokio::time::sleep(*time).await,
                Fault::Hang => {
                    self.log.answered(seen);
                    std::future::pending::<()>().await;
                    return Err(ResetConnection);
                }
                Fault::Reset => {
                    self.log.answered(seen);
                    return Err(ResetConnection);
                }
                Fault::Restart(pause) => {
                    self.log.answered(seen);
                    self.restarts.send_replace(*pause);
                    std::future::pending::<()>().await;
                    return Err(ResetConnection);
                }
                Fault::Revoke => self.tokens.revoke(token.as_deref().unwrap_or_default()),
                Fault::Meanwhile(request) => reply = self.meanwhile(&request.replace("{n}", &number.to_string())),
                Fault::Truncate
                | Fault::ResetMidBody
                | Fault::Slow(_)
                | Fault::InvalidJson
                | Fault::WrongLength
                | Fault::GzipBomb(_)
                | Fault::Oversize(_) => after = Some(fault),
                Fault::GraphqlError(path) => broken.push(path.clone()),
                fault => reply = Some(self.broken(fault, head.uri.path_and_query().map_or("/", |at| at.as_str()))),
            }
        }
        if let Some(capacity) = self.capacity.as_ref().filter(|_| reply.is_none())
            && !capacity.serve().await
        {
            reply = Some(self.broken(&Fault::Status(503), path));
        }
        let answer = match (reply, &faults) {
            (Some(answer), _) => answer,
            (None, Err(unknown)) => *Answer::error(400, format!("X-Fake-Fault: {unknown}")),
            (None, Ok(_)) => match Limited::new(body, LARGEST_BODY).collect().await {
                Ok(body) => {
                    let body = body.to_bytes();
                    let asked = Asked {
                        method: head.method.as_str(),
                        path,
                        query: head.uri.query().unwrap_or_default(),
                        headers: &head.headers,
                        body: &body,
                        #[cfg(feature = "graphql")]
                        broken: &broken,
                    };
                    let (answer, operation) = self.answer(&asked);
                    seen.operation = operation;
                    answer
                }
                Err(_) => *Answer::error(413, "Request Entity Too Large"),
            },
        };
        seen.status = answer.status;
        self.log.answered(seen);
        let head_only = head.method == hyper::Method::HEAD;
        Ok(response(answer, number, after, head_only))
    }

    /// The part of a path below `/api/v4`.
    fn below_api<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(self.root.as_str())?.strip_prefix("/api/v4").filter(|rest| rest.starts_with('/'))
    }

    /// Answers a request; tells which operation it was.
    pub(crate) fn answer(&self, asked: &Asked<'_>) -> (Answer, Option<&'static str>) {
        let Some(path) = self.below_api(asked.path) else {
            if asked.path.strip_prefix(self.root.as_str()) == Some("/api/graphql") {
                return self.graphql(asked);
            }
            return (*Answer::error(404, "404 Not Found"), None);
        };
        let Some(method) = method(asked.method) else {
            return (*Answer::error(405, "405 Not Allowed"), None);
        };
        let found = self.rest.find(method, path);
        let operation = found.as_ref().ok().map(|(at, _)| self.rest.operation(*at).id.as_str());
        let answer = self.counted(asked, |token, now| {
            let answer = found.and_then(|(at, values)| self.known(asked, path, token, at, values, now));
            answer.unwrap_or_else(|refusal| *refusal)
        });
        (answer, operation)
    }

    /// Answers within the rate limit: with what the token and the time lead to, or with a request to wait.
    fn counted(&self, asked: &Asked<'_>, answer: impl FnOnce(Option<String>, Time) -> Answer) -> Answer {
        let now = self.clock.unix_millis();
        let token = token(asked.headers, asked.query);
        let standing = self.limiter.count(token.as_deref().unwrap_or("anonymous"), asked.path, now / 1000);
        let is_exceeded = standing.as_ref().is_some_and(Standing::is_exceeded);
        let mut answer = if is_exceeded { retry_later() } else { answer(token, Time(now)) };
        if let Some(standing) = standing.filter(|standing| standing.is_told) {
            if is_exceeded {
                answer = answer.with("retry-after", standing.reset.saturating_sub(now / 1000).to_string());
            }
            answer.headers.extend(budget(&standing));
            // The reset is a time by this clock, not by the machine's.
            answer = answer.with("date", Time(now).http());
        }
        answer
    }

    #[cfg(not(feature = "graphql"))]
    fn graphql(&self, _: &Asked<'_>) -> (Answer, Option<&'static str>) {
        (*Answer::error(404, "This fake GitLab is built without GraphQL"), None)
    }

    #[cfg(feature = "graphql")]
    fn graphql(&self, asked: &Asked<'_>) -> (Answer, Option<&'static str>) {
        if asked.method != "POST" {
            return (*Answer::error(404, "404 Not Found"), None);
        }
        let answer = self.counted(asked, |token, now| {
            let caller = match token.map(|token| self.tokens.get(&token)) {
                Some(None) => return crate::graphql::refused(401, "Invalid token"),
                caller => caller.flatten(),
            };
            let asked = crate::graphql::Asked { body: asked.body, caller, now, broken: asked.broken };
            self.graphql.answer(&self.rest, &self.store, &asked)
        });
        (answer, Some("graphql"))
    }

    fn known(
        &self,
        asked: &Asked<'_>,
        path: &str,
        token: Option<String>,
        at: usize,
        values: Vec<String>,
        now: Time,
    ) -> Result<Answer, Refusal> {
        let operation = self.rest.operation(at);
        let mut caller = match token {
            Some(token) => Some(self.tokens.get(&token).ok_or_else(Answer::unauthorized)?),
            None => None,
        };
        if caller.is_some_and(|caller| caller.scope == Scope::ReadApi) && !operation.method.is_read() {
            let body = serde_json::json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": "api",
            });
            return Err(Box::new(Answer::json(403, &body)));
        }
        let mut params = Params::query(asked.query);
        let content_type = asked.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        params.read_body(content_type, asked.body).map_err(|problem| Answer::error(400, problem))?;
        let sudo = asked.headers.get("sudo").and_then(|value| value.to_str().ok()).or(params.get("sudo"));
        if let (Some(name), Some(of)) = (sudo, caller) {
            caller = Some(self.sudo(of, name)?);
        }
        let call = Call { operation, pattern: "", path, values, params, caller, now, parents: Vec::new() };
        self.rest.answer(&self.store, at, call)
    }

    /// The user whom an administrator acts for.
    fn sudo(&self, caller: Identity, name: &str) -> Result<Identity, Refusal> {
        if !caller.is_admin() {
            let body = serde_json::json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": "sudo",
            });
            return Err(Box::new(Answer::json(403, &body)));
        }
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        let users = resource::at("/users").map(|at| &resource::RESOURCES[at]);
        let user = users.and_then(|users| store.named(users, None, name));
        let user = user.ok_or_else(|| Answer::not_found(&format!("User with ID or username '{name}'")))?;
        Ok(Identity { user, ..caller })
    }

    /// Carries out somebody else's request, as the administrator; an answer when that fails, so that it is noticed.
    fn meanwhile(&self, request: &str) -> Option<Answer> {
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
    fn broken(&self, fault: &Fault, target: &str) -> Answer {
        match fault {
            Fault::RateLimited => {
                let now = self.clock.unix_millis() / 1000;
                let reset = now + self.retry_after.as_secs();
                let mut answer = retry_later().with("retry-after", self.retry_after.as_secs().to_string());
                let name = crate::limit::USUAL_LIMIT.to_owned();
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

fn method(name: &str) -> Option<Method> {
    Some(match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return None,
    })
}

fn retry_later() -> Answer {
    Answer { status: 429, ..Answer::file("text/plain", "Retry later\n") }
}

fn budget(standing: &Standing) -> [(&'static str, String); 6] {
    [
        ("ratelimit-limit", standing.limit.to_string()),
        ("ratelimit-name", standing.name.clone()),
        ("ratelimit-observed", standing.observed.to_string()),
        ("ratelimit-remaining", standing.limit.saturating_sub(standing.observed).to_string()),
        ("ratelimit-reset", standing.reset.to_string()),
        ("ratelimit-resettime", Time(standing.reset * 1000).http()),
    ]
}

/// The token of a request, wherever GitLab accepts one.
fn token(headers: &HeaderMap, query: &str) -> Option<String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = || {
        let (scheme, token) = header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    };
    let found = header("private-token").or_else(bearer).or_else(|| header("job-token"));
    match found {
        Some(token) => Some(token.to_owned()),
        None if query.contains("token") => {
            let params = Params::query(query);
            TOKENS.iter().find_map(|name| params.get(name)).map(str::to_owned)
        }
        None => None,
    }
}

/// A query for the log.
fn without_token(query: &str) -> String {
    if !query.contains("token") {
        return query.to_owned();
    }
    let mut out = String::new();
    for (name, value) in Params::query(query).query {
        if !out.is_empty() {
            out.push('&');
        }
        encode(&name, &mut out);
        out.push('=');
        encode(if name.contains("token") { "[redacted]" } else { &value }, &mut out);
    }
    out
}

/// The first characters of a token, never more than half of it.
fn shortened(token: &str) -> String {
    let mut short: String = token.chars().take((token.chars().count() / 2).min(9)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Builder;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use std::net::{Ipv4Addr, SocketAddr};

    fn server(builder: Builder) -> std::sync::Arc<Server> {
        builder.server(SocketAddr::from((Ipv4Addr::LOCALHOST, 80)))
    }

    /// Asks for a path below `/api/v4` as the administrator.
    fn ask(server: &Server, method: &str, target: &str) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        headers.insert("private-token", HeaderValue::from_static(ADMIN_TOKEN));
        let path = format!("/api/v4{path}");
        server
            .answer(&Asked {
                method,
                path: &path,
                query,
                headers: &headers,
                body: b"",
                #[cfg(feature = "graphql")]
                broken: &[],
            })
            .0
    }

    /// The ids of a list through all of its pages, as `Link` leads.
    fn walk(server: &Server, target: &str) -> Vec<u64> {
        let mut ids = Vec::new();
        let mut next = Some(target.to_owned());
        while let Some(target) = next {
            let answer = ask(server, "GET", &target);
            assert_eq!(answer.status, 200, "{target}");
            let page: Value = serde_json::from_slice(&answer.body).unwrap();
            ids.extend(page.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()));
            let link = answer.headers.iter().find(|(name, _)| *name == "link").map_or("", |(_, value)| value.as_str());
            let link = link.split(", ").find(|link| link.ends_with("rel=\"next\""));
            next = link.map(|link| link.split(['<', '>']).nth(1).unwrap().split_once("/api/v4").unwrap().1.to_owned());
        }
        ids
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_thing_of_a_list_is_on_one_page(
            count in 2_u64..260,
            per_page in 1_u64..=110,
            removed in proptest::collection::btree_set(1_u64..260, 0..6),
            paging in prop::sample::select(vec![
                "order_by=id&sort=asc",
                "order_by=name&sort=desc",
                "pagination=keyset&order_by=id&sort=desc",
                "pagination=keyset&order_by=id&sort=asc",
                "pagination=keyset&order_by=name&sort=asc",
                "pagination=keyset&order_by=updated_at&sort=desc",
            ]),
        ) {
            let server = server(Builder::default().users(count).projects(count));
            let removed: BTreeSet<u64> = removed.into_iter().filter(|id| *id <= count).collect();
            for id in &removed {
                prop_assert_eq!(ask(&server, "DELETE", &format!("/users/{id}")).status, 204);
                prop_assert_eq!(ask(&server, "DELETE", &format!("/projects/{id}")).status, 202);
            }
            let expected: Vec<u64> = (1..=count).filter(|id| !removed.contains(id)).collect();
            let mut users = walk(&server, &format!("/users?{paging}&per_page={per_page}"));
            users.sort_unstable();
            prop_assert_eq!(&users, &expected);
            if paging.contains("order_by=id") || !paging.contains("keyset") {
                let mut projects = walk(&server, &format!("/projects?{paging}&per_page={per_page}&simple=true"));
                projects.sort_unstable();
                prop_assert_eq!(&projects, &expected);
            }
        }

        #[test]
        fn no_request_panics(path in "(/[a-z%{}0-9.]{0,8}){0,6}", query in r"[ -~]{0,60}") {
            let server = server(Builder::default().users(5).groups(3).projects(2));
            for method in ["GET", "POST", "PUT", "DELETE", "BREW"] {
                for path in [path.clone(), format!("/projects/1{path}"), "/users".into(), "/projects".into()] {
                    let status = ask(&server, method, &format!("{path}?{query}")).status;
                    prop_assert!((200..500).contains(&status), "{} {}: {}", method, path, status);
                }
            }
        }
    }
}
