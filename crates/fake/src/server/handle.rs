//! A server without its socket: authentication, rate limits and operations.

use super::credentials::token;
use super::headers::{budget, retry_later};
use crate::call::Call;
use crate::capacity::Capacity;
use crate::clock::Clock;
use crate::identity::{Identity, Scope, Tokens};
use crate::limit::{LimitState, Limiter};
use crate::log::Log;
use crate::params::Params;
use crate::resource;
use crate::response::{ErrorResponse, Response};
use crate::rest::Rest;
use crate::script::Faults;
use crate::store::Store;
use crate::time::Time;
use glabflow_contract::Method;
use hyper::header::HeaderMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// A server without its socket.
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
    /// The relative URL root: empty, or `/gitlab`.
    pub(crate) root: String,
    /// The value of `Retry-After` in 429 responses that are faults.
    pub(crate) retry_after: Duration,
    /// Sends the duration of a restart.
    pub(crate) restarts: watch::Sender<Duration>,
}

/// A request with its complete body.
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// The fields of a GraphQL response with a fault.
    #[cfg(feature = "graphql")]
    pub(crate) broken: &'a [String],
}

impl Server {
    /// The part of a path below `/api/v4`.
    pub(super) fn below_api<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(self.root.as_str())?.strip_prefix("/api/v4").filter(|rest| rest.starts_with('/'))
    }

    /// Responds to a request. Returns the operation, too.
    pub(crate) fn respond(&self, request: &Incoming<'_>) -> (Response, Option<&'static str>) {
        let Some(path) = self.below_api(request.path) else {
            if request.path.strip_prefix(self.root.as_str()) == Some("/api/graphql") {
                return self.graphql(request);
            }
            return (*Response::error(404, "404 Not Found"), None);
        };
        let Some(method) = method(request.method) else {
            return (*Response::error(405, "405 Not Allowed"), None);
        };
        let found = self.rest.find(method, path);
        let operation = found.as_ref().ok().map(|(at, _)| self.rest.operation(*at).id.as_str());
        let response = self.counted(request, |token, now| {
            let response = found.and_then(|(at, values)| self.known(request, path, token, at, values, now));
            response.unwrap_or_else(|error| *error)
        });
        (response, operation)
    }

    /// Applies the rate limits: calls `response` with token and time, or responds with 429.
    fn counted(&self, request: &Incoming<'_>, response: impl FnOnce(Option<String>, Time) -> Response) -> Response {
        let now = self.clock.unix_millis();
        let token = token(request.headers, request.query);
        let limit_state = self.limiter.count(token.as_deref().unwrap_or("anonymous"), request.path, now / 1000);
        let is_exceeded = limit_state.as_ref().is_some_and(LimitState::is_exceeded);
        let mut response = if is_exceeded { retry_later() } else { response(token, Time(now)) };
        if let Some(limit_state) = limit_state.filter(|limit_state| limit_state.is_reported) {
            if is_exceeded {
                response = response.with("retry-after", limit_state.reset.saturating_sub(now / 1000).to_string());
            }
            response.headers.extend(budget(&limit_state));
            // The reset is a time of this clock, not of the system clock.
            response = response.with("date", Time(now).http());
        }
        response
    }

    #[cfg(not(feature = "graphql"))]
    fn graphql(&self, _: &Incoming<'_>) -> (Response, Option<&'static str>) {
        (*Response::error(404, "This fake GitLab is built without GraphQL"), None)
    }

    #[cfg(feature = "graphql")]
    fn graphql(&self, request: &Incoming<'_>) -> (Response, Option<&'static str>) {
        if request.method != "POST" {
            return (*Response::error(404, "404 Not Found"), None);
        }
        let response = self.counted(request, |token, now| {
            let caller = match token.map(|token| self.tokens.get(&token)) {
                Some(None) => return crate::graphql::rejected(401, "Invalid token"),
                caller => caller.flatten(),
            };
            let request = crate::graphql::GraphqlRequest { body: request.body, caller, now, broken: request.broken };
            self.graphql.respond(&self.rest, &self.store, &request)
        });
        (response, Some("graphql"))
    }

    pub(super) fn known(
        &self,
        request: &Incoming<'_>,
        path: &str,
        token: Option<String>,
        at: usize,
        values: Vec<String>,
        now: Time,
    ) -> Result<Response, ErrorResponse> {
        let operation = self.rest.operation(at);
        let mut caller = match token {
            Some(token) => Some(self.tokens.get(&token).ok_or_else(Response::unauthorized)?),
            None => None,
        };
        if caller.is_some_and(|caller| caller.scope == Scope::ReadApi) && !operation.method.is_read() {
            let body = serde_json::json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": "api",
            });
            return Err(Box::new(Response::json(403, &body)));
        }
        let mut params = Params::query(request.query);
        let content_type =
            request.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        params.read_body(content_type, request.body).map_err(|problem| Response::error(400, problem))?;
        let sudo = request.headers.get("sudo").and_then(|value| value.to_str().ok()).or(params.get("sudo"));
        if let (Some(name), Some(of)) = (sudo, caller) {
            caller = Some(self.sudo(of, name)?);
        }
        let call = Call { operation, pattern: "", path, values, params, caller, now, parents: Vec::new() };
        self.rest.respond(&self.store, at, call)
    }

    /// The user for whom an administrator acts.
    fn sudo(&self, caller: Identity, name: &str) -> Result<Identity, ErrorResponse> {
        if !caller.is_admin() {
            let body = serde_json::json!({
                "error": "insufficient_scope",
                "error_description": "The request requires higher privileges than provided by the access token.",
                "scope": "sudo",
            });
            return Err(Box::new(Response::json(403, &body)));
        }
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        let users = resource::at("/users").map(|at| &resource::RESOURCES[at]);
        let user = users.and_then(|users| store.named(users, None, name));
        let user = user.ok_or_else(|| Response::not_found(&format!("User with ID or username '{name}'")))?;
        Ok(Identity { user, ..caller })
    }
}

pub(super) fn method(name: &str) -> Option<Method> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::Builder;
    use crate::identity::ADMIN_TOKEN;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use std::net::{Ipv4Addr, SocketAddr};

    fn server(builder: Builder) -> std::sync::Arc<Server> {
        builder.server(SocketAddr::from((Ipv4Addr::LOCALHOST, 80)))
    }

    /// Requests a path below `/api/v4` as the administrator.
    fn ask(server: &Server, method: &str, target: &str) -> Response {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        headers.insert("private-token", HeaderValue::from_static(ADMIN_TOKEN));
        let path = format!("/api/v4{path}");
        server
            .respond(&Incoming {
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

    /// The ids of a list through all of its pages, by the `Link` header.
    fn walk(server: &Server, target: &str) -> Vec<u64> {
        let mut ids = Vec::new();
        let mut next = Some(target.to_owned());
        while let Some(target) = next {
            let response = ask(server, "GET", &target);
            assert_eq!(response.status, 200, "{target}");
            let page: Value = serde_json::from_slice(&response.body).unwrap();
            ids.extend(page.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap()));
            let link =
                response.headers.iter().find(|(name, _)| *name == "link").map_or("", |(_, value)| value.as_str());
            let link = link.split(", ").find(|link| link.ends_with("rel=\"next\""));
            next = link.map(|link| link.split(['<', '>']).nth(1).unwrap().split_once("/api/v4").unwrap().1.to_owned());
        }
        ids
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_thing_of_a_list_is_on_exactly_one_page(
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
        fn arbitrary_requests_do_not_panic(path in "(/[a-z%{}0-9.]{0,8}){0,6}", query in r"[ -~]{0,60}") {
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
