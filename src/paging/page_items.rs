//! Pages decoded: whole, or item by item where one of them makes no sense.

use crate::error::Error;
use crate::paging::item_facts::Facts;
use crate::resume_token::Given;
use crate::resume_token::ItemId;
use crate::send::response::{Answer, Decoder, or_null};
use bytes::Bytes;
use glabflow_contract::{Decode, decode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::cell::OnceCell;
use std::collections::HashSet;
#[cfg(feature = "graphql")]
use std::sync::Arc;

/// How one item and a page of items are decoded.
pub(crate) struct Decoders<T> {
    pub(crate) page: Decoder<Vec<T>>,
    item: fn(&[u8]) -> Result<T, serde_json::Error>,
    /// What an item says of itself; `None` where its type does not know.
    facts: fn(&T) -> Option<Facts>,
}

// Derived, these would ask that `T` can be copied.
impl<T> Clone for Decoders<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Decoders<T> {}

impl<T: Decode> Decoders<T> {
    /// Leniently, for GitLab's own types.
    pub(crate) fn lenient() -> Self {
        Decoders {
            page: |body| decode::from_slice(or_null(body)),
            item: |item| decode::from_slice(item),
            facts: |item| item.facts().map(Facts::of),
        }
    }
}

impl<T: DeserializeOwned> Decoders<T> {
    /// By serde, for the caller's own types.
    pub(crate) fn serde() -> Self {
        Decoders {
            page: |body| {
                Ok(serde_json::from_str::<Option<Vec<T>>>(decode::text_of(or_null(body))?)?.unwrap_or_default())
            },
            item: |item| serde_json::from_str(decode::text_of(item)?),
            facts: |_| None,
        }
    }
}

/// Reads the facts of all items at a path of a body.
#[cfg(feature = "graphql")]
type ReadFacts = fn(&Bytes, &[String]) -> Option<Vec<Facts>>;

/// The items of a page, of which some have been given out.
pub(crate) struct Batch<T> {
    items: Items<T>,
    /// How many items the page has.
    length: usize,
    /// The positions on the page of the items to give out, where that is not the whole page.
    positions: Option<Vec<usize>>,
    /// The page as it came.
    body: Bytes,
    /// What all items of the page say of themselves, where their type knows; it must be asked before they are given out.
    facts: Option<Vec<Facts>>,
    ids: OnceCell<Option<Vec<ItemId>>>,
    /// Where the items are in the body, if that is not a list of them, and what reads their facts there.
    #[cfg(feature = "graphql")]
    nodes: Option<(Arc<[String]>, ReadFacts)>,
}

enum Items<T> {
    Whole(std::vec::IntoIter<T>),
    /// Some could not be decoded.
    Mixed(std::vec::IntoIter<Result<T, Error>>),
}

impl<T> Batch<T> {
    fn new(items: Items<T>, length: usize, body: Bytes) -> Self {
        Batch {
            items,
            length,
            positions: None,
            body,
            facts: None,
            ids: OnceCell::new(),
            #[cfg(feature = "graphql")]
            nodes: None,
        }
    }

    /// No items.
    pub(crate) fn empty() -> Self {
        Batch::new(Items::Whole(Vec::new().into_iter()), 0, Bytes::new())
    }

    /// The nodes of a connection, which is at a path below the body's `data`.
    #[cfg(feature = "graphql")]
    pub(crate) fn of_nodes(nodes: Vec<Result<T, Error>>, body: Bytes, path: Arc<[String]>, read: ReadFacts) -> Self {
        let length = nodes.len();
        Batch { nodes: Some((path, read)), ..Batch::new(Items::Mixed(nodes.into_iter()), length, body) }
    }

    /// The items of an answer; an error when nothing of it can be understood.
    pub(crate) fn open(decoders: Decoders<T>, answer: &Answer) -> Result<Self, Error> {
        let body = answer.body.clone();
        let error = match (decoders.page)(&answer.body) {
            Ok(items) => {
                let (length, facts) = (items.len(), items.iter().map(decoders.facts).collect());
                return Ok(Batch { facts, ..Batch::new(Items::Whole(items.into_iter()), length, body) });
            }
            Err(error) => error,
        };
        let Ok(items) = serde_json::from_slice::<Vec<&RawValue>>(&answer.body) else {
            return Err(answer.undecodable(error));
        };
        let decode = |(index, item): (usize, &RawValue)| {
            let item = item.get().as_bytes();
            (decoders.item)(item).map_err(|error| answer.undecodable_item(index, item, error))
        };
        let items: Vec<_> = items.into_iter().enumerate().map(decode).collect();
        let length = items.len();
        Ok(Batch::new(Items::Mixed(items.into_iter()), length, body))
    }

    /// The next item.
    pub(crate) fn next(&mut self) -> Option<Result<T, Error>> {
        match &mut self.items {
            Items::Whole(items) => items.next().map(Ok),
            Items::Mixed(items) => items.next(),
        }
    }

    /// How many items are left.
    pub(crate) fn left(&self) -> usize {
        match &self.items {
            Items::Whole(items) => items.len(),
            Items::Mixed(items) => items.len(),
        }
    }

    /// Keeps the items at these positions of the page, which rise.
    pub(crate) fn keep(&mut self, positions: Vec<usize>) {
        fn pick<I>(items: &mut std::vec::IntoIter<I>, positions: &[usize]) {
            let mut wanted = positions.iter().copied().peekable();
            let kept = items.enumerate().filter(|(at, _)| wanted.next_if_eq(at).is_some()).map(|(_, item)| item);
            *items = kept.collect::<Vec<_>>().into_iter();
        }
        match &mut self.items {
            Items::Whole(items) => pick(items, &positions),
            Items::Mixed(items) => pick(items, &positions),
        }
        self.positions = Some(positions);
    }

    /// Passes over what has been given out of the page before.
    pub(crate) fn pass_over(&mut self, given: &Given) {
        match given {
            Given::Count(count) => {
                let skipped = usize::try_from(*count).unwrap_or(usize::MAX).min(self.length);
                self.keep((skipped..self.length).collect());
            }
            Given::Ids(given) => {
                let given: HashSet<&ItemId> = given.iter().collect();
                self.pass_over_if(|id| given.contains(id));
            }
        }
    }

    /// Passes over items of which that is true, where they have ids.
    pub(crate) fn pass_over_if(&mut self, is_given: impl Fn(&ItemId) -> bool) {
        let Some(ids) = self.ids() else { return };
        let fresh = ids.iter().enumerate().filter(|(_, id)| !is_given(id)).map(|(at, _)| at).collect();
        self.keep(fresh);
    }

    /// What has been given out of the page.
    ///
    /// By ids, where the items have them: then what remains of the page is known also when others are gone by the time that the
    /// page is read again.
    pub(crate) fn given(&self) -> Given {
        let left = self.left();
        if left == self.length {
            return Given::NONE;
        }
        let Some(ids) = self.ids() else { return Given::Count((self.length - left) as u64) };
        let to_come: HashSet<usize> = match &self.positions {
            Some(positions) => positions[positions.len() - left..].iter().copied().collect(),
            None => (self.length - left..self.length).collect(),
        };
        Given::Ids(ids.iter().enumerate().filter(|(at, _)| !to_come.contains(at)).map(|(_, id)| id.clone()).collect())
    }

    /// The page as it came.
    pub(crate) fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// How many items the page has.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The ids of all items of the page; `None` unless each has one of its own.
    pub(crate) fn ids(&self) -> Option<&Vec<ItemId>> {
        let read = || distinct(self.tell(|facts| facts.id.clone())?).filter(|ids| ids.len() == self.length);
        self.ids.get_or_init(read).as_ref()
    }

    /// Something that all items of the page say of themselves; `None` unless all do.
    pub(crate) fn tell<R>(&self, what: impl Fn(&Facts) -> Option<R>) -> Option<Vec<R>> {
        let by_type = self.facts.as_ref().and_then(|facts| facts.iter().map(&what).collect());
        // A type may leave out what the server sends.
        by_type.or_else(|| self.facts()?.iter().map(what).collect())
    }

    /// What all items say of themselves, as the body has it.
    fn facts(&self) -> Option<Vec<Facts>> {
        #[cfg(feature = "graphql")]
        if let Some((path, read)) = &self.nodes {
            return read(&self.body, path);
        }
        facts(&self.body)
    }
}

/// The ids of all items of a page; `None` unless each has one of its own.
pub(crate) fn ids(body: &Bytes) -> Option<Vec<ItemId>> {
    distinct(facts(body)?.into_iter().map(|facts| facts.id).collect::<Option<_>>()?)
}

/// What all items of a page say of themselves; `None` when it is no list.
fn facts(body: &Bytes) -> Option<Vec<Facts>> {
    serde_json::from_slice::<Option<_>>(or_null(body)).ok().map(Option::unwrap_or_default)
}

fn distinct(ids: Vec<ItemId>) -> Option<Vec<ItemId>> {
    (ids.iter().collect::<HashSet<_>>().len() == ids.len()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn page(body: &'static str) -> Batch<Value> {
        let items: Vec<Value> = serde_json::from_str(body).expect("a list");
        let length = items.len();
        Batch::new(Items::Whole(items.into_iter()), length, Bytes::from_static(body.as_bytes()))
    }

    fn rest(mut batch: Batch<Value>) -> Vec<i64> {
        std::iter::from_fn(|| batch.next()).map(|item| item.expect("an item")["id"].as_i64().expect("an id")).collect()
    }

    #[test]
    fn what_was_given_out_is_passed_over_wherever_it_is_now() {
        let mut batch = page(r#"[{"id":1},{"id":2},{"id":3},{"id":4}]"#);
        assert_eq!(batch.given(), Given::NONE);
        let (_, _) = (batch.next(), batch.next());
        let given = batch.given();
        assert_eq!(given, Given::Ids(vec![ItemId::Number(1), ItemId::Number(2)]));
        // The first one is gone meanwhile, and another one has moved up.
        let mut again = page(r#"[{"id":2},{"id":3},{"id":4},{"id":5}]"#);
        again.pass_over(&given);
        again.next();
        let given = again.given();
        assert_eq!(given, Given::Ids(vec![ItemId::Number(2), ItemId::Number(3)]));
        assert_eq!(rest(again), [4, 5]);
    }

    #[test]
    fn items_without_ids_of_their_own_are_counted() {
        for body in [r#"[{"id":1},{"id":1},{"id":3}]"#, r#"[{"id":1},{},{"id":3}]"#] {
            let mut batch = page(body);
            batch.next();
            assert_eq!(batch.given(), Given::Count(1));
            let mut again = page(body);
            again.pass_over(&Given::Count(2));
            assert_eq!(again.given(), Given::Count(2));
            assert_eq!(rest(again), [3]);
        }
    }
}
