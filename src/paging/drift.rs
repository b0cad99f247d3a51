//! Lists that change while they are read by page number.
//!
//! If others add items before the current position, later items move to the next page, where they are duplicates. If others remove
//! some, later items move back to the page that has been read already. The server sends the count of the whole list with every
//! page. A change of the count shows both.

use crate::error::{Error, ErrorKind};
use crate::paging::page_query::page_number;
use crate::paging::pager::PageMark;
use crate::resume_token::ItemId;
use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// How often one page is read again at most. Without a limit, a list that shrinks all the time would never end.
pub(crate) const MAX_REREADS: u32 = 5;

/// How the list has changed from one page to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageDrift {
    /// The count is the same.
    None,
    /// The count has grown: the page may have duplicates of the page before.
    Inserted,
    /// The server does not count the list: the page may have duplicates of any page before.
    Unknown,
    /// The count has shrunk: items may have moved back to the page before.
    Removed,
    /// The count has changed by more than a page holds.
    TooFar,
}

impl PageDrift {
    /// The drift from a page to the next one. `length` is the number of items of the first one.
    pub(crate) fn between(before: &PageMark, length: usize, after: &PageMark) -> Self {
        // The URL of the first page may have no page number. A page that is read again has the same URL.
        if page_number(&after.url).is_none() && before.url != after.url {
            return PageDrift::None;
        }
        let (Some(before), Some(after)) = (before.total, after.total) else { return PageDrift::Unknown };
        if before.abs_diff(after) > length as u64 {
            return PageDrift::TooFar;
        }
        match after.cmp(&before) {
            Ordering::Less => PageDrift::Removed,
            Ordering::Equal => PageDrift::None,
            Ordering::Greater => PageDrift::Inserted,
        }
    }
}

/// The error for a list whose changes cannot be corrected.
pub(crate) fn list_changed_too_much() -> Error {
    let text = "the list changed too much while it was read by page number: items may be missing";
    let hint = "it cannot be resumed: read it from the beginning, with keyset pagination or `partitioned` if the list supports them";
    Error::new(ErrorKind::Paging, text).with_hint(Some(hint))
}

/// The number of ids that are kept of a list that the server does not count.
const KEPT_IDS: usize = 10_000;

/// The most recent ids of a list that the server does not count, as hashes.
#[derive(Default)]
pub(crate) struct RecentIds {
    known: HashSet<u64>,
    order: VecDeque<u64>,
    hasher: RandomState,
}

impl RecentIds {
    pub(crate) fn add(&mut self, ids: &[ItemId]) {
        for id in ids {
            let hash = self.hasher.hash_one(id);
            if self.known.insert(hash) {
                self.order.push_back(hash);
            }
        }
        let surplus = self.order.len().saturating_sub(KEPT_IDS);
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
    use crate::paging::pager::NextLink;
    use url::Url;

    fn mark(query: &str, total: Option<u64>) -> PageMark {
        let url = Url::parse(&format!("https://h.example/api/v4/users?{query}")).expect("a URL");
        PageMark { url, next: NextLink::End, total }
    }

    #[test]
    fn a_changed_count_shows_inserted_and_removed_items() {
        let drift = |before, after| PageDrift::between(&mark("page=1", before), 20, &mark("page=2", after));
        assert_eq!(drift(Some(100), Some(100)), PageDrift::None);
        assert_eq!(drift(Some(100), Some(120)), PageDrift::Inserted);
        assert_eq!(drift(Some(100), Some(80)), PageDrift::Removed);
        assert_eq!([drift(Some(100), Some(79)), drift(Some(100), Some(121))], [PageDrift::TooFar; 2]);
        // GitLab does not count lists of more than 10,000 items.
        assert_eq!([drift(None, None), drift(Some(100), None)], [PageDrift::Unknown; 2]);
    }

    #[test]
    fn only_the_most_recent_ids_are_kept() {
        let mut recent = RecentIds::default();
        let id = |number: usize| ItemId::Number(number as i64);
        let all: Vec<ItemId> = (0..KEPT_IDS + 50).map(id).collect();
        all.chunks(100).for_each(|page| recent.add(page));
        // Ids that are known already displace no others.
        recent.add(&all[60..160]);
        assert!(!recent.contains(&id(49)) && recent.contains(&id(50)) && recent.contains(&id(KEPT_IDS + 49)));
        assert_eq!((recent.known.len(), recent.order.len()), (KEPT_IDS, KEPT_IDS));
    }

    #[test]
    fn keyset_pages_do_not_drift() {
        let after = mark("pagination=keyset&cursor=x", None);
        assert_eq!(PageDrift::between(&mark("pagination=keyset", None), 20, &after), PageDrift::None);
    }
}
