//! Pages decoded: whole, or item by item where one of them makes no sense.

use crate::error::Error;
use crate::response::{Answer, Decoder, or_null};
use glabflow_contract::{Decode, decode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::VecDeque;

/// How one item and a page of items are decoded.
pub(crate) struct Decoders<T> {
    pub(crate) page: Decoder<Vec<T>>,
    item: fn(&[u8]) -> Result<T, serde_json::Error>,
}

// Derived, these would ask that `T` can be copied.
impl<T> Clone for Decoders<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Decoders<T> {}

impl<T: Decode> Decoders<T> {
    /// Leniently, for GitLab's own types.
    pub(crate) fn lenient() -> Self {
        Decoders { page: |body| decode::from_slice(or_null(body)), item: |item| decode::from_slice(item) }
    }
}

impl<T: DeserializeOwned> Decoders<T> {
    /// By serde, for the caller's own types.
    pub(crate) fn serde() -> Self {
        Decoders {
            page: |body| {
                Ok(serde_json::from_str::<Option<Vec<T>>>(decode::text_of(or_null(body))?)?.unwrap_or_default())
            },
            item: |item| serde_json::from_str(decode::text_of(item)?),
        }
    }
}

/// The items of a page that have not been given out yet.
pub(crate) enum Batch<T> {
    Whole(std::vec::IntoIter<T>),
    /// Some could not be decoded.
    Mixed(VecDeque<Result<T, Error>>),
}

impl<T> Batch<T> {
    /// No items.
    pub(crate) fn empty() -> Self {
        Batch::Whole(Vec::new().into_iter())
    }

    /// The items of an answer; an error when nothing of it can be understood.
    pub(crate) fn open(decoders: Decoders<T>, answer: &Answer) -> Result<Self, Error> {
        let error = match (decoders.page)(&answer.body) {
            Ok(items) => return Ok(Batch::Whole(items.into_iter())),
            Err(error) => error,
        };
        let Ok(items) = serde_json::from_slice::<Vec<&RawValue>>(&answer.body) else {
            return Err(answer.undecodable(error));
        };
        let decode = |(index, item): (usize, &RawValue)| {
            let item = item.get().as_bytes();
            (decoders.item)(item).map_err(|error| answer.undecodable_item(index, item, error))
        };
        Ok(Batch::Mixed(items.into_iter().enumerate().map(decode).collect()))
    }

    /// The next item.
    pub(crate) fn next(&mut self) -> Option<Result<T, Error>> {
        match self {
            Batch::Whole(items) => items.next().map(Ok),
            Batch::Mixed(items) => items.pop_front(),
        }
    }
}
