//! Lists by page numbers that are resumed from tokens after they were changed.

use glabflow::{Client, ErrorKind, Items, ResumeToken, RetryPolicy};
use glabflow_test_server::{Reply, Request, Server, json};
use serde_json::{Value, json as value};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// A change of a list.
type Change = fn(&mut VecDeque<i64>);

/// A list that a test changes.
#[derive(Default)]
struct List {
    ids: VecDeque<i64>,
    /// Whether the server sends the total.
    counts: bool,
    /// Whether its items have names and no ids.
    names: bool,
    /// The request, counted from 0, whose response is invalid.
    broken: Option<usize>,
    /// Changes: the number of the request before which it happens, and the change.
    changes: Vec<(usize, Change)>,
}

impl List {
    fn up_to(count: i64) -> Self {
        List { ids: (1..=count).collect(), counts: true, ..List::default() }
    }

    fn page(&mut self, request: &Request, at: usize) -> Reply {
        for (_, change) in self.changes.extract_if(.., |(when, _)| *when == at) {
            change(&mut self.ids);
        }
        let number = |name: &str| request.query(name).map_or(1, |text| text.parse::<usize>().expect("a number"));
        let (page, size) = (number("page"), number("per_page"));
        let thing = |id: &i64| if self.names { value!({"name": id}) } else { value!({"id": id}) };
        let things: Vec<Value> = self.ids.iter().skip((page - 1) * size).take(size).map(thing).collect();
        let more = page * size < self.ids.len();
        let body = if self.broken == Some(at) { "[".to_owned() } else { Value::from(things).to_string() };
        let reply = json(200, body)
            .with("X-Page", page.to_string())
            .with("X-Next-Page", if more { (page + 1).to_string() } else { String::new() });
        if self.counts { reply.with("X-Total", self.ids.len().to_string()) } else { reply }
    }

    async fn serve(self) -> (Server, Client) {
        let list = Mutex::new(self);
        let server = Server::start(move |request, at| list.lock().expect("a list").page(request, at)).await;
        let gl = Client::builder(server.url()).retry(RetryPolicy::never()).build().expect("a client");
        (server, gl)
    }
}

fn items(gl: &Client) -> Items<Value> {
    gl.get("things").query("per_page", 10).items().prefetch(0)
}

fn id(thing: &Value) -> i64 {
    thing["id"].as_i64().expect("an id")
}

/// Reads until an error or the end.
async fn read(mut items: Items<Value>, seen: &mut Vec<i64>) -> Option<glabflow::Error> {
    while let Some(item) = items.next().await {
        match item {
            Ok(thing) => seen.push(id(&thing)),
            Err(error) => return Some(error),
        }
    }
    None
}

fn token(error: &glabflow::Error) -> ResumeToken {
    error.resume_token().expect("a token").to_string().parse().expect("a token")
}

#[tokio::test]
async fn resume_survives_an_undecodable_page_after_a_partial_one() {
    let (_server, gl) = List { broken: Some(2), ..List::up_to(40) }.serve().await;
    let mut first = items(&gl);
    let mut seen = Vec::new();
    for _ in 0..15 {
        seen.push(id(&first.next().await.expect("an item").expect("a thing")));
    }
    let error = read(items(&gl).resume(first.resume_token()), &mut seen).await.expect("an undecodable page");
    assert!(error.is_decode() && error.is_resumable(), "{error}");
    assert!(read(items(&gl).resume(token(&error)), &mut seen).await.is_none());
    assert_eq!(seen, (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn resume_survives_an_undecodable_page_during_a_reread() {
    let remove: fn(&mut VecDeque<i64>) = |ids| ids.retain(|id| *id != 3);
    let (_server, gl) = List { broken: Some(2), changes: vec![(1, remove)], ..List::up_to(40) }.serve().await;
    let mut seen = Vec::new();
    let error = read(items(&gl), &mut seen).await.expect("an undecodable page");
    assert_eq!(seen, (1..=10).collect::<Vec<_>>());
    assert!(read(items(&gl).resume(token(&error)), &mut seen).await.is_none());
    assert_eq!(seen, (1..=40).collect::<Vec<_>>());
}

#[tokio::test]
async fn list_that_changed_too_much_restarts_from_the_beginning() {
    let remove: fn(&mut VecDeque<i64>) = |ids| drop(ids.drain(..15));
    let (_server, gl) = List { changes: vec![(1, remove)], ..List::up_to(60) }.serve().await;
    let mut things = items(&gl);
    let error = loop {
        match things.next().await.expect("an error before the end") {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Paging);
    assert!(error.resume_token().is_none() && error.to_string().contains("from the beginning"), "{error}");
    let mut seen = Vec::new();
    assert!(read(items(&gl).resume(things.resume_token()), &mut seen).await.is_none());
    assert_eq!(seen, (16..=60).collect::<Vec<_>>());
}

#[tokio::test]
async fn insertions_into_an_uncounted_list_cause_no_duplicates() {
    let add: fn(&mut VecDeque<i64>) = |ids| (1_000..1_025).for_each(|id| ids.push_front(id));
    let list = List { changes: vec![(4, add), (7, add)], counts: false, ..List::up_to(90) };
    let (_server, gl) = list.serve().await;
    let mut seen = Vec::new();
    assert!(read(items(&gl), &mut seen).await.is_none());
    seen.retain(|id| *id < 1_000);
    assert_eq!(seen, (1..=90).collect::<Vec<_>>());
}

#[tokio::test]
async fn insertions_into_a_list_without_ids_are_an_error() {
    let add: fn(&mut VecDeque<i64>) = |ids| ids.push_front(0);
    let (_server, gl) = List { changes: vec![(2, add)], names: true, ..List::up_to(40) }.serve().await;
    let mut things = items(&gl);
    let mut seen = Vec::new();
    let error = loop {
        match things.next().await.expect("an error before the end") {
            Ok(thing) => seen.push(thing["name"].as_i64().expect("a name")),
            Err(error) => break error,
        }
    };
    assert_eq!((seen, error.kind()), ((1..=20).collect::<Vec<_>>(), ErrorKind::Paging));
}

#[tokio::test]
async fn page_stream_resumes_at_the_undecodable_page() {
    let (_server, gl) = List { broken: Some(1), ..List::up_to(40) }.serve().await;
    let pages = || gl.get("things").query("per_page", 10).pages::<Value>().prefetch(0);
    let mut stream = pages();
    let first = stream.next().await.expect("a page").expect("a page");
    let error = stream.next().await.expect("a page").expect_err("no JSON");
    assert!(error.is_decode(), "{error}");
    assert_eq!(*error.resume_token().expect("a token"), stream.resume_token());
    let second = pages().resume(token(&error)).next().await.expect("a page").expect("a page");
    assert_eq!((id(&first[9]), id(&second[0])), (10, 11));
    // The stream itself skips the page.
    let third = stream.next().await.expect("a page").expect("a page");
    assert_eq!(id(&third[0]), 21);
    let fourth = pages().resume(stream.resume_token()).next().await.expect("a page").expect("a page");
    assert_eq!(id(&fourth[0]), 31);
}

/// Parallel reading of a list whose server sends invalid page numbers.
#[tokio::test]
async fn invalid_next_page_numbers_do_not_panic() {
    for next in ["0", "1", "18446744073709551615"] {
        let server = Server::start(move |_, _| json(200, r#"[{"id": 1}]"#).with("X-Next-Page", next)).await;
        let gl = Arc::new(Client::builder(server.url()).retry(RetryPolicy::never()).build().expect("a client"));
        for limit in [3, u64::MAX] {
            let mut seen = Vec::new();
            read(gl.get("things").items::<Value>().parallel(3).limit(limit), &mut seen).await;
            assert!(!seen.is_empty());
        }
    }
}
