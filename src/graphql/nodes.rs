//! Connections as streams of their nodes.

use super::complaints;
use super::connection;
use super::document::Document;
use super::envelope::{Envelope, Typed};
use super::handle::{Graphql, GraphqlCall};
use super::pager::{self, Fetch, Fetched, Fetching, Page, Pager};
use super::response;
use crate::error::{Error, ErrorKind};
use crate::paging::options::list_options;
use crate::paging::origin::Origin;
use crate::paging::page_items::PageItems;
use crate::paging::pager::PREFETCH;
use crate::paging::position::with_position;
use crate::paging::prefetch::Prefetch;
use crate::resume_token::{ItemId, Position, ResumeToken, Skip};
use crate::send::response::RawResponse;
use futures_core::Stream;
use glabflow_contract::MAX_PAGE_SIZE;
use glabflow_contract::decode;
use glabflow_contract::graphql::{self as contract, ConnectionOperation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The number of pages on which a resumed stream looks for the items to skip. Pages may be smaller than before. An item that is not
/// on these pages was removed.
const SKIP_PAGES: u32 = 10;

impl Graphql {
    /// The items of a connection as a stream through all pages.
    pub fn stream<O>(&self, operation: O) -> Nodes<O::Node>
    where
        O: ConnectionOperation<Node: Send + 'static> + Clone + Send + 'static,
    {
        typed(self.clone(), operation)
    }

    /// The items of the connection that a document selects, as a stream. `path` has the response keys from `data` to the connection.
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

/// The items of a connection, as a stream. It sends nothing before it is polled. Dropping it cancels all requests.
///
/// An item that cannot be decoded is one error. The errors of a response that also has data are one error after its items. The
/// stream continues after both. If a page cannot be read, the stream ends with an error that has the [position to resume
/// from](Error::resume_token). If a page is too costly for the server, the stream requests it again with half as many items.
#[must_use = "streams do nothing unless polled"]
pub struct Nodes<T> {
    source: Source<T>,
    /// The current page: the one whose items are being returned.
    page: PageItems<T>,
    /// The path of the nodes in a response.
    path: Arc<[String]>,
    /// How many more items to return.
    remaining: Option<u64>,
    prefetch: usize,
    origin: Origin,
    /// Where the current page begins.
    page_start: Cursor,
    /// The cursor after the current page.
    end: Option<String>,
    /// The errors of the current page's response. They are returned after its items.
    errors: Option<Error>,
    /// Items to skip, because they were returned before the stream was resumed.
    skip: Skip,
    /// The number of pages on which the stream still looks for them.
    skip_pages: u32,
}

/// A position in a connection.
#[derive(Clone)]
struct Cursor {
    after: Option<String>,
    page_size: u32,
}

enum Source<T> {
    New(Result<Pager<T>, Error>),
    Pages(Prefetch<Pager<T>, Fetched<T>>),
    Done,
}

/// A stream over the connection of a typed operation.
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
    let size = if descriptor.page_size > 0 { descriptor.page_size } else { MAX_PAGE_SIZE };
    let fetch = move |cursor: Option<String>, size| -> Fetching<O::Node> {
        let graphql = graphql.clone();
        let call = GraphqlCall::page(&operation, cursor, size);
        Box::pin(async move {
            let (response, _) = graphql.send(&call?).await?;
            typed_page::<O>(&response)
        })
    };
    let path = descriptor.path.iter().map(|key| (*key).to_owned()).collect();
    Nodes::new((descriptor.id, ""), variables, size, Box::new(fetch), path)
}

fn typed_page<O: ConnectionOperation>(response: &RawResponse) -> Result<Page<O::Node>, Error> {
    let envelope = match Envelope::decode(&response.body, Typed::<contract::ResponseData<O>>::new()) {
        Ok(envelope) if envelope.data.is_some() || !envelope.errors.is_empty() => envelope,
        // Decoding item by item finds the item that cannot be decoded.
        _ => return connection::page(response, O::DESCRIPTOR.path, decode::from_slice),
    };
    let errors = (!envelope.errors.is_empty()).then(|| complaints::rejected(response, envelope.errors));
    match envelope.data.and_then(|data| data.output) {
        Some(connection) => {
            let items = connection.nodes.into_iter().map(Ok).collect();
            Ok(Page { items, info: Some(connection.page_info), errors, body: response.body.clone() })
        }
        None => Err(errors.unwrap_or_else(|| response::missing(response))),
    }
}

/// A stream over the connection that a document selects.
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
            let (response, _) = graphql.send(&document.call()?).await?;
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            connection::page(&response, &path, |item| serde_json::from_slice(item))
        })
    };
    Nodes::new(("document", &text), variables, MAX_PAGE_SIZE, Box::new(fetch), path)
}

impl<T: Send + 'static> Nodes<T> {
    list_options!(every_stream);
    list_options!(items);

    /// The stream of an operation, known by its id or by its document.
    fn new(
        (operation, document): (&str, &str),
        variables: Result<Map<String, Value>, Error>,
        size: u32,
        fetch: Fetch<T>,
        path: Arc<[String]>,
    ) -> Self {
        let (variables, invalid) = match variables {
            Ok(variables) => (variables, None),
            Err(error) => (Map::new(), Some(error)),
        };
        let after = variables.get("after").and_then(Value::as_str).map(str::to_owned);
        let size = pager::page_size(&variables).unwrap_or(size);
        let pager = Pager::new(fetch, size);
        Nodes {
            source: Source::New(invalid.map_or(Ok(pager), Err)),
            page: PageItems::empty(),
            path,
            remaining: None,
            prefetch: PREFETCH,
            origin: Origin::graphql(operation, document, &variables),
            page_start: Cursor { after, page_size: size },
            end: None,
            errors: None,
            skip: Skip::NONE,
            skip_pages: SKIP_PAGES,
        }
    }

    fn prefetch_pages(&mut self, pages: usize) {
        self.prefetch = pages;
    }

    fn limit_items(&mut self, items: u64) {
        self.remaining = Some(items);
    }

    fn start_at(&mut self, token: ResumeToken) {
        let start = self.origin.position(token).and_then(|position| match position {
            Position::Cursor { after, skip, page_size } => Ok((Cursor { after, page_size }, skip)),
            _ => Err(Error::new(ErrorKind::Argument, "this token was not created by a GraphQL stream")),
        });
        match (start, &mut self.source) {
            (Ok((start, skip)), Source::New(Ok(pager))) => {
                pager.start_after(start.after.clone());
                pager.resize(start.page_size);
                self.skip = skip;
                self.page_start = start;
            }
            (Err(error), Source::New(Ok(_))) => self.source = Source::New(Err(error)),
            // An earlier error is the one to report.
            _ => {}
        }
    }

    /// Sets the number of items of a page.
    pub fn page_size(mut self, items: u32) -> Self {
        let items = items.max(1);
        self.page_start.page_size = items;
        if let Source::New(Ok(pager)) = &mut self.source {
            pager.resize(items);
        }
        self
    }

    /// The position after the last item that was returned.
    pub fn resume_token(&self) -> ResumeToken {
        let Cursor { after, page_size } = self.page_start.clone();
        let skip = self.skip.clone();
        self.origin.token(match &self.end {
            Some(cursor) if self.page.left() == 0 => Position::Cursor { after: Some(cursor.clone()), skip, page_size },
            _ => Position::Cursor { after, skip: self.page.returned().and(skip), page_size },
        })
    }

    /// The next page.
    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Fetched<T>, Error>>> {
        loop {
            match &mut self.source {
                Source::New(_) => {
                    let Source::New(pager) = std::mem::replace(&mut self.source, Source::Done) else { continue };
                    let mut pager = pager?;
                    pager.limit(self.remaining.map(|remaining| remaining.saturating_add(self.skip.count())));
                    self.source = Source::Pages(Prefetch::new(pager, self.prefetch));
                }
                Source::Pages(pages) => return pages.poll_next(cx),
                Source::Done => return Poll::Ready(None),
            }
        }
    }

    /// Makes a page the current one.
    fn enter(&mut self, Fetched { page, after, end, size }: Fetched<T>) {
        self.page = PageItems::of_nodes(page.items, page.body, Arc::clone(&self.path), connection::nodes);
        if !self.skip.is_none() {
            self.skip_returned();
        }
        self.page_start = Cursor { after, page_size: size };
        self.end = end;
        self.errors = page.errors;
    }

    /// Skips the items of the current page that were returned before the stream was resumed.
    fn skip_returned(&mut self) {
        self.page.skip(&self.skip);
        match &mut self.skip {
            Skip::Count(count) => *count = count.saturating_sub(self.page.length() as u64),
            Skip::Ids(ids) => {
                let here: HashSet<&ItemId> = self.page.ids().into_iter().flatten().collect();
                ids.retain(|id| !here.contains(id));
                self.skip_pages -= 1;
                if ids.is_empty() || self.skip_pages == 0 {
                    self.skip = Skip::NONE;
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
            if self.page.left() == 0
                && let Some(errors) = self.errors.take()
            {
                return Poll::Ready(Some(Err(errors)));
            }
            if self.remaining == Some(0) {
                self.source = Source::Done;
                return Poll::Ready(None);
            }
            if let Some(item) = self.page.next() {
                if let Some(remaining) = &mut self.remaining {
                    *remaining -= 1;
                }
                return Poll::Ready(Some(item));
            }
            match ready!(self.poll_page(cx)) {
                None => return Poll::Ready(None),
                Some(Ok(fetched)) => self.enter(fetched),
                Some(Err(error)) => return Poll::Ready(Some(Err(with_position(error, || self.resume_token())))),
            }
        }
    }
}

impl<T> fmt::Debug for Nodes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nodes").finish_non_exhaustive()
    }
}
