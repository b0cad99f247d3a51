//! Decodes pages: as a whole, or item by item if one of them cannot be decoded.

use crate::error::Error;
use crate::paging::item_facts::ItemFacts;
use crate::resume_token::{ItemId, Skip};
use crate::send::response::{Decoder, RawResponse, or_null};
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
    /// The facts of an item; `None` if its type has none.
    facts: fn(&T) -> Option<ItemFacts>,
}

// Derived, these would require that `T` can be copied.
impl<T> Clone for Decoders<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Decoders<T> {}

impl<T: Decode> Decoders<T> {
    /// Decodes GitLab's types, leniently.
    pub(crate) fn lenient() -> Self {
        Decoders {
            page: |body| decode::from_slice(or_null(body)),
            item: |item| decode::from_slice(item),
            facts: |item| item.facts().map(ItemFacts::of),
        }
    }
}

impl<T: DeserializeOwned> Decoders<T> {
    /// Decodes the caller's types, by serde.
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
type ReadFacts = fn(&Bytes, &[String]) -> Option<Vec<ItemFacts>>;

/// The items of a page. Some of them may have been returned.
pub(crate) struct PageItems<T> {
    items: Decoded<T>,
    /// The number of items of the page.
    length: usize,
    /// The indexes of the items to return, unless that is the whole page.
    kept: Option<Vec<usize>>,
    /// The body of the response.
    body: Bytes,
    /// The facts of all items, if their type has them. They are read before the items are returned.
    facts: Option<Vec<ItemFacts>>,
    ids: OnceCell<Option<Vec<ItemId>>>,
    /// The path of the items in a GraphQL body, and the function that reads their facts there.
    #[cfg(feature = "graphql")]
    nodes: Option<(Arc<[String]>, ReadFacts)>,
}

enum Decoded<T> {
    Whole(std::vec::IntoIter<T>),
    /// Some could not be decoded.
    Mixed(std::vec::IntoIter<Result<T, Error>>),
}

impl<T> PageItems<T> {
    fn new(items: Decoded<T>, length: usize, body: Bytes) -> Self {
        PageItems {
            items,
            length,
            kept: None,
            body,
            facts: None,
            ids: OnceCell::new(),
            #[cfg(feature = "graphql")]
            nodes: None,
        }
    }

    /// No items.
    pub(crate) fn empty() -> Self {
        PageItems::new(Decoded::Whole(Vec::new().into_iter()), 0, Bytes::new())
    }

    /// The nodes of the connection at a path in the body's `data`.
    #[cfg(feature = "graphql")]
    pub(crate) fn of_nodes(nodes: Vec<Result<T, Error>>, body: Bytes, path: Arc<[String]>, read: ReadFacts) -> Self {
        let length = nodes.len();
        PageItems { nodes: Some((path, read)), ..PageItems::new(Decoded::Mixed(nodes.into_iter()), length, body) }
    }

    /// The items of a response; an error if it is not a list.
    pub(crate) fn open(decoders: Decoders<T>, response: &RawResponse) -> Result<Self, Error> {
        let body = response.body.clone();
        let error = match (decoders.page)(&response.body) {
            Ok(items) => {
                let (length, facts) = (items.len(), items.iter().map(decoders.facts).collect());
                return Ok(PageItems { facts, ..PageItems::new(Decoded::Whole(items.into_iter()), length, body) });
            }
            Err(error) => error,
        };
        let Ok(items) = serde_json::from_slice::<Vec<&RawValue>>(&response.body) else {
            return Err(response.undecodable(error));
        };
        let decode = |(index, item): (usize, &RawValue)| {
            let item = item.get().as_bytes();
            (decoders.item)(item).map_err(|error| response.undecodable_item(index, item, error))
        };
        let items: Vec<_> = items.into_iter().enumerate().map(decode).collect();
        let length = items.len();
        Ok(PageItems::new(Decoded::Mixed(items.into_iter()), length, body))
    }

    /// The next item.
    pub(crate) fn next(&mut self) -> Option<Result<T, Error>> {
        match &mut self.items {
            Decoded::Whole(items) => items.next().map(Ok),
            Decoded::Mixed(items) => items.next(),
        }
    }

    /// The number of items that are left.
    pub(crate) fn left(&self) -> usize {
        match &self.items {
            Decoded::Whole(items) => items.len(),
            Decoded::Mixed(items) => items.len(),
        }
    }

    /// Keeps the items with these indexes, which are in ascending order.
    pub(crate) fn keep(&mut self, indexes: Vec<usize>) {
        fn pick<I>(items: &mut std::vec::IntoIter<I>, indexes: &[usize]) {
            let mut wanted = indexes.iter().copied().peekable();
            let kept = items.enumerate().filter(|(at, _)| wanted.next_if_eq(at).is_some()).map(|(_, item)| item);
            *items = kept.collect::<Vec<_>>().into_iter();
        }
        match &mut self.items {
            Decoded::Whole(items) => pick(items, &indexes),
            Decoded::Mixed(items) => pick(items, &indexes),
        }
        self.kept = Some(indexes);
    }

    /// Skips items that have been returned.
    pub(crate) fn skip(&mut self, skip: &Skip) {
        match skip {
            Skip::Count(count) => {
                let skipped = usize::try_from(*count).unwrap_or(usize::MAX).min(self.length);
                self.keep((skipped..self.length).collect());
            }
            Skip::Ids(ids) => {
                let ids: HashSet<&ItemId> = ids.iter().collect();
                self.skip_if(|id| ids.contains(id));
            }
        }
    }

    /// Skips the items with such ids. Skips none if items have no ids.
    pub(crate) fn skip_if(&mut self, is_known: impl Fn(&ItemId) -> bool) {
        let Some(ids) = self.ids() else { return };
        let fresh = ids.iter().enumerate().filter(|(_, id)| !is_known(id)).map(|(at, _)| at).collect();
        self.keep(fresh);
    }

    /// The items of the page that have been returned.
    ///
    /// By ids, if the items have them. If others remove some of these items before the page is read again, the ids still identify
    /// the rest.
    pub(crate) fn returned(&self) -> Skip {
        let left = self.left();
        if left == self.length {
            return Skip::NONE;
        }
        let Some(ids) = self.ids() else { return Skip::Count((self.length - left) as u64) };
        let to_come: HashSet<usize> = match &self.kept {
            Some(kept) => kept[kept.len() - left..].iter().copied().collect(),
            None => (self.length - left..self.length).collect(),
        };
        Skip::Ids(ids.iter().enumerate().filter(|(at, _)| !to_come.contains(at)).map(|(_, id)| id.clone()).collect())
    }

    /// The body of the response.
    pub(crate) fn body(&self) -> Bytes {
        self.body.clone()
    }

    /// The number of items of the page.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The ids of all items of the page; `None` unless all have different ones.
    pub(crate) fn ids(&self) -> Option<&Vec<ItemId>> {
        let read = || distinct(self.facts(|facts| facts.id.clone())?).filter(|ids| ids.len() == self.length);
        self.ids.get_or_init(read).as_ref()
    }

    /// One fact of all items of the page; `None` if one of them does not have it.
    pub(crate) fn facts<R>(&self, what: impl Fn(&ItemFacts) -> Option<R>) -> Option<Vec<R>> {
        let by_type = self.facts.as_ref().and_then(|facts| facts.iter().map(&what).collect());
        // The response may have what the type leaves out.
        by_type.or_else(|| self.facts_in_body()?.iter().map(what).collect())
    }

    /// The facts of all items, read from the body.
    fn facts_in_body(&self) -> Option<Vec<ItemFacts>> {
        #[cfg(feature = "graphql")]
        if let Some((path, read)) = &self.nodes {
            return read(&self.body, path);
        }
        facts_in_list(&self.body)
    }
}

/// The ids of all items of a page; `None` unless all have different ones.
pub(crate) fn ids(body: &Bytes) -> Option<Vec<ItemId>> {
    distinct(facts_in_list(body)?.into_iter().map(|facts| facts.id).collect::<Option<_>>()?)
}

/// The facts of all items of a page; `None` if it is not a list.
fn facts_in_list(body: &Bytes) -> Option<Vec<ItemFacts>> {
    serde_json::from_slice::<Option<_>>(or_null(body)).ok().map(Option::unwrap_or_default)
}

fn distinct(ids: Vec<ItemId>) -> Option<Vec<ItemId>> {
    (ids.iter().collect::<HashSet<_>>().len() == ids.len()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn page(body: &'static str) -> PageItems<Value> {
        let items: Vec<Value> = serde_json::from_str(body).expect("a list");
        let length = items.len();
        PageItems::new(Decoded::Whole(items.into_iter()), length, Bytes::from_static(body.as_bytes()))
    }

    fn rest(mut batch: PageItems<Value>) -> Vec<i64> {
        std::iter::from_fn(|| batch.next()).map(|item| item.expect("an item")["id"].as_i64().expect("an id")).collect()
    }

    #[test]
    fn returned_items_are_skipped_after_they_have_moved() {
        let mut batch = page(r#"[{"id":1},{"id":2},{"id":3},{"id":4}]"#);
        assert_eq!(batch.returned(), Skip::NONE);
        let (_, _) = (batch.next(), batch.next());
        let returned = batch.returned();
        assert_eq!(returned, Skip::Ids(vec![ItemId::Number(1), ItemId::Number(2)]));
        // The first item was removed, and another one has moved to this page.
        let mut again = page(r#"[{"id":2},{"id":3},{"id":4},{"id":5}]"#);
        again.skip(&returned);
        again.next();
        let returned = again.returned();
        assert_eq!(returned, Skip::Ids(vec![ItemId::Number(2), ItemId::Number(3)]));
        assert_eq!(rest(again), [4, 5]);
    }

    #[test]
    fn items_without_distinct_ids_are_counted() {
        for body in [r#"[{"id":1},{"id":1},{"id":3}]"#, r#"[{"id":1},{},{"id":3}]"#] {
            let mut batch = page(body);
            batch.next();
            assert_eq!(batch.returned(), Skip::Count(1));
            let mut again = page(body);
            again.skip(&Skip::Count(2));
            assert_eq!(again.returned(), Skip::Count(2));
            assert_eq!(rest(again), [3]);
        }
    }
}
