//! Host names and addresses: names that do not resolve, ports without a server, IPv6.

use crate::support::{TOKEN, builder, shown};
use glabflow::ErrorKind;
use glabflow_test_server::{ClosedPort, Server, json};
use serde_json::Value;
use std::net::{Ipv6Addr, SocketAddr};

#[tokio::test]
async fn unresolvable_host_is_retried_and_named() {
    // A label may have 63 letters at most, so the resolver rejects this one without a request.
    let host = format!("{}.invalid", "a".repeat(64));
    let gl = builder(format!("http://{host}")).build().expect("a client");
    let error = gl.get("version").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 6), "a name may be found the next time: {error}");
    let text = error.to_string();
    assert!(text.contains(&host) && text.contains("DNS"), "{}", shown(&error));
    assert!(!error.is_outcome_unknown() && !shown(&error).contains(TOKEN));

    // Nothing was sent, so changes are retried as well.
    let error = gl.post("projects").send::<Value>().await.expect_err("an error");
    assert_eq!((error.attempts(), error.is_outcome_unknown()), (6, false));

    // For TLS the name is invalid, so a retry would not help.
    let gl = builder(format!("https://{host}")).build().expect("a client");
    let error = gl.get("version").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1), "{error}");
    assert!(error.to_string().contains("is not a valid host name"), "{error}");
}

#[tokio::test]
async fn refused_connection_is_retried_and_transient() {
    let closed = ClosedPort::new();
    let gl = builder(closed.url()).build().expect("a client");
    let error = gl.post("projects").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 6), "{error}");
    assert!(!error.is_outcome_unknown() && error.is_transient());
}

#[tokio::test]
async fn ipv6_address_works() {
    let at = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    let server =
        match Server::builder().address(at).start(|request, _| json(200, format!("{:?}", request.target))).await {
            Ok(server) => server,
            // Some containers have no IPv6.
            Err(error) => {
                use std::io::Write;
                let _ = writeln!(std::io::stderr(), "note: IPv6 is not tested, since [::1] is not available: {error}");
                return;
            }
        };
    let gl = builder(server.url()).build().expect("a client");
    assert!(server.url().contains("[::1]"));
    assert_eq!(gl.get("x").send::<String>().await.expect("a response").into_inner(), "/api/v4/x");
    assert_eq!(server.requests()[0].headers["host"], format!("[::1]:{}", server.address().port()));
}
