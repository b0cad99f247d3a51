//! Lists that change while they are read by page numbers, against a model of a server.

use glabflow::{Client, ErrorKind, RetryPolicy};
use glabflow_test_server::{Reply, Request, Server, json};
use proptest::prelude::*;
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// A change of the list between two requests: the number of things, and their position in thousandths of the list.
///
/// There is one kind of change at a time, since an addition and a removal that leave the count unchanged are invisible.
#[derive(Debug, Clone, Copy)]
enum Change {
    Nothing,
    Add(usize, usize),
    Remove(usize, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    OneByOne,
    Ahead,
    Parallel(usize),
}

/// How a list is read, and its changes meanwhile. Several changes happen between pages that are prefetched or read in parallel, so
/// these are all of one kind.
fn reading(most: usize, changes: std::ops::Range<usize>) -> impl Strategy<Value = (Way, Vec<Change>)> {
    let change = move |adds: u32, removes: u32| {
        let place = || 0..1000_usize;
        let change = prop_oneof![
            3 => Just(Change::Nothing),
            adds => (1..=most, place()).prop_map(|(count, place)| Change::Add(count, place)),
            removes => (1..=most, place()).prop_map(|(count, place)| Change::Remove(count, place)),
        ];
        prop::collection::vec(change, changes.clone())
    };
    let way = || prop_oneof![Just(Way::OneByOne), Just(Way::Ahead), Just(Way::Parallel(2)), Just(Way::Parallel(3))];
    prop_oneof![(Just(Way::OneByOne), change(2, 2)), (way(), change(3, 0)), (way(), change(0, 3))]
}

/// A list whose total is sent with each page, as GitLab does for up to 10,000 things.
struct Model {
    list: Vec<usize>,
    /// The things that are never removed.
    stay: BTreeSet<usize>,
    next: usize,
    changes: std::vec::IntoIter<Change>,
}

impl Model {
    fn new(length: usize, changes: Vec<Change>) -> Self {
        Model { list: (0..length).collect(), stay: (0..length).collect(), next: length, changes: changes.into_iter() }
    }

    fn change(&mut self) {
        match self.changes.next().unwrap_or(Change::Nothing) {
            Change::Nothing => {}
            Change::Add(count, place) => {
                let place = place * (self.list.len() + 1) / 1000;
                self.list.splice(place..place, self.next..self.next + count);
                self.next += count;
            }
            Change::Remove(count, place) => {
                let place = place * (self.list.len() + 1) / 1000;
                let end = (place + count).min(self.list.len());
                for thing in self.list.drain(place..end) {
                    self.stay.remove(&thing);
                }
            }
        }
    }

    fn answer(&mut self, request: &Request, count: usize) -> Reply {
        if count > 0 {
            self.change();
        }
        let number = |name| request.query(name).map_or(1, |text| text.parse().expect("a number"));
        let (page, size) = (number("page"), number("per_page"));
        let pages = self.list.len().div_ceil(size);
        let things: Vec<Value> =
            self.list.iter().skip((page - 1) * size).take(size).map(|id| value!({"id": id})).collect();
        json(200, Value::from(things).to_string())
            .with("X-Page", page.to_string())
            .with("X-Per-Page", size.to_string())
            .with("X-Total", self.list.len().to_string())
            .with("X-Total-Pages", pages.to_string())
            .with("X-Next-Page", if page < pages { (page + 1).to_string() } else { String::new() })
    }
}

/// Reads the list and compares. With `must_end` the changes are so small that an error is not allowed.
fn check(length: usize, per_page: usize, way: Way, changes: Vec<Change>, must_end: bool) -> Result<(), TestCaseError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let model = Arc::new(Mutex::new(Model::new(length, changes)));
        let served = Arc::clone(&model);
        let server = Server::start(move |request, count| served.lock().expect("a model").answer(request, count)).await;
        let gl = Client::builder(server.url()).retry(RetryPolicy::never()).build().expect("a client");
        let start = || {
            let items = gl.get("things").query("per_page", per_page).items::<Value>();
            match way {
                Way::OneByOne => items.prefetch(0),
                Way::Ahead => items,
                Way::Parallel(pages) => items.parallel(pages),
            }
        };
        let mut items = start();
        let (mut seen, mut unique) = (Vec::new(), BTreeSet::new());
        while let Some(item) = items.next().await {
            match item {
                Ok(item) => {
                    let id = item["id"].as_u64().expect("an id") as usize;
                    prop_assert!(unique.insert(id), "{id} is a duplicate, after {seen:?}");
                    seen.push(id);
                }
                Err(error) => {
                    prop_assert!(!must_end, "{error}");
                    prop_assert!(error.kind() == ErrorKind::Paging && error.resume_token().is_none(), "{error}");
                    // The list must be read from the start. That succeeds once the changes are used up.
                    let token = items.resume_token().to_string();
                    prop_assert!(token.contains("start"), "{token}");
                    items = start().resume(token.parse().expect("a token"));
                    seen.clear();
                    unique.clear();
                }
            }
        }
        let model = model.lock().expect("a model");
        let lost: Vec<_> = model.stay.difference(&unique).collect();
        prop_assert!(lost.is_empty(), "{lost:?} of {:?} are lost, {seen:?} were read", model.list);
        Ok(())
    })
}

/// A page is read again because of removals, and meanwhile many things were added.
#[test]
fn changes_during_a_reread_are_taken_into_account() -> Result<(), TestCaseError> {
    let changes = vec![Change::Nothing, Change::Nothing, Change::Remove(4, 110), Change::Add(9, 0)];
    check(19, 5, Way::OneByOne, changes, false)?;
    check(
        14,
        6,
        Way::OneByOne,
        vec![Change::Nothing, Change::Add(5, 0), Change::Remove(1, 0), Change::Add(3, 0)],
        false,
    )?;
    check(
        7,
        3,
        Way::OneByOne,
        vec![Change::Nothing, Change::Remove(1, 750), Change::Add(1, 0), Change::Add(3, 0)],
        false,
    )?;
    check(8, 6, Way::OneByOne, vec![Change::Remove(1, 667), Change::Add(7, 0)], false)?;
    check(
        25,
        6,
        Way::OneByOne,
        vec![Change::Nothing, Change::Nothing, Change::Remove(1, 0), Change::Remove(6, 0)],
        false,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 300, ..ProptestConfig::default() })]

    /// A few small changes are compensated.
    #[test]
    fn small_changes_cause_no_lost_or_duplicate_items(
        length in 0_usize..60,
        per_page in 6_usize..12,
        (way, changes) in reading(2, 0..4),
    ) {
        check(length, per_page, way, changes, way == Way::OneByOne)?;
    }

    /// Many large changes are compensated, or end the stream with an error.
    #[test]
    fn large_changes_are_compensated_or_reported(
        length in 0_usize..60,
        per_page in 1_usize..8,
        (way, changes) in reading(9, 0..40),
    ) {
        check(length, per_page, way, changes, false)?;
    }
}
