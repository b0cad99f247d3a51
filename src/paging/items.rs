//! The items of a list, as a stream.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::PreparedRequest;
use crate::paging::drift::{self, PageDrift, RecentIds};
use crate::paging::options::list_options;
use crate::paging::page_items::{self, Decoders, PageItems};
use crate::paging::page_stream::{PageStream, Setup};
use crate::paging::pager::{NextLink, PageMark};
use crate::paging::partition::{Division, PartitionStream};
use crate::paging::position::{StreamPosition, with_position};
use crate::resume_token::{ItemId, KeyRange, Position, ResumeToken, Skip};
use crate::send::executor::Executor;
use bytes::Bytes;
use futures_core::Stream;
use std::collections::HashSet;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The items of a list through all of its pages, as a stream. It sends nothing before it is polled. Dropping it cancels all
/// requests.
///
/// An item that cannot be decoded is one error, and the stream continues after it. If a page cannot be read, the stream ends with an
/// error that has the [position to resume from](Error::resume_token).
#[must_use = "streams do nothing unless polled"]
pub struct Items<T> {
    source: Source<T>,
    page: PageItems<T>,
    /// How many more items to return.
    remaining: Option<u64>,
    division: Option<Division>,
    position: StreamPosition,
    /// What to skip on the first page, or on the page that could not be decoded.
    skip: Skip,
    /// The body of the page before the last one.
    previous_body: Bytes,
    /// What to skip on a page that is read again.
    reread_ids: Vec<ItemId>,
    /// Recent items of a list that the server does not count.
    recent_ids: RecentIds,
    /// Whether the list changed too much, so that the stream has no position to resume from.
    invalidated: bool,
    /// How often the last page has been read again.
    rereads: u32,
    /// How many items were added or removed since the last page was first read.
    drift: usize,
    /// The same between the page before it and the last page.
    previous_drift: usize,
}

enum Source<T> {
    New(Box<Setup<PageItems<T>>>),
    Pages(Box<PageStream<PageItems<T>>>),
    Ranges(PartitionStream<T>),
    Done,
}

impl<T: Send + 'static> Items<T> {
    list_options!(every_stream);
    list_options!(rest);
    list_options!(items);

    pub(crate) fn new(executor: Arc<Executor>, request: Result<PreparedRequest, Error>, decoders: Decoders<T>) -> Self {
        let setup = Setup::new(executor, request, Arc::new(move |response| PageItems::open(decoders, &response)));
        Items {
            position: StreamPosition { origin: setup.origin().clone(), start: Position::Start, last_page: None },
            source: Source::New(Box::new(setup)),
            page: PageItems::empty(),
            remaining: None,
            division: None,
            skip: Skip::NONE,
            previous_body: Bytes::new(),
            reread_ids: Vec::new(),
            recent_ids: RecentIds::default(),
            invalidated: false,
            rereads: 0,
            drift: 0,
            previous_drift: 0,
        }
    }

    fn set(&mut self, change: impl FnOnce(&mut Setup<PageItems<T>>)) {
        if let Source::New(setup) = &mut self.source {
            change(setup);
            self.position.start = setup.start().clone();
        }
    }

    fn prefetch_pages(&mut self, pages: usize) {
        self.set(|setup| setup.reading.prefetch = pages);
    }

    fn start_at(&mut self, token: ResumeToken) {
        self.set(|setup| setup.resume(token));
    }

    fn limit_items(&mut self, items: u64) {
        self.remaining = Some(items);
        self.set(|setup| setup.reading.limit = Some(items));
    }

    /// Splits the list into ranges of ids or of creation times, and reads up to `ranges` of them at once.
    ///
    /// Every item that exists from the beginning to the end of the reading is returned exactly once, whatever others add and remove.
    /// Items come in ascending order of their ids, or the oldest first. With [`unordered`](Items::unordered) they come in the order
    /// in which they are read, which needs less memory and never waits for a slower range.
    ///
    /// A stream can be resumed with another number of ranges.
    ///
    /// Yields an error if the list has no filter by id or creation time, or if the request sets an order or a page.
    pub fn partitioned(mut self, ranges: usize) -> Self {
        let ordered = self.division.is_none_or(|division| division.ordered);
        self.division = Some(Division { ranges: ranges.max(1), ordered });
        self
    }

    /// Returns the items of a [`partitioned`](Items::partitioned) stream in the order in which they are read.
    pub fn unordered(mut self) -> Self {
        let ranges = self.division.map_or(1, |division| division.ranges);
        self.division = Some(Division { ranges, ordered: false });
        self
    }

    /// The position after the last item that was returned.
    pub fn resume_token(&self) -> ResumeToken {
        let position = match &self.source {
            Source::Ranges(ranges) => ranges.position(self.page.left()),
            _ => self.position.current(self.page.left(), || {
                if self.skip.is_none() { self.page.returned() } else { self.skip.clone() }
            }),
        };
        self.position.origin.token(position)
    }

    /// An item of a page that has been read already.
    pub(crate) fn ready(&mut self) -> Option<Result<T, Error>> {
        if self.remaining == Some(0) {
            return None;
        }
        let item = self.page.next()?;
        if let Some(remaining) = &mut self.remaining {
            *remaining -= 1;
        }
        Some(item)
    }

    /// Starts reading, by pages or in ranges.
    fn begin(&mut self, setup: Setup<PageItems<T>>) -> Result<Source<T>, Error> {
        let Some(division) = self.division else {
            let (pages, skip) = setup.begin()?;
            self.skip = skip;
            return Ok(Source::Pages(Box::new(pages)));
        };
        let ranges = match setup.start().clone() {
            Position::Start => vec![KeyRange::default()],
            Position::Ranges(ranges) => ranges,
            Position::End => Vec::new(),
            _ => {
                let text = "this token was not created by a stream that reads ranges";
                return Err(Error::new(ErrorKind::Argument, text).with_hint(Some("resume it without `partitioned`")));
            }
        };
        Ok(Source::Ranges(PartitionStream::begin(setup.into_list()?, division, ranges)?))
    }

    /// Ends the stream. Its position stays the same.
    fn end(&mut self) {
        if let Source::Ranges(ranges) = &self.source {
            self.position.start = ranges.position(self.page.left());
            self.position.last_page = None;
            self.page = PageItems::empty();
        }
        self.source = Source::Done;
    }

    /// Compares a page with the one before it, and skips duplicates. `false` if the one before must be read again.
    fn correct_drift(&mut self, page: &mut PageItems<T>, mark: &PageMark) -> Result<bool, Error> {
        let Some(before) = &self.position.last_page else { return Ok(true) };
        let page_drift = PageDrift::between(before, self.page.length().saturating_sub(self.drift), mark);
        if page_drift == PageDrift::TooFar {
            return Err(drift::list_changed_too_much());
        }
        let changed = before.total.zip(mark.total).map_or(0, |(before, after)| before.abs_diff(after));
        self.drift = self.drift.saturating_add(usize::try_from(changed).unwrap_or(usize::MAX));
        if before.url == mark.url {
            page.skip(&Skip::Ids(self.reread_ids.clone()));
            return Ok(true);
        }
        let ids = || self.page.ids().cloned();
        if page_drift == PageDrift::Removed {
            self.rereads += 1;
            // The ids to skip cover the last two pages, which share as many items as the list drifted between them.
            self.drift = self.drift.saturating_add(std::mem::take(&mut self.previous_drift));
            let ids = ids().filter(|_| self.rereads <= drift::MAX_REREADS).ok_or_else(drift::list_changed_too_much)?;
            self.reread_ids.extend(ids);
            self.reread_ids.extend(page_items::ids(&self.previous_body).into_iter().flatten());
            return Ok(false);
        }
        self.rereads = 0;
        (self.previous_drift, self.drift) = (self.drift, 0);
        // Items of a page that was read again may have moved to this page after it was first read.
        let mut duplicates: HashSet<ItemId> = std::mem::take(&mut self.reread_ids).into_iter().collect();
        match page_drift {
            // Without ids duplicates cannot be detected.
            PageDrift::Inserted => duplicates.extend(ids().ok_or_else(drift::list_changed_too_much)?),
            PageDrift::Unknown => self.recent_ids.add(self.page.ids().map_or(&[], Vec::as_slice)),
            PageDrift::None | PageDrift::Removed | PageDrift::TooFar => {}
        }
        if page_drift == PageDrift::Unknown || !duplicates.is_empty() {
            page.skip_if(|id| duplicates.contains(id) || self.recent_ids.contains(id));
        }
        self.previous_body = self.page.body();
        Ok(true)
    }

    /// Resets the position to the beginning of the list, because items before the current position may be missing.
    fn invalidate(&mut self) {
        self.invalidated = true;
        self.page = PageItems::empty();
        (self.position.start, self.position.last_page) = (Position::Start, None);
    }

    /// The items of the next page.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<PageItems<T>, Error>>> {
        loop {
            match &mut self.source {
                Source::New(_) => {
                    let Source::New(setup) = std::mem::replace(&mut self.source, Source::Done) else { continue };
                    self.source = self.begin(*setup)?;
                }
                Source::Pages(pages) => {
                    let Some((content, mark)) = ready!(pages.poll_next(cx)?) else { return Poll::Ready(None) };
                    let mut page = match content {
                        Ok(page) => page,
                        Err(error) => {
                            // None of the page's items are returned. A stream that resumes here skips those returned before.
                            self.page = PageItems::empty();
                            if !self.reread_ids.is_empty() {
                                self.skip = Skip::Ids(std::mem::take(&mut self.reread_ids));
                            }
                            self.position.last_page = Some(PageMark { next: NextLink::Unknown, ..mark });
                            return Poll::Ready(Some(Err(error)));
                        }
                    };
                    if !self.correct_drift(&mut page, &mark).inspect_err(|_| self.invalidate())? {
                        self.read_again(mark.total);
                        continue;
                    }
                    self.position.last_page = Some(mark);
                    let skip = std::mem::take(&mut self.skip);
                    if !skip.is_none() {
                        page.skip(&skip);
                    }
                    return Poll::Ready(Some(Ok(page)));
                }
                Source::Ranges(ranges) => return ranges.poll_next(cx),
                Source::Done => return Poll::Ready(None),
            }
        }
    }

    /// Goes back to the last page. `total` is the latest count of the list.
    fn read_again(&mut self, total: Option<u64>) {
        if let (Source::Pages(pages), Some(before)) = (&mut self.source, &mut self.position.last_page) {
            before.next = NextLink::Unknown;
            // The page is compared with the latest count, not with the count when it was first read.
            before.total = total;
            pages.go_back(before.url.clone(), self.remaining);
        }
    }
}

impl<T> Unpin for Items<T> {}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.remaining == Some(0) {
                self.end();
                return Poll::Ready(None);
            }
            if let Some(item) = self.ready() {
                return Poll::Ready(Some(item));
            }
            match ready!(self.poll_page(cx)) {
                None => {
                    self.end();
                    return Poll::Ready(None);
                }
                Some(Ok(page)) => self.page = page,
                Some(Err(error)) => {
                    let error = if self.invalidated { error } else { with_position(error, || self.resume_token()) };
                    self.end();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}
