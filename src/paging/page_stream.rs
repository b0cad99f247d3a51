//! The pages of a REST list for a stream: how reading starts, and where it continues.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::PreparedRequest;
use crate::paging::origin::{self, Origin};
use crate::paging::pager::{FetchedPage, List, Open, PageMark, Pager, Reading};
use crate::paging::prefetch::Prefetch;
use crate::resume_token::{Position, ResumeToken, Skip};
use crate::send::executor::Executor;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use url::Url;

/// The content of a page, or the error in decoding it, and the page's mark.
type MarkedPage<P> = (Result<P, Error>, PageMark);

/// A stream over pages that has not requested anything yet.
pub(crate) struct Setup<P> {
    list: Result<List<P>, Error>,
    pub(crate) reading: Reading,
    origin: Origin,
    start: Position,
}

impl<P: Send + 'static> Setup<P> {
    pub(crate) fn new(executor: Arc<Executor>, request: Result<PreparedRequest, Error>, open: Open<P>) -> Self {
        let origin = request.as_ref().map(Origin::of).unwrap_or_default();
        let list = request.map(|request| List { executor, request: Arc::new(request), open });
        Setup { list, reading: Reading::default(), origin, start: Position::Start }
    }

    /// Starts at the position of another stream.
    pub(crate) fn resume(&mut self, token: ResumeToken) {
        match self.origin.position(token) {
            Ok(position) => self.start = position,
            // An earlier error is the one to report.
            Err(error) if self.list.is_ok() => self.list = Err(error),
            Err(_) => {}
        }
    }

    /// Limits the time for reading one page.
    pub(crate) fn timeout(&mut self, timeout: Duration) {
        // The request is not shared before the first page is requested.
        if let Ok(list) = &mut self.list
            && let Some(request) = Arc::get_mut(&mut list.request)
        {
            request.timeout = Some(timeout);
        }
    }

    /// What all positions in the stream have in common.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where the stream starts.
    pub(crate) fn start(&self) -> &Position {
        &self.start
    }

    /// The list, to read it in ranges.
    pub(crate) fn into_list(self) -> Result<List<P>, Error> {
        self.list
    }

    /// Starts reading. Also returns the items to skip on the first page.
    pub(crate) fn begin(self) -> Result<(PageStream<P>, Skip), Error> {
        let (list, reading) = (self.list?, self.reading);
        let (from, skip) = match self.start {
            Position::Start => (None, Skip::NONE),
            Position::End => {
                let pages = Prefetch::done();
                return Ok((PageStream { list, reading, pages, decoding: None }, Skip::NONE));
            }
            Position::Page { link, skip } => {
                let link = origin::with_secrets(&link, list.request.query());
                let page = list.executor.base_url().follow(&list.executor.url(&list.request)?, &link)?;
                (Some(page), skip)
            }
            Position::Ranges(_) => {
                let error = Error::new(ErrorKind::Argument, "this token was created by a stream that reads ranges");
                return Err(error.with_hint(Some("resume it with `partitioned`, with any number of ranges")));
            }
            #[cfg(feature = "graphql")]
            Position::Cursor { .. } => {
                return Err(Error::new(ErrorKind::Argument, "this token was created by a GraphQL stream"));
            }
        };
        let pages = Prefetch::new(Pager::new(list.clone(), reading, from), reading.prefetch);
        Ok((PageStream { list, reading, pages, decoding: None }, skip))
    }
}

/// The pages of one list. Dropping it cancels all requests.
pub(crate) struct PageStream<P> {
    list: List<P>,
    reading: Reading,
    pages: Prefetch<Pager<P>, FetchedPage<P>>,
    /// The page that is being decoded.
    decoding: Option<FetchedPage<P>>,
}

impl<P: Send + 'static> PageStream<P> {
    /// Goes back to a page and continues from there. Drops all requests in flight.
    pub(crate) fn go_back(&mut self, to: Url, limit: Option<u64>) {
        self.reading.limit = limit;
        self.decoding = None;
        let pager = Pager::new(self.list.clone(), self.reading, Some(to));
        self.pages = Prefetch::new(pager, self.reading.prefetch);
    }

    /// The next page; an error if it cannot be read.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<MarkedPage<P>, Error>>> {
        if self.decoding.is_none() {
            self.decoding = ready!(self.pages.poll_next(cx)?);
        }
        let Some(FetchedPage { content, .. }) = &mut self.decoding else { return Poll::Ready(None) };
        let content = ready!(Pin::new(content).poll(cx));
        Poll::Ready(self.decoding.take().map(|page| Ok((content, page.mark))))
    }
}
