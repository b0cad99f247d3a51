//! Proxies: what they are told, and what of them is told.

use crate::support::{Authority, Server, TOKEN, builder, closed, json, told};
use glabflow::ErrorKind;
use serde_json::Value;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];
/// User and password of the proxy.
const CREDENTIALS: &str = "proxyuser:proxyPASSWORD";
/// The same as a proxy is told them.
const BASIC: &str = "Basic cHJveHl1c2VyOnByb3h5UEFTU1dPUkQ=";

/// A proxy for `CONNECT`, which keeps the heads of requests and all bytes that go through it.
struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// A proxy that lets requests through whose head passes, and refuses others with 407.
    async fn start(passes: fn(&str) -> bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&heads);
        let task = tokio::spawn(async move {
            let mut tunnels = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // How a tunnel ends is the business of its ends.
                let log = Arc::clone(&log);
                tunnels.spawn(async move {
                    let _ = tunnel(stream, passes, &log).await;
                });
            }
        });
        Proxy { address, heads, task }
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no test panicked while it held the lock").clone()
    }
}

async fn tunnel(mut client: TcpStream, passes: fn(&str) -> bool, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let passed = passes(&head);
    log.lock().expect("no test panicked while it held the lock").push(head);
    if !passed {
        let refusal =
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nProxy-Authenticate: Basic\r\n\r\n";
        return client.write_all(refusal.as_bytes()).await;
    }
    let mut server = TcpStream::connect(target).await?;
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

#[tokio::test]
async fn a_proxy_sees_the_host_and_its_own_password_alone() {
    let authority = Authority::new();
    let server = Server::tls(authority.acceptor(|_| {}, BOTH), |_| json("{}")).await;
    let proxy = Proxy::start(|head| head.contains(BASIC)).await;
    let gl = builder(server.url())
        .ca_file(authority.file().path())
        .proxy(format!("http://{CREDENTIALS}@{}", proxy.address))
        .build()
        .expect("a client");
    assert!(!format!("{gl:?}").contains("PASSWORD"));
    gl.get("version").send::<Value>().await.expect("an answer");
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("CONNECT 127.0.0.1:{} ", server.port())), "{heads:?}");
    assert!(heads[0].contains(BASIC), "{heads:?}");
    assert!(!heads[0].contains(TOKEN) && !heads[0].to_ascii_lowercase().contains("private-token"), "{heads:?}");
    // And the server sees no password of the proxy.
    let asked = &server.asked()[0];
    assert_eq!(asked.headers["private-token"], TOKEN);
    assert!(!format!("{:?}", asked.headers).to_ascii_lowercase().contains("proxy"), "{:?}", asked.headers);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_an_error_without_its_password() {
    let proxy = Proxy::start(|_| false).await;
    let gl = builder("https://gitlab.example.com")
        .proxy(format!("http://{CREDENTIALS}@{}", proxy.address))
        .build()
        .expect("a client");
    let error = gl.post("projects").send::<Value>().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    assert!(!error.is_outcome_unknown());
    assert!(error.to_string().contains("proxy") && error.to_string().contains("user name and password"), "{error}");
    let told = told(&error);
    for secret in ["proxyPASSWORD", "proxyuser", "cHJveHl1c2Vy", TOKEN] {
        assert!(!told.contains(secret), "{told}");
    }
    // The password will be as wrong the next time.
    assert_eq!((error.attempts(), proxy.heads().len()), (1, 1));
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_without_its_password() {
    let (_closed, address) = closed();
    let proxy = format!("http://{CREDENTIALS}@{address}");
    let gl = builder("https://gitlab.example.com").proxy(proxy).build().expect("a client");
    let error = gl.get("version").send::<Value>().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(!told(&error).contains("proxyPASSWORD"), "{}", told(&error));
}

/// Runs a client in a process of its own, whose environment is this; gives what it prints.
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
async fn the_environment_names_proxies_and_what_goes_without() {
    let authority = Authority::new();
    let server = Server::tls(authority.acceptor(|_| {}, BOTH), |_| json("{\"version\": \"18.0\"}")).await;
    let proxy = Proxy::start(|head| head.contains(BASIC)).await;
    let through = |name| (name, format!("http://{CREDENTIALS}@{}", proxy.address));
    let file = authority.file();

    let told = in_environment(&server.url(), file.path(), &[through("HTTPS_PROXY")]).await;
    assert!(told.contains("18.0"), "{told}");
    assert_eq!(proxy.heads().len(), 1);
    let told =
        in_environment(&server.url(), file.path(), &[through("HTTPS_PROXY"), ("NO_PROXY", "127.0.0.1".into())]).await;
    assert!(told.contains("18.0"), "{told}");
    // That of another scheme does not matter either.
    let told = in_environment(&server.url(), file.path(), &[through("HTTP_PROXY")]).await;
    assert!(told.contains("18.0"), "{told}");
    assert_eq!(proxy.heads().len(), 1, "it went without the proxy");
    assert_eq!(server.asked().len(), 3);
}
