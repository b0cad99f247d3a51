//! Proxies: what they see, and that messages do not show their passwords.

use crate::support::{TOKEN, builder, ca_file, shown, tls};
use glabflow::ErrorKind;
use glabflow_test_server::{Authority, ClosedPort, Proxy, json};
use serde_json::Value;
use std::process::Command;

/// User and password of the proxy.
const CREDENTIALS: &str = "proxyuser:proxyPASSWORD";
/// The credentials as a proxy receives them.
const BASIC: &str = "Basic cHJveHl1c2VyOnByb3h5UEFTU1dPUkQ=";

#[tokio::test]
async fn proxy_sees_the_host_and_its_own_password_only() {
    let authority = Authority::new();
    let server = tls(&authority, |_| json(200, "{}")).await;
    let proxy = Proxy::start(BASIC).await;
    let gl = builder(server.url())
        .ca_file(ca_file(&authority).path())
        .proxy(proxy.url(CREDENTIALS))
        .build()
        .expect("a client");
    assert!(!format!("{gl:?}").contains("PASSWORD"));
    gl.get("version").send::<Value>().await.expect("a response");
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("CONNECT 127.0.0.1:{} ", server.address().port())), "{heads:?}");
    assert!(heads[0].contains(BASIC), "{heads:?}");
    assert!(!heads[0].contains(TOKEN) && !heads[0].to_ascii_lowercase().contains("private-token"), "{heads:?}");
    // The server does not see the credentials of the proxy.
    let request = &server.requests()[0];
    assert_eq!(request.headers["private-token"], TOKEN);
    assert!(!format!("{:?}", request.headers).to_ascii_lowercase().contains("proxy"), "{:?}", request.headers);
}

#[tokio::test]
async fn proxy_407_is_an_error_without_the_password() {
    let proxy = Proxy::start("a password that nobody has").await;
    let gl = builder("https://gitlab.example.com").proxy(proxy.url(CREDENTIALS)).build().expect("a client");
    let error = gl.post("projects").send::<Value>().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(!error.is_outcome_unknown());
    assert!(error.to_string().contains("proxy") && error.to_string().contains("user name and password"), "{error}");
    let shown = shown(&error);
    for secret in ["proxyPASSWORD", "proxyuser", "cHJveHl1c2Vy", TOKEN] {
        assert!(!shown.contains(secret), "{shown}");
    }
    // A retry with the same password would not help.
    assert_eq!((error.attempts(), proxy.heads().len()), (1, 1));
}

#[tokio::test]
async fn unreachable_proxy_is_an_error_without_the_password() {
    let closed = ClosedPort::new();
    let proxy = format!("http://{CREDENTIALS}@{}", closed.address());
    let gl = builder("https://gitlab.example.com").proxy(proxy).build().expect("a client");
    let error = gl.get("version").send::<Value>().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(!shown(&error).contains("proxyPASSWORD"), "{}", shown(&error));
}

/// Runs a client in a process with these environment variables. Gives its output.
async fn in_environment(url: &str, ca_file: &std::path::Path, variables: &[(&str, String)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_get-version"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command.arg(url).arg(ca_file).envs(variables.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proxy_environment_variables_are_respected() {
    let authority = Authority::new();
    let server = tls(&authority, |_| json(200, "{\"version\": \"18.0\"}")).await;
    let proxy = Proxy::start(BASIC).await;
    let through = |name| (name, proxy.url(CREDENTIALS));
    let file = ca_file(&authority);

    let printed = in_environment(&server.url(), file.path(), &[through("HTTPS_PROXY")]).await;
    assert!(printed.contains("18.0"), "{printed}");
    assert_eq!(proxy.heads().len(), 1);
    let printed =
        in_environment(&server.url(), file.path(), &[through("HTTPS_PROXY"), ("NO_PROXY", "127.0.0.1".into())]).await;
    assert!(printed.contains("18.0"), "{printed}");
    // The proxy of another scheme is not used.
    let printed = in_environment(&server.url(), file.path(), &[through("HTTP_PROXY")]).await;
    assert!(printed.contains("18.0"), "{printed}");
    assert_eq!(proxy.heads().len(), 1, "it went without the proxy");
    assert_eq!(server.requests().len(), 3);
}
