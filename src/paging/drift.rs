//! Lists that move while they are read by page numbers.
//!
//! What others add in front of the place that has been reached pushes items on to the next page, where they come again; what they
//! remove there pulls items back to the page that has been read already. The server's count of the whole list, which comes with
//! every page, tells of both.

use crate::error::{Error, ErrorKind};
use crate::paging::page_query::page_number;
use crate::paging::pager::Mark;
use crate::resume_token::ItemId;
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// How often one page is read again at most: a server that counts differently on every page would keep a stream for ever.
pub(crate) const MAX_RETURNS: u32 = 5;

/// How a page fits to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Nothing has moved, as far as the server's count tells.
    Seamless,
    /// Items of the page before may come again.
    Overlap,
    /// The server does not count the list: items of any page before may come again.
    Uncounted,
    /// Items may have moved to the page before after that was read.
    Gap,
    /// More has moved than a page holds.
    Torn,
}

impl Fit {
    /// How a page fits to the one before it, which has so many items.
    pub(crate) fn of(before: &Mark, length: usize, after: &Mark) -> Self {
        // The first page of a list need not have its number; when it is read again, it is one all the same.
        if page_number(&after.here).is_none() && before.here != after.here {
            return Fit::Seamless;
        }
        let (Some(before), Some(after)) = (before.total, after.total) else { return Fit::Uncounted };
        if before.abs_diff(after) > length as u64 {
            return Fit::Torn;
        }
        match after.cmp(&before) {
            std::cmp::Ordering::Less => Fit::Gap,
            std::cmp::Ordering::Equal => Fit::Seamless,
            std::cmp::Ordering::Greater => Fit::Overlap,
        }
    }
}

/// The error for a list whose movement cannot be made up for.
pub(crate) fn torn() -> Error {
    let text = "the list changed too much while it was read by page numbers: items may be missing";
    let hint = "there is no place to go on from: read it from the beginning, by keyset or `partitioned` if it has that, which changes \
                cannot disturb";
    Error::new(ErrorKind::Paging, text).with_hint(Some(hint))
}

/// How many ids are remembered of a list that the server does not count.
const REMEMBERED: usize = 10_000;

/// The ids that came last in a list that the server does not count, as hashes.
#[derive(Default)]
pub(crate) struct Recent {
    known: HashSet<u64>,
    order: VecDeque<u64>,
    hasher: RandomState,
}

impl Recent {
    pub(crate) fn add(&mut self, ids: &[ItemId]) {
        for id in ids {
            let hash = self.hasher.hash_one(id);
            if self.known.insert(hash) {
                self.order.push_back(hash);
            }
        }
        let surplus = self.order.len().saturating_sub(REMEMBERED);
        for hash in self.order.drain(..surplus) {
            self.known.remove(&hash);
        }
    }

    pub(crate) fn contains(&self, id: &ItemId) -> bool {
        self.known.contains(&self.hasher.hash_one(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paging::pager::Behind;
    use url::Url;

    fn mark(query: &str, total: Option<u64>) -> Mark {
        let here = Url::parse(&format!("https://h.example/api/v4/users?{query}")).expect("a URL");
        Mark { here, behind: Behind::Nothing, total }
    }

    #[test]
    fn the_count_tells_what_has_moved() {
        let fit = |before, after| Fit::of(&mark("page=1", before), 20, &mark("page=2", after));
        assert_eq!(fit(Some(100), Some(100)), Fit::Seamless);
        assert_eq!(fit(Some(100), Some(120)), Fit::Overlap);
        assert_eq!(fit(Some(100), Some(80)), Fit::Gap);
        assert_eq!([fit(Some(100), Some(79)), fit(Some(100), Some(121))], [Fit::Torn; 2]);
        // Lists of more than 10,000 things are not counted.
        assert_eq!([fit(None, None), fit(Some(100), None)], [Fit::Uncounted; 2]);
    }

    #[test]
    fn the_last_ids_are_remembered() {
        let mut recent = Recent::default();
        let id = |number: usize| ItemId::Number(number as i64);
        let all: Vec<ItemId> = (0..REMEMBERED + 50).map(id).collect();
        all.chunks(100).for_each(|page| recent.add(page));
        // What comes again does not push out what came before.
        recent.add(&all[60..160]);
        assert!(!recent.contains(&id(49)) && recent.contains(&id(50)) && recent.contains(&id(REMEMBERED + 49)));
        assert_eq!((recent.known.len(), recent.order.len()), (REMEMBERED, REMEMBERED));
    }

    #[test]
    fn keyset_pages_do_not_move() {
        let after = mark("pagination=keyset&cursor=x", None);
        assert_eq!(Fit::of(&mark("pagination=keyset", None), 20, &after), Fit::Seamless);
    }
}
