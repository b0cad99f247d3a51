//! HTTP methods by their names.

use glabflow_contract::Method;

/// The method of this name, in lower or upper case.
pub(crate) fn parse(name: &str) -> Option<Method> {
    use Method::{Delete, Get, Head, Patch, Post, Put};
    [Get, Head, Post, Put, Patch, Delete].into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name))
}
