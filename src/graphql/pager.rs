//! From page to page of a connection, in smaller pages when the server finds one too costly.

use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind};
use bytes::Bytes;
use glabflow_contract::graphql::PageInfo;
use std::collections::HashSet;
use std::pin::Pin;

/// Items of a page unless the caller or the operation says otherwise.
pub(super) const PAGE_SIZE: u32 = 100;

/// A page as it came.
pub(super) struct Page<T> {
    pub(super) items: Vec<Result<T, Error>>,
    pub(super) info: PageInfo,
    /// What the server complains about, with the page being there.
    pub(super) complaint: Option<Error>,
    /// The answer as it came.
    pub(super) body: Bytes,
}

pub(super) type Fetching<T> = Pin<Box<dyn Future<Output = Result<Page<T>, Error>> + Send>>;
/// Asks for the page behind a cursor, of a size.
pub(super) type Fetch<T> = Box<dyn FnMut(Option<String>, u32) -> Fetching<T> + Send>;

/// A page with its place.
pub(super) struct Turned<T> {
    pub(super) page: Page<T>,
    /// The cursor that it is behind.
    pub(super) after: Option<String>,
    pub(super) size: u32,
}

/// From page to page.
pub(super) struct Pager<T> {
    pub(super) fetch: Fetch<T>,
    pub(super) cursor: Option<String>,
    pub(super) size: u32,
    /// Items that are still wanted.
    pub(super) left: Option<u64>,
    pub(super) seen: HashSet<String>,
    pub(super) done: bool,
}

impl<T> Pager<T> {
    pub(super) async fn next(&mut self) -> Option<Result<Turned<T>, Error>> {
        if self.done || self.left == Some(0) {
            return None;
        }
        let turned = self.turn().await;
        self.done |= turned.is_err();
        Some(turned)
    }

    async fn turn(&mut self) -> Result<Turned<T>, Error> {
        let page = loop {
            let wanted = self.left.map_or(self.size, |left| self.size.min(u32::try_from(left).unwrap_or(u32::MAX)));
            match (self.fetch)(self.cursor.clone(), wanted).await {
                Ok(page) => break page,
                Err(error) if wanted > 1 && is_too_much(&error, wanted) => self.size = wanted / 2,
                Err(error) => return Err(error),
            }
        };
        let after = self.cursor.take();
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(page.items.len() as u64);
        }
        self.done = !page.info.has_next_page;
        if page.info.has_next_page {
            let circle = |text| Err(Error::new(ErrorKind::Paging, text));
            match &page.info.end_cursor {
                None => return circle("the server says that there is another page, and not where"),
                Some(cursor) if !self.seen.insert(cursor.clone()) => {
                    return circle("the server has given the cursor of the next page before");
                }
                Some(cursor) => self.cursor = Some(cursor.clone()),
            }
        }
        Ok(Turned { page, after, size: self.size })
    }
}

/// Whether the server finds a page of this size too costly, and a smaller one may be better.
fn is_too_much(error: &Error, size: u32) -> bool {
    match error.graphql_errors().iter().find_map(GraphqlError::complexity) {
        // A page of 100 items doubles the price; what is beyond that does not depend on its size.
        Some((score, limit)) => {
            let least = u64::from(score) * 100 / (100 + u64::from(size.min(PAGE_SIZE)));
            least <= u64::from(limit)
        }
        None => {
            let kind = error.kind();
            kind == ErrorKind::Complexity || (kind == ErrorKind::Timeout && !error.graphql_errors().is_empty())
        }
    }
}
