//! The items of a list that is read in ranges, for a stream.

use super::key_density::KeyProperties;
use super::range_query::{PageRequest, RangeQuery};
use super::range_reader::RangeReader;
use super::scheduler::{Current, Division, RangePage, Scheduler};
use crate::error::{Error, ErrorKind};
use crate::paging::page_items::PageItems;
use crate::paging::pager::List;
use crate::resume_token::{ItemId, KeyRange, Position};
use crate::task::{Gone, Task};
use futures_util::future::{try_join, try_join_all};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, ready};

/// Reads a list in ranges. Dropping it cancels all requests.
pub(crate) struct PartitionStream<T> {
    reader: Arc<RangeReader<T>>,
    /// The range of the current page, and the page's items.
    current: Option<(u64, Vec<(i64, ItemId)>)>,
    /// The readers, until they end.
    work: Option<Task<Result<(), Gone>>>,
}

impl<T: Send + 'static> PartitionStream<T> {
    /// Starts to read a list, or the rest of it.
    ///
    /// # Errors
    /// When the list cannot be read in ranges in this order.
    pub(crate) fn begin(list: List<PageItems<T>>, division: Division, left: Vec<KeyRange>) -> Result<Self, Error> {
        let query = RangeQuery::of(&list.request, list.executor.auth().is_anonymous())?;
        if division.ordered && !query.sorted {
            let text = format!("{}: GitLab cannot sort this list by `{}`", list.request.operation, query.key.field());
            let hint = "add `unordered` to get the items in the order in which they are read";
            return Err(Error::new(ErrorKind::Argument, text).with_hint(Some(hint)));
        }
        let keys = KeyProperties { sorted: query.sorted, unique: query.is_unique(), per_page: query.per_page };
        // If no range is left, its ends need not be requested.
        let open = (left.first().is_some_and(|it| it.from.is_none()), left.last().is_some_and(|it| it.to.is_none()));
        let scheduler = Scheduler::new(division, keys, left);
        let reader = Arc::new(RangeReader { list, query, scheduler, no_keyset: AtomicBool::new(false) });
        let work = Task::spawn(work(Arc::clone(&reader), division.ranges, open));
        Ok(PartitionStream { reader, current: None, work: Some(work) })
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<PageItems<T>, Error>>> {
        let mut next = self.reader.scheduler.poll_next(self.current.take(), cx);
        if next.is_pending()
            && let Some(work) = &mut self.work
        {
            // If a reader has panicked or was cancelled, the stream ends.
            ready!(Pin::new(work).poll(cx)).flatten()?;
            self.work = None;
            next = self.reader.scheduler.poll_next(None, cx);
        }
        let next = ready!(next);
        Poll::Ready(next.map(|next| {
            let (id, RangePage { page, items }) = next?;
            self.current = Some((id, items));
            Ok(page)
        }))
    }

    /// The position of the stream, if `left` items of the current page have not been returned.
    pub(crate) fn position(&self, left: usize) -> Position {
        let current = self.current.as_ref().map(|(range, items)| Current {
            range: *range,
            returned: &items[..items.len() - left.min(items.len())],
            is_whole: left == 0,
        });
        let ranges = self.reader.scheduler.unfinished(current);
        if ranges.is_empty() { Position::End } else { Position::Ranges(ranges) }
    }
}

/// Requests the lowest and the highest key of the list if they are unknown, then reads it.
async fn work<T: Send + 'static>(
    reader: Arc<RangeReader<T>>,
    ranges: usize,
    (below, above): (bool, bool),
) -> Result<(), Gone> {
    let low = async {
        match (below, reader.query.sorted) {
            (true, true) => reader.key_of(PageRequest::First).await,
            (true, false) => Ok(Some(reader.query.lowest())),
            (false, _) => Ok(None),
        }
    };
    let high = async { if above { reader.key_of(PageRequest::Last).await } else { Ok(None) } };
    match try_join(low, high).await {
        Ok((low, high)) => reader.scheduler.set_key_bounds(low, high),
        Err(error) => {
            reader.scheduler.fail(error);
            return Ok(());
        }
    }
    let readers: Vec<Task<()>> = (0..ranges)
        .map(|_| {
            let reader = Arc::clone(&reader);
            Task::spawn(async move { reader.work().await })
        })
        .collect();
    // All are polled, so that a failure of one is noticed while the others wait.
    try_join_all(readers).await.map(drop)
}
