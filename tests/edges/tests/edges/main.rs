//! The client against the edges of the network: TLS, HTTP/2, proxies, compression, names, connections that end.

mod compression;
mod connections;
mod goaway;
mod names;
mod packed;
mod proxy;
mod support;
mod tls;
