//! Who reads which piece, what has been read and not been given out yet, and where pieces are cut.
//!
//! Pieces lie side by side in the order of their keys. A reader without work takes the lowest piece that nobody reads; when there
//! is none, the readers of others cut theirs in two: each looks, after every page, whether someone is waiting. For items in order,
//! pieces are cut small and near the lowest one, so that little waits for its turn; else they are cut in the middle of what is left.

use super::key_density::{Density, Keys};
use crate::error::Error;
use crate::paging::page_items::Batch;
use crate::resume_token::ItemId;
use crate::resume_token::Piece;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;

/// Pages that a piece should have where items come in order.
const PAGES: u64 = 8;

/// How a list is divided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Division {
    /// Pieces that are read at once.
    pub(crate) pieces: usize,
    /// Whether items come in the order of their keys.
    pub(crate) ordered: bool,
}

/// A page's items that have not been given out, each with its key and id.
pub(super) struct Portion<T> {
    pub(super) batch: Batch<T>,
    pub(super) items: Vec<(i64, ItemId)>,
}

/// A piece's portion by the piece's id.
pub(super) type Handed<T> = (u64, Portion<T>);

/// What has been given out of the portion that was handed out last.
pub(super) struct Current<'a> {
    /// The piece that the portion is of.
    pub(super) piece: u64,
    pub(super) given: &'a [(i64, ItemId)],
    /// Whether that is the whole portion.
    pub(super) is_whole: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Running,
    /// Everything has been read; some may not have been given out.
    Read,
}

struct Entry<T> {
    id: u64,
    /// What has not been given out.
    piece: Piece,
    /// Whether all of the piece's `given` have the key `from`: so it is once items have been given out in this run.
    at_from: bool,
    stage: Stage,
    queue: VecDeque<Portion<T>>,
    /// Where the reader began, and how many items it has found.
    begun: Option<i64>,
    found: usize,
}

struct State<T> {
    pieces: Vec<Entry<T>>,
    /// Readers without a piece.
    idle: usize,
    /// Portions in all queues.
    queued: usize,
    density: Option<Density>,
    /// The lowest and the highest key when reading began.
    ends: (Option<i64>, Option<i64>),
    ids: u64,
    error: Option<Error>,
    consumer: Option<Waker>,
}

/// What there is to do for a reader.
pub(super) enum Work {
    Read(u64, Piece),
    /// Nothing now.
    Wait,
    /// Nothing ever.
    End,
}

pub(super) struct Board<T> {
    division: Division,
    keys: Keys,
    state: Mutex<State<T>>,
    /// Readers wait here for a piece, and for the end.
    work: Notify,
    /// Readers wait here to hand a portion over.
    room: Notify,
}

impl<T> Board<T> {
    pub(super) fn new(division: Division, keys: Keys, pieces: Vec<Piece>) -> Self {
        let entries: Vec<Entry<T>> = (0..).zip(pieces).map(|(id, piece)| Entry::new(id, piece)).collect();
        let state = State {
            ids: entries.len() as u64,
            pieces: entries,
            idle: division.pieces,
            queued: 0,
            density: None,
            ends: (None, None),
            error: None,
            consumer: None,
        };
        Board { division, keys, state: Mutex::new(state), work: Notify::new(), room: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says between which keys the items of the list are.
    pub(super) fn set_ends(&self, low: Option<i64>, high: Option<i64>) {
        self.lock().ends = (low, high);
    }

    /// Waits for work and takes it; `None` when all is read.
    pub(super) async fn take(&self) -> Option<(u64, Piece)> {
        loop {
            let mut work = std::pin::pin!(self.work.notified());
            work.as_mut().enable();
            match self.try_take() {
                Work::Read(id, piece) => return Some((id, piece)),
                Work::End => return None,
                Work::Wait => work.await,
            }
        }
    }

    fn try_take(&self) -> Work {
        let mut state = self.lock();
        let Some(at) = state.pieces.iter().position(|entry| entry.stage == Stage::Waiting) else {
            let is_read = state.pieces.iter().all(|entry| entry.stage == Stage::Read);
            return if is_read || state.error.is_some() { Work::End } else { Work::Wait };
        };
        if self.division.ordered {
            let is_running = state.pieces.iter().any(|entry| entry.stage == Stage::Running);
            // Too much waits for its turn already, or nobody knows how large a piece should be.
            if (at > 0 && state.queued >= self.room()) || (state.density.is_none() && is_running) {
                return Work::Wait;
            }
        }
        if let Some(cut) = self.share(&state, at) {
            state.cut(at, cut);
        }
        state.idle -= 1;
        let entry = &mut state.pieces[at];
        entry.stage = Stage::Running;
        entry.begun = entry.piece.from;
        let work = Work::Read(entry.id, entry.piece.clone());
        self.offer(&state);
        work
    }

    /// Where to cut a piece that a reader takes, so that something is left for the others.
    fn share(&self, state: &State<T>, at: usize) -> Option<i64> {
        let piece = &state.pieces[at].piece;
        let low = piece.from.or(state.ends.0)?;
        let width = state.end(at)?.checked_sub(low)?;
        match state.density {
            Some(density) if self.division.ordered => self.target(density, width).map(|target| low + target),
            Some(density) if (width as f64) * density.rate < 2.0 * self.keys.per_page as f64 => None,
            _ => {
                let readers = i64::try_from(state.idle).unwrap_or(1);
                (readers > 1 && width >= 2 && !self.division.ordered).then(|| low + (width / readers).max(1))
            }
        }
    }

    /// The width of a piece of so many pages as it should have; `None` when all of it is not much more.
    fn target(&self, density: Density, width: i64) -> Option<i64> {
        let target = (PAGES.saturating_mul(self.keys.per_page) as f64 / density.rate).ceil().max(1.0);
        // Far below the range of a key, since it is less than the width.
        (target * 1.5 < width as f64).then_some(target as i64)
    }

    /// Cuts a piece behind the keys that have been read, `next` being the first that may not have been, if someone waits for work
    /// and there is enough of it. Tells where the piece ends now.
    pub(super) fn divide(&self, id: u64, next: Option<i64>, density: Option<Density>) -> Option<i64> {
        let mut state = self.lock();
        let at = state.pieces.iter().position(|entry| entry.id == id)?;
        if let Some(Density { rate }) = density {
            // What was read last counts most.
            let rate = state.density.map_or(rate, |known| (known.rate + rate) / 2.0);
            state.density = Some(Density { rate });
        }
        if let Some(cut) = self.cut_for_others(&state, at, next, density) {
            state.cut(at, cut);
        }
        self.offer(&state);
        state.pieces[at].piece.to
    }

    fn cut_for_others(&self, state: &State<T>, at: usize, next: Option<i64>, density: Option<Density>) -> Option<i64> {
        let waiting = state.pieces.iter().filter(|entry| entry.stage == Stage::Waiting).count();
        if state.idle <= waiting {
            return None;
        }
        let next = next.or(state.pieces[at].piece.from).or(state.ends.0)?;
        let width = state.end(at)?.checked_sub(next).filter(|width| *width >= 2)?;
        let density = density?;
        if (width as f64) * density.rate < 2.0 * self.keys.per_page as f64 {
            return None;
        }
        let target = if self.division.ordered { self.target(density, width) } else { None };
        Some(next + target.unwrap_or(width / 2))
    }

    /// Where a piece ends.
    pub(super) fn end(&self, id: u64) -> Option<i64> {
        let state = self.lock();
        state.pieces.iter().find(|entry| entry.id == id)?.piece.to
    }

    /// How many portions may wait to be given out.
    fn room(&self) -> usize {
        self.division.pieces * if self.division.ordered { PAGES as usize } else { 2 }
    }

    /// Hands a portion of a piece over, when there is room for it.
    pub(super) async fn push(&self, id: u64, portion: Portion<T>) {
        let mut portion = Some(portion);
        loop {
            let mut room = std::pin::pin!(self.room.notified());
            room.as_mut().enable();
            {
                let mut state = self.lock();
                let Some(at) = state.pieces.iter().position(|entry| entry.id == id) else { return };
                // The lowest piece always has room, since the others wait for it.
                let has_room = state.queued < self.room() || (at == 0 && state.pieces[0].queue.len() < 2);
                if has_room && let Some(portion) = portion.take() {
                    state.pieces[at].found += portion.items.len();
                    state.pieces[at].queue.push_back(portion);
                    state.queued += 1;
                    state.wake();
                    return;
                }
            }
            room.await;
        }
    }

    /// Wakes a reader without work if there is a piece that nobody reads; what it leaves over, it offers to the next.
    fn offer(&self, state: &State<T>) {
        if state.idle > 0 && state.pieces.iter().any(|entry| entry.stage == Stage::Waiting) {
            self.work.notify_one();
        }
    }

    /// Says that a piece has been read.
    pub(super) fn finish(&self, id: u64) {
        let mut state = self.lock();
        if let Some(entry) = state.pieces.iter_mut().find(|entry| entry.id == id) {
            entry.stage = Stage::Read;
            let width = entry.begun.zip(entry.piece.to).map(|(from, to)| to.saturating_sub(from).max(1));
            let found = entry.found;
            if let (Some(width), Some(known)) = (width, &mut state.density) {
                // A piece without items says that the list is thin here, and not how thin.
                known.rate = (found as f64 / width as f64).max(known.rate / 8.0);
            }
        }
        state.idle += 1;
        state.wake();
        self.offer(&state);
        if state.pieces.iter().all(|entry| entry.stage == Stage::Read) {
            self.work.notify_waiters();
        }
    }

    /// Ends the reading with an error.
    pub(super) fn fail(&self, error: Error) {
        let mut state = self.lock();
        state.error.get_or_insert(error);
        state.wake();
    }

    /// The next portion to give out and the piece that it is of. `done` are the items of the last one.
    pub(super) fn poll_next(
        &self,
        done: Option<(u64, Vec<(i64, ItemId)>)>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Handed<T>, Error>>> {
        let mut state = self.lock();
        if let Some((id, items)) = done
            && let Some(entry) = state.pieces.iter_mut().find(|entry| entry.id == id)
        {
            entry.at_from |= self.keys.pass(&mut entry.piece, &items);
        }
        let before = state.pieces.len();
        state.pieces.retain(|entry| entry.stage != Stage::Read || !entry.queue.is_empty());
        if state.pieces.len() < before {
            // Another piece may be the lowest now, which always has room.
            self.room.notify_waiters();
            self.offer(&state);
        }
        if let Some(error) = state.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let look_at = if self.division.ordered { state.pieces.len().min(1) } else { state.pieces.len() };
        let found = state.pieces[..look_at].iter_mut().find_map(|entry| Some((entry.id, entry.queue.pop_front()?)));
        match found {
            Some(portion) => {
                state.queued -= 1;
                // Where items come in order, the room may be only for the reader of the lowest piece.
                if self.division.ordered {
                    self.room.notify_waiters()
                } else {
                    self.room.notify_one()
                }
                self.offer(&state);
                Poll::Ready(Some(Ok(portion)))
            }
            None if state.pieces.is_empty() => Poll::Ready(None),
            None => {
                state.consumer = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// What has not been given out: all pieces, less the items of the current portion that have been.
    pub(super) fn pieces(&self, current: Option<Current<'_>>) -> Vec<Piece> {
        let state = self.lock();
        let mut pieces: Vec<Piece> = Vec::new();
        for entry in &state.pieces {
            let mut piece = entry.piece.clone();
            let mut is_done = entry.stage == Stage::Read && entry.queue.is_empty();
            if let Some(current) = &current
                && current.piece == entry.id
            {
                self.keys.pass(&mut piece, current.given);
                is_done &= current.is_whole;
            }
            if is_done {
                continue;
            }
            match pieces.last_mut() {
                Some(last) if self.keys.can_join(last, &piece) => {
                    last.to = piece.to;
                    if last.given != piece.given {
                        last.given.append(&mut piece.given);
                    }
                }
                _ => pieces.push(piece),
            }
        }
        pieces
    }
}

impl<T> Entry<T> {
    fn new(id: u64, piece: Piece) -> Self {
        Entry { id, piece, at_from: false, stage: Stage::Waiting, queue: VecDeque::new(), begun: None, found: 0 }
    }
}

impl<T> State<T> {
    /// Where a piece ends, or the last key of the list.
    fn end(&self, at: usize) -> Option<i64> {
        self.pieces[at].piece.to.or(self.ends.1.map(|last| last.saturating_add(1)))
    }

    /// Cuts a piece in two, the upper one to be read by whoever takes it.
    fn cut(&mut self, at: usize, cut: i64) {
        let Entry { piece: lower, at_from, .. } = &mut self.pieces[at];
        // Of which half these are does not matter: they are passed over wherever they come.
        let given = if *at_from { Vec::new() } else { lower.given.clone() };
        let entry = Entry::new(self.ids, Piece { from: Some(cut), to: lower.to.replace(cut), given });
        self.ids += 1;
        self.pieces.insert(at + 1, entry);
    }

    fn wake(&mut self) {
        if let Some(waker) = self.consumer.take() {
            waker.wake();
        }
    }
}
