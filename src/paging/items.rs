//! The items of a list, as a stream.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::Plan;
use crate::paging::drift::{self, Fit, Recent};
use crate::paging::page_items::{self, Batch, Decoders};
use crate::paging::pager::{Behind, Mark};
use crate::paging::partition::{Division, Reader};
use crate::paging::position::{Standing, broken_off};
use crate::paging::prefetch::{Feed, Setup};
use crate::resume_token::ItemId;
use crate::resume_token::{Given, Piece, Place, ResumeToken};
use crate::send::executor::Core;
use bytes::Bytes;
use futures_core::Stream;
use std::collections::HashSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The items of a list through all of its pages, as a stream. Nothing is sent before it is polled, and dropping it cancels
/// what is on its way.
///
/// An item that cannot be decoded is one error, and the stream goes on behind it. When a page cannot be read, the stream
/// ends with an error that [says where to go on](Error::resume_token).
#[must_use = "streams do nothing unless polled"]
pub struct Items<T> {
    source: Source<T>,
    batch: Batch<T>,
    left: Option<u64>,
    division: Option<Division>,
    standing: Standing,
    /// What is to be passed over of the first page, or of the one that could not be understood.
    given: Given,
    /// The page before the last one, as it came.
    earlier: Bytes,
    /// What is to be passed over of a page that is read again.
    again: Vec<ItemId>,
    /// What came before on pages that the server does not count.
    recent: Recent,
    /// Whether the list has moved too far for any place in it to be of use.
    torn: bool,
    /// How often that page has been read again.
    returns: u32,
    /// How far the list has moved since that page was read first.
    moved: usize,
    /// How far it had moved from the page before that one to it.
    moved_before: usize,
}

enum Source<T> {
    New(Box<Setup<Batch<T>>>),
    Pages(Box<Feed<Batch<T>>>),
    Pieces(Reader<T>),
    Done,
}

impl<T: Send + 'static> Items<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoders: Decoders<T>) -> Self {
        let setup = Setup::new(core, plan, Arc::new(move |answer| Batch::open(decoders, &answer)));
        Items {
            standing: Standing { origin: setup.origin().clone(), begun: Place::Start, mark: None },
            source: Source::New(Box::new(setup)),
            batch: Batch::empty(),
            left: None,
            division: None,
            given: Given::NONE,
            earlier: Bytes::new(),
            again: Vec::new(),
            recent: Recent::default(),
            torn: false,
            returns: 0,
            moved: 0,
            moved_before: 0,
        }
    }

    fn set(mut self, change: impl FnOnce(&mut Setup<Batch<T>>)) -> Self {
        if let Source::New(setup) = &mut self.source {
            change(setup);
            self.standing.begun = setup.place().clone();
        }
        self
    }

    /// Ends the stream after so many items. No page is asked for behind them.
    pub fn limit(mut self, items: u64) -> Self {
        self.left = Some(items);
        self.set(|setup| setup.reading.limit = Some(items))
    }

    /// The longest that reading one page may take, with all repetitions and waits, in place of the client's
    /// [`timeout`](crate::ClientBuilder::timeout).
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set(|setup| setup.timeout(timeout))
    }

    /// Reads up to `pages` pages ahead of the caller; 2 unless set. With 0, a page is asked for when the caller asks for it.
    pub fn prefetch(self, pages: usize) -> Self {
        self.set(|setup| setup.reading.prefetch = pages)
    }

    /// Reads up to `pages` pages at once, where they have numbers. Items come in order.
    ///
    /// Without a word of the server on how many pages there are, up to `pages - 1` may be asked for behind the last one. Numbers
    /// shift when items are added or removed meanwhile; [`partitioned`](Items::partitioned) reads at once without that.
    pub fn parallel(self, pages: usize) -> Self {
        self.set(|setup| setup.reading.parallel = pages.max(1))
    }

    /// Reads the list in pieces, up to `pieces` at once: ranges of ids, or of times of creation.
    ///
    /// Every item that is there from the beginning to the end of the reading comes exactly once, whatever else is added and
    /// removed meanwhile. Items come from the lowest id, or the oldest; with [`unordered`](Items::unordered), as they are
    /// read, which takes less memory and waits for nothing.
    ///
    /// The stream gives an error for a list that has no filter to cut it by, and for a request with an order of its own.
    pub fn partitioned(mut self, pieces: usize) -> Self {
        let ordered = self.division.is_none_or(|division| division.ordered);
        self.division = Some(Division { pieces: pieces.max(1), ordered });
        self
    }

    /// Gives the items of a list that is read in [pieces](Items::partitioned) out as they come, in no order.
    pub fn unordered(mut self) -> Self {
        let pieces = self.division.map_or(1, |division| division.pieces);
        self.division = Some(Division { pieces, ordered: false });
        self
    }

    /// Goes on where a stream of the same list was; a [limit](Items::limit) counts from there.
    ///
    /// Read by keyset or in pieces, what was given out before and what comes now are together every item that was there all the
    /// time, once. Between page numbers, items may have moved since.
    ///
    /// The stream gives an error when the token is one of another operation or of other arguments.
    pub fn resume(self, token: ResumeToken) -> Self {
        self.set(|setup| setup.resume(token))
    }

    /// The place behind the last item that was given out.
    pub fn resume_token(&self) -> ResumeToken {
        let place = match &self.source {
            Source::Pieces(reader) => reader.place(self.batch.left()),
            _ => self.standing.place(self.batch.left(), || {
                if self.given.is_none() { self.batch.given() } else { self.given.clone() }
            }),
        };
        self.standing.origin.token(place)
    }

    /// The next item; `None` behind the last one.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// All items, or the first error.
    ///
    /// # Errors
    /// When a page cannot be read or an item not be decoded.
    pub async fn try_collect(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }

    /// An item of the page that is here already.
    pub(crate) fn ready(&mut self) -> Option<Result<T, Error>> {
        if self.left == Some(0) {
            return None;
        }
        let item = self.batch.next()?;
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        Some(item)
    }

    /// Begins to read in the way that was asked for.
    fn begin(&mut self, setup: Setup<Batch<T>>) -> Result<Source<T>, Error> {
        let Some(division) = self.division else {
            let (feed, given) = setup.begin()?;
            self.given = given;
            return Ok(Source::Pages(Box::new(feed)));
        };
        let pieces = match setup.place().clone() {
            Place::Start => vec![Piece::default()],
            Place::Pieces(pieces) => pieces,
            Place::End => Vec::new(),
            _ => {
                let text = "the resume token was not taken while the list was read in pieces";
                return Err(Error::new(ErrorKind::Argument, text).with_hint(Some("go on without `partitioned`")));
            }
        };
        Ok(Source::Pieces(Reader::begin(setup.into_list()?, division, pieces)?))
    }

    /// Ends the stream; its place stays what it is.
    fn end(&mut self) {
        if let Source::Pieces(reader) = &self.source {
            self.standing.begun = reader.place(self.batch.left());
            self.standing.mark = None;
            self.batch = Batch::empty();
        }
        self.source = Source::Done;
    }

    /// Fits a page to the one before it: passes over what comes again. `false` when the one before is to be read again.
    fn fit(&mut self, batch: &mut Batch<T>, mark: &Mark) -> Result<bool, Error> {
        let Some(before) = &self.standing.mark else { return Ok(true) };
        let fit = Fit::of(before, self.batch.length().saturating_sub(self.moved), mark);
        if fit == Fit::Torn {
            return Err(drift::torn());
        }
        let moved = before.total.zip(mark.total).map_or(0, |(before, after)| before.abs_diff(after));
        self.moved = self.moved.saturating_add(usize::try_from(moved).unwrap_or(usize::MAX));
        if before.here == mark.here {
            batch.pass_over(&Given::Ids(self.again.clone()));
            return Ok(true);
        }
        let ids = || self.batch.ids().cloned();
        if fit == Fit::Gap {
            self.returns += 1;
            // What is passed over reaches back to the page before that one, less what both have in common.
            self.moved = self.moved.saturating_add(std::mem::take(&mut self.moved_before));
            let ids = ids().filter(|_| self.returns <= drift::MAX_RETURNS).ok_or_else(drift::torn)?;
            self.again.extend(ids);
            self.again.extend(page_items::ids(&self.earlier).into_iter().flatten());
            return Ok(false);
        }
        self.returns = 0;
        (self.moved_before, self.moved) = (self.moved, 0);
        // Of a page that was read again, items may have moved on to this one since it was read first.
        let mut again: HashSet<ItemId> = std::mem::take(&mut self.again).into_iter().collect();
        match fit {
            // Without ids, what comes again is not known.
            Fit::Overlap => again.extend(ids().ok_or_else(drift::torn)?),
            Fit::Uncounted => self.recent.add(self.batch.ids().map_or(&[], Vec::as_slice)),
            Fit::Seamless | Fit::Gap | Fit::Torn => {}
        }
        if fit == Fit::Uncounted || !again.is_empty() {
            batch.pass_over_if(|id| again.contains(id) || self.recent.contains(id));
        }
        self.earlier = self.batch.body();
        Ok(true)
    }

    /// Forgets the place that was reached, since items may be missing before it.
    fn begin_anew(&mut self) {
        self.torn = true;
        self.batch = Batch::empty();
        (self.standing.begun, self.standing.mark) = (Place::Start, None);
    }

    /// The next page's items.
    fn poll_batch(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Batch<T>, Error>>> {
        loop {
            match &mut self.source {
                Source::New(_) => {
                    let Source::New(setup) = std::mem::replace(&mut self.source, Source::Done) else { continue };
                    self.source = self.begin(*setup)?;
                }
                Source::Pages(feed) => {
                    let Some((content, mark)) = ready!(feed.poll_next(cx)?) else { return Poll::Ready(None) };
                    let mut batch = match content {
                        Ok(batch) => batch,
                        Err(error) => {
                            // Nothing of the page can be understood, so its items are missing, less those that came before.
                            self.batch = Batch::empty();
                            if !self.again.is_empty() {
                                self.given = Given::Ids(std::mem::take(&mut self.again));
                            }
                            self.standing.mark = Some(Mark { behind: Behind::Unknown, ..mark });
                            return Poll::Ready(Some(Err(error)));
                        }
                    };
                    if !self.fit(&mut batch, &mark).inspect_err(|_| self.begin_anew())? {
                        if let (Source::Pages(feed), Some(before)) = (&mut self.source, &mut self.standing.mark) {
                            before.behind = Behind::Unknown;
                            // The page is compared with how long the list was last, however long it was before.
                            before.total = mark.total;
                            feed.go_back(before.here.clone(), self.left);
                        }
                        continue;
                    }
                    self.standing.mark = Some(mark);
                    let given = std::mem::take(&mut self.given);
                    if !given.is_none() {
                        batch.pass_over(&given);
                    }
                    return Poll::Ready(Some(Ok(batch)));
                }
                Source::Pieces(reader) => return reader.poll_next(cx),
                Source::Done => return Poll::Ready(None),
            }
        }
    }
}

impl<T> Unpin for Items<T> {}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.left == Some(0) {
                self.end();
                return Poll::Ready(None);
            }
            if let Some(item) = self.ready() {
                return Poll::Ready(Some(item));
            }
            match ready!(self.poll_batch(cx)) {
                None => {
                    self.end();
                    return Poll::Ready(None);
                }
                Some(Ok(batch)) => self.batch = batch,
                Some(Err(error)) => {
                    let error = if self.torn { error } else { broken_off(error, || self.resume_token()) };
                    self.end();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}
