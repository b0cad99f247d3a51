//! The changes of a watched list, as a stream.

use super::source::{Reading, Source};
use super::state::{KnownItem, WatchState};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use futures_core::Stream;
use futures_util::future::BoxFuture;
use glabflow_contract::{Decode, fnv1a64};
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A change of an item in a watched list.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<T> {
    /// The item is new in the list.
    Created {
        /// Its key.
        key: String,
        /// The item.
        item: T,
    },
    /// The item has changed.
    Updated {
        /// Its key.
        key: String,
        /// The item as it is now.
        item: T,
    },
    /// The item is no longer in the list.
    Removed {
        /// Its key.
        key: String,
    },
}

impl<T> Change<T> {
    /// The item's key.
    pub fn key(&self) -> &str {
        match self {
            Change::Created { key, .. } | Change::Updated { key, .. } | Change::Removed { key } => key,
        }
    }
}

/// The changes of a watched list: a stream without an end. Nothing is sent before it is polled, and dropping it ends the watch.
///
/// The first reading reports every item as created, unless [`ChangeStream::only_changes`] is set. After changes the interval is
/// short; without changes it grows. A reading that fails is one error, and the next reading follows after the interval. If a page is
/// too costly for the server, the watch asks for smaller ones.
///
/// In a list of several pages, items can move from one page to another between two requests. The watch reports an item as removed
/// only after two readings without it.
#[must_use = "streams do nothing unless polled"]
pub struct ChangeStream<T> {
    clock: Arc<dyn Clock>,
    source: Source,
    key: Box<dyn Fn(&T) -> String + Send + Sync>,
    state: WatchState,
    only_changes: bool,
    shortest: Duration,
    longest: Duration,
    /// The wait before the next reading; `None` before the first one.
    interval: Option<Duration>,
    /// Items of a page in the next reading.
    page_size: u32,
    /// Changes that are not reported yet, with what is known of the item afterwards.
    events: VecDeque<(Change<T>, Option<KnownItem>)>,
    reading: Option<BoxFuture<'static, Result<Reading, Error>>>,
    /// The stream has ended, with this error if it is not reported yet.
    ended: Option<Option<Error>>,
}

impl<T: Decode> ChangeStream<T> {
    pub(super) fn new(source: Source, state: WatchState, key: impl Fn(&T) -> String + Send + Sync + 'static) -> Self {
        ChangeStream {
            clock: source.graphql.clock(),
            page_size: source.page_size,
            source,
            key: Box::new(key),
            state,
            only_changes: false,
            shortest: Duration::from_secs(2),
            longest: Duration::from_secs(60),
            interval: None,
            events: VecDeque::new(),
            reading: None,
            ended: None,
        }
    }

    /// Sets the shortest and the longest time between two readings (default: 2 and 60 seconds).
    pub fn interval(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest = shortest;
        self.longest = longest.max(shortest);
        self
    }

    /// Does not report the items of the first reading.
    pub fn only_changes(mut self) -> Self {
        self.only_changes = true;
        self
    }

    /// Continues from a saved state. The stream yields an error and ends if the state belongs to another operation or other
    /// variables.
    pub fn resume(mut self, state: WatchState) -> Self {
        if state.is_of_same_list(&self.state) {
            self.state = state;
        } else {
            let error = Error::new(ErrorKind::Argument, "the saved state belongs to a different watch");
            self.ended = Some(Some(error));
        }
        self
    }

    /// The current state. It includes exactly the changes that were reported.
    pub fn state(&self) -> &WatchState {
        &self.state
    }

    /// The wait before the next reading.
    pub fn current_interval(&self) -> Duration {
        self.interval.unwrap_or_default()
    }

    /// The next change. `None` only if [`resume`](ChangeStream::resume) was given the state of a different watch.
    pub async fn next(&mut self) -> Option<Result<Change<T>, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Compares a reading with the state. An error changes nothing.
    fn compare(&mut self, reading: Reading) -> Result<(), Error> {
        let is_first = !self.state.was_read;
        let mut found = HashSet::new();
        let mut events = VecDeque::new();
        let mut silent = Vec::new();
        for value in reading.items {
            let hash = fnv1a64(value.to_string().as_bytes());
            let item = T::decode(value).map_err(|error| {
                let text = format!("{}: an item does not have the expected shape", self.state.operation());
                Error::new(ErrorKind::Decode, text).with_source(error)
            })?;
            let key = (self.key)(&item);
            if !found.insert(key.clone()) {
                continue;
            }
            let current = KnownItem { hash, missing: false };
            match self.state.known.get(&key) {
                Some(known) if *known == current => {}
                Some(known) if known.hash == hash => silent.push((key, current)),
                None if is_first && self.only_changes => silent.push((key, current)),
                Some(_) => events.push_back((Change::Updated { key, item }, Some(current))),
                None => events.push_back((Change::Created { key, item }, Some(current))),
            }
        }
        for (key, known) in self.state.known.iter().filter(|(key, _)| !found.contains(*key)) {
            if known.missing || reading.pages < 2 {
                events.push_back((Change::Removed { key: key.clone() }, None));
            } else {
                silent.push((key.clone(), KnownItem { missing: true, ..*known }));
            }
        }
        self.state.was_read = true;
        self.state.known.extend(silent);
        self.events = events;
        // Smaller pages may be needed only for a while: the next reading tries larger ones again.
        self.page_size = reading.page_size.saturating_mul(2).min(self.source.page_size);
        Ok(())
    }

    /// Sets the next interval: the shortest one after changes, otherwise twice the last one.
    fn pace(&mut self, has_changed: bool) {
        self.interval = Some(match self.interval {
            Some(interval) if !has_changed => interval.saturating_mul(2).clamp(self.shortest, self.longest),
            _ => self.shortest,
        });
    }
}

impl<T> Unpin for ChangeStream<T> {}

impl<T: Decode> Stream for ChangeStream<T> {
    type Item = Result<Change<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let watch = &mut *self;
        loop {
            if let Some(error) = &mut watch.ended {
                return Poll::Ready(error.take().map(Err));
            }
            if let Some((change, current)) = watch.events.pop_front() {
                match current {
                    Some(current) => drop(watch.state.known.insert(change.key().to_owned(), current)),
                    None => drop(watch.state.known.remove(change.key())),
                }
                return Poll::Ready(Some(Ok(change)));
            }
            let reading = match &mut watch.reading {
                Some(reading) => reading,
                None => {
                    let (clock, source) = (Arc::clone(&watch.clock), watch.source.clone());
                    let (wait, page_size) = (watch.interval, watch.page_size);
                    watch.reading.insert(Box::pin(async move {
                        if let Some(wait) = wait {
                            clock.sleep(wait).await;
                        }
                        source.read(page_size).await
                    }))
                }
            };
            let outcome = ready!(reading.as_mut().poll(cx));
            watch.reading = None;
            match outcome.and_then(|reading| watch.compare(reading)) {
                Ok(()) => watch.pace(!watch.events.is_empty()),
                Err(error) => {
                    watch.pace(false);
                    // The server may ask for a longer wait.
                    watch.interval = watch.interval.max(error.retry_after());
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T> fmt::Debug for ChangeStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeStream")
            .field("operation", &self.state.operation())
            .field("known", &self.state.len())
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
