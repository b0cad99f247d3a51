//! A list that is read in pieces, as a stream reads it.

use super::key_density::Keys;
use super::range_query::{Ask, Spec};
use super::range_reader::Walker;
use super::scheduler::{Board, Current, Division, Portion};
use crate::error::{Error, ErrorKind};
use crate::paging::page_items::Batch;
use crate::paging::pager::List;
use crate::resume_token::ItemId;
use crate::resume_token::{Piece, Place};
use crate::task::{Gone, Task};
use futures_util::future::{try_join, try_join_all};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, ready};

/// Reads a list in pieces. Dropping it cancels what is on its way.
pub(crate) struct Reader<T> {
    walker: Arc<Walker<T>>,
    /// The piece that the current portion is of, and the portion's items.
    current: Option<(u64, Vec<(i64, ItemId)>)>,
    /// The readers, until they have ended.
    work: Option<Task<Result<(), Gone>>>,
}

impl<T: Send + 'static> Reader<T> {
    /// Begins to read a list, or what is left of it.
    ///
    /// # Errors
    /// When the list cannot be read in pieces in this way.
    pub(crate) fn begin(list: List<Batch<T>>, division: Division, left: Vec<Piece>) -> Result<Self, Error> {
        let spec = Spec::of(&list.plan, list.core.auth.is_anonymous())?;
        if division.ordered && !spec.sorted {
            let text = format!("{}: GitLab cannot sort this list by `{}`", list.plan.operation, spec.key.field());
            let hint = "read it in pieces with `unordered`, which gives items out as they come";
            return Err(Error::new(ErrorKind::Argument, text).with_hint(Some(hint)));
        }
        let keys = Keys { sorted: spec.sorted, unique: spec.is_unique(), per_page: spec.per_page };
        // Where nothing is left, nothing has to be found out.
        let open = (left.first().is_some_and(|it| it.from.is_none()), left.last().is_some_and(|it| it.to.is_none()));
        let board = Board::new(division, keys, left);
        let walker = Arc::new(Walker { list, spec, board, no_keyset: AtomicBool::new(false) });
        let work = Task::spawn(work(Arc::clone(&walker), division.pieces, open));
        Ok(Reader { walker, current: None, work: Some(work) })
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Batch<T>, Error>>> {
        let mut next = self.walker.board.poll_next(self.current.take(), cx);
        if next.is_pending()
            && let Some(work) = &mut self.work
        {
            // Readers that have died bring nothing more.
            ready!(Pin::new(work).poll(cx)).flatten()?;
            self.work = None;
            next = self.walker.board.poll_next(None, cx);
        }
        let next = ready!(next);
        Poll::Ready(next.map(|next| {
            let (id, Portion { batch, items }) = next?;
            self.current = Some((id, items));
            Ok(batch)
        }))
    }

    /// Where the stream stands when so many items of the batch that was handed out last have not been given out.
    pub(crate) fn place(&self, left: usize) -> Place {
        let current = self.current.as_ref().map(|(piece, items)| Current {
            piece: *piece,
            given: &items[..items.len() - left.min(items.len())],
            is_whole: left == 0,
        });
        let pieces = self.walker.board.pieces(current);
        if pieces.is_empty() { Place::End } else { Place::Pieces(pieces) }
    }
}

/// Finds out between which keys the list is, where that is open, and reads it.
async fn work<T: Send + 'static>(
    walker: Arc<Walker<T>>,
    pieces: usize,
    (below, above): (bool, bool),
) -> Result<(), Gone> {
    let low = async {
        match (below, walker.spec.sorted) {
            (true, true) => walker.probe(Ask::First).await,
            (true, false) => Ok(Some(walker.spec.lowest())),
            (false, _) => Ok(None),
        }
    };
    let high = async { if above { walker.probe(Ask::Last).await } else { Ok(None) } };
    match try_join(low, high).await {
        Ok((low, high)) => walker.board.set_ends(low, high),
        Err(error) => {
            walker.board.fail(error);
            return Ok(());
        }
    }
    let readers: Vec<Task<()>> = (0..pieces)
        .map(|_| {
            let walker = Arc::clone(&walker);
            Task::spawn(async move { walker.work().await })
        })
        .collect();
    // All are looked at, so that one that dies is noticed while the others wait.
    try_join_all(readers).await.map(drop)
}
