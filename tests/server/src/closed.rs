//! A port without a server.

use std::net::SocketAddr;
use tokio::net::TcpSocket;

/// A port of this machine on which nothing listens. No other process gets it before this is dropped.
#[derive(Debug)]
pub struct ClosedPort(TcpSocket);

impl Default for ClosedPort {
    fn default() -> Self {
        ClosedPort::new()
    }
}

impl ClosedPort {
    /// Reserves a port.
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        ClosedPort(socket)
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("an address")
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}
