//! A request that is ready to be sent, with its target: what the send path works on.

use crate::error::{Error, ErrorKind};
use crate::http::base_url::BaseUrl;
use crate::http::query_string::QueryString;
use crate::redact;
use bytes::Bytes;
use glabflow_contract::{Descriptor, Method, Output, Paging, Payload, Range, Request};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::time::Duration;
use url::Url;

/// Which operation a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OperationId {
    /// The operation with this id in the schema.
    Named(&'static str),
    /// None: a request by path.
    Raw,
}

impl OperationId {
    /// The operation of a descriptor.
    fn of(id: &'static str) -> Self {
        if id == Descriptor::RAW { OperationId::Raw } else { OperationId::Named(id) }
    }

    /// The id in events and errors.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            OperationId::Named(id) => id,
            OperationId::Raw => Descriptor::RAW,
        }
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// A path below the API root.
    ApiPath {
        /// The encoded path, with a slash in front.
        path: String,
        query: QueryString<'static>,
    },
    /// A URL of the server: the next page of a list, or GraphQL.
    Url(Url),
}

/// A request with its arguments encoded.
#[derive(Debug, Clone)]
pub(crate) struct PreparedRequest {
    pub(crate) operation: OperationId,
    pub(crate) method: Method,
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// Whether sending it twice has the effect of sending it once.
    pub(crate) idempotent: bool,
    pub(crate) output: Output,
    pub(crate) paging: Paging,
    /// Total timeout of the call, including retries and waits; the client's unless set.
    pub(crate) timeout: Option<Duration>,
    /// The filters by which the list can be read in ranges.
    pub(crate) ranges: &'static [Range],
    /// Looks for a rate limit in the body of a success.
    pub(crate) throttled: Option<Throttled>,
}

/// Whether a rate limit rejected a part of the request, by the body of the response. An error if it rejected all.
pub(crate) type Throttled = fn(&Bytes) -> Result<bool, Error>;

impl PreparedRequest {
    /// A request without a body, whose response is JSON and not a list.
    pub(crate) fn new(operation: OperationId, method: Method, target: Target) -> Self {
        PreparedRequest {
            operation,
            method,
            target,
            headers: HeaderMap::new(),
            payload: Payload::Empty,
            idempotent: method.is_idempotent(),
            output: Output::Json,
            paging: Paging::None,
            timeout: None,
            ranges: &[],
            throttled: None,
        }
    }

    /// The request of an operation.
    pub(crate) fn of(request: &Request) -> Result<Self, Error> {
        let Descriptor { id, output, paging, ranges, idempotent, .. } = *request.descriptor();
        let encoded = request.encode()?;
        let target = Target::ApiPath { path: encoded.path, query: QueryString::new(encoded.query) };
        let mut prepared = PreparedRequest::new(OperationId::of(id), encoded.method, target)
            .with_payload(encoded.payload)
            .with_idempotent(idempotent)
            .with_paging(paging)
            .with_ranges(ranges);
        prepared.output = output;
        for (name, value) in &encoded.headers {
            prepared.insert_header(name, value)?;
        }
        Ok(prepared)
    }

    pub(crate) fn with_payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    pub(crate) fn with_idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = idempotent;
        self
    }

    pub(crate) fn with_paging(mut self, paging: Paging) -> Self {
        self.paging = paging;
        self
    }

    pub(crate) fn with_ranges(mut self, ranges: &'static [Range]) -> Self {
        self.ranges = ranges;
        self
    }

    #[cfg(feature = "graphql")]
    pub(crate) fn with_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    #[cfg(feature = "graphql")]
    pub(crate) fn with_throttled(mut self, throttled: Throttled) -> Self {
        self.throttled = Some(throttled);
        self
    }

    /// The same request to another URL: another page of its list.
    pub(crate) fn at(&self, url: Url) -> Self {
        PreparedRequest { target: Target::Url(url), ..self.clone() }
    }

    /// The URL of the request.
    pub(crate) fn url(&self, base_url: &BaseUrl) -> Result<Url, Error> {
        match &self.target {
            Target::ApiPath { path, query } => base_url.join(path, query.as_str()),
            Target::Url(url) => Ok(url.clone()),
        }
    }

    /// The encoded path, below the API root unless the target is a URL.
    pub(crate) fn path(&self) -> &str {
        match &self.target {
            Target::ApiPath { path, .. } => path,
            Target::Url(url) => url.path(),
        }
    }

    /// The encoded query, without its question mark.
    pub(crate) fn query(&self) -> &str {
        match &self.target {
            Target::ApiPath { query, .. } => query.as_str(),
            Target::Url(url) => url.query().unwrap_or_default(),
        }
    }

    /// Adds a query parameter.
    pub(crate) fn push_query(&mut self, name: &str, value: &str) {
        match &mut self.target {
            Target::ApiPath { query, .. } => query.push_encoded(name, value),
            Target::Url(url) => drop(url.query_pairs_mut().append_pair(name, value)),
        }
    }

    /// Adds a header. `Debug` hides its value if the name says that it is a secret.
    pub(crate) fn insert_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let invalid = |what| Error::new(ErrorKind::Argument, format!("invalid {what} of the header `{name}`"));
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid("name"))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| invalid("value"))?;
        value.set_sensitive(redact::is_secret_name(parsed.as_str()));
        self.headers.insert(parsed, value);
        Ok(())
    }
}
