//! Where a stream over the pages of a list stands.

use crate::error::{Error, ErrorKind};
use crate::paging::origin::{self, Origin};
use crate::paging::pager::{Behind, Mark};
use crate::resume_token::{Given, Place, ResumeToken};

/// Where a stream over pages stands.
pub(crate) struct Standing {
    pub(crate) origin: Origin,
    pub(crate) begun: Place,
    /// The page that was handed out last.
    pub(crate) mark: Option<Mark>,
}

impl Standing {
    /// The place behind what has been given out, so many items of the last page being left.
    pub(crate) fn place(&self, left: usize, given: impl FnOnce() -> Given) -> Place {
        match &self.mark {
            None => self.begun.clone(),
            Some(Mark { behind: Behind::Page(next), .. }) if left == 0 => {
                Place::Page { link: origin::link(next), given: Given::NONE }
            }
            Some(Mark { behind: Behind::Nothing, .. }) if left == 0 => Place::End,
            Some(Mark { here, .. }) => Place::Page { link: origin::link(here), given: given() },
        }
    }
}

/// An error of a stream, with the place from which it can go on; not when the stream could not even begin.
pub(crate) fn broken_off(error: Error, token: impl FnOnce() -> ResumeToken) -> Error {
    match error.kind() {
        ErrorKind::Argument | ErrorKind::Configuration => error,
        _ => error.with_resume_token(token()),
    }
}
