//! Lists read in pieces, against a model of a server whose lists change while they are read.

use crate::support::{Received, Reply, Server, json};
use glabflow::contract::{Body, Call, Descriptor, Keyset, Method, Output, Paging, Param, Range, RangeKey};
use glabflow::{Client, ErrorKind, Items, RetryPolicy, Token};
use proptest::prelude::*;
use serde_json::{Value, json as value};
use std::collections::{BTreeMap, BTreeSet};
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

/// How a server reads the ends of ranges and writes times.
#[derive(Debug, Clone, Copy)]
struct Manners {
    /// Whether an end is a part of the range.
    inclusive: bool,
    /// Whether keyset pagination is refused, or silently not done.
    keyset: Keysets,
    /// Whether times come without fractions of a second.
    coarse: bool,
}

#[derive(Debug, Clone, Copy)]
enum Keysets {
    Known,
    Refused,
    Ignored,
}

/// A list of things with a time of creation in microseconds each.
struct Model {
    things: BTreeMap<i64, i64>,
    /// Those which stay.
    stay: BTreeSet<i64>,
    /// The highest id that there has been: none is given twice.
    highest: i64,
    random: u64,
    changes: bool,
    manners: Manners,
}

impl Model {
    fn dice(&mut self, sides: u64) -> u64 {
        // A linear congruential generator; its upper bits are good enough.
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % sides
    }

    /// Things at times which crowd at some places and are far apart at others.
    fn new(seed: u64, length: u64, changes: bool, manners: Manners) -> Self {
        let stay = BTreeSet::new();
        let mut model = Model { things: BTreeMap::new(), stay, highest: 0, random: seed, changes, manners };
        let (mut id, mut time) = (0, 1_700_000_000_000_000);
        for _ in 0..length {
            id += 1 + if model.dice(20) == 0 { model.dice(5_000) as i64 } else { 0 };
            time += match model.dice(40) {
                0 => 86_400_000_000 * model.dice(50) as i64,
                1..5 => model.dice(3_000_000_000) as i64,
                5..20 => model.dice(40_000) as i64,
                _ => 0,
            };
            model.things.insert(id, time);
            if !changes || model.dice(3) > 0 {
                model.stay.insert(id);
            }
        }
        model.highest = id;
        model
    }

    /// Things that were imported: every second has so many of them, or one more or less.
    fn dense(seed: u64, length: u64, crowd: u64, manners: Manners) -> Self {
        let stay = BTreeSet::new();
        let mut model = Model { things: BTreeMap::new(), stay, highest: 0, random: seed, changes: true, manners };
        let (mut id, mut time) = (0, 1_700_000_000_000_000);
        while id < length as i64 {
            for _ in 0..crowd + model.dice(3) {
                id += 1;
                let fraction = model.dice(1_000_000) as i64;
                model.things.insert(id, time + fraction);
                if model.dice(4) > 0 {
                    model.stay.insert(id);
                }
            }
            time += 1_000_000;
        }
        model.highest = id;
        model
    }

    /// What happens between two requests.
    fn change(&mut self) {
        if !self.changes {
            return;
        }
        for _ in 0..self.dice(4) {
            let mortal: Vec<i64> = self.things.keys().filter(|id| !self.stay.contains(id)).copied().collect();
            if !mortal.is_empty() {
                let at = self.dice(mortal.len() as u64) as usize;
                self.things.remove(&mortal[at]);
            }
        }
        for _ in 0..self.dice(3) {
            self.highest += 1 + self.dice(3) as i64;
            let time = self.things.values().max().copied().unwrap_or(0) + self.dice(2_000_000) as i64;
            self.things.insert(self.highest, time);
        }
    }

    fn time(&self, micros: i64) -> String {
        let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
        let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Days since 1970 as days of a year-long January are no dates, so count them off.
        let (mut year, mut day) = (1970, day);
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        while day >= if leap(year) { 366 } else { 365 } {
            day -= if leap(year) { 366 } else { 365 };
            year += 1;
        }
        let mut month = 0;
        let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        while day >= lengths[month] {
            day -= lengths[month];
            month += 1;
        }
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let fraction = if self.manners.coarse { String::new() } else { format!(".{:03}", micros / 1000) };
        format!("{year}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z", month + 1, day + 1)
    }

    fn answer(&mut self, request: &Received) -> Reply {
        self.change();
        let by_keyset = request.query("pagination") == Some("keyset");
        if by_keyset && matches!(self.manners.keyset, Keysets::Refused) {
            return json(405, r#"{"message": "405 Method Not Allowed"}"#);
        }
        let by_keyset = by_keyset && matches!(self.manners.keyset, Keysets::Known);
        let number = |name: &str| request.query(name).and_then(|text| text.parse::<i64>().ok());
        let moment = |name: &str| {
            let text = request.query(name)?.replace("%3A", ":");
            Some(i64::try_from(glabflow::DateTime::new(&text).unix_nanos()? / 1000).expect("a time of our days"))
        };
        let inclusive = self.manners.inclusive;
        let above = |value: i64, end: Option<i64>| end.is_none_or(|end| value > end || (inclusive && value == end));
        let below = |value: i64, end: Option<i64>| end.is_none_or(|end| value < end || (inclusive && value == end));
        let ids = (number("id_after"), number("id_before"));
        let times = (moment("created_after"), moment("created_before"));
        let by_time = request.query("order_by") == Some("created_at");
        let mut things: Vec<(i64, i64)> = self
            .things
            .iter()
            .filter(|(id, _)| above(**id, ids.0) && below(**id, ids.1))
            .filter(|(_, time)| above(**time, times.0) && below(**time, times.1))
            .map(|(id, time)| (if by_time { *time } else { *id }, *id))
            .collect();
        things.sort_unstable();
        let down = request.query("sort").unwrap_or("desc") == "desc";
        if down {
            things.reverse();
        }
        let per_page = number("per_page").unwrap_or(20) as usize;
        let cursor = request.query("cursor").and_then(|text| {
            let (key, id) = text.split_once('_')?;
            Some((key.parse::<i64>().ok()?, id.parse::<i64>().ok()?))
        });
        let page = number("page").unwrap_or(1) as usize;
        let rest: Vec<(i64, i64)> = if by_keyset {
            things
                .into_iter()
                .filter(|at| cursor.is_none_or(|cursor| if down { *at < cursor } else { *at > cursor }))
                .collect()
        } else {
            things.into_iter().skip((page - 1) * per_page).collect()
        };
        let body: Vec<Value> = rest
            .iter()
            .take(per_page)
            .map(|(_, id)| value!({"id": id, "created_at": self.time(self.things[id])}))
            .collect();
        let mut reply = json(200, Value::from(body).to_string());
        let more = rest.len() > per_page;
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let kept: Vec<&str> =
            query.split('&').filter(|pair| !pair.starts_with("cursor=") && !pair.starts_with("page=")).collect();
        if by_keyset {
            if more {
                let (key, id) = rest[per_page - 1];
                reply = reply.with("Link", format!("<{path}?{}&cursor={key}_{id}>; rel=\"next\"", kept.join("&")));
            }
            return reply;
        }
        reply = reply.with("X-Page", page.to_string());
        if more {
            reply = reply.with("Link", format!("<{path}?{}&page={}>; rel=\"next\"", kept.join("&"), page + 1));
        }
        reply
    }
}

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

/// Reads a list in pieces, stopping and going on from a token at some places, and compares.
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
        prop_assert_eq!(unique.len(), seen.len(), "some came twice");
        let model = model.lock().expect("a model");
        let lost: Vec<&i64> = model.stay.difference(&unique).collect();
        prop_assert!(lost.is_empty(), "{} were lost: {:?}", lost.len(), lost);
        prop_assert!(items.resume_token().to_string().contains("\"end\""));
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_there_all_the_time_comes_once(
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

    /// Every cut is on a second which is full.
    #[test]
    fn imports_of_many_in_every_second_come_once_too(
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
async fn items_come_in_the_order_of_their_keys_unless_as_completed() {
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
async fn pieces_cost_few_requests_more_than_pages() {
    for (at, list) in LISTS.iter().enumerate() {
        for ordered in [true, false].into_iter().filter(|ordered| !ordered || list.ranges[0].sorted) {
            let (server, gl, _) = serve(Model::new(11, 10_000, false, POLITE)).await;
            let items = things(&gl, list, 100).partitioned(8);
            let items = if ordered { items } else { items.unordered() };
            assert_eq!(items.try_collect().await.expect("a list").len(), 10_000);
            let asked = server.received().len();
            assert!(asked < 150, "list {at}, ordered {ordered}: {asked} requests for 100 pages");
        }
    }
}

#[tokio::test]
async fn ends_that_the_caller_sets_are_kept() {
    let (server, gl, model) = serve(Model::new(3, 2_000, false, POLITE)).await;
    let ids: Vec<i64> = model.lock().expect("a model").things.keys().copied().collect();
    let call = Call::new(gl, &LISTS[0]).with(2, ids[500]).with(3, ids[1_500]);
    let read = call.items::<Value>().partitioned(4).try_collect().await.expect("a list");
    // The model takes the ends for a part of the range.
    assert_eq!(read.iter().map(id).collect::<Vec<_>>(), ids[500..=1_500]);
    for request in server.received() {
        let after: i64 = request.query("id_after").expect("an end").parse().expect("an id");
        let before: i64 = request.query("id_before").expect("an end").parse().expect("an id");
        assert!(after >= ids[500] && before <= ids[1_500], "{}", request.target);
    }
}

#[tokio::test]
async fn what_cannot_be_read_in_pieces_says_so() {
    let (server, gl, _) = serve(Model::new(3, 10, false, POLITE)).await;
    static PLAIN: Descriptor = LIST;
    let error = |items: Items<Value>| async { items.try_collect().await.expect_err("it cannot").to_string() };
    let text = error(Call::new(gl.clone(), &PLAIN).items().partitioned(4)).await;
    assert!(text.contains("cannot be read in pieces") && text.contains("projects"), "{text}");
    let text = error(Call::new(gl.clone(), &LISTS[0]).with(4, "name").items().partitioned(4)).await;
    assert!(text.contains("order_by"), "{text}");
    let text = error(Call::new(gl.clone(), &LISTS[4]).items().partitioned(4)).await;
    assert!(text.contains("unordered"), "{text}");
    assert!(server.received().is_empty());
    // Tokens of one way are not for the other.
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
async fn the_ends_of_all_numbers_are_no_reason_to_panic() {
    let (low, high) = (i64::MIN, i64::MAX);
    let server = Server::start(move |request, count| {
        let things = value!([{"id": high, "created_at": "9999-12-31T23:59:59Z"}]).to_string();
        let reply = json(200, things).with("X-Page", "1");
        // Of four requests three are told that there is more to come.
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
            value!([{"to": low}, {"from": high, "given": [high]}]),
            value!([{"from": high, "to": low}]),
            value!([{"from": high - 1, "to": high}, {"from": high}]),
        ] {
            let items = || things(&gl, list, 5).partitioned(2).unordered();
            let mut token: Value = serde_json::from_str(&items().resume_token().to_string()).expect("JSON");
            token["place"] = value!({"pieces": pieces});
            let mut items = items().resume(token.to_string().parse().expect("a token"));
            let reading = async { while items.next().await.is_some() {} };
            tokio::time::timeout(std::time::Duration::from_secs(20), reading).await.expect("an end");
            let _ = items.resume_token();
        }
    }
}

#[tokio::test]
async fn servers_that_do_not_do_as_asked_are_found_out() {
    // One that pays no heed to the lower end, and one that does not sort.
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
    // Items without the key.
    let server = Server::start(|_, _| json(200, r#"[{"id": 1}]"#)).await;
    let gl = Client::builder(server.url()).token(Token::personal("t")).build().expect("a client");
    let error = things(&gl, &LISTS[2], 2).partitioned(2).try_collect().await.expect_err("no key");
    assert!(error.is_decode() && error.to_string().contains("created_at"), "{error}");
}
