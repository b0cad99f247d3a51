//! What calls return: a future of one answer, a stream of pages, a stream of items.

use crate::batch::{Batch, Decoders};
use crate::core::Core;
use crate::error::{Error, ErrorKind};
use crate::feed::Feed;
use crate::plan::Plan;
use crate::response::{Answer, Decoder, Response};
use bytes::Bytes;
use futures_core::Stream;
use glabflow_contract::Output;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A future of one answer. Nothing is sent before it is awaited.
#[must_use = "nothing is sent before this is awaited"]
pub struct Sent<T> {
    state: Sending,
    decoder: Decoder<T>,
}

enum Sending {
    /// Nothing has been sent yet; the plan is taken when it is.
    New(Arc<Core>, Option<Box<Result<Plan, Error>>>),
    /// The answer is on its way.
    UnderWay(Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>),
}

impl<T> Sent<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoder: Decoder<T>) -> Self {
        Sent { state: Sending::New(core, Some(Box::new(plan))), decoder }
    }

    /// The longest that this call may take, with all repetitions and waits, in place of the client's
    /// [`timeout`](crate::Builder::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Sending::New(_, Some(plan)) = &mut self.state
            && let Ok(plan) = &mut **plan
        {
            plan.timeout = Some(timeout);
        }
        self
    }
}

async fn send(core: Arc<Core>, plan: Result<Plan, Error>) -> Result<Answer, Error> {
    let plan = plan?;
    let mut answer = core.send(&plan).await?;
    if plan.output == Output::Empty {
        answer.body = Bytes::new();
    }
    Ok(answer)
}

impl<T> Future for Sent<T> {
    type Output = Result<Response<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.state {
                Sending::UnderWay(answer) => {
                    let answer = ready!(answer.as_mut().poll(cx));
                    return Poll::Ready(answer.and_then(|answer| answer.decode(self.decoder)));
                }
                Sending::New(core, plan) => {
                    let taken = || Error::new(ErrorKind::Argument, "the request was sent before");
                    let plan = plan.take().map_or_else(|| Err(taken()), |plan| *plan);
                    self.state = Sending::UnderWay(Box::pin(send(Arc::clone(core), plan)));
                }
            }
        }
    }
}

/// The pages of a list, as a stream. Nothing is sent before it is polled, and dropping it cancels what is on its way.
///
/// A page with an item that cannot be decoded is an error; [`Items`] gives the other items of such a page.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    feed: Feed<Response<Vec<T>>>,
}

impl<T: Send + 'static> Pages<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoders: Decoders<T>) -> Self {
        Pages { feed: Feed::new(core, plan, Arc::new(move |answer| answer.decode(decoders.page))) }
    }

    /// The longest that reading one page may take, with all repetitions and waits, in place of the client's
    /// [`timeout`](crate::Builder::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.feed.timeout(timeout);
        self
    }

    /// Reads up to `pages` pages ahead of the caller; 1 unless set. With 0, a page is asked for when the caller asks for it.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.feed.reading().prefetch = pages;
        self
    }

    /// Reads up to `pages` pages at once, where they have numbers. They come in order.
    pub fn parallel(mut self, pages: usize) -> Self {
        self.feed.reading().parallel = pages.max(1);
        self
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
        self.feed.poll_next(cx).map(|page| page.map(Result::flatten))
    }
}

/// The items of a list through all of its pages, as a stream. Nothing is sent before it is polled, and dropping it cancels
/// what is on its way.
///
/// An item that cannot be decoded is one error, and the stream goes on behind it. When a page cannot be read, the stream
/// ends with an error that [says where](Error::position).
#[must_use = "streams do nothing unless polled"]
pub struct Items<T> {
    feed: Feed<Batch<T>>,
    batch: Batch<T>,
    left: Option<u64>,
}

impl<T: Send + 'static> Items<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoders: Decoders<T>) -> Self {
        let feed = Feed::new(core, plan, Arc::new(move |answer| Batch::open(decoders, &answer)));
        Items { feed, batch: Batch::empty(), left: None }
    }

    /// Ends the stream after so many items. No page is asked for behind them.
    pub fn limit(mut self, items: u64) -> Self {
        self.left = Some(items);
        self.feed.reading().limit = Some(items);
        self
    }

    /// The longest that reading one page may take, with all repetitions and waits, in place of the client's
    /// [`timeout`](crate::Builder::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.feed.timeout(timeout);
        self
    }

    /// Reads up to `pages` pages ahead of the caller; 1 unless set. With 0, a page is asked for when the caller asks for it.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.feed.reading().prefetch = pages;
        self
    }

    /// Reads up to `pages` pages at once, where they have numbers. Items come in order.
    pub fn parallel(mut self, pages: usize) -> Self {
        self.feed.reading().parallel = pages.max(1);
        self
    }

    /// The next item; `None` behind the last one.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// All items, or the first error.
    ///
    /// # Errors
    /// When a page cannot be read or an item not be decoded.
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
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
}

impl<T> Unpin for Items<T> {}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.left == Some(0) {
                self.feed.stop();
                return Poll::Ready(None);
            }
            if let Some(item) = self.ready() {
                return Poll::Ready(Some(item));
            }
            match ready!(self.feed.poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(Ok(batch))) => self.batch = batch,
                // Nothing of the page can be understood, so its items are missing.
                Some(Ok(Err(error))) => {
                    self.feed.stop();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}
