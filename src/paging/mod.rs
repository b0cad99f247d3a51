//! Lists: from page to page, as streams of pages or of items, also several ranges of a list at once.

mod drift;
pub(crate) mod item_facts;
pub(crate) mod items;
pub(crate) mod origin;
pub(crate) mod page_items;
mod page_query;
pub(crate) mod pager;
pub(crate) mod pages;
mod partition;
pub(crate) mod position;
mod prefetch;
