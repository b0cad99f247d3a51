//! Rate limits that GitLab reports in a response with status 200.

use super::complaints::complaint;
use super::envelope::{Envelope, Serde};
use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind};
use bytes::Bytes;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// Whether a part of a response is rate limited. If all of it is, so that nothing was executed, this is the error.
///
/// GitLab has rate limits for some fields, searches and notes for example, and reports them with status 200.
pub(super) fn throttled(body: &Bytes) -> Result<bool, Error> {
    // Most responses have no errors. They are not decoded here.
    if memchr::memmem::find(body, b"\"error").is_none() {
        return Ok(false);
    }
    let Ok(Envelope { data, errors, .. }) = Envelope::decode(body, Serde::<Fields>::new()) else { return Ok(false) };
    let is_throttled = |error: &GraphqlError| error.kind() == ErrorKind::RateLimited;
    // After an error deeper in the data, the field around it may have been executed.
    let is_whole = |error: &GraphqlError| is_throttled(error) && error.path.len() <= 1;
    let has_data = data.flatten().is_some_and(|fields| fields.values().any(Option::is_some));
    match errors.iter().any(is_throttled) {
        true if !has_data && errors.iter().all(is_whole) => Err(complaint(errors)),
        is_throttled => Ok(is_throttled),
    }
}

/// The fields of the data; `None` for those that are `null`.
type Fields = BTreeMap<String, Option<IgnoredAny>>;
