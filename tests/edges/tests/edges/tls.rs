//! Certificates that are not good enough, and protocols that are negotiated.

use crate::support::{Authority, Server, TOKEN, builder, json, told};
use glabflow::{Client, ErrorKind};
use hyper::Version;
use rcgen::{CertificateParams, SanType, date_time_ymd};
use serde_json::Value;

const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];

/// The error of a request to a server whose certificate is like this.
async fn refused(change: impl FnOnce(&mut CertificateParams), knows_authority: bool) -> String {
    let authority = Authority::new();
    let server = Server::tls(authority.acceptor(change, BOTH), |_| json("{}")).await;
    let file = authority.file();
    let builder = if knows_authority { builder(server.url()).ca_file(file.path()) } else { builder(server.url()) };
    let gl = builder.build().expect("a client");
    let error = gl.get("version").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1), "{error}");
    assert!(!error.is_outcome_unknown());
    assert_eq!((server.connections(), server.asked().len()), (1, 0), "a certificate is no better next time");
    let told = told(&error);
    assert!(!told.contains(TOKEN), "{told}");
    told
}

#[tokio::test]
async fn an_authority_that_no_one_knows() {
    let told = refused(|_| {}, false).await;
    assert!(told.contains("not trusted") && told.contains("ca_file"), "{told}");
}

#[tokio::test]
async fn another_host_s_certificate() {
    let told = refused(
        |params| params.subject_alt_names = vec![SanType::DnsName("gitlab.example".try_into().expect("a name"))],
        true,
    )
    .await;
    assert!(told.contains("is for another name") && told.contains("gitlab.example"), "{told}");
    assert!(!told.contains("ca_file"), "{told}");
}

#[tokio::test]
async fn a_certificate_out_of_its_time() {
    let told = refused(|params| params.not_after = date_time_ymd(2020, 1, 1), true).await;
    assert!(told.contains("has expired") && told.contains("clock"), "{told}");
    let told = refused(|params| params.not_before = date_time_ymd(4000, 1, 1), true).await;
    assert!(told.contains("not valid yet") && told.contains("clock"), "{told}");
}

#[tokio::test]
async fn a_port_without_tls() {
    let server = Server::plain("127.0.0.1:0", |_| json("{}")).await.expect("a port");
    let gl = builder(format!("https://127.0.0.1:{}", server.port())).build().expect("a client");
    let error = gl.get("version").send::<Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1), "{error}");
    assert!(error.to_string().contains("does not speak TLS") && error.to_string().contains("http://"), "{error}");
}

fn trusting(authority: &Authority, server: &Server) -> Client {
    builder(server.url()).ca_file(authority.file().path()).build().expect("a client")
}

#[tokio::test]
async fn a_ca_file_makes_it_work() {
    let authority = Authority::new();
    let server = Server::tls(authority.acceptor(|_| {}, BOTH), |_| json("{\"version\": \"18.0\"}")).await;
    let answer = trusting(&authority, &server).get("version").send::<Value>().await.expect("an answer");
    assert_eq!(answer["version"], "18.0");
    assert_eq!(server.asked()[0].headers["private-token"], TOKEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_carries_many_requests_on_one_connection() {
    let authority = Authority::new();
    let server = Server::tls(authority.acceptor(|_| {}, BOTH), |asked| json(format!("{:?}", asked.target))).await;
    let gl = trusting(&authority, &server);
    gl.get("first").send::<Value>().await.expect("an answer");
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let gl = gl.clone();
            tokio::spawn(async move {
                gl.get(&format!("n/{number}")).send::<String>().await.map(|answer| answer.into_inner())
            })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.expect("no panic").expect("an answer"), format!("/api/v4/n/{number}"));
    }
    let asked = server.asked();
    assert_eq!((server.connections(), asked.len()), (1, 65));
    assert!(asked.iter().all(|asked| asked.version == Version::HTTP_2));
}

#[tokio::test]
async fn http_1_1_where_nothing_else_is_offered() {
    let authority = Authority::new();
    for protocols in [&[b"http/1.1".as_slice()] as &[&[u8]], &[]] {
        let server = Server::tls(authority.acceptor(|_| {}, protocols), |_| json("[]")).await;
        let gl = trusting(&authority, &server);
        for _ in 0..3 {
            gl.get("users").send::<Value>().await.expect("an answer");
        }
        assert!(server.asked().iter().all(|asked| asked.version == Version::HTTP_11));
        assert_eq!(server.connections(), 1, "connections are kept");
    }
}
