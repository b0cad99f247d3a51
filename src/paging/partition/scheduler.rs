//! Assigns ranges to readers, keeps the pages that were read but not returned, and decides where ranges are split.
//!
//! The ranges are adjacent and in the order of their keys. An idle reader takes the lowest range that nobody reads. If there is none,
//! another reader splits its own range: after every page, each reader checks whether one is idle. If the items must be in order,
//! ranges are small and close to the lowest one, so that few pages have to wait. Otherwise a range is split in the middle of its rest.

use super::key_density::{KeyDensity, KeyProperties};
use crate::error::Error;
use crate::paging::page_items::PageItems;
use crate::resume_token::{ItemId, KeyRange};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;

/// The number of pages that a range should have if the items must be in order.
const RANGE_PAGES: u64 = 8;

/// How a list is split into ranges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Division {
    /// The number of ranges that are read at once.
    pub(crate) ranges: usize,
    /// Whether the items must be in the order of their keys.
    pub(crate) ordered: bool,
}

/// A page of a range, with the key and id of each item to return.
pub(super) struct RangePage<T> {
    pub(super) page: PageItems<T>,
    pub(super) items: Vec<(i64, ItemId)>,
}

/// The id of a range, and a page of that range.
pub(super) type Returned<T> = (u64, RangePage<T>);

/// The returned part of the page that the stream is at.
pub(super) struct Current<'a> {
    /// The id of the page's range.
    pub(super) range: u64,
    pub(super) returned: &'a [(i64, ItemId)],
    /// Whether that is the whole page.
    pub(super) is_whole: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running,
    /// All pages have been read. Some may not have been returned.
    Read,
}

struct Entry<T> {
    id: u64,
    /// What has not been returned.
    range: KeyRange,
    /// Whether all ids in the range's `skip` have the key `from`. They do once this stream has returned items.
    skip_is_at_from: bool,
    stage: Stage,
    queue: VecDeque<RangePage<T>>,
    /// The lowest key when the reader started.
    start_key: Option<i64>,
    /// The number of items on the pages that were read.
    item_count: usize,
}

struct State<T> {
    ranges: Vec<Entry<T>>,
    /// The number of readers without a range.
    idle: usize,
    /// The number of pages in all queues.
    queued: usize,
    density: Option<KeyDensity>,
    /// The lowest and the highest key when reading began.
    key_bounds: (Option<i64>, Option<i64>),
    next_id: u64,
    error: Option<Error>,
    consumer: Option<Waker>,
}

/// What a reader is to do.
pub(super) enum Work {
    Read(u64, KeyRange),
    /// Nothing at present.
    Wait,
    /// Nothing any more.
    End,
}

pub(super) struct Scheduler<T> {
    division: Division,
    keys: KeyProperties,
    state: Mutex<State<T>>,
    /// Notifies readers of a range to read, and of the end.
    work: Notify,
    /// Notifies readers that a queue has room.
    room: Notify,
}

impl<T> Scheduler<T> {
    pub(super) fn new(division: Division, keys: KeyProperties, ranges: Vec<KeyRange>) -> Self {
        let entries: Vec<Entry<T>> = (0..).zip(ranges).map(|(id, range)| Entry::new(id, range)).collect();
        let state = State {
            next_id: entries.len() as u64,
            ranges: entries,
            idle: division.ranges,
            queued: 0,
            density: None,
            key_bounds: (None, None),
            error: None,
            consumer: None,
        };
        Scheduler { division, keys, state: Mutex::new(state), work: Notify::new(), room: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the lowest and the highest key of the list.
    pub(super) fn set_key_bounds(&self, low: Option<i64>, high: Option<i64>) {
        self.lock().key_bounds = (low, high);
    }

    /// Waits for a range to read; `None` when everything has been read.
    pub(super) async fn take(&self) -> Option<(u64, KeyRange)> {
        loop {
            let mut work = std::pin::pin!(self.work.notified());
            work.as_mut().enable();
            match self.try_take() {
                Work::Read(id, range) => return Some((id, range)),
                Work::End => return None,
                Work::Wait => work.await,
            }
        }
    }

    fn try_take(&self) -> Work {
        let mut state = self.lock();
        let Some(at) = state.ranges.iter().position(|entry| entry.stage == Stage::Waiting) else {
            let is_read = state.ranges.iter().all(|entry| entry.stage == Stage::Read);
            return if is_read || state.error.is_some() { Work::End } else { Work::Wait };
        };
        if self.division.ordered {
            let is_running = state.ranges.iter().any(|entry| entry.stage == Stage::Running);
            // Enough pages are waiting, or the density that determines the size of a range is unknown.
            if (at > 0 && state.queued >= self.room()) || (state.density.is_none() && is_running) {
                return Work::Wait;
            }
        }
        if let Some(key) = self.split_on_take(&state, at) {
            state.split(at, key);
        }
        state.idle -= 1;
        let entry = &mut state.ranges[at];
        entry.stage = Stage::Running;
        entry.start_key = entry.range.from;
        let work = Work::Read(entry.id, entry.range.clone());
        self.offer(&state);
        work
    }

    /// Where to split a range that a reader takes, so that the others get a part of it.
    fn split_on_take(&self, state: &State<T>, at: usize) -> Option<i64> {
        let range = &state.ranges[at].range;
        let low = range.from.or(state.key_bounds.0)?;
        let width = state.end(at)?.checked_sub(low)?;
        match state.density {
            Some(density) if self.division.ordered => self.target(density, width).map(|target| low + target),
            Some(density) if (width as f64) * density.rate < 2.0 * self.keys.per_page as f64 => None,
            _ => {
                let readers = i64::try_from(state.idle).unwrap_or(1);
                (readers > 1 && width >= 2 && !self.division.ordered).then(|| low + (width / readers).max(1))
            }
        }
    }

    /// The width of a range with `RANGE_PAGES` pages; `None` if `width` is not much more.
    fn target(&self, density: KeyDensity, width: i64) -> Option<i64> {
        let target = (RANGE_PAGES.saturating_mul(self.keys.per_page) as f64 / density.rate).ceil().max(1.0);
        // This fits an `i64`, because it is less than the width.
        (target * 1.5 < width as f64).then_some(target as i64)
    }

    /// Splits a range above the keys that have been read if a reader is idle and the rest is large enough. `next` is the first key
    /// that may not have been read. Returns the new end of the range.
    pub(super) fn split_if_needed(&self, id: u64, next: Option<i64>, density: Option<KeyDensity>) -> Option<i64> {
        let mut state = self.lock();
        let at = state.ranges.iter().position(|entry| entry.id == id)?;
        if let Some(KeyDensity { rate }) = density {
            // The latest page has the largest weight.
            let rate = state.density.map_or(rate, |known| (known.rate + rate) / 2.0);
            state.density = Some(KeyDensity { rate });
        }
        if let Some(key) = self.split_for_others(&state, at, next, density) {
            state.split(at, key);
        }
        self.offer(&state);
        state.ranges[at].range.to
    }

    fn split_for_others(
        &self,
        state: &State<T>,
        at: usize,
        next: Option<i64>,
        density: Option<KeyDensity>,
    ) -> Option<i64> {
        let waiting = state.ranges.iter().filter(|entry| entry.stage == Stage::Waiting).count();
        if state.idle <= waiting {
            return None;
        }
        let next = next.or(state.ranges[at].range.from).or(state.key_bounds.0)?;
        let width = state.end(at)?.checked_sub(next).filter(|width| *width >= 2)?;
        let density = density?;
        if (width as f64) * density.rate < 2.0 * self.keys.per_page as f64 {
            return None;
        }
        let target = if self.division.ordered { self.target(density, width) } else { None };
        Some(next + target.unwrap_or(width / 2))
    }

    /// The end of a range.
    pub(super) fn end(&self, id: u64) -> Option<i64> {
        let state = self.lock();
        state.ranges.iter().find(|entry| entry.id == id)?.range.to
    }

    /// The number of pages that may wait to be returned.
    fn room(&self) -> usize {
        self.division.ranges * if self.division.ordered { RANGE_PAGES as usize } else { 2 }
    }

    /// Adds a page to the queue of a range as soon as there is room.
    pub(super) async fn push(&self, id: u64, page: RangePage<T>) {
        let mut page = Some(page);
        loop {
            let mut room = std::pin::pin!(self.room.notified());
            room.as_mut().enable();
            {
                let mut state = self.lock();
                let Some(at) = state.ranges.iter().position(|entry| entry.id == id) else { return };
                // The lowest range always has room, because the others wait for it.
                let has_room = state.queued < self.room() || (at == 0 && state.ranges[0].queue.len() < 2);
                if has_room && let Some(page) = page.take() {
                    state.ranges[at].item_count += page.items.len();
                    state.ranges[at].queue.push_back(page);
                    state.queued += 1;
                    state.wake();
                    return;
                }
            }
            room.await;
        }
    }

    /// Wakes an idle reader if there is a range that nobody reads. That reader wakes the next one if there is another range.
    fn offer(&self, state: &State<T>) {
        if state.idle > 0 && state.ranges.iter().any(|entry| entry.stage == Stage::Waiting) {
            self.work.notify_one();
        }
    }

    /// Records that a range has been read.
    pub(super) fn finish(&self, id: u64) {
        let mut state = self.lock();
        if let Some(entry) = state.ranges.iter_mut().find(|entry| entry.id == id) {
            entry.stage = Stage::Read;
            let width = entry.start_key.zip(entry.range.to).map(|(from, to)| to.saturating_sub(from).max(1));
            let item_count = entry.item_count;
            if let (Some(width), Some(known)) = (width, &mut state.density) {
                // A range without items shows that the density is low here, but not how low.
                known.rate = (item_count as f64 / width as f64).max(known.rate / 8.0);
            }
        }
        state.idle += 1;
        state.wake();
        self.offer(&state);
        if state.ranges.iter().all(|entry| entry.stage == Stage::Read) {
            self.work.notify_waiters();
        }
    }

    /// Ends reading with an error.
    pub(super) fn fail(&self, error: Error) {
        let mut state = self.lock();
        state.error.get_or_insert(error);
        state.wake();
    }

    /// The next page to return. `done` has the items of the page before.
    pub(super) fn poll_next(
        &self,
        done: Option<(u64, Vec<(i64, ItemId)>)>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Returned<T>, Error>>> {
        let mut state = self.lock();
        if let Some((id, items)) = done
            && let Some(entry) = state.ranges.iter_mut().find(|entry| entry.id == id)
        {
            entry.skip_is_at_from |= self.keys.remove(&mut entry.range, &items);
        }
        let before = state.ranges.len();
        state.ranges.retain(|entry| entry.stage != Stage::Read || !entry.queue.is_empty());
        if state.ranges.len() < before {
            // Another range may be the lowest now, which always has room.
            self.room.notify_waiters();
            self.offer(&state);
        }
        if let Some(error) = state.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let look_at = if self.division.ordered { state.ranges.len().min(1) } else { state.ranges.len() };
        let found = state.ranges[..look_at].iter_mut().find_map(|entry| Some((entry.id, entry.queue.pop_front()?)));
        match found {
            Some(page) => {
                state.queued -= 1;
                // If items must be in order, only the reader of the lowest range may have room.
                if self.division.ordered {
                    self.room.notify_waiters()
                } else {
                    self.room.notify_one()
                }
                self.offer(&state);
                Poll::Ready(Some(Ok(page)))
            }
            None if state.ranges.is_empty() => Poll::Ready(None),
            None => {
                state.consumer = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// What has not been returned: all ranges, without the returned items of the current page.
    pub(super) fn unfinished(&self, current: Option<Current<'_>>) -> Vec<KeyRange> {
        let state = self.lock();
        let mut ranges: Vec<KeyRange> = Vec::new();
        for entry in &state.ranges {
            let mut range = entry.range.clone();
            let mut is_done = entry.stage == Stage::Read && entry.queue.is_empty();
            if let Some(current) = &current
                && current.range == entry.id
            {
                self.keys.remove(&mut range, current.returned);
                is_done &= current.is_whole;
            }
            if is_done {
                continue;
            }
            match ranges.last_mut() {
                Some(last) if self.keys.can_join(last, &range) => {
                    last.to = range.to;
                    if last.skip != range.skip {
                        last.skip.append(&mut range.skip);
                    }
                }
                _ => ranges.push(range),
            }
        }
        ranges
    }
}

impl<T> Entry<T> {
    fn new(id: u64, range: KeyRange) -> Self {
        Entry {
            id,
            range,
            skip_is_at_from: false,
            stage: Stage::Waiting,
            queue: VecDeque::new(),
            start_key: None,
            item_count: 0,
        }
    }
}

impl<T> State<T> {
    /// The end of a range, or of the list.
    fn end(&self, at: usize) -> Option<i64> {
        self.ranges[at].range.to.or(self.key_bounds.1.map(|last| last.saturating_add(1)))
    }

    /// Splits a range in two. An idle reader takes the upper one.
    fn split(&mut self, at: usize, key: i64) {
        let Entry { range: lower, skip_is_at_from, .. } = &mut self.ranges[at];
        // These ids may be of either half, so both halves skip them.
        let skip = if *skip_is_at_from { Vec::new() } else { lower.skip.clone() };
        let entry = Entry::new(self.next_id, KeyRange { from: Some(key), to: lower.to.replace(key), skip });
        self.next_id += 1;
        self.ranges.insert(at + 1, entry);
    }

    fn wake(&mut self) {
        if let Some(waker) = self.consumer.take() {
            waker.wake();
        }
    }
}
