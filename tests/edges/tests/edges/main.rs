//! The client against real parts: TLS, HTTP/2, proxies, compressed answers, connections that go away.

mod compression;
mod connections;
mod goaway;
mod names;
mod packed;
mod proxy;
mod support;
mod tls;
