//! Reads a connection page by page. If a page is too costly for the server, it asks for smaller ones.

use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind};
use crate::paging::loop_check::LoopCheck;
use crate::paging::prefetch::NextPage;
use bytes::Bytes;
use glabflow_contract::MAX_PAGE_SIZE;
use glabflow_contract::graphql::PageInfo;
use serde_json::{Map, Value};
use std::pin::Pin;

/// The page size that variables ask for by `first`.
pub(super) fn page_size(variables: &Map<String, Value>) -> Option<u32> {
    let size = variables.get("first")?.as_u64()?;
    u32::try_from(size).ok().filter(|size| *size > 0)
}

/// A page of a connection.
pub(super) struct Page<T> {
    pub(super) items: Vec<Result<T, Error>>,
    /// Where the next page is. `None` only if there are errors that may have hidden it.
    pub(super) info: Option<PageInfo>,
    /// The errors of a response that also has data.
    pub(super) errors: Option<Error>,
    /// The body of the response.
    pub(super) body: Bytes,
}

pub(super) type Fetching<T> = Pin<Box<dyn Future<Output = Result<Page<T>, Error>> + Send>>;
/// Asks for the page after a cursor, with this number of items.
pub(super) type Fetch<T> = Box<dyn FnMut(Option<String>, u32) -> Fetching<T> + Send>;

/// A page and its position.
pub(super) struct Fetched<T> {
    pub(super) page: Page<T>,
    /// The cursor before the page.
    pub(super) after: Option<String>,
    /// The cursor after the page.
    pub(super) end: Option<String>,
    pub(super) size: u32,
}

/// Reads one page after the other.
pub(super) struct Pager<T> {
    fetch: Fetch<T>,
    cursor: Option<String>,
    size: u32,
    /// Items that are still wanted.
    left: Option<u64>,
    loop_check: LoopCheck,
    done: bool,
}

impl<T> Pager<T> {
    pub(super) fn new(fetch: Fetch<T>, size: u32) -> Self {
        Pager { fetch, cursor: None, size, left: None, loop_check: LoopCheck::default(), done: false }
    }

    /// Sets the items of a page.
    pub(super) fn resize(&mut self, size: u32) {
        self.size = size.max(1);
    }

    /// Starts after this cursor.
    pub(super) fn start_after(&mut self, cursor: Option<String>) {
        if let Some(cursor) = &cursor {
            // The start cursor cannot be a repeat.
            let _ = self.loop_check.follow_cursor(cursor);
        }
        self.cursor = cursor;
    }

    /// Reads no page after this number of items.
    pub(super) fn limit(&mut self, items: Option<u64>) {
        self.left = items;
    }

    async fn fetch(&mut self) -> Result<Fetched<T>, Error> {
        let page = loop {
            let wanted = self.left.map_or(self.size, |left| self.size.min(u32::try_from(left).unwrap_or(u32::MAX)));
            match (self.fetch)(self.cursor.clone(), wanted).await {
                Ok(page) => break page,
                Err(error) if wanted > 1 && is_too_costly(&error, wanted) => self.size = wanted / 2,
                Err(error) => return Err(error),
            }
        };
        let Some(info) = &page.info else {
            let unknown = || Error::new(ErrorKind::Paging, "the response does not say whether there is another page");
            return Err(page.errors.unwrap_or_else(unknown));
        };
        let (end, has_next) = (info.end_cursor.clone(), info.has_next_page);
        let after = self.cursor.take();
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(page.items.len() as u64);
        }
        self.done = !has_next;
        if has_next {
            let Some(cursor) = &end else {
                let text = "the response says that there is another page, but has no cursor for it";
                return Err(Error::new(ErrorKind::Paging, text));
            };
            self.loop_check.follow_cursor(cursor)?;
            self.cursor = Some(cursor.clone());
        }
        Ok(Fetched { page, after, end, size: self.size })
    }
}

impl<T: Send + 'static> NextPage for Pager<T> {
    type Page = Fetched<T>;

    async fn next(&mut self) -> Option<Result<Fetched<T>, Error>> {
        if self.done || self.left == Some(0) {
            return None;
        }
        let fetched = self.fetch().await;
        self.done |= fetched.is_err();
        Some(fetched)
    }

    fn is_next_needed(&self) -> bool {
        true
    }
}

/// Whether a page of this size is too costly for the server, and a smaller one may work.
fn is_too_costly(error: &Error, size: u32) -> bool {
    match error.graphql_errors().iter().find_map(GraphqlError::complexity) {
        // A page of 100 items doubles the price. The rest does not depend on the page size.
        Some((score, limit)) => {
            let least = u64::from(score) * 100 / (100 + u64::from(size.min(MAX_PAGE_SIZE)));
            least <= u64::from(limit)
        }
        None => {
            let kind = error.kind();
            kind == ErrorKind::Complexity || (kind == ErrorKind::Timeout && !error.graphql_errors().is_empty())
        }
    }
}
