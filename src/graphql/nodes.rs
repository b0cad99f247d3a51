//! Connections as streams: some pages ahead of the caller.

use super::complaints;
use super::connection;
use super::document::Document;
use super::envelope::{Envelope, Typed};
use super::handle::{Graphql, Outgoing};
use super::pager::{Fetch, Fetching, PAGE_SIZE, Page, Pager, Turned};
use super::response;
use crate::error::{Error, ErrorKind};
use crate::paging::origin::Origin;
use crate::paging::page_items::Batch;
use crate::paging::pager;
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

/// Pages on which a resumed stream looks for what was given out before: pages may be smaller than they were, and what is not found
/// there is gone.
const PATIENCE: u32 = 10;

impl Graphql {
    /// The items of a connection through all of its pages, as a stream.
    pub fn stream<O>(&self, operation: O) -> Nodes<O::Node>
    where
        O: ConnectionOperation<Node: Send + 'static> + Clone + Send + 'static,
    {
        typed(self.clone(), operation)
    }

    /// The items of a connection which a document asks for, as a stream. `path` are the response keys from `data` to the
    /// connection.
    ///
    /// The document must have a variable `$after` for the cursor and should have `$first` for the size of a page, and must
    /// select `nodes` (or `edges { node }`) and `pageInfo { endCursor hasNextPage }` of the connection.
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

/// The items of a connection. Nothing is sent before it is polled, and dropping it cancels what is on its way.
///
/// An item that cannot be decoded is one error, and so is what the server complains about on a page that is there; the
/// stream goes on behind them. When a page cannot be read, the stream ends with an error that [says
/// where to go on](Error::resume_token). When the server finds a page too costly, the page is asked for again with half as many items.
#[must_use = "streams do nothing unless polled"]
pub struct Nodes<T> {
    state: State<T>,
    /// The page whose items are being given out.
    batch: Batch<T>,
    /// Where nodes are in an answer.
    path: Arc<[String]>,
    left: Option<u64>,
    prefetch: usize,
    origin: Origin,
    /// Where the page begins whose items are being given out.
    place: Cursor,
    /// The cursor behind the page whose items are being given out.
    behind: Option<String>,
    /// What the server complains about on that page; given out behind its items.
    complaint: Option<Error>,
    /// What is still to be passed over, having been given out before the stream was resumed.
    given: Given,
    /// On how many more pages that is looked for.
    patience: u32,
}

/// A place in a connection.
#[derive(Clone)]
struct Cursor {
    after: Option<String>,
    page_size: u32,
}

enum State<T> {
    /// Nothing has been asked for yet.
    New(Result<Pager<T>, Error>),
    /// No page is on its way.
    Idle(Pager<T>),
    /// One page is on its way.
    Fetching(Step<T>),
    /// A task reads ahead.
    Ahead { pages: mpsc::Receiver<Result<Turned<T>, Error>>, task: Task<()> },
    /// There are no more pages.
    Done,
}

type Step<T> = Pin<Box<dyn Future<Output = (Pager<T>, Option<Result<Turned<T>, Error>>)> + Send>>;

/// A stream over the connection of a typed operation.
fn typed<O>(graphql: Graphql, operation: O) -> Nodes<O::Node>
where
    O: ConnectionOperation<Node: Send + 'static> + Clone + Send + 'static,
{
    let descriptor = O::DESCRIPTOR;
    let variables = match serde_json::to_value(operation.clone().into_variables()) {
        Ok(Value::Object(variables)) => Ok(variables),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(Error::new(ErrorKind::Argument, format!("{}: the variables cannot be sent", descriptor.id))
            .with_source(error)),
    };
    let size = if descriptor.page_size > 0 { descriptor.page_size } else { PAGE_SIZE };
    let fetch = move |cursor: Option<String>, size| -> Fetching<O::Node> {
        let graphql = graphql.clone();
        let operation = operation.clone().page_size(size);
        let operation = match cursor {
            Some(cursor) => operation.after_cursor(cursor),
            None => operation,
        };
        let outgoing = Outgoing::typed(operation);
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
        // Some item cannot be decoded, or more than that: item by item, then, which finds out what it is.
        _ => return connection::page(answer, O::DESCRIPTOR.path, decode::from_slice),
    };
    let complaint = (!envelope.errors.is_empty()).then(|| complaints::refused(answer, envelope.errors));
    match envelope.data.and_then(|data| data.output) {
        Some(connection) => {
            let items = connection.nodes.into_iter().map(Ok).collect();
            Ok(Page { items, info: connection.page_info, complaint, body: answer.body.clone() })
        }
        None => Err(complaint.unwrap_or_else(|| response::missing(answer))),
    }
}

/// A stream over the connection which a document asks for.
fn document<T: DeserializeOwned + Send + 'static>(graphql: Graphql, document: Document, path: &[&str]) -> Nodes<T> {
    let text = document.text.clone().into_owned();
    let path: Arc<[String]> = path.iter().map(|key| (*key).to_owned()).collect();
    let checked = document.outgoing().and_then(|_| {
        if !declares(&text, "after") {
            let error = Error::new(ErrorKind::Argument, "the GraphQL document has no variable `$after` for the cursor");
            return Err(error.with_hint(Some("declare `$after: String` and give it to the connection's `after`")));
        }
        Ok(document.variables.clone().unwrap_or_default())
    });
    let sized = declares(&text, "first");
    let size = match &checked {
        Ok(variables) => variables.get("first").and_then(Value::as_u64).and_then(|size| u32::try_from(size).ok()),
        Err(_) => None,
    };
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
    Nodes::new(("document", &text), checked, size.filter(|size| *size > 0).unwrap_or(PAGE_SIZE), Box::new(fetch), path)
}

/// Whether a document has a variable of this name.
fn declares(document: &str, name: &str) -> bool {
    document.split('$').skip(1).any(|rest| {
        let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        &rest[..end] == name
    })
}

impl<T: Send + 'static> Nodes<T> {
    /// The stream of an operation, known by its id or by its document.
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
        let pager = Pager { fetch, cursor: None, size, left: None, seen: HashSet::new(), done: false };
        Nodes {
            state: State::New(refused.map_or(Ok(pager), Err)),
            batch: Batch::empty(),
            path,
            left: None,
            prefetch: pager::PREFETCH,
            origin: Origin::graphql(operation, document, &variables),
            place: Cursor { after, page_size: size },
            behind: None,
            complaint: None,
            given: Given::NONE,
            patience: PATIENCE,
        }
    }

    /// Ends the stream after so many items. No page is asked for behind them.
    pub fn limit(mut self, items: u64) -> Self {
        self.left = Some(items);
        self
    }

    /// Asks for pages of so many items.
    pub fn page_size(mut self, items: u32) -> Self {
        let items = items.max(1);
        self.place.page_size = items;
        if let State::New(Ok(pager)) = &mut self.state {
            pager.size = items;
        }
        self
    }

    /// Reads up to `pages` pages ahead of the caller; 2 unless set. With 0, a page is asked for when the caller asks for it.
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.prefetch = pages;
        self
    }

    /// Goes on where a stream of the same operation with the same variables was; a limit counts from there.
    ///
    /// The stream gives an error when the token is one of another operation or of other variables.
    pub fn resume(mut self, token: ResumeToken) -> Self {
        let place = self.origin.place(token).and_then(|place| match place {
            Place::Cursor { after, given, page_size } => Ok((Cursor { after, page_size }, given)),
            _ => Err(Error::new(ErrorKind::Argument, "the resume token is not one of a GraphQL connection")),
        });
        match (place, &mut self.state) {
            (Ok((place, given)), State::New(Ok(pager))) => {
                pager.cursor.clone_from(&place.after);
                pager.seen.extend(place.after.clone());
                pager.size = place.page_size.max(1);
                self.given = given;
                self.place = place;
            }
            (Err(error), State::New(Ok(_))) => self.state = State::New(Err(error)),
            // What was wrong before is what there is to say.
            _ => {}
        }
        self
    }

    /// The place behind the last item that was given out.
    pub fn resume_token(&self) -> ResumeToken {
        let Cursor { after, page_size } = self.place.clone();
        let given = self.given.clone();
        self.origin.token(match &self.behind {
            Some(cursor) if self.batch.left() == 0 => Place::Cursor { after: Some(cursor.clone()), given, page_size },
            _ => Place::Cursor { after, given: self.batch.given().and(given), page_size },
        })
    }

    /// The next item; `None` behind the last one.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// All items, or the first error.
    ///
    /// # Errors
    /// When a page cannot be read, an item not be decoded, or the server complains about a part of a page.
    pub async fn try_collect(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Turned<T>, Error>>> {
        loop {
            match &mut self.state {
                State::New(_) => {
                    let State::New(pager) = std::mem::replace(&mut self.state, State::Done) else { continue };
                    let mut pager = match pager {
                        Ok(pager) => pager,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    };
                    pager.left = self.left.map(|left| left.saturating_add(self.given.count()));
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
                        // Only a task that has come to its end says that the connection has.
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

    /// Makes a page the one whose items are given out.
    fn enter(&mut self, Turned { page, after, size }: Turned<T>) {
        self.batch = Batch::of_nodes(page.items, page.body, Arc::clone(&self.path), connection::nodes);
        if !self.given.is_none() {
            self.pass_over();
        }
        self.place = Cursor { after, page_size: size };
        self.behind = page.info.end_cursor;
        self.complaint = page.complaint;
    }

    /// Passes over what was given out of the page before the stream was resumed.
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
                && let Some(complaint) = self.complaint.take()
            {
                return Poll::Ready(Some(Err(complaint)));
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
                Some(Ok(turned)) => self.enter(turned),
                Some(Err(error)) => return Poll::Ready(Some(Err(broken_off(error, || self.resume_token())))),
            }
        }
    }
}

/// Starts a task that keeps up to `ahead` pages ready.
fn read_ahead<T: Send + 'static>(mut pager: Pager<T>, ahead: usize) -> State<T> {
    let (sender, pages) = mpsc::channel(ahead);
    let task = Task::spawn(async move {
        // Room first, then the page: no more than `ahead` pages wait at any time.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_variables_are_whole_names() {
        assert!(declares("query ($after: String) { a }", "after"));
        assert!(!declares("query ($afterwards: String) { after }", "after"));
        assert!(declares("query ($a: X, $after:String){a}", "after"));
    }
}
