//! A decoder for the response of every GraphQL operation.
//!
//! It is a crate of its own because compiling 1,259 decoders takes 20 seconds, and the tests of several crates need them.

use glabflow_contract::decode::from_slice;
use glabflow_contract::graphql::{Descriptor, GraphqlOperation, ResponseData};

/// Whether a response's `data` decodes, and whether it has an output.
pub type Decode = fn(&[u8]) -> Result<bool, serde_json::Error>;

macro_rules! decoders {
    ($($operation:path,)*) => {
        &[$((<$operation as GraphqlOperation>::DESCRIPTOR, decode::<$operation>),)*]
    };
}

/// Every operation with its decoder.
pub static DECODERS: &[(&Descriptor, Decode)] = glabflow_graphql::operations!(decoders);

fn decode<O: GraphqlOperation>(data: &[u8]) -> Result<bool, serde_json::Error> {
    from_slice::<ResponseData<O>>(data).map(|data| data.output.is_some())
}
