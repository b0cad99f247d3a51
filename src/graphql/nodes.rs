//! Connections as streams of their items.

use super::complaints;
use super::connection;
use super::document::Document;
use super::envelope::{Envelope, Typed};
use super::handle::{Graphql, Outgoing};
use super::pager::{self, Fetch, Fetched, Fetching, PAGE_SIZE, Page, Pager};
use super::response;
use crate::error::{Error, ErrorKind};
use crate::paging::origin::Origin;
use crate::paging::page_items::Batch;
use crate::paging::pager::PREFETCH;
use crate::paging::position::broken_off;
use crate::resume_token::ItemId;
use crate::resume_token::{Given, Place, ResumeToken};
use crate::send::response::Answer;
use crate::task::Task;
use futures_core::Stream;
use glabflow_contract::decode;
use glabflow_contract::graphql::{self as contract, ConnectionOperation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::sync::mpsc;

/// Maximum number of pages on which a resumed stream skips items that were yielded before. Pages may be smaller than they were.
/// Items that are not found there no longer exist.
const PATIENCE: u32 = 10;

impl Graphql {
    /// The items of a connection as a stream through all pages.
    pub fn stream<O>(&self, operation: O) -> Nodes<O::Node>
    where
        O: ConnectionOperation<Node: Send + 'static> + Clone + Send + 'static,
    {
        typed(self.clone(), operation)
    }

    /// The items of a connection in a document, as a stream. `path` has the response keys from `data` to the connection.
    ///
    /// The document must declare a variable `$after` for the cursor, and should declare `$first` for the page size. It must select
    /// `nodes` (or `edges { node }`) and `pageInfo { endCursor hasNextPage }` of the connection.
    pub fn stream_document<T>(
        &self,
        text: impl Into<Cow<'static, str>>,
        variables: impl Serialize,
        path: &[&str],
    ) -> Nodes<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        document(self.clone(), self.document(text).variables(variables), path)
    }
}

/// The items of a connection, as a stream. Nothing is sent before it is polled, and dropping it cancels its requests.
///
/// An item that cannot be decoded is one error, and so are the errors of a page that has items; the stream continues after them. If a
/// page cannot be read, the stream ends with an error that has a [resume token](Error::resume_token). If a page is too costly for the
/// server, the stream asks for smaller pages.
#[must_use = "streams do nothing unless polled"]
pub struct Nodes<T> {
    state: State<T>,
    /// The current page.
    batch: Batch<T>,
    /// The response keys from `data` to the connection.
    path: Arc<[String]>,
    /// Items until the limit.
    left: Option<u64>,
    prefetch: usize,
    origin: Origin,
    /// Where the current page starts.
    place: Cursor,
    /// The cursor after the current page.
    end: Option<String>,
    /// The errors of the current page. They come after its items.
    errors: Option<Error>,
    /// Items to skip: they were yielded before the stream was resumed.
    given: Given,
    /// Remaining pages on which items are skipped.
    patience: u32,
}

/// A position in a connection.
#[derive(Clone)]
struct Cursor {
    after: Option<String>,
    page_size: u32,
}

enum State<T> {
    /// Not polled yet.
    New(Result<Pager<T>, Error>),
    /// No page is being fetched.
    Idle(Pager<T>),
    /// One page is being fetched.
    Fetching(Step<T>),
    /// A task prefetches pages.
    Ahead { pages: mpsc::Receiver<Result<Fetched<T>, Error>>, task: Task<()> },
    /// There are no more pages.
    Done,
}

type Step<T> = Pin<Box<dyn Future<Output = (Pager<T>, Option<Result<Fetched<T>, Error>>)> + Send>>;

/// A stream for a typed operation.
fn typed<O>(graphql: Graphql, operation: O) -> Nodes<O::Node>
where
    O: ConnectionOperation<Node: Send + 'static> + Clone + Send + 'static,
{
    let descriptor = O::DESCRIPTOR;
    let variables = match serde_json::to_value(operation.clone().into_variables()) {
        Ok(Value::Object(variables)) => Ok(variables),
        Ok(_) => Ok(Map::new()),
        Err(error) => {
            Err(Error::new(ErrorKind::Argument, format!("{}: the variables cannot be written as JSON", descriptor.id))
                .with_source(error))
        }
    };
    let size = if descriptor.page_size > 0 { descriptor.page_size } else { PAGE_SIZE };
    let fetch = move |cursor: Option<String>, size| -> Fetching<O::Node> {
        let graphql = graphql.clone();
        let outgoing = Outgoing::page(&operation, cursor, size);
        Box::pin(async move {
            let (answer, _) = graphql.send(&outgoing?).await?;
            typed_page::<O>(&answer)
        })
    };
    let path = descriptor.path.iter().map(|key| (*key).to_owned()).collect();
    Nodes::new((descriptor.id, ""), variables, size, Box::new(fetch), path)
}

fn typed_page<O: ConnectionOperation>(answer: &Answer) -> Result<Page<O::Node>, Error> {
    let envelope = match Envelope::decode(&answer.body, Typed::<contract::Answer<O>>::new()) {
        Ok(envelope) if envelope.data.is_some() || !envelope.errors.is_empty() => envelope,
        // Decoding each item by itself finds out which one is wrong.
        _ => return connection::page(answer, O::DESCRIPTOR.path, decode::from_slice),
    };
    let errors = (!envelope.errors.is_empty()).then(|| complaints::refused(answer, envelope.errors));
    match envelope.data.and_then(|data| data.output) {
        Some(connection) => {
            let items = connection.nodes.into_iter().map(Ok).collect();
            Ok(Page { items, info: Some(connection.page_info), errors, body: answer.body.clone() })
        }
        None => Err(errors.unwrap_or_else(|| response::missing(answer))),
    }
}

/// A stream for a document.
fn document<T: DeserializeOwned + Send + 'static>(graphql: Graphql, document: Document, path: &[&str]) -> Nodes<T> {
    let path: Arc<[String]> = path.iter().map(|key| (*key).to_owned()).collect();
    let checked = document.definition().and_then(|operation| {
        if !operation.declares("after") {
            let error = Error::new(ErrorKind::Argument, "the GraphQL document has no variable `$after` for the cursor");
            return Err(error.with_hint(Some("declare `$after: String` and give it to the connection's `after`")));
        }
        Ok((document.values()?.clone(), operation.declares("first")))
    });
    let (variables, sized) = match checked {
        Ok((variables, sized)) => (Ok(variables), sized),
        Err(error) => (Err(error), false),
    };
    let text = document.text().to_owned();
    let below = Arc::clone(&path);
    let fetch = move |cursor: Option<String>, size: u32| -> Fetching<T> {
        let (graphql, path) = (graphql.clone(), Arc::clone(&below));
        let mut document = document.clone();
        if let Some(cursor) = cursor {
            document = document.variable("after", cursor);
        }
        if sized {
            document = document.variable("first", size);
        }
        Box::pin(async move {
            let (answer, _) = graphql.send(&document.outgoing()?).await?;
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            connection::page(&answer, &path, |item| serde_json::from_slice(item))
        })
    };
    Nodes::new(("document", &text), variables, PAGE_SIZE, Box::new(fetch), path)
}

impl<T: Send + 'static> Nodes<T> {
    /// The stream for an operation, identified by its id and its document.
    fn new(
        (operation, document): (&str, &str),
        variables: Result<Map<String, Value>, Error>,
        size: u32,
        fetch: Fetch<T>,
        path: Arc<[String]>,
    ) -> Self {
        let (variables, refused) = match variables {
            Ok(variables) => (variables, None),
            Err(error) => (Map::new(), Some(error)),
        };
        let after = variables.get("after").and_then(Value::as_str).map(str::to_owned);
        let size = pager::page_size(&variables).unwrap_or(size);
        let pager = Pager::new(fetch, size);
        Nodes {
            state: State::New(refused.map_or(Ok(pager), Err)),
            batch: Batch::empty(),
            path,
            left: None,
            prefetch: PREFETCH,
            origin: Origin::graphql(operation, document, &variables),
            place: Cursor { after, page_size: size },
            end: None,
            errors: None,
            given: Given::NONE,
            patience: PATIENCE,
        }
    }

    /// Ends the stream after this number of items. It requests no page after them.
    pub fn limit(mut self, items: u64) -> Self {
        self.left = Some(items);
        self
    }

    /// Sets the number of items on a page.
    pub fn page_size(mut self, items: u32) -> Self {
        let items = items.max(1);
        self.place.page_size = items;
        if let State::New(Ok(pager)) = &mut self.state {
            pager.resize(items);
        }
        self
    }

    /// Reads up to `pages` pages ahead (default: 2). With 0, a page is requested when the caller needs it.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.prefetch = pages;
        self
    }

    /// Continues where an earlier stream stopped. A limit counts from there.
    ///
    /// The stream yields an error if the token was created for a different operation or different variables.
    pub fn resume(mut self, token: ResumeToken) -> Self {
        let place = self.origin.place(token).and_then(|place| match place {
            Place::Cursor { after, given, page_size } => Ok((Cursor { after, page_size }, given)),
            _ => Err(Error::new(ErrorKind::Argument, "the resume token was not created by a GraphQL stream")),
        });
        match (place, &mut self.state) {
            (Ok((place, given)), State::New(Ok(pager))) => {
                pager.start_after(place.after.clone());
                pager.resize(place.page_size);
                self.given = given;
                self.place = place;
            }
            (Err(error), State::New(Ok(_))) => self.state = State::New(Err(error)),
            // The first error counts.
            _ => {}
        }
        self
    }

    /// A token for the position after the last yielded item.
    pub fn resume_token(&self) -> ResumeToken {
        let Cursor { after, page_size } = self.place.clone();
        let given = self.given.clone();
        self.origin.token(match &self.end {
            Some(cursor) if self.batch.left() == 0 => Place::Cursor { after: Some(cursor.clone()), given, page_size },
            _ => Place::Cursor { after, given: self.batch.given().and(given), page_size },
        })
    }

    /// The next item; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// All items, or the first error.
    ///
    /// # Errors
    /// If a page cannot be read or has errors, or an item cannot be decoded.
    pub async fn try_collect(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Fetched<T>, Error>>> {
        loop {
            match &mut self.state {
                State::New(_) => {
                    let State::New(pager) = std::mem::replace(&mut self.state, State::Done) else { continue };
                    let mut pager = match pager {
                        Ok(pager) => pager,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    };
                    pager.limit(self.left.map(|left| left.saturating_add(self.given.count())));
                    self.state = if self.prefetch == 0 { State::Idle(pager) } else { read_ahead(pager, self.prefetch) };
                }
                State::Idle(_) => {
                    let State::Idle(mut pager) = std::mem::replace(&mut self.state, State::Done) else { continue };
                    self.state = State::Fetching(Box::pin(async move {
                        let page = pager.next().await;
                        (pager, page)
                    }));
                }
                State::Fetching(step) => {
                    let (pager, page) = ready!(step.as_mut().poll(cx));
                    self.state = if matches!(page, Some(Ok(_))) { State::Idle(pager) } else { State::Done };
                    return Poll::Ready(page);
                }
                State::Ahead { pages, task } => {
                    let page = match ready!(pages.poll_recv(cx)) {
                        // The connection has ended only if the task has ended without a panic.
                        None => ready!(Pin::new(task).poll(cx)).err().map(|gone| Err(gone.into())),
                        page => page,
                    };
                    if !matches!(page, Some(Ok(_))) {
                        self.state = State::Done;
                    }
                    return Poll::Ready(page);
                }
                State::Done => return Poll::Ready(None),
            }
        }
    }

    /// Makes a page the current one.
    fn enter(&mut self, Fetched { page, after, end, size }: Fetched<T>) {
        self.batch = Batch::of_nodes(page.items, page.body, Arc::clone(&self.path), connection::nodes);
        if !self.given.is_none() {
            self.pass_over();
        }
        self.place = Cursor { after, page_size: size };
        self.end = end;
        self.errors = page.errors;
    }

    /// Skips the items that were yielded before the stream was resumed.
    fn pass_over(&mut self) {
        self.batch.pass_over(&self.given);
        match &mut self.given {
            Given::Count(count) => *count = count.saturating_sub(self.batch.length() as u64),
            Given::Ids(given) => {
                let here: HashSet<&ItemId> = self.batch.ids().into_iter().flatten().collect();
                given.retain(|id| !here.contains(id));
                self.patience -= 1;
                if given.is_empty() || self.patience == 0 {
                    self.given = Given::NONE;
                }
            }
        }
    }
}

impl<T> Unpin for Nodes<T> {}

impl<T: Send + 'static> Stream for Nodes<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.batch.left() == 0
                && let Some(errors) = self.errors.take()
            {
                return Poll::Ready(Some(Err(errors)));
            }
            if self.left == Some(0) {
                self.state = State::Done;
                return Poll::Ready(None);
            }
            if let Some(item) = self.batch.next() {
                if let Some(left) = &mut self.left {
                    *left -= 1;
                }
                return Poll::Ready(Some(item));
            }
            match ready!(self.poll_page(cx)) {
                None => return Poll::Ready(None),
                Some(Ok(fetched)) => self.enter(fetched),
                Some(Err(error)) => return Poll::Ready(Some(Err(broken_off(error, || self.resume_token())))),
            }
        }
    }
}

/// Starts a task that prefetches up to `ahead` pages.
fn read_ahead<T: Send + 'static>(mut pager: Pager<T>, ahead: usize) -> State<T> {
    let (sender, pages) = mpsc::channel(ahead);
    let task = Task::spawn(async move {
        // The task reserves room before it fetches a page, so at most `ahead` pages wait.
        while let Ok(room) = sender.reserve().await {
            let Some(page) = pager.next().await else { return };
            room.send(page);
        }
    });
    State::Ahead { pages, task }
}

impl<T> fmt::Debug for Nodes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nodes").finish_non_exhaustive()
    }
}
