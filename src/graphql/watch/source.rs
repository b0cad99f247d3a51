//! Reads a watched list.

use crate::error::Error;
use crate::graphql::connection;
use crate::graphql::handle::{Graphql, GraphqlCall};
use crate::graphql::pager::{Fetch, Fetched, Pager};
use crate::paging::prefetch::NextPage;
use glabflow_contract::graphql::Descriptor;
use serde_json::Value;
use std::sync::Arc;

/// The request for the page after a cursor, with this number of items.
pub(super) type Request = Arc<dyn Fn(Option<String>, u32) -> Result<GraphqlCall, Error> + Send + Sync>;

/// A watched list.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) graphql: Graphql,
    pub(super) request: Request,
    pub(super) descriptor: &'static Descriptor,
    /// Items of a page.
    pub(super) page_size: u32,
}

/// All items of a list.
pub(super) struct Reading {
    pub(super) items: Vec<Value>,
    pub(super) pages: usize,
    /// Items of a page at the end: fewer than at the start if pages were too costly.
    pub(super) page_size: u32,
}

impl Source {
    /// Reads the whole list in pages of this size. A list with errors is an error: missing items would look removed.
    pub(super) async fn read(self, page_size: u32) -> Result<Reading, Error> {
        let mut reading = Reading { items: Vec::new(), pages: 0, page_size };
        let mut pager = Pager::new(self.fetch(), page_size);
        while let Some(fetched) = pager.next().await {
            let Fetched { page, size, .. } = fetched?;
            if let Some(errors) = page.errors {
                return Err(errors);
            }
            reading.pages += 1;
            reading.page_size = size;
            for item in page.items {
                reading.items.push(item?);
            }
        }
        Ok(reading)
    }

    fn fetch(self) -> Fetch<Value> {
        Box::new(move |cursor, size| {
            let Source { graphql, request, descriptor, .. } = self.clone();
            Box::pin(async move {
                let (response, _) = graphql.send(&request(cursor, size)?).await?;
                let item = |text: &[u8]| serde_json::from_slice(text);
                match descriptor.is_connection() {
                    true => connection::page(&response, descriptor.path, item),
                    false => connection::list(&response, descriptor.path, item),
                }
            })
        })
    }
}
