//! How one piece is read.

use super::key_density::Density;
use super::range_query::{Ask, Spec};
use super::scheduler::{Board, Portion};
use crate::error::{Error, ErrorKind};
use crate::paging::page_items::Batch;
use crate::paging::page_query::is_keyset_refused;
use crate::paging::pager::{List, Page};
use crate::resume_token::ItemId;
use crate::resume_token::Piece;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use url::Url;

/// What all readers of a list share.
pub(super) struct Walker<T> {
    pub(super) list: List<Batch<T>>,
    pub(super) spec: Spec,
    pub(super) board: Board<T>,
    /// Whether the server has turned out not to know keyset pagination here.
    pub(super) no_keyset: AtomicBool,
}

/// A page of a piece.
struct Read<T> {
    portion: Portion<T>,
    next: Option<Url>,
    /// Whether it was paged by number.
    numbered: bool,
}

impl<T> Read<T> {
    fn first(&self) -> Option<i64> {
        self.portion.items.first().map(|(key, _)| *key)
    }

    fn last(&self) -> Option<i64> {
        self.portion.items.last().map(|(key, _)| *key)
    }
}

impl<T: Send + 'static> Walker<T> {
    /// Reads one piece after the other until there are none.
    pub(super) async fn work(&self) {
        while let Some((id, piece)) = self.board.take().await {
            match self.walk(id, &piece).await {
                Ok(()) => self.board.finish(id),
                Err(error) => return self.board.fail(error),
            }
        }
    }

    async fn walk(&self, id: u64, piece: &Piece) -> Result<(), Error> {
        if self.spec.keyset.is_some() && !self.no_keyset.load(Ordering::Relaxed) && self.by_keyset(id, piece).await? {
            return Ok(());
        }
        if !self.spec.sorted {
            let text = "the server does not page this list by keyset, without which it cannot be read in pieces";
            return Err(self.error(text));
        }
        self.no_keyset.store(true, Ordering::Relaxed);
        self.by_key(id, piece).await
    }

    /// Reads a piece by the server's own links; `false` when the server does not know keyset pagination, and nothing was read.
    async fn by_keyset(&self, id: u64, piece: &Piece) -> Result<bool, Error> {
        let given: HashSet<&ItemId> = piece.given.iter().collect();
        let mut url = self.url(piece.from, piece.to, Ask::Keyset)?;
        let mut followed: HashSet<Url> = HashSet::new();
        let mut highest = i64::MIN;
        let mut first = true;
        loop {
            let read = match self.page(&url).await {
                Err(error) if first && is_keyset_refused(&error) => return Ok(false),
                read => read?,
            };
            if read.numbered {
                if first {
                    return Ok(false);
                }
                return Err(self.error("the server has begun to page by numbers in the middle of a list"));
            }
            if self.spec.sorted {
                highest = self.rising(&read, highest)?;
            }
            let next = read.next.clone();
            let mut to = self.board.end(id);
            if next.is_some() {
                let density = Density::of(&read.portion.items);
                if self.spec.sorted {
                    to = self.board.divide(id, read.last().map(|last| last.saturating_add(1)), density);
                } else if first {
                    // What is read in another order than that of its keys can be cut only before it is begun.
                    let before = to;
                    to = self.board.divide(id, piece.from, density);
                    if to != before {
                        url = self.url(piece.from, to, Ask::Keyset)?;
                        continue;
                    }
                }
            }
            let is_past = self.spec.sorted && to.is_some_and(|to| highest >= to);
            self.give(id, read, |key, item| is_within(key, piece.from, to) && !given.contains(item)).await;
            match next.filter(|_| !is_past) {
                None => return Ok(true),
                Some(next) if followed.insert(next.clone()) => url = next,
                Some(_) => return Err(self.error("the server's link to the next page leads back to one that was read")),
            }
            first = false;
        }
    }

    /// Reads a piece in the order of its keys, moving its lower end on: each page is the first one of what is left.
    ///
    /// That page holds what is lowest at the moment it is made, so nothing slips through, whatever was added or removed before.
    async fn by_key(&self, id: u64, piece: &Piece) -> Result<(), Error> {
        let unique = self.spec.is_unique();
        let mut low = piece.from;
        // What has been given out and can come again: items with the lowest keys of what is left.
        let mut given: HashMap<ItemId, i64> = piece.given.iter().map(|id| (id.clone(), i64::MAX)).collect();
        loop {
            let read = self.page(&self.url(low, self.board.end(id), Ask::Sorted(1))?).await?;
            self.rising(&read, i64::MIN)?;
            if let (Some(low), Some(first)) = (low, read.first())
                && first < low.saturating_sub(1)
            {
                return Err(self.error(&format!("the server pays no heed to `{}`", self.spec.key.after())));
            }
            let (next, last) = (read.next.is_some(), read.last());
            let to = match next {
                true => {
                    self.board.divide(id, last.map(|last| last.saturating_add(1)), Density::of(&read.portion.items))
                }
                false => self.board.end(id),
            };
            self.give_new(id, read, &mut given, |key| is_within(key, low, to)).await;
            let Some(last) = last else {
                return if next {
                    Err(self.error("the server sends an empty page in the middle of a list"))
                } else {
                    Ok(())
                };
            };
            if !next || to.is_some_and(|to| last >= to) {
                return Ok(());
            }
            low = match low {
                Some(low) if unique && last < low => {
                    return Err(self.error(&format!("the server pays no heed to `{}`", self.spec.key.after())));
                }
                _ if unique => last.checked_add(1),
                Some(low) if last <= low => {
                    self.instant(id, low, piece, &mut given).await?;
                    low.checked_add(1)
                }
                _ => Some(last),
            };
            // There is nothing behind the highest number.
            let Some(from) = low else { return Ok(()) };
            // What comes from there on belongs to another piece, also where it has the same second as what was read last.
            if to.is_some_and(|to| from >= to) {
                return Ok(());
            }
            given.retain(|_, key| *key >= from.saturating_sub(1));
        }
    }

    /// Reads all items of one key, and of the one before, when there are more of them than a page holds.
    ///
    /// Pages have numbers here. What is removed meanwhile moves the rest to lower pages, so they are read once more from the last
    /// to the first, where nothing that only moves down can hide. What is added comes behind what was there.
    async fn instant(&self, id: u64, key: i64, piece: &Piece, given: &mut HashMap<ItemId, i64>) -> Result<(), Error> {
        let mut pages = 1;
        loop {
            let read = self.page(&self.url(Some(key), Some(key.saturating_add(1)), Ask::Sorted(pages))?).await?;
            let next = read.next.is_some();
            self.give_new(id, read, given, |at| at <= key && is_within(at, piece.from, None)).await;
            if !next {
                break;
            }
            pages += 1;
        }
        for page in (1..pages).rev() {
            let read = self.page(&self.url(Some(key), Some(key.saturating_add(1)), Ask::Sorted(page))?).await?;
            self.give_new(id, read, given, |at| at <= key && is_within(at, piece.from, None)).await;
        }
        Ok(())
    }

    async fn page(&self, url: &Url) -> Result<Read<T>, Error> {
        let Page { answer, next, info } = self.list.fetch(url).await?;
        let (next, batch) = (next?, (self.list.open)(answer)?);
        let items = self.items(&batch).map_err(|error| self.list.core.about(&self.list.plan, url, error))?;
        Ok(Read { portion: Portion { batch, items }, next, numbered: info.page.is_some() })
    }

    /// The keys and ids of a page's items.
    fn items(&self, batch: &Batch<T>) -> Result<Vec<(i64, ItemId)>, Error> {
        let items = batch.tell(|facts| Some((facts.key(self.spec.key)?, facts.id.clone()?)));
        items.ok_or_else(|| {
            let field = self.spec.key.field();
            let text = format!("an item has no `id`, or no `{field}` by which the list could be read in pieces");
            Error::new(ErrorKind::Decode, text).with_hint(Some(
                "GitLab shows some fields to administrators only; without them, read the list without `partitioned`",
            ))
        })
    }

    /// The highest key of a page.
    ///
    /// # Errors
    /// When keys fall, which would make the end of a piece unclear.
    fn rising(&self, read: &Read<T>, before: i64) -> Result<i64, Error> {
        let keys = std::iter::once(before).chain(read.portion.items.iter().map(|(key, _)| *key));
        if keys.is_sorted() {
            return Ok(read.last().unwrap_or(before));
        }
        Err(self.error(&format!("the server does not sort this list by `{}`", self.spec.key.field())))
    }

    /// Gives out the items of a page that pass.
    async fn give(&self, id: u64, read: Read<T>, passes: impl Fn(i64, &ItemId) -> bool) {
        let Portion { mut batch, mut items } = read.portion;
        let kept: Vec<usize> =
            items.iter().enumerate().filter(|(_, (key, item))| passes(*key, item)).map(|(at, _)| at).collect();
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
            batch.keep(kept);
        }
        self.board.push(id, Portion { batch, items }).await;
    }

    /// Gives out the items of a page that pass and have not been given out, and remembers them.
    async fn give_new(&self, id: u64, read: Read<T>, given: &mut HashMap<ItemId, i64>, passes: impl Fn(i64) -> bool) {
        let new: Vec<(ItemId, i64)> = read
            .portion
            .items
            .iter()
            .filter(|(key, item)| passes(*key) && !given.contains_key(item))
            .map(|(key, item)| (item.clone(), *key))
            .collect();
        self.give(id, read, |key, item| passes(key) && !given.contains_key(item)).await;
        given.extend(new);
    }

    pub(super) fn url(&self, from: Option<i64>, to: Option<i64>, ask: Ask) -> Result<Url, Error> {
        self.list.core.address.join(&self.list.plan.path, &self.spec.query(from, to, ask))
    }

    fn error(&self, text: &str) -> Error {
        Error::new(ErrorKind::Paging, format!("{}: {text}", self.list.plan.operation))
    }

    /// The key of the one item that is asked for, if there is one.
    pub(super) async fn probe(&self, ask: Ask) -> Result<Option<i64>, Error> {
        let read = self.page(&self.url(None, None, ask)?).await?;
        Ok(if ask == Ask::First { read.first() } else { read.last() })
    }
}

fn is_within(key: i64, from: Option<i64>, to: Option<i64>) -> bool {
    from.is_none_or(|from| key >= from) && to.is_none_or(|to| key < to)
}
