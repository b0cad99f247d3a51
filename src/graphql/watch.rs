//! Watching by asking again: what is new, changed or gone in a list.
//!
//! GitLab tells of changes over web sockets only. A [`Watch`] reads a list from time to time instead, and compares.

use super::handle::Graphql;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use futures_core::Stream;
use futures_util::future::BoxFuture;
use glabflow_contract::Decode;
use glabflow_contract::graphql::{ConnectionOperation, Descriptor, GraphqlOperation, List, Variables};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// What has happened to an item of a watched list.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<T> {
    /// The item has come.
    Created {
        /// Its key.
        key: String,
        /// The item.
        item: T,
    },
    /// The item is not what it was.
    Updated {
        /// Its key.
        key: String,
        /// The item as it is now.
        item: T,
    },
    /// The item has gone from the list.
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

/// What a watch knows of its list: enough to go on later without telling anything twice.
///
/// Its text form can be kept in a file. It holds keys and hashes, and no content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchState {
    operation: String,
    /// The hash of the operation's variables.
    variables: u64,
    seen: BTreeMap<String, Seen>,
    /// Whether the list has been read once.
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    hash: u64,
    /// It was missing when the list was last read.
    missing: bool,
}

impl WatchState {
    /// How many items are known.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// No item is known.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

impl fmt::Display for WatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen: BTreeMap<&str, Value> =
            self.seen.iter().map(|(key, seen)| (key.as_str(), json!([seen.hash, seen.missing]))).collect();
        let state = json!({
            "operation": self.operation, "variables": self.variables, "begun": self.begun, "seen": seen,
        });
        state.fmt(f)
    }
}

impl FromStr for WatchState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = |state: Value| {
            let seen = state.get("seen")?.as_object()?.iter().map(|(key, seen)| {
                let seen = Seen { hash: seen.get(0)?.as_u64()?, missing: seen.get(1)?.as_bool()? };
                Some((key.clone(), seen))
            });
            Some(WatchState {
                operation: state.get("operation")?.as_str()?.to_owned(),
                variables: state.get("variables")?.as_u64()?,
                seen: seen.collect::<Option<_>>()?,
                begun: state.get("begun")?.as_bool()?,
            })
        };
        let state = serde_json::from_str(text).ok().and_then(read);
        state.ok_or_else(|| Error::new(ErrorKind::Argument, "this is not the state of a watch"))
    }
}

/// The variables that ask for the page behind a cursor.
type PageOf = Arc<dyn Fn(Option<String>) -> Variables + Send + Sync>;

impl Graphql {
    /// Watches a connection: reads all of it from time to time and tells what has changed.
    ///
    /// ```no_run
    /// # use glabflow::graphql::{Change, ConnectionOperation};
    /// # async fn run<O>(gl: glabflow::Client, issues: O, key: fn(&O::Node) -> String) -> Result<(), glabflow::Error>
    /// # where O: ConnectionOperation<Node: Send + 'static> + Clone + Send + Sync + 'static {
    /// let mut changes = gl.graphql().watch(issues).by(key);
    /// while let Some(change) = changes.next().await {
    ///     if let Change::Removed { key } = change? {
    ///         println!("{key} has gone");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch<O>(&self, operation: O) -> Watching<O::Node>
    where
        O: ConnectionOperation + Clone + Send + Sync + 'static,
    {
        let page = move |cursor: Option<String>| {
            let operation = operation.clone();
            cursor.map_or(operation.clone(), |cursor| operation.after_cursor(cursor)).into_variables()
        };
        Watching::new(self, Arc::new(page))
    }

    /// Watches a list that comes at once.
    pub fn watch_list<T: Decode, O>(&self, operation: O) -> Watching<T>
    where
        O: GraphqlOperation<Output = List<T>> + Clone + Send + Sync + 'static,
    {
        Watching::new(self, Arc::new(move |_| operation.clone().into_variables()))
    }
}

/// What is to be watched; [`Watching::by`] says by which key.
#[must_use = "a watch comes of `by`"]
pub struct Watching<T> {
    graphql: Graphql,
    page: PageOf,
    item: std::marker::PhantomData<fn() -> T>,
}

impl<T: Decode> Watching<T> {
    fn new(graphql: &Graphql, page: PageOf) -> Self {
        // A cached answer would hide every change.
        Watching { graphql: graphql.clone().uncached(), page, item: std::marker::PhantomData }
    }

    /// Tells items apart by a key. It must be of what the operation selects.
    pub fn by<K: ToString>(self, key: impl Fn(&T) -> K + Send + Sync + 'static) -> Watch<T> {
        let variables = (self.page)(None);
        let descriptor = variables.descriptor();
        // Variables that cannot be written as JSON fail when they are sent.
        let text = serde_json::to_string(&variables).unwrap_or_default();
        let state = WatchState {
            operation: descriptor.id.to_owned(),
            variables: hash(text.as_bytes()),
            seen: BTreeMap::new(),
            begun: false,
        };
        Watch {
            clock: self.graphql.clock(),
            source: Source { graphql: self.graphql, page: self.page, descriptor },
            key: Box::new(move |item| key(item).to_string()),
            state,
            quiet: false,
            shortest: Duration::from_secs(2),
            longest: Duration::from_secs(60),
            interval: None,
            events: VecDeque::new(),
            reading: None,
            over: None,
        }
    }
}

/// Changes of a list, as a stream without an end. Nothing is sent before it is polled, and dropping it ends it.
///
/// The first reading tells every item as created, unless [`Watch::only_changes`] is set. The list is read more often after
/// changes, and less often while nothing happens. A reading that fails is one error; the next one follows later.
///
/// Items of a list of several pages can slip from one page to another between two requests. Those count as removed only
/// when they are missing twice.
#[must_use = "streams do nothing unless polled"]
pub struct Watch<T> {
    clock: Arc<dyn Clock>,
    source: Source,
    key: Box<dyn Fn(&T) -> String + Send + Sync>,
    state: WatchState,
    quiet: bool,
    shortest: Duration,
    longest: Duration,
    /// The wait before the next reading; none before the first.
    interval: Option<Duration>,
    /// What has been found and not yet told, with what will be known then.
    events: VecDeque<(Change<T>, Option<Seen>)>,
    reading: Option<BoxFuture<'static, Result<Reading, Error>>>,
    /// Why the watch cannot be.
    over: Option<Option<Error>>,
}

#[derive(Clone)]
struct Source {
    graphql: Graphql,
    page: PageOf,
    descriptor: &'static Descriptor,
}

struct Reading {
    items: Vec<Value>,
    pages: usize,
}

impl<T: Decode> Watch<T> {
    /// The shortest and the longest time between two readings: 2 and 60 seconds unless set.
    pub fn interval(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest = shortest;
        self.longest = longest.max(shortest);
        self
    }

    /// Tells nothing of what is there already at the first reading.
    pub fn only_changes(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Goes on from a state, which must be of a watch of the same operation with the same variables.
    pub fn resume(mut self, state: WatchState) -> Self {
        if (&state.operation, state.variables) == (&self.state.operation, self.state.variables) {
            self.state = state;
        } else {
            let error = Error::new(ErrorKind::Argument, "the state is of a watch of something else");
            self.over = Some(Some(error));
        }
        self
    }

    /// What is known now: all that has been told, and nothing that has not.
    pub fn state(&self) -> &WatchState {
        &self.state
    }

    /// The wait before the next reading.
    pub fn current_interval(&self) -> Duration {
        self.interval.unwrap_or_default()
    }

    /// The next change. The stream has no end, but for a watch that cannot be, which is one error.
    pub async fn next(&mut self) -> Option<Result<Change<T>, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Takes in what was read; an error leaves all as it was.
    fn compare(&mut self, reading: Reading) -> Result<(), Error> {
        let is_first = !self.state.begun;
        let mut found = HashSet::new();
        let mut events = VecDeque::new();
        let mut silent = Vec::new();
        for value in reading.items {
            let hash = hash(value.to_string().as_bytes());
            let item = T::decode(value).map_err(|error| {
                let text = format!("{}: an item does not have the expected shape", self.state.operation);
                Error::new(ErrorKind::Decode, text).with_source(error)
            })?;
            let key = (self.key)(&item);
            if !found.insert(key.clone()) {
                continue;
            }
            let seen = Seen { hash, missing: false };
            match self.state.seen.get(&key) {
                Some(known) if *known == seen => {}
                Some(known) if known.hash == hash => silent.push((key, seen)),
                None if is_first && self.quiet => silent.push((key, seen)),
                Some(_) => events.push_back((Change::Updated { key, item }, Some(seen))),
                None => events.push_back((Change::Created { key, item }, Some(seen))),
            }
        }
        for (key, known) in self.state.seen.iter().filter(|(key, _)| !found.contains(*key)) {
            if known.missing || reading.pages < 2 {
                events.push_back((Change::Removed { key: key.clone() }, None));
            } else {
                silent.push((key.clone(), Seen { missing: true, ..*known }));
            }
        }
        self.state.begun = true;
        self.state.seen.extend(silent);
        self.events = events;
        Ok(())
    }

    /// After changes the next reading comes soon, after quiet ones later each time.
    fn pace(&mut self, has_changed: bool) {
        self.interval = Some(match self.interval {
            Some(interval) if !has_changed => interval.saturating_mul(2).clamp(self.shortest, self.longest),
            _ => self.shortest,
        });
    }
}

impl<T> Unpin for Watch<T> {}

impl<T: Decode> Stream for Watch<T> {
    type Item = Result<Change<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let watch = &mut *self;
        loop {
            if let Some(error) = &mut watch.over {
                return Poll::Ready(error.take().map(Err));
            }
            if let Some((change, seen)) = watch.events.pop_front() {
                match seen {
                    Some(seen) => drop(watch.state.seen.insert(change.key().to_owned(), seen)),
                    None => drop(watch.state.seen.remove(change.key())),
                }
                return Poll::Ready(Some(Ok(change)));
            }
            let reading = match &mut watch.reading {
                Some(reading) => reading,
                None => {
                    let (clock, source, wait) = (Arc::clone(&watch.clock), watch.source.clone(), watch.interval);
                    watch.reading.insert(Box::pin(async move {
                        if let Some(wait) = wait {
                            clock.sleep(wait).await;
                        }
                        source.read().await
                    }))
                }
            };
            let outcome = ready!(reading.as_mut().poll(cx));
            watch.reading = None;
            match outcome.and_then(|reading| watch.compare(reading)) {
                Ok(()) => watch.pace(!watch.events.is_empty()),
                Err(error) => {
                    watch.pace(false);
                    // The server knows best when it can be asked again.
                    watch.interval = watch.interval.max(error.retry_after());
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl Source {
    /// Reads the whole list. What is not whole is an error: it would look like removals.
    async fn read(&self) -> Result<Reading, Error> {
        let mut reading = Reading { items: Vec::new(), pages: 0 };
        let mut cursor: Option<String> = None;
        let mut cursors = HashSet::new();
        loop {
            let variables = (self.page)(cursor);
            let document = self.graphql.document(self.descriptor.document).operation(self.descriptor.name);
            let data = document.variables(variables).execute().await?.complete()?;
            let mut list = &data;
            for key in self.descriptor.path {
                list = list.get(key).unwrap_or(&Value::Null);
            }
            reading.pages += 1;
            if list.is_null() {
                let text = format!("{}: there is no such list", self.descriptor.id);
                let hint = Some("it does not exist, or this token may not see it");
                return Err(Error::new(ErrorKind::NotFound, text).with_hint(hint));
            }
            let items = if self.descriptor.is_connection() { list.get("nodes") } else { Some(list) };
            let items = items.and_then(Value::as_array).into_iter().flatten();
            // GitLab shows what it hides as null.
            reading.items.extend(items.filter(|item| !item.is_null()).cloned());
            let end = list.get("pageInfo").filter(|page| page["hasNextPage"] == true).map(|page| &page["endCursor"]);
            match end {
                None => return Ok(reading),
                Some(Value::String(end)) if cursors.insert(end.clone()) => cursor = Some(end.clone()),
                Some(_) => {
                    let text = format!("{}: the pages of the list lead in a circle", self.descriptor.id);
                    return Err(Error::new(ErrorKind::Paging, text));
                }
            }
        }
    }
}

/// FNV-1a: the same in every process and version, which a state that is kept must be.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

impl<T> fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("operation", &self.state.operation)
            .field("known", &self.state.seen.len())
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Watching<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watching").field("operation", &(self.page)(None).descriptor().id).finish_non_exhaustive()
    }
}
