//! The pages of a list, as a stream.

use crate::error::Error;
use crate::http::prepared::PreparedRequest;
use crate::paging::options::list_options;
use crate::paging::page_items::Decoders;
use crate::paging::page_stream::{PageStream, Setup};
use crate::paging::pager::{NextLink, PageMark};
use crate::paging::position::{StreamPosition, with_position};
use crate::resume_token::{Position, ResumeToken, Skip};
use crate::send::executor::Executor;
use crate::send::response::Response;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The pages of a list, as a stream. It sends nothing before it is polled. Dropping it cancels all requests.
///
/// If an item cannot be decoded, its page is an error with the position of that page, and the stream continues with the next page.
/// [`Items`](crate::Items) returns the other items of such a page.
///
/// Pages are returned exactly as the server sends them. With page numbers, items move between pages when others add or remove
/// some, so that items can be duplicated or missed without an error. [`Items`](crate::Items) detects this.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    source: PageSource<T>,
    position: StreamPosition,
}

enum PageSource<T> {
    New(Box<Setup<Response<Vec<T>>>>),
    Pages(Box<PageStream<Response<Vec<T>>>>),
    Done,
}

impl<T: Send + 'static> Pages<T> {
    list_options!(every_stream);
    list_options!(rest);

    pub(crate) fn new(executor: Arc<Executor>, request: Result<PreparedRequest, Error>, decoders: Decoders<T>) -> Self {
        let setup = Setup::new(executor, request, Arc::new(move |response| response.decode(decoders.page)));
        let position = StreamPosition { origin: setup.origin().clone(), start: Position::Start, last_page: None };
        Pages { source: PageSource::New(Box::new(setup)), position }
    }

    fn set(&mut self, change: impl FnOnce(&mut Setup<Response<Vec<T>>>)) {
        if let PageSource::New(setup) = &mut self.source {
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

    /// The position after the last page that was returned. After a page that cannot be decoded, the position of that page.
    pub fn resume_token(&self) -> ResumeToken {
        self.position.origin.token(self.position.current(0, Skip::default))
    }

    /// The next page; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<Response<Vec<T>>, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T> Unpin for Pages<T> {}

impl<T: Send + 'static> Stream for Pages<T> {
    type Item = Result<Response<Vec<T>>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.source {
                PageSource::New(_) => {
                    let PageSource::New(setup) = std::mem::replace(&mut self.source, PageSource::Done) else {
                        continue;
                    };
                    self.source = PageSource::Pages(Box::new(setup.begin()?.0));
                }
                PageSource::Pages(pages) => {
                    let next = ready!(pages.poll_next(cx));
                    return Poll::Ready(next.map(|page| match page {
                        Ok((Ok(page), mark)) => {
                            self.position.last_page = Some(mark);
                            Ok(page)
                        }
                        Ok((Err(error), mark)) => {
                            self.position.last_page = Some(PageMark { next: NextLink::Unknown, ..mark });
                            Err(with_position(error, || self.resume_token()))
                        }
                        Err(error) => Err(with_position(error, || self.resume_token())),
                    }));
                }
                PageSource::Done => return Poll::Ready(None),
            }
        }
    }
}
