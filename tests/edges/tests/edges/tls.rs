//! Certificates that are rejected, and protocols that are negotiated.

use crate::support::{BOTH, TOKEN, builder, ca_file, shown, tls};
use glabflow::{Client, ErrorKind};
use glabflow_test_server::rcgen::{CertificateParams, SanType, date_time_ymd};
use glabflow_test_server::{Authority, Server, json};
use serde_json::Value;

/// The error of a request to a server with a changed certificate.
async fn refused(change: impl FnOnce(&mut CertificateParams), knows_authority: bool) -> String {
    let authority = Authority::new();
    let server =
        Server::builder().tls(authority.acceptor(change, BOTH)).start(|_, _| json(200, "{}")).await.expect("a port");
    let file = ca_file(&authority);
    let builder = if knows_authority { builder(server.url()).ca_file(file.path()) } else { builder(server.url()) };
    let gl = builder.build().expect("a client");
    let error = gl.get("version").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1), "{error}");
    assert!(!error.is_outcome_unknown());
    assert_eq!((server.connections(), server.requests().len()), (1, 0), "a retry would not help");
    let shown = shown(&error);
    assert!(!shown.contains(TOKEN), "{shown}");
    shown
}

#[tokio::test]
async fn untrusted_authority_is_rejected_with_a_hint() {
    let shown = refused(|_| {}, false).await;
    assert!(shown.contains("not trusted") && shown.contains("ca_file"), "{shown}");
}

#[tokio::test]
async fn certificate_of_another_host_is_rejected() {
    let shown = refused(
        |params| params.subject_alt_names = vec![SanType::DnsName("gitlab.example".try_into().expect("a name"))],
        true,
    )
    .await;
    assert!(shown.contains("is for another name") && shown.contains("gitlab.example"), "{shown}");
    assert!(!shown.contains("ca_file"), "{shown}");
}

#[tokio::test]
async fn expired_and_future_certificates_are_rejected() {
    let shown = refused(|params| params.not_after = date_time_ymd(2020, 1, 1), true).await;
    assert!(shown.contains("has expired") && shown.contains("clock"), "{shown}");
    let shown = refused(|params| params.not_before = date_time_ymd(4000, 1, 1), true).await;
    assert!(shown.contains("not valid yet") && shown.contains("clock"), "{shown}");
}

#[tokio::test]
async fn https_to_a_plain_port_is_explained() {
    let server = Server::script(vec![json(200, "{}")]).await;
    let gl = builder(format!("https://127.0.0.1:{}", server.address().port())).build().expect("a client");
    let error = gl.get("version").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1), "{error}");
    assert!(error.to_string().contains("does not speak TLS") && error.to_string().contains("http://"), "{error}");
}

fn trusting(authority: &Authority, server: &Server) -> Client {
    builder(server.url()).ca_file(ca_file(authority).path()).build().expect("a client")
}

#[tokio::test]
async fn ca_file_makes_its_authority_trusted() {
    let authority = Authority::new();
    let server = tls(&authority, |_| json(200, "{\"version\": \"18.0\"}")).await;
    let answer = trusting(&authority, &server).get("version").send::<Value>().await.expect("a response");
    assert_eq!(answer["version"], "18.0");
    assert_eq!(server.requests()[0].headers["private-token"], TOKEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_multiplexes_requests_on_one_connection() {
    let authority = Authority::new();
    let server = tls(&authority, |request| json(200, format!("{:?}", request.target))).await;
    let gl = trusting(&authority, &server);
    gl.get("first").send::<Value>().await.expect("a response");
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let gl = gl.clone();
            tokio::spawn(async move {
                gl.get(&format!("n/{number}")).send::<String>().await.map(|answer| answer.into_inner())
            })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.expect("no panic").expect("a response"), format!("/api/v4/n/{number}"));
    }
    let requests = server.requests();
    assert_eq!((server.connections(), requests.len()), (1, 65));
    assert!(requests.iter().all(|request| request.version == "HTTP/2.0"));
}

#[tokio::test]
async fn http1_is_used_if_http2_is_not_offered() {
    let authority = Authority::new();
    for protocols in [&[b"http/1.1".as_slice()] as &[&[u8]], &[]] {
        let server = Server::builder()
            .tls(authority.acceptor(|_| {}, protocols))
            .start(|_, _| json(200, "[]"))
            .await
            .expect("a port");
        let gl = trusting(&authority, &server);
        for _ in 0..3 {
            gl.get("users").send::<Value>().await.expect("a response");
        }
        assert!(server.requests().iter().all(|request| request.version == "HTTP/1.1"));
        assert_eq!(server.connections(), 1, "the connection is kept alive");
    }
}
