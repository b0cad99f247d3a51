//! Rate limits that GitLab reports in the body of a success.

use super::complaints::complaint;
use super::envelope::{Envelope, Serde};
use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind};
use bytes::Bytes;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// Whether a rate limit refused a part of what a body answers; the error when it refused all, so that nothing was carried out.
///
/// GitLab counts some fields on their own, searches and notes for example, and refuses them with status 200.
pub(super) fn throttled(body: &Bytes) -> Result<bool, Error> {
    // Most answers have no errors, and need not be read twice.
    if memchr::memmem::find(body, b"\"error").is_none() {
        return Ok(false);
    }
    let Ok(Envelope { data, errors, .. }) = Envelope::decode(body, Serde::<Fields>::new()) else { return Ok(false) };
    let is_throttled = |error: &GraphqlError| error.kind() == ErrorKind::RateLimited;
    // An error deeper within the data leaves open what became of the field around it.
    let is_whole = |error: &GraphqlError| is_throttled(error) && error.path.len() <= 1;
    let has_data = data.flatten().is_some_and(|fields| fields.values().any(Option::is_some));
    match errors.iter().any(is_throttled) {
        true if !has_data && errors.iter().all(is_whole) => Err(complaint(errors)),
        is_throttled => Ok(is_throttled),
    }
}

/// The fields of an answer's data, with nothing for those that are `null`.
type Fields = BTreeMap<String, Option<IgnoredAny>>;
