//! Responses of operations.

use super::operation::GraphqlOperation;
use super::walk::Walk;
use crate::decode::Decode;
use serde::de::{Deserialize, DeserializeSeed, Deserializer};
use std::fmt;

/// The `data` of a response: the output, taken from its path in the operation's document.
pub struct ResponseData<O: GraphqlOperation> {
    /// The output. `None` if it, or an object on the path to it, is `null`: it does not exist or is not visible.
    pub output: Option<O::Output>,
}

impl<O: GraphqlOperation> Decode for ResponseData<O> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let output = Walk::new(O::DESCRIPTOR.path).deserialize(deserializer)?;
        Ok(ResponseData { output })
    }
}

impl<'de, O: GraphqlOperation> Deserialize<'de> for ResponseData<O> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode(deserializer)
    }
}

impl<O: GraphqlOperation<Output: fmt::Debug>> fmt::Debug for ResponseData<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseData").field("output", &self.output).finish()
    }
}
