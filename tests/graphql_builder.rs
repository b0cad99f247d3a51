//! What is checked before it is sent is not sent when it is wrong.
#![cfg(feature = "graphql-builder")]

use glabflow::Client;
use glabflow::graphql::builder::{Calibration, Document, Query, SCORE_KEY, var};
use serde_json::json;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A server that answers every request with this, and tells what it was asked.
async fn server(answer: serde_json::Value) -> (Client, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (asked, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(read) = stream.read(&mut buffer).await {
                request.extend_from_slice(&buffer[..read]);
                let text = String::from_utf8_lossy(&request);
                let length =
                    text.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                let body = text.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
                if read == 0 || length.is_some_and(|length: usize| body >= length) {
                    break;
                }
            }
            let _ = asked.send(String::from_utf8_lossy(&request).into_owned());
            let body = answer.to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + &body).as_bytes()).await;
        }
    });
    (Client::builder(format!("http://{address}")).build().expect("a client"), requests)
}

fn document() -> Document {
    Query::new("Name")
        .variable("path", "ID!")
        .field("project", |project| project.arg("fullPath", var("path")).fields(["name"]))
        .build()
        .expect("valid")
}

#[tokio::test]
async fn a_checked_document_is_sent_with_its_variables() {
    let (client, mut requests) = server(json!({"data": {"project": {"name": "it"}}})).await;
    let answer = client.graphql().checked(&document()).variable("path", "a/b").execute().await.expect("answered");
    assert_eq!(answer.output, Some(json!({"project": {"name": "it"}})));
    let request = requests.recv().await.expect("sent");
    assert!(request.contains(r#""variables":{"path":"a/b"}"#) && request.contains("query Name("), "{request}");
}

#[tokio::test]
async fn wrong_variables_and_costly_documents_are_not_sent() {
    let (client, mut requests) = server(json!({"data": null})).await;
    let graphql = client.graphql();
    for (variables, wanted) in [
        (json!({}), "$path: needs a value: ID!"),
        (json!({"path": true}), "$path: is ID!, not a boolean"),
        (json!({"path": "a", "pth": "b"}), "$pth: the document declares no such variable; did you mean `path`?"),
        (json!([]), "must be a JSON object"),
    ] {
        let error = graphql.checked(&document()).variables(variables).execute().await.expect_err("refused");
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let costly = graphql.checked(&document()).variable("path", "a").complexity_limit(1);
    let error = costly.execute().await.expect_err("refused");
    assert_eq!(error.kind(), glabflow::ErrorKind::Complexity);
    assert!(error.to_string().contains("2 points") && error.to_string().contains("project"), "{error}");
    assert!(requests.try_recv().is_err(), "nothing was sent");
}

#[tokio::test]
async fn the_servers_score_corrects_the_next_estimate() {
    let (client, mut requests) =
        server(json!({"data": {"project": {"name": "it"}, SCORE_KEY: {"limit": 250, "score": 23}}})).await;
    let calibration = Arc::new(Calibration::new());
    let checked = client.graphql().checked(&document()).variable("path", "a/b").calibrate(&calibration);
    assert_eq!(checked.estimate().expect("fits").complexity, 2);
    let answer = checked.clone().execute().await.expect("answered");
    assert_eq!(answer.output, Some(json!({"project": {"name": "it"}})));
    assert!(requests.recv().await.expect("sent").contains("queryComplexity"));
    assert_eq!(checked.estimate().expect("fits").complexity, 20);
    let error = checked.complexity_limit(19).execute().await.expect_err("refused");
    assert_eq!(error.kind(), glabflow::ErrorKind::Complexity);
}
