//! Ways of paging: by page numbers, by links, by keyset, ahead and in parallel.

use super::{BY_KEYSET, BY_NUMBER, List, PLAIN, client, numbers, up_to};
use glabflow::ErrorKind;
use glabflow::contract::Call;
use glabflow_test_server::{Reply, Server, json};

#[tokio::test]
async fn each_paging_mode_reads_the_whole_list_in_order() {
    for length in [0, 1, 100, 101, 950] {
        for (totals, links) in [(true, true), (false, true), (true, false), (false, false)] {
            let (server, gl) = List { length, totals, links, keyset: false }.serve().await;
            let expected = up_to(length as i64);
            let pages = (length.div_ceil(100) as usize).max(1);
            for (prefetch, parallel) in [(0, 1), (1, 1), (3, 1), (1, 4), (0, 3)] {
                let before = server.requests().len();
                let read =
                    numbers(&gl, &BY_NUMBER).prefetch(prefetch).parallel(parallel).try_collect().await.expect("a list");
                assert_eq!(read, expected, "{length} {totals} {links} {prefetch} {parallel}");
                let asked = server.requests().len() - before;
                // Without totals the end is unknown, so pages after it may be requested in vain.
                let needless = if totals { 0 } else { parallel - 1 };
                assert!((pages..=pages + needless).contains(&asked), "{asked} requests for {pages} pages");
            }
        }
    }
}

#[tokio::test]
async fn keyset_is_used_if_the_order_allows_it() {
    let (server, gl) = List { length: 250, ..PLAIN }.serve().await;
    assert_eq!(numbers(&gl, &BY_KEYSET).try_collect().await.expect("a list"), up_to(250));
    let received = server.requests();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|request| request.query("pagination") == Some("keyset")));
    assert!(received[0].target.ends_with("?per_page=100&pagination=keyset&order_by=id&sort=asc"));

    let call = Call::new(gl.clone(), &BY_KEYSET).with(0, "name");
    assert_eq!(call.items::<i64>().try_collect().await.expect("a list"), up_to(250));
    assert!(server.requests()[3..].iter().all(|request| request.query("pagination").is_none()));
}

#[tokio::test]
async fn list_falls_back_to_page_numbers_if_the_server_rejects_keyset() {
    for refusal in [json(405, "{}"), json(400, r#"{"error": "pagination does not have a valid value"}"#)] {
        let list = List { length: 250, keyset: false, ..PLAIN };
        let server = Server::start(move |request, _| match request.query("pagination") {
            Some(_) => refusal.clone(),
            None => list.page(request),
        })
        .await;
        let gl = client(&server);
        assert_eq!(numbers(&gl, &BY_KEYSET).try_collect().await.expect("a list"), up_to(250));
        assert_eq!(server.requests().len(), 4);
    }
    // A server that ignores the parameter sends numbered pages.
    let (server, gl) = List { length: 250, keyset: false, ..PLAIN }.serve().await;
    assert_eq!(numbers(&gl, &BY_KEYSET).try_collect().await.expect("a list"), up_to(250));
    assert_eq!(server.requests().len(), 3);
    // Another validation error is reported.
    let server = Server::script(vec![json(400, r#"{"error": "id is invalid"}"#)]).await;
    let error = numbers(&client(&server), &BY_KEYSET).try_collect().await.expect_err("an error");
    assert!(error.is_validation() && server.requests().len() == 1);
}

#[tokio::test]
async fn parallel_reads_pages_concurrently_without_totals() {
    let list = List { length: 2_000, totals: false, ..PLAIN };
    let server = Server::start(move |request, _| match request.query("page") {
        // These hang while a page after them is requested.
        Some("2" | "3" | "4") => Reply::Hang,
        _ => list.page(request),
    })
    .await;
    let mut items = numbers(&client(&server), &BY_NUMBER).parallel(4);
    for number in 1..=100 {
        assert_eq!(items.next().await.expect("an item").expect("a number"), number);
    }
    let reading = tokio::spawn(async move { items.next().await });
    server.wait_for(5).await;
    reading.abort();
    let pages: Vec<_> = server.requests()[1..].iter().filter_map(|it| it.query("page").map(str::to_owned)).collect();
    assert_eq!(pages.len(), 4, "{pages:?}");
}

#[tokio::test]
async fn parallel_fails_if_each_page_number_returns_the_same_page() {
    let server = Server::start(|_, _| json(200, "[1]").with("Link", "</api/v4/numbers?page=2>; rel=\"next\"")).await;
    let mut items = numbers(&client(&server), &BY_NUMBER).parallel(3);
    let mut read = Vec::new();
    let error = loop {
        match items.next().await.expect("an error before the end") {
            Ok(number) => read.push(number),
            Err(error) => break error,
        }
    };
    assert_eq!((read, error.kind()), (vec![1, 1], ErrorKind::Paging));
}

#[tokio::test]
async fn parallel_uses_keyset_if_the_server_sends_no_totals() {
    let (server, gl) = List { length: 950, totals: false, ..PLAIN }.serve().await;
    assert_eq!(numbers(&gl, &BY_KEYSET).parallel(4).try_collect().await.expect("a list"), up_to(950));
    assert_eq!(server.requests().len(), 11);
    let (server, gl) = List { length: 950, ..PLAIN }.serve().await;
    assert_eq!(numbers(&gl, &BY_KEYSET).parallel(4).try_collect().await.expect("a list"), up_to(950));
    assert!(server.requests().iter().all(|request| request.query("pagination").is_none()));
    assert_eq!(server.requests().len(), 10);
}

#[tokio::test]
async fn limit_requests_no_page_after_it() {
    for (descriptor, parallel) in [(&BY_NUMBER, 1), (&BY_NUMBER, 8), (&BY_KEYSET, 1)] {
        for prefetch in [0, 1, 5] {
            let (server, gl) = List { length: 10_000, ..PLAIN }.serve().await;
            let read = async |limit: u64| {
                let before = server.requests().len();
                let items = numbers(&gl, descriptor).prefetch(prefetch).parallel(parallel).limit(limit);
                assert_eq!(items.try_collect().await.expect("a list"), up_to(limit as i64));
                // A request from the background would arrive now.
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                server.requests().len() - before
            };
            assert_eq!(read(0).await, 0);
            assert_eq!(read(5).await, 1);
            assert_eq!(server.requests()[0].query("per_page"), Some("5"));
            assert_eq!(read(100).await, 1);
            assert_eq!(read(250).await, 3);
        }
    }
}

#[tokio::test]
async fn explicit_page_size_is_kept() {
    let (server, gl) = List { length: 50, ..PLAIN }.serve().await;
    let items = Call::new(gl.clone(), &BY_NUMBER).with(1, 20).items::<i64>();
    assert_eq!(items.limit(30).try_collect().await.expect("a list"), up_to(30));
    assert!(server.requests().iter().all(|request| request.query("per_page") == Some("20")));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn prefetch_reads_the_configured_number_of_pages() {
    let (server, gl) = List { length: 10_000, ..PLAIN }.serve().await;
    let mut items = numbers(&gl, &BY_NUMBER).prefetch(3);
    assert_eq!(items.next().await.expect("an item").expect("a number"), 1);
    server.wait_for(4).await;
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.requests().len(), 4);
    drop(items);
    let mut items = numbers(&gl, &BY_NUMBER).prefetch(0);
    assert_eq!(items.next().await.expect("an item").expect("a number"), 1);
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.requests().len(), 5);
}
