//! Detects pagination loops.

use crate::error::{Error, ErrorKind};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use url::Url;

/// The links or cursors that were followed, as hashes: eight bytes for each page.
#[derive(Default)]
pub(crate) struct LoopCheck {
    followed: HashSet<u64>,
    hasher: RandomState,
}

impl LoopCheck {
    /// Records the link to a page.
    ///
    /// # Errors
    /// When it was recorded before.
    pub(crate) fn follow_link(&mut self, link: &Url) -> Result<(), Error> {
        self.record(link.as_str(), "pagination loop: the next link was already followed")
    }

    /// Records the cursor before a page.
    ///
    /// # Errors
    /// When it was recorded before.
    #[cfg(feature = "graphql")]
    pub(crate) fn follow_cursor(&mut self, cursor: &str) -> Result<(), Error> {
        self.record(cursor, "pagination loop: the server repeated a cursor")
    }

    fn record(&mut self, text: &str, error: &str) -> Result<(), Error> {
        match self.followed.insert(self.hasher.hash_one(text)) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Paging, error)),
        }
    }
}
