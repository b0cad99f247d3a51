//! The GraphQL side of a client.

use super::cache::{Cache, Key};
use super::complaints;
use super::envelope::{At, DecodeData, Envelope, Typed};
use super::response::Response;
use super::throttled;
use crate::client::Client;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::http::prepared::Plan;
use crate::send::executor::Core;
use crate::send::response::Answer;
use bytes::Bytes;
use glabflow_contract::graphql::{self as contract, GraphqlOperation, Kind};
use glabflow_contract::{Method, Output, Paging, Payload};
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Executes GraphQL: [`Client::graphql`] gives one.
///
/// It is a cheap handle with options of its own: what is set on it holds for what is executed through it.
///
/// ```no_run
/// # use glabflow::graphql::GraphqlOperation;
/// # use std::time::Duration;
/// # async fn run<O: GraphqlOperation>(gl: glabflow::Client, operation: O) -> Result<(), glabflow::Error> {
/// let output = gl.graphql().timeout(Duration::from_secs(20)).execute(operation).await?.required()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Graphql {
    core: Arc<Core>,
    timeout: Option<Duration>,
    cache: Option<Cache>,
    tags: Vec<String>,
}

impl Client {
    /// Executes GraphQL.
    pub fn graphql(&self) -> Graphql {
        let core = self.core();
        Graphql { timeout: core.timeout, cache: self.graphql_cache.clone(), tags: Vec::new(), core }
    }
}

impl Graphql {
    /// The longest that one request may take until its answer is there, with all repetitions and waits. Unless set, it is
    /// what the [client](crate::ClientBuilder::timeout) allows.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Answers queries out of this cache when it has them.
    #[must_use]
    pub fn cache(mut self, cache: &Cache) -> Self {
        self.cache = Some(cache.clone());
        self
    }

    /// Sends every query, also when the client has a cache.
    #[must_use]
    pub fn uncached(mut self) -> Self {
        self.cache = None;
        self
    }

    /// Says what the calls are about: a query's answer is kept in the cache under its tags, and a mutation removes what is
    /// kept under its own. A typed operation has the tag of its area besides, `issues` for example.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Executes a typed operation.
    ///
    /// The server's complaints about parts of the output come [with it](Response::errors). An output that does not exist is
    /// `None`, and an error by [`Response::required`].
    ///
    /// # Errors
    /// When the operation has not been answered, when the server gives nothing but complaints, and when the payload of a
    /// mutation says why it did nothing.
    pub async fn execute<O: GraphqlOperation>(&self, operation: O) -> Result<Response<O::Output>, Error> {
        self.run(&Outgoing::typed(operation)?, Typed::<contract::Answer<O>>::new(), |data| data.output).await
    }

    /// As [`Graphql::execute`], with the payload of a mutation also where it says why the mutation did nothing.
    ///
    /// # Errors
    /// As for [`Graphql::execute`], but for what the payload says.
    pub async fn execute_payload<O: GraphqlOperation>(&self, operation: O) -> Result<Response<O::Output>, Error> {
        let outgoing = Outgoing { payload: None, ..Outgoing::typed(operation)? };
        self.run(&outgoing, Typed::<contract::Answer<O>>::new(), |data| data.output).await
    }

    /// The client's clock.
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.core.clock)
    }

    /// Sends a request and takes its answer apart.
    pub(super) async fn run<C: DecodeData, T>(
        &self,
        outgoing: &Outgoing,
        decoder: C,
        output: impl FnOnce(C::Data) -> Option<T>,
    ) -> Result<Response<T>, Error> {
        let (answer, cached) = self.send(outgoing).await?;
        let reasons = outgoing.payload.map(|payload| reasons(&answer.body, payload)).unwrap_or_default();
        if !reasons.is_empty() {
            return Err(complaints::undone(&answer, reasons));
        }
        let Envelope { data, errors, extensions } = Envelope::open(&answer, decoder)?;
        Response::new(answer, data.and_then(output), errors, extensions, cached)
    }

    /// Sends a request, or takes its answer out of the cache, which the second value tells.
    pub(super) async fn send(&self, outgoing: &Outgoing) -> Result<(Answer, bool), Error> {
        if outgoing.kind == Kind::Subscription {
            let error =
                Error::new(ErrorKind::Argument, format!("{}: subscriptions do not go over HTTP", outgoing.operation));
            return Err(error.with_hint(Some("poll a query of the same data instead")));
        }
        let Some(cache) = &self.cache else { return Ok((self.post(outgoing).await?, false)) };
        let tags = || outgoing.area.into_iter().map(str::to_owned).chain(self.tags.iter().cloned()).collect();
        if outgoing.kind == Kind::Mutation {
            let _invalidated_when_over = cache.invalidating(tags());
            return Ok((self.post(outgoing).await?, false));
        }
        let mut identity = HeaderMap::new();
        self.core.auth.apply(&mut identity);
        let key = Key::new(cache, self.core.address.as_str(), &identity, &outgoing.body);
        let clock = Arc::clone(&self.core.clock);
        cache.fetch(key, tags, &*clock, || self.post(outgoing)).await
    }

    async fn post(&self, outgoing: &Outgoing) -> Result<Answer, Error> {
        let root = self.core.address.as_str();
        let root = root.strip_suffix("/api/v4").unwrap_or(root);
        let url = Url::parse(&format!("{root}/api/graphql")).map_err(|error| {
            Error::configuration("the server's address has no GraphQL beside it").with_source(error)
        })?;
        let plan = Plan {
            operation: outgoing.operation,
            method: Method::Post,
            path: String::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            payload: Payload::Json(outgoing.body.to_vec()),
            idempotent: outgoing.kind == Kind::Query,
            output: Output::Json,
            paging: Paging::None,
            timeout: self.timeout,
            ranges: &[],
            throttled: Some(throttled::throttled),
        };
        self.core.send_to(&plan, url).await
    }
}

/// Why a mutation did nothing, as its payload says.
fn reasons(body: &Bytes, payload: &str) -> Vec<String> {
    let envelope = Envelope::decode(body, At::<Vec<Value>>::new(&[payload, "errors"])).ok();
    let errors = envelope.and_then(|envelope| envelope.data.flatten().flatten());
    let text = |error: &Value| error.as_str().map_or_else(|| error.to_string(), str::to_owned);
    errors.iter().flatten().filter(|error| !error.is_null()).map(text).collect()
}

/// A request as it goes over the wire.
pub(super) struct Outgoing {
    /// The operation's id, or what stands for it.
    pub(super) operation: &'static str,
    pub(super) kind: Kind,
    /// The operation's area, where it is typed.
    area: Option<&'static str>,
    /// The response key of the payload whose `errors` are to become an error.
    payload: Option<&'static str>,
    body: Bytes,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a, V> {
    query: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_name: Option<&'a str>,
    variables: &'a V,
}

impl Outgoing {
    pub(super) fn new(
        operation: &'static str,
        kind: Kind,
        query: &str,
        operation_name: Option<&str>,
        variables: &impl Serialize,
    ) -> Result<Self, Error> {
        let body = serde_json::to_vec(&Body { query, operation_name, variables }).map_err(|error| {
            let text = format!("{operation}: the variables cannot be written as JSON");
            Error::new(ErrorKind::Argument, text).with_source(error)
        })?;
        Ok(Outgoing { operation, kind, area: None, payload: None, body: body.into() })
    }

    pub(super) fn typed<O: GraphqlOperation>(operation: O) -> Result<Self, Error> {
        let descriptor = O::DESCRIPTOR;
        let variables = operation.into_variables();
        if let Some(name) = variables.missing().next() {
            return Err(Error::new(
                ErrorKind::Argument,
                format!("{}: the variable `{name}` is missing", descriptor.id),
            ));
        }
        let outgoing =
            Outgoing::new(descriptor.id, descriptor.kind, descriptor.document, Some(descriptor.name), &variables)?;
        let payload = descriptor.path.first().copied().filter(|_| descriptor.kind == Kind::Mutation);
        Ok(Outgoing { area: Some(descriptor.area), payload, ..outgoing })
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("operation", &self.operation).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Debug for Graphql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graphql")
            .field("timeout", &self.timeout)
            .field("cache", &self.cache)
            .field("tags", &self.tags)
            .finish_non_exhaustive()
    }
}
