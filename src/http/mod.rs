//! HTTP: where requests go, how they are sent once, and what the response means.

pub(crate) mod auth;
pub(crate) mod base_url;
mod body;
pub(crate) mod classify;
mod connect_error;
pub(crate) mod headers;
pub(crate) mod prepared;
pub(crate) mod tls;
pub(crate) mod transport;
