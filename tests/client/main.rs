//! The client over real sockets, against a scripted server that does what no GitLab does on demand.

mod background;
#[cfg(feature = "graphql")]
mod graphql;
mod hostile;
mod limits;
mod lists;
mod partitioned;
#[cfg(feature = "graphql")]
mod schema_check;
mod security;
mod sending;
mod shifting;
mod tokens;
