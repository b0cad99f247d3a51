//! HTTP: the prepared request, one exchange, and the meaning of the response.

pub(crate) mod auth;
pub(crate) mod base_url;
mod body;
pub(crate) mod classify;
mod connect_error;
pub(crate) mod headers;
pub(crate) mod prepared;
pub(crate) mod query_string;
pub(crate) mod tls;
pub(crate) mod transport;
