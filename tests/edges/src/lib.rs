//! Empty: this package consists of tests. `tests/edges` covers TLS, HTTP/2, proxies, compression and broken connections.
