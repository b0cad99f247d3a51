//! What is known of a request while it is executed.

use super::price::Size;
use crate::identity::Identity;
use apollo_compiler::ExecutableDocument;
use serde_json::{Map, Value};

/// A request for one operation of a valid document.
pub(super) struct Request<'d> {
    pub(super) document: &'d ExecutableDocument,
    pub(super) variables: &'d Map<String, Value>,
    pub(super) caller: Option<Identity>,
    /// Paths in the response with a fault.
    pub(super) broken: &'d [String],
    pub(super) size: Size,
    pub(super) limit: u32,
    /// The results of introspection, by response key.
    pub(super) introspection: &'d Map<String, Value>,
}
