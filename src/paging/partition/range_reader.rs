//! Reads one range of a list.

use super::key_density::KeyDensity;
use super::range_query::{PageRequest, RangeQuery};
use super::scheduler::{RangePage, Scheduler};
use crate::error::{Error, ErrorKind};
use crate::paging::loop_check::LoopCheck;
use crate::paging::page_items::PageItems;
use crate::paging::page_query::is_keyset_rejected;
use crate::paging::pager::{List, Page};
use crate::resume_token::{ItemId, KeyRange};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use url::Url;

/// Reads ranges of a list. All readers of the list share it.
pub(super) struct RangeReader<T> {
    pub(super) list: List<PageItems<T>>,
    pub(super) query: RangeQuery,
    pub(super) scheduler: Scheduler<T>,
    /// Whether the server has rejected keyset pagination for this list.
    pub(super) no_keyset: AtomicBool,
}

/// A page that was read, with its next link.
struct Read<T> {
    page: RangePage<T>,
    next: Option<Url>,
    /// Whether the response has a page number.
    numbered: bool,
}

impl<T> Read<T> {
    fn first(&self) -> Option<i64> {
        self.page.items.first().map(|(key, _)| *key)
    }

    fn last(&self) -> Option<i64> {
        self.page.items.last().map(|(key, _)| *key)
    }
}

impl<T: Send + 'static> RangeReader<T> {
    /// Reads one range after the other until none is left.
    pub(super) async fn work(&self) {
        while let Some((id, range)) = self.scheduler.take().await {
            match self.read(id, &range).await {
                Ok(()) => self.scheduler.finish(id),
                Err(error) => return self.scheduler.fail(error),
            }
        }
    }

    async fn read(&self, id: u64, range: &KeyRange) -> Result<(), Error> {
        if self.query.keyset.is_some()
            && !self.no_keyset.load(Ordering::Relaxed)
            && self.read_by_keyset(id, range).await?
        {
            return Ok(());
        }
        if !self.query.sorted {
            let text = "the server does not support keyset pagination for this list, which reading in ranges needs";
            return Err(self.error(text));
        }
        self.no_keyset.store(true, Ordering::Relaxed);
        self.read_by_key(id, range).await
    }

    /// Reads a range by the server's links. `false` if the server does not support keyset pagination, and nothing was read.
    async fn read_by_keyset(&self, id: u64, range: &KeyRange) -> Result<bool, Error> {
        let returned: HashSet<&ItemId> = range.skip.iter().collect();
        let mut url = self.url(range.from, range.to, PageRequest::Keyset)?;
        let mut loop_check = LoopCheck::default();
        let mut highest = i64::MIN;
        let mut first = true;
        loop {
            let read = match self.page(&url).await {
                Err(error) if first && is_keyset_rejected(&error) => return Ok(false),
                read => read?,
            };
            if read.numbered {
                if first {
                    return Ok(false);
                }
                return Err(self.error("the server switched to page numbers in the middle of a list"));
            }
            if self.query.sorted {
                highest = self.check_ascending(&read, highest)?;
            }
            let next = read.next.clone();
            let mut to = self.scheduler.end(id);
            if next.is_some() {
                let density = KeyDensity::of(&read.page.items);
                if self.query.sorted {
                    to = self.scheduler.split_if_needed(id, read.last().map(|last| last.saturating_add(1)), density);
                } else if first {
                    // A range that is not read in the order of its keys can be split only before its first page is used.
                    let before = to;
                    to = self.scheduler.split_if_needed(id, range.from, density);
                    if to != before {
                        url = self.url(range.from, to, PageRequest::Keyset)?;
                        continue;
                    }
                }
            }
            let is_past = self.query.sorted && to.is_some_and(|to| highest >= to);
            self.hand_over(id, read, |key, item| is_within(key, range.from, to) && !returned.contains(item)).await;
            match next.filter(|_| !is_past) {
                None => return Ok(true),
                Some(next) => {
                    loop_check
                        .follow_link(&next)
                        .map_err(|error| self.list.executor.with_request_context(&self.list.request, &url, error))?;
                    url = next;
                }
            }
            first = false;
        }
    }

    /// Reads a range in the order of its keys. Each page is the first page of the rest of the range.
    ///
    /// That page has the lowest items at this moment, so none is missed, whatever was added or removed before.
    async fn read_by_key(&self, id: u64, range: &KeyRange) -> Result<(), Error> {
        let unique = self.query.is_unique();
        let mut low = range.from;
        // Items that were returned and can be on the next page: those with the lowest keys of the rest.
        let mut returned: HashMap<ItemId, i64> = range.skip.iter().map(|id| (id.clone(), i64::MAX)).collect();
        loop {
            let read = self.page(&self.url(low, self.scheduler.end(id), PageRequest::Sorted(1))?).await?;
            self.check_ascending(&read, i64::MIN)?;
            if let (Some(low), Some(first)) = (low, read.first())
                && first < low.saturating_sub(1)
            {
                return Err(self.ignored_filter());
            }
            let (next, last) = (read.next.is_some(), read.last());
            let to = match next {
                true => self.scheduler.split_if_needed(
                    id,
                    last.map(|last| last.saturating_add(1)),
                    KeyDensity::of(&read.page.items),
                ),
                false => self.scheduler.end(id),
            };
            self.hand_over_new(id, read, &mut returned, |key| is_within(key, low, to)).await;
            let Some(last) = last else {
                return if next {
                    Err(self.error("the server sent an empty page in the middle of a list"))
                } else {
                    Ok(())
                };
            };
            if !next || to.is_some_and(|to| last >= to) {
                return Ok(());
            }
            low = match low {
                Some(low) if unique && last < low => {
                    return Err(self.ignored_filter());
                }
                _ if unique => last.checked_add(1),
                Some(low) if last <= low => {
                    self.read_equal_keys(id, low, range, &mut returned).await?;
                    low.checked_add(1)
                }
                _ => Some(last),
            };
            // The highest possible key was read.
            let Some(from) = low else { return Ok(()) };
            // The rest belongs to another range, including items of the second that was read last.
            if to.is_some_and(|to| from >= to) {
                return Ok(());
            }
            returned.retain(|_, key| *key >= from.saturating_sub(1));
        }
    }

    /// Reads all items of one key and of the key before, if they fill more than a page.
    ///
    /// These pages are read by number, first to last and then last to first. A removal moves items to lower pages only, so an item
    /// that moves meets the reader on its way back. New items are sorted after the existing ones.
    async fn read_equal_keys(
        &self,
        id: u64,
        key: i64,
        range: &KeyRange,
        returned: &mut HashMap<ItemId, i64>,
    ) -> Result<(), Error> {
        let mut pages = 1;
        loop {
            let read =
                self.page(&self.url(Some(key), Some(key.saturating_add(1)), PageRequest::Sorted(pages))?).await?;
            let next = read.next.is_some();
            self.hand_over_new(id, read, returned, |at| at <= key && is_within(at, range.from, None)).await;
            if !next {
                break;
            }
            pages += 1;
        }
        for page in (1..pages).rev() {
            let read = self.page(&self.url(Some(key), Some(key.saturating_add(1)), PageRequest::Sorted(page))?).await?;
            self.hand_over_new(id, read, returned, |at| at <= key && is_within(at, range.from, None)).await;
        }
        Ok(())
    }

    async fn page(&self, url: &Url) -> Result<Read<T>, Error> {
        let Page { content, next, info } = self.list.fetch(url).await?;
        let (next, page) = (next?, (self.list.open)(content)?);
        let items = self
            .items(&page)
            .map_err(|error| self.list.executor.with_request_context(&self.list.request, url, error))?;
        Ok(Read { page: RangePage { page, items }, next, numbered: info.page.is_some() })
    }

    /// The keys and ids of the items of a page.
    fn items(&self, page: &PageItems<T>) -> Result<Vec<(i64, ItemId)>, Error> {
        let items = page.facts(|facts| Some((facts.key(self.query.key)?, facts.id.clone()?)));
        items.ok_or_else(|| {
            let field = self.query.key.field();
            let text = format!("an item has no `id` or no `{field}`, which reading in ranges needs");
            Error::new(ErrorKind::Decode, text)
                .with_hint(Some("GitLab shows some fields only to administrators; read the list without `partitioned`"))
        })
    }

    /// The highest key of a page.
    ///
    /// # Errors
    /// When the keys are not in ascending order: the end of the range would be unknown.
    fn check_ascending(&self, read: &Read<T>, before: i64) -> Result<i64, Error> {
        let keys = std::iter::once(before).chain(read.page.items.iter().map(|(key, _)| *key));
        if keys.is_sorted() {
            return Ok(read.last().unwrap_or(before));
        }
        Err(self.error(&format!("the server does not sort this list by `{}`", self.query.key.field())))
    }

    /// Returns the items of a page for which `is_wanted` is true.
    async fn hand_over(&self, id: u64, read: Read<T>, is_wanted: impl Fn(i64, &ItemId) -> bool) {
        let RangePage { mut page, mut items } = read.page;
        let kept: Vec<usize> =
            items.iter().enumerate().filter(|(_, (key, item))| is_wanted(*key, item)).map(|(at, _)| at).collect();
        if kept.is_empty() {
            return;
        }
        if kept.len() < items.len() {
            let mut wanted = kept.iter().copied().peekable();
            items = items
                .into_iter()
                .enumerate()
                .filter(|(at, _)| wanted.next_if_eq(at).is_some())
                .map(|(_, it)| it)
                .collect();
            page.keep(kept);
        }
        self.scheduler.push(id, RangePage { page, items }).await;
    }

    /// Returns the items of a page with wanted keys that were not returned before, and records them.
    async fn hand_over_new(
        &self,
        id: u64,
        read: Read<T>,
        returned: &mut HashMap<ItemId, i64>,
        is_wanted: impl Fn(i64) -> bool,
    ) {
        let new: Vec<(ItemId, i64)> = read
            .page
            .items
            .iter()
            .filter(|(key, item)| is_wanted(*key) && !returned.contains_key(item))
            .map(|(key, item)| (item.clone(), *key))
            .collect();
        self.hand_over(id, read, |key, item| is_wanted(key) && !returned.contains_key(item)).await;
        returned.extend(new);
    }

    pub(super) fn url(&self, from: Option<i64>, to: Option<i64>, page_request: PageRequest) -> Result<Url, Error> {
        self.list.executor.base_url().join(self.list.request.path(), &self.query.query(from, to, page_request))
    }

    fn ignored_filter(&self) -> Error {
        self.error(&format!("the server ignored the `{}` filter", self.query.key.after()))
    }

    fn error(&self, text: &str) -> Error {
        Error::new(ErrorKind::Paging, format!("{}: {text}", self.list.request.operation))
    }

    /// The key of the requested item, if there is one.
    pub(super) async fn key_of(&self, page_request: PageRequest) -> Result<Option<i64>, Error> {
        let read = self.page(&self.url(None, None, page_request)?).await?;
        Ok(if page_request == PageRequest::First { read.first() } else { read.last() })
    }
}

fn is_within(key: i64, from: Option<i64>, to: Option<i64>) -> bool {
    from.is_none_or(|from| key >= from) && to.is_none_or(|to| key < to)
}
