//! A request that is ready to be sent, typed or raw: what the send path works on.

use crate::error::{Error, ErrorKind};
use crate::redact;
use bytes::Bytes;
use glabflow_contract::{Descriptor, Method, Output, Paging, Payload, Range, Request};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;

/// A request with its arguments encoded.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The operation's id, or `raw`.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    /// The encoded path below the API root, with a slash in front.
    pub(crate) path: String,
    /// The encoded query, without its question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// Whether sending it twice has the effect of sending it once.
    pub(crate) idempotent: bool,
    pub(crate) output: Output,
    pub(crate) paging: Paging,
    /// The longest that the call may take, with all repetitions and waits; the client's unless set.
    pub(crate) timeout: Option<Duration>,
    /// By which filters the list can be read in pieces.
    pub(crate) ranges: &'static [Range],
    /// Looks for a refusal by a rate limit in the body of a success.
    pub(crate) throttled: Option<Throttled>,
}

/// Whether a part of what a body answers was refused by a rate limit; when all of it was, that is an error.
pub(crate) type Throttled = fn(&Bytes) -> Result<bool, Error>;

impl Plan {
    /// The plan of an operation's request.
    pub(crate) fn of(request: &Request) -> Result<Self, Error> {
        let Descriptor { id, output, paging, ranges, idempotent, .. } = *request.descriptor();
        let encoded = request.encode()?;
        let mut headers = HeaderMap::new();
        for (name, value) in &encoded.headers {
            insert_header(&mut headers, name, value)?;
        }
        Ok(Plan {
            operation: id,
            method: encoded.method,
            path: encoded.path,
            query: encoded.query,
            headers,
            payload: encoded.payload,
            idempotent,
            output,
            paging,
            timeout: None,
            ranges,
            throttled: None,
        })
    }
}

/// Adds a header, with its value hidden from `Debug` when the name says that it is a secret.
pub(crate) fn insert_header(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Error> {
    let refuse = |what| Error::new(ErrorKind::Argument, format!("{what} of the header `{name}` cannot be sent"));
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse("the name"))?;
    let mut value = HeaderValue::from_str(value).map_err(|_| refuse("the value"))?;
    value.set_sensitive(redact::is_secret_name(parsed.as_str()));
    headers.insert(parsed, value);
    Ok(())
}
