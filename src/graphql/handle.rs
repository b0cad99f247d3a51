//! The handle that executes GraphQL operations.

use super::cache::{Cache, Key};
use super::complaints;
use super::envelope::{At, DecodeData, Envelope, Typed};
use super::response::Response;
use super::throttled;
use crate::client::Client;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::http::prepared::{OperationId, PreparedRequest, Target};
use crate::send::executor::Executor;
use crate::send::response::RawResponse;
use bytes::Bytes;
use glabflow_contract::graphql::{self as contract, ConnectionOperation, GraphqlOperation, Kind};
use glabflow_contract::{Method, Payload};
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Executes GraphQL operations and documents. [`Client::graphql`] creates it.
///
/// It is a cheap handle. Its options apply to everything that is executed through it.
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
    executor: Arc<Executor>,
    timeout: Option<Duration>,
    cache: Option<Cache>,
    tags: Vec<String>,
}

impl Client {
    /// A handle that executes GraphQL operations and documents.
    pub fn graphql(&self) -> Graphql {
        let executor = self.executor();
        Graphql { timeout: executor.timeout, cache: self.graphql_cache.clone(), tags: Vec::new(), executor }
    }
}

impl Graphql {
    /// Total timeout of a request, including retries and rate-limit waits (default: that of the
    /// [client](crate::ClientBuilder::timeout)).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Uses this cache for queries.
    #[must_use]
    pub fn cache(mut self, cache: &Cache) -> Self {
        self.cache = Some(cache.clone());
        self
    }

    /// Uses no cache, even if the client has one.
    #[must_use]
    pub fn uncached(mut self) -> Self {
        self.cache = None;
        self
    }

    /// Adds a cache tag. The cache keeps the response to a query with its tags, and a mutation removes all entries that have one of its
    /// tags. A typed operation also has the tag of its area, `issues` for example.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Executes a typed operation.
    ///
    /// If parts of the output are missing, the response has [errors](Response::errors). If the output does not exist, it is `None`;
    /// [`Response::required`] makes this an error.
    ///
    /// # Errors
    /// If the request fails, if the response has errors and no output, or if the payload of a mutation has errors.
    pub async fn execute<O: GraphqlOperation>(&self, operation: O) -> Result<Response<O::Output>, Error> {
        self.run(&GraphqlCall::typed(operation)?, Typed::<contract::ResponseData<O>>::new(), |data| data.output).await
    }

    /// Like [`Graphql::execute`], but returns the payload of a mutation even if it has errors.
    ///
    /// # Errors
    /// As for [`Graphql::execute`], except for errors in the payload.
    pub async fn execute_payload<O: GraphqlOperation>(&self, operation: O) -> Result<Response<O::Output>, Error> {
        let call = GraphqlCall { payload: None, ..GraphqlCall::typed(operation)? };
        self.run(&call, Typed::<contract::ResponseData<O>>::new(), |data| data.output).await
    }

    /// The client's clock.
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.executor.clock())
    }

    /// Sends a request and decodes the response.
    pub(super) async fn run<C: DecodeData, T>(
        &self,
        call: &GraphqlCall,
        decoder: C,
        output: impl FnOnce(C::Data) -> Option<T>,
    ) -> Result<Response<T>, Error> {
        let (response, cached) = self.send(call).await?;
        let reasons = call.payload.map(|payload| reasons(&response.body, payload)).unwrap_or_default();
        if !reasons.is_empty() {
            return Err(complaints::mutation_error(&response, reasons));
        }
        let Envelope { data, errors, extensions } = Envelope::open(&response, decoder)?;
        Response::new(response, data.and_then(output), errors, extensions, cached)
    }

    /// Sends a request, or takes the response from the cache. The second value says whether it was cached.
    pub(super) async fn send(&self, call: &GraphqlCall) -> Result<(RawResponse, bool), Error> {
        if call.kind == Kind::Subscription {
            let error =
                Error::new(ErrorKind::Argument, format!("{}: subscriptions do not go over HTTP", call.operation));
            return Err(error.with_hint(Some("poll a query of the same data instead")));
        }
        let Some(cache) = &self.cache else { return Ok((self.post(call).await?, false)) };
        let tags = || call.area.into_iter().map(str::to_owned).chain(self.tags.iter().cloned()).collect();
        if call.kind == Kind::Mutation {
            let _invalidated_when_over = cache.invalidating(tags());
            return Ok((self.post(call).await?, false));
        }
        let mut identity = HeaderMap::new();
        self.executor.auth().apply(&mut identity);
        let key = Key::new(cache, self.executor.base_url().as_str(), &identity, &call.body);
        let clock = Arc::clone(self.executor.clock());
        cache.fetch(key, tags, &*clock, || self.post(call)).await
    }

    async fn post(&self, call: &GraphqlCall) -> Result<RawResponse, Error> {
        let target = Target::Url(self.executor.base_url().sibling("api/graphql"));
        let request = PreparedRequest::new(OperationId::Named(call.operation), Method::Post, target)
            .with_payload(Payload::Json(call.body.to_vec()))
            .with_idempotent(call.kind == Kind::Query)
            .with_timeout(self.timeout)
            .with_throttled(throttled::throttled);
        self.executor.send(&request).await
    }
}

/// The errors in the payload of a mutation.
fn reasons(body: &Bytes, payload: &str) -> Vec<String> {
    let envelope = Envelope::decode(body, At::<Vec<Value>>::new(&[payload, "errors"])).ok();
    let errors = envelope.and_then(|envelope| envelope.data.flatten().flatten());
    let text = |error: &Value| error.as_str().map_or_else(|| error.to_string(), str::to_owned);
    errors.iter().flatten().filter(|error| !error.is_null()).map(text).collect()
}

/// A request to send.
pub(super) struct GraphqlCall {
    /// The operation's id, or `graphql` for a document.
    pub(super) operation: &'static str,
    pub(super) kind: Kind,
    /// The area of a typed operation.
    area: Option<&'static str>,
    /// The response key of the payload whose `errors` become an error.
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

impl GraphqlCall {
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
        Ok(GraphqlCall { operation, kind, area: None, payload: None, body: body.into() })
    }

    /// The request for a page of a connection: after this cursor, with this number of items.
    pub(super) fn page<O>(operation: &O, cursor: Option<String>, size: u32) -> Result<Self, Error>
    where
        O: ConnectionOperation + Clone,
    {
        let operation = operation.clone().page_size(size);
        GraphqlCall::typed(match cursor {
            Some(cursor) => operation.after_cursor(cursor),
            None => operation,
        })
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
        let call =
            GraphqlCall::new(descriptor.id, descriptor.kind, descriptor.document, Some(descriptor.name), &variables)?;
        let payload = descriptor.path.first().copied().filter(|_| descriptor.kind == Kind::Mutation);
        Ok(GraphqlCall { area: Some(descriptor.area), payload, ..call })
    }
}

impl fmt::Debug for GraphqlCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphqlCall")
            .field("operation", &self.operation)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
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
