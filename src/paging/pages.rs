//! The pages of a list, as a stream.

use crate::error::Error;
use crate::http::prepared::Plan;
use crate::paging::page_items::Decoders;
use crate::paging::pager::{Behind, Mark};
use crate::paging::position::{Standing, broken_off};
use crate::paging::prefetch::{Feed, Setup};
use crate::resume_token::{Given, Place, ResumeToken};
use crate::send::executor::Core;
use crate::send::response::Response;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// The pages of a list, as a stream. Nothing is sent before it is polled, and dropping it cancels what is on its way.
///
/// A page with an item that cannot be decoded is an error that has the place of this page, and the next call gives the page
/// behind it; [`Items`](crate::Items) gives the other items of such a page.
///
/// Pages come as the server sends them. Read by page numbers, items shift between pages when others add or remove some meanwhile:
/// they may then come again or be missing, and nothing says so. [`Items`](crate::Items) notices.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    source: PageSource<T>,
    standing: Standing,
}

enum PageSource<T> {
    New(Box<Setup<Response<Vec<T>>>>),
    Pages(Box<Feed<Response<Vec<T>>>>),
    Done,
}

impl<T: Send + 'static> Pages<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoders: Decoders<T>) -> Self {
        let setup = Setup::new(core, plan, Arc::new(move |answer| answer.decode(decoders.page)));
        let standing = Standing { origin: setup.origin().clone(), begun: Place::Start, mark: None };
        Pages { source: PageSource::New(Box::new(setup)), standing }
    }

    fn set(mut self, change: impl FnOnce(&mut Setup<Response<Vec<T>>>)) -> Self {
        if let PageSource::New(setup) = &mut self.source {
            change(setup);
            self.standing.begun = setup.place().clone();
        }
        self
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

    /// Reads up to `pages` pages at once, where they have numbers. They come in order.
    ///
    /// Without a word of the server on how many pages there are, up to `pages - 1` may be asked for behind the last one.
    pub fn parallel(self, pages: usize) -> Self {
        self.set(|setup| setup.reading.parallel = pages.max(1))
    }

    /// Goes on where a stream of the same list was. A token that was taken within a page leads to the beginning of that page.
    ///
    /// The stream gives an error when the token is one of another operation or of other arguments.
    pub fn resume(self, token: ResumeToken) -> Self {
        self.set(|setup| setup.resume(token))
    }

    /// The place behind the last page that was given out, or of the page that could not be decoded.
    pub fn resume_token(&self) -> ResumeToken {
        self.standing.origin.token(self.standing.place(0, Given::default))
    }

    /// The next page; `None` behind the last one.
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
                PageSource::Pages(feed) => {
                    let next = ready!(feed.poll_next(cx));
                    return Poll::Ready(next.map(|page| match page {
                        Ok((Ok(page), mark)) => {
                            self.standing.mark = Some(mark);
                            Ok(page)
                        }
                        Ok((Err(error), mark)) => {
                            self.standing.mark = Some(Mark { behind: Behind::Unknown, ..mark });
                            Err(broken_off(error, || self.resume_token()))
                        }
                        Err(error) => Err(broken_off(error, || self.resume_token())),
                    }));
                }
                PageSource::Done => return Poll::Ready(None),
            }
        }
    }
}
