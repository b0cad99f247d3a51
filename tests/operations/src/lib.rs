//! What each operation must look like on the wire, derived from the schema document only.
//!
//! The tests of this package compare the generated code with it: requests, responses, descriptors, and hostile arguments. It
//! reads `schema/rest/openapi.json` as plain JSON and shares nothing with the generator: neither its model nor its names. The
//! documentation of `glabflow-samples` defines the values of samples.

pub mod answers;
pub mod requests;
pub mod schema;
