//! The position of a stream in the pages of a list.

use crate::error::{Error, ErrorKind};
use crate::paging::origin::{self, Origin};
use crate::paging::pager::{NextLink, PageMark};
use crate::resume_token::{Position, ResumeToken, Skip};

/// The position of a stream over pages.
pub(crate) struct StreamPosition {
    pub(crate) origin: Origin,
    /// Where the stream began.
    pub(crate) start: Position,
    /// The page that was returned last.
    pub(crate) last_page: Option<PageMark>,
}

impl StreamPosition {
    /// The position after what has been returned. `left` items of the last page have not; `skip` are the others.
    pub(crate) fn current(&self, left: usize, skip: impl FnOnce() -> Skip) -> Position {
        match &self.last_page {
            None => self.start.clone(),
            Some(PageMark { next: NextLink::Page(next), .. }) if left == 0 => {
                Position::Page { link: origin::link(next), skip: Skip::NONE }
            }
            Some(PageMark { next: NextLink::End, .. }) if left == 0 => Position::End,
            Some(PageMark { url, .. }) => Position::Page { link: origin::link(url), skip: skip() },
        }
    }
}

/// Adds the position of the stream to the error that ends it, unless the stream could not start at all.
pub(crate) fn with_position(error: Error, token: impl FnOnce() -> ResumeToken) -> Error {
    match error.kind() {
        ErrorKind::Argument | ErrorKind::Configuration => error,
        _ => error.with_resume_token(token()),
    }
}
