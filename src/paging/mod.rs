//! Lists: read page by page or in ranges, as streams of pages or of items.

mod drift;
pub(crate) mod item_facts;
pub(crate) mod items;
pub(crate) mod loop_check;
pub(crate) mod options;
pub(crate) mod origin;
pub(crate) mod page_items;
mod page_query;
mod page_stream;
pub(crate) mod pager;
pub(crate) mod pages;
mod partition;
pub(crate) mod position;
pub(crate) mod prefetch;
