//! What every operation must look like on the wire, told from the schema document alone.
//!
//! The generated code is tested against this crate. It reads `schema/rest/openapi.json` as plain JSON and shares
//! nothing with the generator: neither its model nor its names. What values a sample sets is the rule that the
//! documentation of `glabflow-samples` states.

pub mod answers;
pub mod requests;
pub mod schema;
