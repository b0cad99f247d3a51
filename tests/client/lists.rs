//! From page to page: how lists are read, and what goes wrong with them.

use crate::support::{Received, Reply, Server, json};
use glabflow::contract::descriptor::Keyset;
use glabflow::contract::{Body, Call, Descriptor, Method, Output, Paging, Param};
use glabflow::{Client, ErrorKind, Items, RetryPolicy, Token};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

const NUMBERS: Descriptor = Descriptor {
    id: "list_numbers",
    tag: "numbers",
    method: Method::Get,
    path: "/numbers",
    params: &[Param::query("order_by"), Param::query("per_page"), Param::query("page")],
    body: Body::None,
    output: Output::List,
    paging: Paging::Offset,
    ranges: &[],
    idempotent: true,
    deprecated: false,
    docs: None,
};

static BY_NUMBER: Descriptor = NUMBERS;
static BY_KEYSET: Descriptor = Descriptor {
    paging: Paging::Keyset(Keyset { orders: &["id"], sorts: &["asc"], anonymous_only: false }),
    ..NUMBERS
};

/// How a list behaves.
#[derive(Clone, Copy)]
struct List {
    length: u64,
    totals: bool,
    links: bool,
    keyset: bool,
}

const PLAIN: List = List { length: 0, totals: true, links: true, keyset: true };

impl List {
    /// A page of the numbers from 1 up to the length.
    fn page(self, request: &Received) -> Reply {
        let number =
            |name: &str, default: u64| request.query(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let per_page = number("per_page", 20).min(100);
        let by_keyset = self.keyset && request.query("pagination") == Some("keyset");
        let page = number("page", 1);
        let first = if by_keyset { number("id_after", 0) + 1 } else { (page - 1) * per_page + 1 };
        let last = (first + per_page - 1).min(self.length);
        let body: Vec<String> = (first..=last).map(|number| number.to_string()).collect();
        let mut reply = json(200, format!("[{}]", body.join(",")));
        let host = &request.headers["host"];
        if by_keyset {
            if last < self.length {
                let query = format!("pagination=keyset&order_by=id&sort=asc&per_page={per_page}&id_after={last}");
                reply = reply.with("Link", format!("<http://{host}/api/v4/numbers?{query}>; rel=\"next\""));
            }
            return reply;
        }
        let more = last < self.length;
        if self.links {
            let next = format!("<http://{host}/api/v4/numbers?per_page={per_page}&page={}>; rel=\"next\", ", page + 1);
            let first = format!("<http://{host}/api/v4/numbers?per_page={per_page}&page=1>; rel=\"first\"");
            reply = reply.with("Link", if more { next + &first } else { first });
        }
        reply = reply.with("X-Page", page.to_string()).with("X-Per-Page", per_page.to_string());
        reply = reply.with("X-Next-Page", if more { (page + 1).to_string() } else { String::new() });
        if self.totals {
            let pages = self.length.div_ceil(per_page);
            reply = reply.with("X-Total", self.length.to_string()).with("X-Total-Pages", pages.to_string());
        }
        reply
    }

    async fn serve(self) -> (Server, Client) {
        let server = Server::start(move |request, _| self.page(request)).await;
        let gl = client(&server);
        (server, gl)
    }
}

fn client(server: &Server) -> Client {
    Client::builder(server.url()).token(Token::personal("t")).retry(RetryPolicy::never()).build().expect("a client")
}

fn numbers(gl: &Client, descriptor: &'static Descriptor) -> Items<i64> {
    Call::new(gl.clone(), descriptor).items()
}

fn up_to(length: i64) -> Vec<i64> {
    (1..=length).collect()
}

#[tokio::test]
async fn every_way_of_paging_reads_the_whole_list_in_order() {
    for length in [0, 1, 100, 101, 950] {
        for (totals, links) in [(true, true), (false, true), (true, false), (false, false)] {
            let (server, gl) = List { length, totals, links, keyset: false }.serve().await;
            let expected = up_to(length as i64);
            let pages = (length.div_ceil(100) as usize).max(1);
            for (prefetch, parallel) in [(0, 1), (1, 1), (3, 1), (1, 4), (0, 3)] {
                let before = server.received().len();
                let read =
                    numbers(&gl, &BY_NUMBER).prefetch(prefetch).parallel(parallel).try_collect().await.expect("a list");
                assert_eq!(read, expected, "{length} {totals} {links} {prefetch} {parallel}");
                let asked = server.received().len() - before;
                // Without totals, the end shows when it comes; what was asked for behind it is not needed.
                let needless = if totals { 0 } else { parallel - 1 };
                assert!((pages..=pages + needless).contains(&asked), "{asked} requests for {pages} pages");
            }
        }
    }
}

#[tokio::test]
async fn keyset_is_used_where_it_is_allowed() {
    let (server, gl) = List { length: 250, ..PLAIN }.serve().await;
    assert_eq!(numbers(&gl, &BY_KEYSET).try_collect().await.expect("a list"), up_to(250));
    let received = server.received();
    assert_eq!(received.len(), 3);
    assert!(received.iter().all(|request| request.query("pagination") == Some("keyset")));
    assert!(received[0].target.ends_with("?per_page=100&pagination=keyset&order_by=id&sort=asc"));

    let call = Call::new(gl.clone(), &BY_KEYSET).with(0, "name");
    assert_eq!(call.items::<i64>().try_collect().await.expect("a list"), up_to(250));
    assert!(server.received()[3..].iter().all(|request| request.query("pagination").is_none()));
}

#[tokio::test]
async fn a_server_that_does_not_know_keyset_is_read_by_page_numbers() {
    for refusal in [json(405, "{}"), json(400, r#"{"error": "pagination does not have a valid value"}"#)] {
        let list = List { length: 250, keyset: false, ..PLAIN };
        let server = Server::start(move |request, _| match request.query("pagination") {
            Some(_) => refusal.clone(),
            None => list.page(request),
        })
        .await;
        let gl = client(&server);
        assert_eq!(numbers(&gl, &BY_KEYSET).try_collect().await.expect("a list"), up_to(250));
        assert_eq!(server.received().len(), 4);
    }
    // One that ignores the parameter just sends numbered pages.
    let (server, gl) = List { length: 250, keyset: false, ..PLAIN }.serve().await;
    assert_eq!(numbers(&gl, &BY_KEYSET).try_collect().await.expect("a list"), up_to(250));
    assert_eq!(server.received().len(), 3);
    // And a refusal for another reason is an error.
    let server = Server::script(vec![json(400, r#"{"error": "id is invalid"}"#)]).await;
    let error = numbers(&client(&server), &BY_KEYSET).try_collect().await.expect_err("an error");
    assert!(error.is_validation() && server.received().len() == 1);
}

#[tokio::test]
async fn pages_are_read_at_once_without_totals_too() {
    let list = List { length: 2_000, totals: false, ..PLAIN };
    let server = Server::start(move |request, _| match request.query("page") {
        // These hang until others that are asked for behind them have come in.
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
    let pages: Vec<_> = server.received()[1..].iter().filter_map(|it| it.query("page").map(str::to_owned)).collect();
    assert_eq!(pages.len(), 4, "{pages:?}");
}

#[tokio::test]
async fn a_server_that_gives_the_same_page_for_every_number_is_found_out() {
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
async fn pages_at_once_need_totals_where_keyset_is_there_to_take_over() {
    let (server, gl) = List { length: 950, totals: false, ..PLAIN }.serve().await;
    assert_eq!(numbers(&gl, &BY_KEYSET).parallel(4).try_collect().await.expect("a list"), up_to(950));
    assert_eq!(server.received().len(), 11);
    let (server, gl) = List { length: 950, ..PLAIN }.serve().await;
    assert_eq!(numbers(&gl, &BY_KEYSET).parallel(4).try_collect().await.expect("a list"), up_to(950));
    assert!(server.received().iter().all(|request| request.query("pagination").is_none()));
    assert_eq!(server.received().len(), 10);
}

#[tokio::test]
async fn a_limit_asks_for_no_page_behind_it() {
    for (descriptor, parallel) in [(&BY_NUMBER, 1), (&BY_NUMBER, 8), (&BY_KEYSET, 1)] {
        for prefetch in [0, 1, 5] {
            let (server, gl) = List { length: 10_000, ..PLAIN }.serve().await;
            let read = async |limit: u64| {
                let before = server.received().len();
                let items = numbers(&gl, descriptor).prefetch(prefetch).parallel(parallel).limit(limit);
                assert_eq!(items.try_collect().await.expect("a list"), up_to(limit as i64));
                // What runs in the background would show up now.
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                server.received().len() - before
            };
            assert_eq!(read(0).await, 0);
            assert_eq!(read(5).await, 1);
            assert_eq!(server.received()[0].query("per_page"), Some("5"));
            assert_eq!(read(100).await, 1);
            assert_eq!(read(250).await, 3);
        }
    }
}

#[tokio::test]
async fn a_page_size_that_was_set_is_kept() {
    let (server, gl) = List { length: 50, ..PLAIN }.serve().await;
    let items = Call::new(gl.clone(), &BY_NUMBER).with(1, 20).items::<i64>();
    assert_eq!(items.limit(30).try_collect().await.expect("a list"), up_to(30));
    assert!(server.received().iter().all(|request| request.query("per_page") == Some("20")));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn reading_ahead_goes_as_far_as_it_was_told() {
    let (server, gl) = List { length: 10_000, ..PLAIN }.serve().await;
    let mut items = numbers(&gl, &BY_NUMBER).prefetch(3);
    assert_eq!(items.next().await.expect("an item").expect("a number"), 1);
    server.wait_for(4).await;
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.received().len(), 4);
    drop(items);
    let mut items = numbers(&gl, &BY_NUMBER).prefetch(0);
    assert_eq!(items.next().await.expect("an item").expect("a number"), 1);
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.received().len(), 5);
}

#[tokio::test]
async fn one_bad_item_is_one_error() {
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
async fn a_page_that_cannot_be_read_ends_the_stream_and_says_where() {
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
        let token = error.resume_token().expect("a place").to_string();
        assert!(token.contains(r#"{"page":{"link":"/api/v4/numbers?per_page=100&page=3"}}"#), "{token}");
        assert!(items.next().await.is_none());
    }
}

#[tokio::test]
async fn links_that_lead_in_a_circle_end_the_stream() {
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
async fn an_empty_page_in_the_middle_does_not_end_the_list() {
    let server =
        Server::script(vec![json(200, "[]").with("Link", "</api/v4/numbers?page=2>; rel=\"next\""), json(200, "[1]")])
            .await;
    assert_eq!(numbers(&client(&server), &BY_NUMBER).try_collect().await.expect("a list"), [1]);
}

#[tokio::test]
async fn pages_come_with_what_the_server_says_about_them() {
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
async fn a_stream_works_across_threads_and_with_combinators() {
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
async fn a_fan_out_over_a_list_gives_every_item_back() {
    let (_server, gl) = List { length: 150, ..PLAIN }.serve().await;
    let mut outcomes = numbers(&gl, &BY_NUMBER).fanout(8, |number| {
        let gl = gl.clone();
        async move {
            if number % 10 == 0 {
                Err("round")
            } else {
                gl.get("numbers").send::<Vec<i64>>().await.map_err(|_| "failed").map(|page| page.len())
            }
        }
    });
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    while let Some(outcome) = outcomes.next().await {
        let outcome = outcome.expect("an item");
        match outcome.result {
            Ok(length) => {
                assert_eq!(length, 20);
                done.push(outcome.input);
            }
            Err(why) => {
                assert_eq!(why, "round");
                failed.push(outcome.input);
            }
        }
    }
    assert_eq!((done.len(), failed.len()), (135, 15));
}

#[tokio::test]
async fn dropping_a_stream_cancels_what_is_on_its_way() {
    let server = Server::start(|_, _| Reply::Hang).await;
    let gl = Client::builder(server.url()).concurrency(1).build().expect("a client");
    let mut items = numbers(&gl, &BY_NUMBER);
    let reading = tokio::spawn(async move { items.next().await.is_none() });
    server.wait_for(1).await;
    reading.abort();
    // The only slot is free again once the task in the background is gone.
    let next = tokio::spawn(gl.get("x").send::<Value>());
    server.wait_for(2).await;
    next.abort();
}

#[tokio::test]
async fn faults_on_the_way_lose_and_double_nothing() {
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

#[tokio::test]
async fn after_a_fan_out_is_dropped_no_request_goes_out() {
    let list = List { length: 1_000, ..PLAIN };
    let server = Server::start(move |request, _| match request.target.split('?').next() {
        Some("/api/v4/numbers") => list.page(request),
        Some("/api/v4/after") => json(200, "[]"),
        _ => Reply::Hang,
    })
    .await;
    let gl = Client::builder(server.url()).concurrency(4).build().expect("a client");
    let progress = Arc::new(std::sync::Mutex::new(None));
    let mut outcomes = numbers(&gl, &BY_NUMBER)
        .prefetch(0)
        .fanout(20, |number| gl.get(&format!("work/{number}")).send::<Value>())
        .on_progress({
            let progress = Arc::clone(&progress);
            move |it| *progress.lock().expect("no panic") = Some(it)
        });
    // One page, then four of the twenty that have begun: the others wait for their turn.
    tokio::select! {
        outcome = outcomes.next() => panic!("{}", outcome.is_some()),
        () = server.wait_for(5) => {}
    }
    let last = progress.lock().expect("no panic").expect("a report");
    assert_eq!((last.done, last.failed, last.running), (0, 0, 20));
    drop(outcomes);
    for _ in 0..20 {
        gl.get("after").send::<Value>().await.expect("an answer: the slots are free again");
    }
    let received = server.received();
    let of = |path: &str| received.iter().filter(|request| request.target.starts_with(path)).count();
    assert_eq!((of("/api/v4/numbers"), of("/api/v4/work/"), of("/api/v4/after")), (1, 4, 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_fan_out_is_dropped_what_reads_ahead_ends_too() {
    let list = List { length: 100_000, ..PLAIN };
    let server = Server::start(move |request, _| match request.target.split('?').next() {
        Some("/api/v4/numbers") => list.page(request),
        _ => json(200, "[]"),
    })
    .await;
    let gl = client(&server);
    let pages = || server.received().iter().filter(|request| request.target.starts_with("/api/v4/numbers")).count();
    let after = async || gl.get("after").send::<Value>().await.expect("an answer");
    for (parallel, items) in [(1, 150), (1, 720), (4, 150), (4, 1_030), (1, 201), (4, 401)] {
        let mut outcomes =
            numbers(&gl, &BY_NUMBER).parallel(parallel).fanout(20, |number| async move { Ok::<_, ()>(number) });
        for _ in 0..items {
            outcomes.next().await.expect("an outcome").expect("an item");
        }
        drop(outcomes);
        // What was on its way at that moment has come in by then.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let before = pages();
        for _ in 0..20 {
            after().await;
        }
        assert_eq!(pages(), before, "{parallel} {items}");
    }
}
