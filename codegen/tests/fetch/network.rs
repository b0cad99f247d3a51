//! `fetch` over TLS and through a proxy.

use crate::scripted;
use glabflow_test_server::rcgen::SanType;
use glabflow_test_server::{Authority, ClosedPort, Proxy, Server};
use std::path::Path;
use std::process::Command;

const TOKEN: &str = "glpat-EDGESECRETEDGE";
/// User and password of the proxy.
const CREDENTIALS: &str = "proxyuser:proxyPASSWORD";
/// The credentials as a proxy receives them.
const BASIC: &str = "Basic cHJveHl1c2VyOnByb3h5UEFTU1dPUkQ=";

/// Writes the certificate of an authority to a file.
fn write_ca(authority: &Authority, path: &Path) {
    std::fs::write(path, authority.pem()).expect("room on the disk");
}

/// A small GitLab behind TLS, with a certificate of this authority for an address.
fn encrypted(authority: &Authority, address: [u8; 4]) -> Server {
    let tls = authority.acceptor(|params| params.subject_alt_names = vec![SanType::IpAddress(address.into())], &[]);
    let respond = |text: String| scripted::response(scripted::small(&text).expect("a response"));
    let server = Server::builder().tls(tls).start(move |request, _| respond(request.text()));
    Server::blocking(async { server.await.expect("a port") })
}

/// Runs the command with a token and these variables. Gives whether it succeeds, and its output, which must show no secret.
fn fetch(folder: &Path, arguments: &[&str], variables: &[(&str, String)]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glabflow-codegen"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command.args(["fetch", "--out", "schema"]).args(arguments).current_dir(folder);
    command.env("GITLAB_TOKEN", TOKEN).envs(variables.iter().map(|(name, value)| (name, value)));
    let output = command.output().expect("the command starts");
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for secret in [TOKEN, "proxyPASSWORD", "cHJveHl1c2Vy"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert_eq!(output.status.success(), folder.join("schema").exists(), "{printed}");
    (output.status.success(), printed)
}

#[test]
fn ca_file_makes_its_authority_trusted_for_the_server_only() {
    let authority = Authority::new();
    let server = encrypted(&authority, [127, 0, 0, 1]);
    let root = tempfile::tempdir().expect("a folder");
    write_ca(&authority, &root.path().join("ca.pem"));
    write_ca(&Authority::new(), &root.path().join("other.pem"));
    let url = server.url();

    let (ok, printed) = fetch(root.path(), &["--url", &url, "--openapi", "none"], &[]);
    assert!(!ok && printed.contains("certificate") && printed.contains("--ca-file"), "{printed}");
    let (ok, printed) = fetch(root.path(), &["--url", &url, "--openapi", "none", "--ca-file", "other.pem"], &[]);
    assert!(!ok && printed.contains("certificate"), "{printed}");
    let (ok, printed) = fetch(root.path(), &["--url", &url, "--ca-file", "nowhere.pem"], &[]);
    assert!(!ok && printed.contains("cannot read nowhere.pem"), "{printed}");
    assert!(server.requests().is_empty(), "a client that does not trust the server sends nothing");

    // The file does not make other servers trusted.
    let elsewhere = encrypted(&authority, [127, 0, 0, 1]);
    let document = format!("{}/openapi.json", elsewhere.url());
    let (ok, printed) = fetch(root.path(), &["--url", &url, "--openapi", &document, "--ca-file", "ca.pem"], &[]);
    assert!(!ok && printed.contains("certificate") && printed.contains(&elsewhere.address().to_string()), "{printed}");
    assert!(elsewhere.requests().is_empty());

    let (ok, printed) = fetch(root.path(), &["--url", &url, "--openapi", "none", "--ca-file", "ca.pem"], &[]);
    assert!(ok && printed.contains("GitLab 18.6.0 ee"), "{printed}");
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.text().contains(&format!("Bearer {TOKEN}"))), "{requests:?}");
}

#[test]
fn certificate_for_another_address_is_rejected() {
    let authority = Authority::new();
    let server = encrypted(&authority, [127, 0, 0, 2]);
    let root = tempfile::tempdir().expect("a folder");
    write_ca(&authority, &root.path().join("ca.pem"));
    let (ok, printed) = fetch(root.path(), &["--url", &server.url(), "--openapi", "none", "--ca-file", "ca.pem"], &[]);
    assert!(!ok && printed.contains("certificate"), "{printed}");
    assert!(server.requests().is_empty());
}

#[test]
fn proxy_sees_the_host_and_its_own_password_only() {
    let authority = Authority::new();
    let server = encrypted(&authority, [127, 0, 0, 1]);
    let proxy = Proxy::start_blocking(BASIC);
    let url = server.url();
    let through = |name: &'static str| (name, proxy.url(CREDENTIALS));
    let run = |variables: &[(&str, String)]| {
        let root = tempfile::tempdir().expect("a folder");
        write_ca(&authority, &root.path().join("ca.pem"));
        let (ok, printed) = fetch(root.path(), &["--url", &url, "--openapi", "none", "--ca-file", "ca.pem"], variables);
        assert!(ok, "{printed}");
    };
    run(&[through("HTTPS_PROXY")]);
    let heads = proxy.heads();
    assert!(!heads.is_empty());
    for head in &heads {
        assert!(head.starts_with(&format!("CONNECT {} ", server.address())), "{head}");
    }
    assert!(proxy.has_seen(BASIC) && !proxy.has_seen(TOKEN) && !proxy.has_seen("graphql"));
    let requests = server.requests();
    assert!(
        !requests.is_empty() && requests.iter().all(|request| !request.text().to_ascii_lowercase().contains("proxy"))
    );

    run(&[through("HTTPS_PROXY"), ("NO_PROXY", "gitlab.example.com, 127.0.0.0/8".to_owned())]);
    // The proxy of another scheme is not used.
    run(&[through("HTTP_PROXY")]);
    assert_eq!(proxy.heads().len(), heads.len(), "these went without the proxy");
}

#[test]
fn http_proxy_applies_to_plain_http() {
    let server = scripted::start(scripted::small);
    let proxy = Proxy::start_blocking(BASIC);
    let root = tempfile::tempdir().expect("a folder");
    let variables = [("http_proxy", proxy.url(CREDENTIALS)), ("HTTPS_PROXY", "http://127.0.0.1:9".to_owned())];
    let (ok, printed) = fetch(root.path(), &["--url", &server.url(), "--openapi", "none"], &variables);
    assert!(ok && !proxy.heads().is_empty(), "{printed}");
}

#[test]
fn proxy_failures_are_reported_with_their_variable() {
    let authority = Authority::new();
    let server = encrypted(&authority, [127, 0, 0, 1]);
    let root = tempfile::tempdir().expect("a folder");
    write_ca(&authority, &root.path().join("ca.pem"));
    let url = server.url();
    let printed = |proxy: String| {
        let arguments = ["--url", &url, "--openapi", "none", "--ca-file", "ca.pem"];
        fetch(root.path(), &arguments, &[("HTTPS_PROXY", proxy)]).1
    };
    let rejecting = Proxy::start_blocking("a password that nobody has");
    let text = printed(rejecting.url(CREDENTIALS));
    assert!(text.contains("user name and password (407)") && text.contains("($HTTPS_PROXY)"), "{text}");
    let closed = ClosedPort::new();
    let gone = closed.address();
    let text = printed(format!("http://{CREDENTIALS}@{gone}"));
    assert!(text.contains(&format!("through the proxy {gone} ($HTTPS_PROXY)")), "{text}");
    let text = printed(format!("gopher://{CREDENTIALS}@{gone}"));
    assert!(text.contains("$HTTPS_PROXY is not the address of a proxy"), "{text}");
    assert!(server.requests().is_empty());
}
