//! Lists that are read in several ranges at once, against a model of a server.

mod model;

use glabflow::contract::{Body, Call, Descriptor, Keyset, Method, Output, Paging, Param, Range, RangeKey};
use glabflow::{Client, ErrorKind, Items, RetryPolicy, Token};
use glabflow_test_server::{Server, json};
use model::{Keysets, Manners, Model};
use proptest::prelude::*;
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

const LIST: Descriptor = Descriptor {
    id: "list_things",
    tag: "things",
    method: Method::Get,
    path: "/things",
    params: &[
        Param::query("created_after"),
        Param::query("created_before"),
        Param::query("id_after"),
        Param::query("id_before"),
        Param::query("order_by"),
        Param::query("sort"),
        Param::query("per_page"),
    ],
    body: Body::None,
    output: Output::List,
    paging: Paging::Offset,
    ranges: &[],
    idempotent: true,
    deprecated: false,
    docs: None,
};
const BY_ID: &[Range] = &[Range { key: RangeKey::Id, sorted: true }];
const BY_TIME: &[Range] = &[Range { key: RangeKey::CreatedAt, sorted: true }];
const UNSORTED: &[Range] = &[Range { key: RangeKey::CreatedAt, sorted: false }];
const KEYSET: Paging =
    Paging::Keyset(Keyset { orders: &["id", "created_at"], sorts: &["asc", "desc"], anonymous_only: false });
const KEYSET_DOWN: Paging = Paging::Keyset(Keyset { orders: &["id"], sorts: &["desc"], anonymous_only: false });

static LISTS: [Descriptor; 5] = [
    Descriptor { ranges: BY_ID, paging: KEYSET, ..LIST },
    Descriptor { ranges: BY_ID, ..LIST },
    Descriptor { ranges: BY_TIME, paging: KEYSET, ..LIST },
    Descriptor { ranges: BY_TIME, ..LIST },
    Descriptor { ranges: UNSORTED, paging: KEYSET_DOWN, ..LIST },
];

async fn serve(model: Model) -> (Server, Client, Arc<Mutex<Model>>) {
    let model = Arc::new(Mutex::new(model));
    let served = Arc::clone(&model);
    let server = Server::start(move |request, _| served.lock().expect("a model").answer(request)).await;
    let gl = Client::builder(server.url()).token(Token::personal("t")).retry(RetryPolicy::never()).build();
    (server, gl.expect("a client"), model)
}

fn things(gl: &Client, list: &'static Descriptor, per_page: u32) -> Items<Value> {
    Call::new(gl.clone(), list).with(6, i64::from(per_page)).items()
}

fn id(thing: &Value) -> i64 {
    thing["id"].as_i64().expect("an id")
}

const POLITE: Manners = Manners { inclusive: true, keyset: Keysets::Known, coarse: false };

/// Reads a list in several ranges, with interruptions and resume tokens, and compares.
fn check(
    model: Model,
    list: usize,
    pieces: usize,
    ordered: bool,
    per_page: u32,
    stops: &[usize],
) -> Result<(), TestCaseError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let list = &LISTS[list];
        let sorted = list.ranges[0].sorted;
        let keyset = if sorted { model.manners.keyset } else { Keysets::Known };
        let (_server, gl, model) = serve(Model { manners: Manners { keyset, ..model.manners }, ..model }).await;
        let start = || {
            let items = things(&gl, list, per_page).partitioned(pieces);
            if ordered && sorted { items } else { items.unordered() }
        };
        let mut items = start();
        let mut stops = stops.iter().copied();
        let mut seen = Vec::new();
        let mut stop = stops.next();
        while let Some(thing) = items.next().await {
            seen.push(id(&thing.map_err(|error| TestCaseError::fail(format!("{error}")))?));
            if stop.is_some_and(|stop| seen.len() >= stop) {
                let token = items.resume_token().to_string();
                items = start().resume(token.parse().expect("a token"));
                stop = stops.next().map(|more| seen.len() + more);
            }
        }
        let unique: BTreeSet<i64> = seen.iter().copied().collect();
        prop_assert_eq!(unique.len(), seen.len(), "duplicates");
        let model = model.lock().expect("a model");
        let lost: Vec<&i64> = model.stay.difference(&unique).collect();
        prop_assert!(lost.is_empty(), "{} lost: {:?}", lost.len(), lost);
        prop_assert!(items.resume_token().to_string().contains("\"end\""));
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn permanent_items_are_read_exactly_once(
        seed in any::<u64>(),
        length in 0_u64..600,
        list in 0_usize..5,
        inclusive in any::<bool>(),
        keyset in prop_oneof![3 => Just(Keysets::Known), 1 => Just(Keysets::Refused), 1 => Just(Keysets::Ignored)],
        coarse in any::<bool>(),
        pieces in 1_usize..9,
        ordered in any::<bool>(),
        per_page in 1_u32..40,
        stops in prop::collection::vec(1_usize..300, 0..4),
    ) {
        let model = Model::new(seed, length, true, Manners { inclusive, keyset, coarse });
        check(model, list, pieces, ordered, per_page.max(5), &stops)?;
    }

    /// Each boundary of a range is a second with many things.
    #[test]
    fn permanent_items_of_dense_imports_are_read_exactly_once(
        seed in any::<u64>(),
        length in 200_u64..900,
        crowd in 1_u64..30,
        list in 2_usize..5,
        keyset in prop_oneof![3 => Just(Keysets::Known), 1 => Just(Keysets::Refused)],
        pieces in 2_usize..9,
        ordered in any::<bool>(),
        per_page in 5_u32..15,
        stops in prop::collection::vec(1_usize..120, 1..8),
    ) {
        let model = Model::dense(seed, length, crowd, Manners { inclusive: true, keyset, coarse: false });
        check(model, list, pieces, ordered, per_page, &stops)?;
    }
}

#[tokio::test]
async fn items_are_ordered_by_key_unless_unordered() {
    for list in &LISTS[..4] {
        let (_server, gl, model) = serve(Model::new(7, 3_000, false, POLITE)).await;
        let expected: Vec<i64> = {
            let model = model.lock().expect("a model");
            let mut keyed: Vec<(i64, i64)> = model.things.iter().map(|(id, time)| (*time, *id)).collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|(_, id)| id).collect()
        };
        let read = things(&gl, list, 20).partitioned(4).try_collect().await.expect("a list");
        assert_eq!(read.iter().map(id).collect::<Vec<_>>(), expected);
        let first = things(&gl, list, 20).partitioned(4).limit(70).try_collect().await.expect("a list");
        assert_eq!(first.iter().map(id).collect::<Vec<_>>(), expected[..70]);
        let mut read = things(&gl, list, 20).partitioned(4).unordered().try_collect().await.expect("a list");
        read.sort_unstable_by_key(id);
        assert_eq!(read.len(), 3_000);
    }
}

#[tokio::test]
async fn partitioned_reading_needs_under_150_requests_for_100_pages() {
    for (at, list) in LISTS.iter().enumerate() {
        for ordered in [true, false].into_iter().filter(|ordered| !ordered || list.ranges[0].sorted) {
            let (server, gl, _) = serve(Model::new(11, 10_000, false, POLITE)).await;
            let items = things(&gl, list, 100).partitioned(8);
            let items = if ordered { items } else { items.unordered() };
            assert_eq!(items.try_collect().await.expect("a list").len(), 10_000);
            let asked = server.requests().len();
            assert!(asked < 150, "list {at}, ordered {ordered}: {asked} requests for 100 pages");
        }
    }
}

#[tokio::test]
async fn range_limits_of_the_caller_are_kept() {
    let (server, gl, model) = serve(Model::new(3, 2_000, false, POLITE)).await;
    let ids: Vec<i64> = model.lock().expect("a model").things.keys().copied().collect();
    let call = Call::new(gl, &LISTS[0]).with(2, ids[500]).with(3, ids[1_500]);
    let read = call.items::<Value>().partitioned(4).try_collect().await.expect("a list");
    // In the model, the limits belong to the range.
    assert_eq!(read.iter().map(id).collect::<Vec<_>>(), ids[500..=1_500]);
    for request in server.requests() {
        let after: i64 = request.query("id_after").expect("a limit").parse().expect("an id");
        let before: i64 = request.query("id_before").expect("a limit").parse().expect("an id");
        assert!(after >= ids[500] && before <= ids[1_500], "{}", request.target);
    }
}

#[tokio::test]
async fn unpartitionable_lists_are_rejected_with_a_reason() {
    let (server, gl, _) = serve(Model::new(3, 10, false, POLITE)).await;
    static PLAIN: Descriptor = LIST;
    let error = |items: Items<Value>| async { items.try_collect().await.expect_err("it cannot").to_string() };
    let text = error(Call::new(gl.clone(), &PLAIN).items().partitioned(4)).await;
    assert!(text.contains("cannot be read in ranges") && text.contains("projects"), "{text}");
    let text = error(Call::new(gl.clone(), &LISTS[0]).with(4, "name").items().partitioned(4)).await;
    assert!(text.contains("order_by"), "{text}");
    let text = error(Call::new(gl.clone(), &LISTS[4]).items().partitioned(4)).await;
    assert!(text.contains("unordered"), "{text}");
    assert!(server.requests().is_empty());
    // Tokens of partitioned and other streams are not interchangeable.
    let mut items = things(&gl, &LISTS[0], 5);
    items.next().await;
    let text = error(things(&gl, &LISTS[0], 5).partitioned(2).resume(items.resume_token())).await;
    assert!(text.contains("without `partitioned`"), "{text}");
    let mut items = things(&gl, &LISTS[0], 5).partitioned(2);
    items.next().await;
    let text = error(things(&gl, &LISTS[0], 5).resume(items.resume_token())).await;
    assert!(text.contains("`partitioned`"), "{text}");
}

#[tokio::test]
async fn extreme_keys_do_not_panic() {
    let (low, high) = (i64::MIN, i64::MAX);
    let server = Server::start(move |request, count| {
        let things = value!([{"id": high, "created_at": "9999-12-31T23:59:59Z"}]).to_string();
        let reply = json(200, things).with("X-Page", "1");
        // Three of four responses have a next link.
        if count % 4 == 3 { reply } else { reply.with("Link", format!("<{}&page=2>; rel=\"next\"", request.target)) }
    })
    .await;
    let gl = Client::builder(server.url()).token(Token::personal("t")).retry(RetryPolicy::never()).build();
    let gl = gl.expect("a client");
    for list in &LISTS {
        for pieces in [
            value!([{"from": low}]),
            value!([{"from": low, "to": high}]),
            value!([{"from": low, "to": low}, {"from": high, "to": high}]),
            value!([{"to": low}, {"from": high, "skip": [high]}]),
            value!([{"from": high, "to": low}]),
            value!([{"from": high - 1, "to": high}, {"from": high}]),
        ] {
            let items = || things(&gl, list, 5).partitioned(2).unordered();
            let mut token: Value = serde_json::from_str(&items().resume_token().to_string()).expect("JSON");
            token["position"] = value!({"ranges": pieces});
            let mut items = items().resume(token.to_string().parse().expect("a token"));
            let reading = async { while items.next().await.is_some() {} };
            tokio::time::timeout(std::time::Duration::from_secs(20), reading).await.expect("a limit");
            let _ = items.resume_token();
        }
    }
}

#[tokio::test]
async fn servers_that_ignore_range_or_order_are_detected() {
    // A server that ignores the lower limit, and one that does not sort.
    let bodies: [fn(i64) -> String; 2] =
        [|_| r#"[{"id": 1}, {"id": 2}]"#.to_owned(), |_| r#"[{"id": 2}, {"id": 1}]"#.to_owned()];
    for body in bodies {
        let server = Server::start(move |request, _| {
            json(200, body(0)).with("X-Page", "1").with("Link", format!("<{}&page=2>; rel=\"next\"", request.target))
        })
        .await;
        let gl = Client::builder(server.url()).token(Token::personal("t")).build().expect("a client");
        let mut items = things(&gl, &LISTS[1], 2).partitioned(1);
        let error = loop {
            match items.next().await.expect("an error") {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Paging, "{error}");
        assert!(error.is_resumable());
    }
    // A server whose items lack the key.
    let server = Server::start(|_, _| json(200, r#"[{"id": 1}]"#)).await;
    let gl = Client::builder(server.url()).token(Token::personal("t")).build().expect("a client");
    let error = things(&gl, &LISTS[2], 2).partitioned(2).try_collect().await.expect_err("no key");
    assert!(error.is_decode() && error.to_string().contains("created_at"), "{error}");
}
