//! Streams of items and pages: errors, resuming, cancelling.

use super::{BY_KEYSET, BY_NUMBER, List, PLAIN, client, numbers, up_to};
use glabflow::contract::Call;
use glabflow::{Client, ErrorKind};
use glabflow_test_server::{Reply, Server, json};
use serde_json::Value;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

#[tokio::test]
async fn undecodable_item_is_one_error_and_the_stream_continues() {
    let body = r#"[1, {"no": "number"}, 3]"#;
    let server =
        Server::script(vec![json(200, body).with("Link", "</api/v4/numbers?page=2>; rel=\"next\""), json(200, "[4]")])
            .await;
    let mut items = numbers(&client(&server), &BY_NUMBER);
    let mut read = Vec::new();
    while let Some(item) = items.next().await {
        read.push(item.map_err(|error| (error.kind(), error.json_path().map(str::to_owned))));
    }
    assert_eq!(read, [Ok(1), Err((ErrorKind::Decode, Some("[1]".to_owned()))), Ok(3), Ok(4)]);
}

#[tokio::test]
async fn failed_page_ends_the_stream_with_a_resume_token() {
    for prefetch in [0, 2] {
        let list = List { length: 500, keyset: false, ..PLAIN };
        let server = Server::start(move |request, _| match request.query("page") {
            Some("3") => json(500, r#"{"message": "500 Internal Server Error"}"#),
            _ => list.page(request),
        })
        .await;
        let mut items = numbers(&client(&server), &BY_NUMBER).prefetch(prefetch);
        let mut read = Vec::new();
        let error = loop {
            match items.next().await.expect("an error before the end") {
                Ok(number) => read.push(number),
                Err(error) => break error,
            }
        };
        assert_eq!(read, up_to(200));
        assert!(error.is_resumable());
        let token = error.resume_token().expect("a token").to_string();
        assert!(token.contains(r#"{"page":{"link":"/api/v4/numbers?per_page=100&page=3"}}"#), "{token}");
        assert!(items.next().await.is_none());
    }
}

#[tokio::test]
async fn pagination_loop_ends_the_stream_with_an_error() {
    let server = Server::start(|request, count| {
        let next = if count % 2 == 0 { "b" } else { "a" };
        json(200, format!("[{count}]")).with(
            "Link",
            format!("<{}?cursor={next}>; rel=\"next\"", request.target.split('?').next().unwrap_or_default()),
        )
    })
    .await;
    let mut items = numbers(&client(&server), &BY_NUMBER);
    let mut read = Vec::new();
    let error = loop {
        match items.next().await.expect("an error before the end") {
            Ok(number) => read.push(number),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert_eq!(read, [0, 1, 2]);
}

#[tokio::test]
async fn empty_page_with_a_next_link_does_not_end_the_list() {
    let server =
        Server::script(vec![json(200, "[]").with("Link", "</api/v4/numbers?page=2>; rel=\"next\""), json(200, "[1]")])
            .await;
    assert_eq!(numbers(&client(&server), &BY_NUMBER).try_collect().await.expect("a list"), [1]);
}

#[tokio::test]
async fn pages_have_the_pagination_headers() {
    let (_server, gl) = List { length: 150, ..PLAIN }.serve().await;
    let mut pages = gl.get("numbers").pages::<i64>();
    let first = pages.next().await.expect("a page").expect("a page");
    assert_eq!((first.len(), first.page().total, first.is_truncated()), (100, Some(150), true));
    let second = pages.next().await.expect("a page").expect("a page");
    assert_eq!((second.len(), second.page().page, second.is_truncated()), (50, Some(2), false));
    assert!(pages.next().await.is_none());
    let one = Call::new(gl, &BY_NUMBER).send::<Vec<i64>>().await.expect("a page");
    assert_eq!((one.len(), one.page().total_pages), (20, Some(8)));
}

#[tokio::test]
async fn stream_is_send_and_works_with_combinators() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let (_server, gl) = List { length: 150, ..PLAIN }.serve().await;
    let items = is_send(numbers(&gl, &BY_NUMBER));
    let sum = tokio::spawn(async move {
        futures_util::TryStreamExt::try_fold(items, 0, |sum, number| async move { Ok(sum + number) }).await
    });
    assert_eq!(sum.await.expect("no panic").expect("a sum"), 150 * 151 / 2);
    drop(is_send(gl.get("x").send::<Value>()));
    drop(is_send(gl.get("x").download()));
}

#[tokio::test]
async fn dropping_a_stream_cancels_its_requests() {
    let server = Server::start(|_, _| Reply::Hang).await;
    let gl = Client::builder(server.url()).concurrency(1).build().expect("a client");
    let mut items = numbers(&gl, &BY_NUMBER);
    let reading = tokio::spawn(async move { items.next().await.is_none() });
    server.wait_for(1).await;
    reading.abort();
    // The only permit is free again once the background task has ended.
    let next = tokio::spawn(gl.get("x").send::<Value>());
    server.wait_for(2).await;
    next.abort();
}

#[tokio::test]
async fn faults_cause_no_lost_or_duplicate_items() {
    let list = List { length: 20_000, totals: false, ..PLAIN };
    let server = Server::start(move |request, count| match count % 7 {
        2 => json(503, ""),
        4 => list.page(request).cut_off(),
        6 => Reply::Close,
        _ => list.page(request),
    })
    .await;
    let clock = Arc::new(glabflow::SkippingClock::new(UNIX_EPOCH, 0.5));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    for descriptor in [&BY_NUMBER, &BY_KEYSET] {
        assert_eq!(numbers(&gl, descriptor).try_collect().await.expect("a list"), up_to(20_000));
    }
    assert!(clock.slept().len() > 100);
}
