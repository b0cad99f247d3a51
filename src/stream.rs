//! What calls return: a future of one answer, a stream of pages, a stream of items.

use crate::core::Core;
use crate::error::Error;
use crate::feed::Feed;
use crate::plan::Plan;
use crate::response::{Answer, Decoder, Response, or_null};
use bytes::Bytes;
use futures_core::Stream;
use glabflow_contract::{Decode, Output, decode};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A future of one answer. Nothing is sent before it is awaited.
#[must_use = "nothing is sent before this is awaited"]
pub struct Sent<T> {
    answer: Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>,
    decoder: Decoder<T>,
}

impl<T> Sent<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoder: Decoder<T>) -> Self {
        let answer = async move {
            let plan = plan?;
            let mut answer = core.send(&plan).await?;
            if plan.output == Output::Empty {
                answer.body = Bytes::new();
            }
            Ok(answer)
        };
        Sent { answer: Box::pin(answer), decoder }
    }
}

impl<T> Future for Sent<T> {
    type Output = Result<Response<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(self.answer.as_mut().poll(cx));
        Poll::Ready(answer.and_then(|answer| answer.decode(self.decoder)))
    }
}

/// How one item and a page of items are decoded.
pub(crate) struct Decoders<T> {
    page: Decoder<Vec<T>>,
    item: fn(&[u8]) -> Result<T, serde_json::Error>,
}

// Derived, these would ask that `T` can be copied.
impl<T> Clone for Decoders<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Decoders<T> {}

impl<T: Decode> Decoders<T> {
    /// Leniently, for GitLab's own types.
    pub(crate) fn lenient() -> Self {
        Decoders { page: |body| decode::from_slice(or_null(body)), item: |item| decode::from_slice(item) }
    }
}

impl<T: DeserializeOwned> Decoders<T> {
    /// By serde, for the caller's own types.
    pub(crate) fn serde() -> Self {
        Decoders {
            page: |body| Ok(serde_json::from_slice::<Option<Vec<T>>>(or_null(body))?.unwrap_or_default()),
            item: |item| serde_json::from_slice(item),
        }
    }
}

/// The pages of a list, as a stream. Nothing is sent before it is polled, and dropping it cancels what is on its way.
///
/// A page with an item that cannot be decoded is an error; [`Items`] gives the other items of such a page.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<T> {
    feed: Feed,
    decoders: Decoders<T>,
}

impl<T> Pages<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoders: Decoders<T>) -> Self {
        Pages { feed: Feed::new(core, plan), decoders }
    }

    /// Reads up to `pages` pages ahead of the caller; 1 unless set. With 0, a page is asked for when the caller asks for it.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.feed.reading().prefetch = pages;
        self
    }

    /// Reads up to `pages` pages at once, where the server says how many there are. They come in order.
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

impl<T> Stream for Pages<T> {
    type Item = Result<Response<Vec<T>>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let page = self.decoders.page;
        self.feed.poll_next(cx).map(|answer| answer.map(|answer| answer?.decode(page)))
    }
}

/// The items of a list through all of its pages, as a stream. Nothing is sent before it is polled, and dropping it cancels
/// what is on its way.
///
/// An item that cannot be decoded is one error, and the stream goes on behind it. When a page cannot be read, the stream
/// ends with an error that [says where](Error::position).
#[must_use = "streams do nothing unless polled"]
pub struct Items<T> {
    feed: Feed,
    decoders: Decoders<T>,
    batch: Batch<T>,
    left: Option<u64>,
}

/// The items of a page that have not been given out yet.
enum Batch<T> {
    Whole(std::vec::IntoIter<T>),
    /// Some could not be decoded.
    Mixed(VecDeque<Result<T, Error>>),
}

impl<T> Batch<T> {
    fn next(&mut self) -> Option<Result<T, Error>> {
        match self {
            Batch::Whole(items) => items.next().map(Ok),
            Batch::Mixed(items) => items.pop_front(),
        }
    }
}

impl<T> Items<T> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, decoders: Decoders<T>) -> Self {
        Items { feed: Feed::new(core, plan), decoders, batch: Batch::Whole(Vec::new().into_iter()), left: None }
    }

    /// Ends the stream after so many items. No page is asked for behind them.
    pub fn limit(mut self, items: u64) -> Self {
        self.left = Some(items);
        self.feed.reading().limit = Some(items);
        self
    }

    /// Reads up to `pages` pages ahead of the caller; 1 unless set. With 0, a page is asked for when the caller asks for it.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.feed.reading().prefetch = pages;
        self
    }

    /// Reads up to `pages` pages at once, where the server says how many there are. Items come in order.
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

    fn open(&self, answer: &Answer) -> Result<Batch<T>, Error> {
        match (self.decoders.page)(&answer.body) {
            Ok(items) => Ok(Batch::Whole(items.into_iter())),
            Err(error) => match serde_json::from_slice::<Vec<&RawValue>>(&answer.body) {
                Ok(items) => Ok(Batch::Mixed(
                    items
                        .into_iter()
                        .enumerate()
                        .map(|(index, item)| {
                            let item = item.get().as_bytes();
                            (self.decoders.item)(item).map_err(|error| answer.undecodable_item(index, item, error))
                        })
                        .collect(),
                )),
                Err(_) => Err(answer.undecodable(error)),
            },
        }
    }
}

impl<T> Unpin for Items<T> {}

impl<T> Stream for Items<T> {
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
                Some(Ok(answer)) => match self.open(&answer) {
                    Ok(batch) => self.batch = batch,
                    // Nothing of the page can be understood, so its items are missing.
                    Err(error) => {
                        self.feed.stop();
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            }
        }
    }
}
