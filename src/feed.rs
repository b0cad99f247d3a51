//! Pages for a stream: fetched when asked for, or ahead of the caller by a task in the background.

use crate::core::Core;
use crate::error::Error;
use crate::page::{Pager, Reading};
use crate::plan::Plan;
use crate::response::Answer;
use crate::task::Task;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use tokio::sync::{Notify, mpsc};

type Step = Pin<Box<dyn Future<Output = (Box<Pager>, Option<Result<Answer, Error>>)> + Send>>;

/// The pages of one list. Nothing is sent before the first one is asked for, and dropping it cancels what is on its way.
pub(crate) struct Feed {
    state: State,
    reading: Reading,
}

enum State {
    /// Nothing has been asked for yet.
    New(Arc<Core>, Result<Arc<Plan>, Error>),
    /// No page is on its way.
    Idle(Box<Pager>),
    /// One page is on its way.
    Fetching(Step),
    /// A task reads ahead.
    Ahead { pages: mpsc::Receiver<Result<Answer, Error>>, wanted: Arc<Wanted>, taken: u64, _task: Task<()> },
    /// There are no more pages.
    Done,
}

/// How many pages the stream has asked for, which the task in the background waits for when it may not read ahead.
#[derive(Default)]
struct Wanted {
    pages: AtomicU64,
    more: Notify,
}

impl Feed {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>) -> Self {
        Feed { state: State::New(core, plan.map(Arc::new)), reading: Reading::default() }
    }

    /// How the list is to be read; to be changed before the first page is asked for.
    pub(crate) fn reading(&mut self) -> &mut Reading {
        &mut self.reading
    }

    /// Ends the reading.
    pub(crate) fn stop(&mut self) {
        self.state = State::Done;
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Answer, Error>>> {
        loop {
            match &mut self.state {
                State::New(..) => {
                    if let Err(error) = self.begin() {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                State::Idle(_) => {
                    if let State::Idle(mut pager) = std::mem::replace(&mut self.state, State::Done) {
                        self.state = State::Fetching(Box::pin(async move {
                            let page = pager.next().await;
                            (pager, page)
                        }));
                    }
                }
                State::Fetching(step) => {
                    let (pager, page) = ready!(step.as_mut().poll(cx));
                    self.state = if matches!(page, Some(Ok(_))) { State::Idle(pager) } else { State::Done };
                    return Poll::Ready(page);
                }
                State::Ahead { pages, wanted, taken, .. } => {
                    wanted.pages.store(*taken + 1, Ordering::Release);
                    wanted.more.notify_one();
                    let page = ready!(pages.poll_recv(cx));
                    *taken += 1;
                    if !matches!(page, Some(Ok(_))) {
                        self.state = State::Done;
                    }
                    return Poll::Ready(page);
                }
                State::Done => return Poll::Ready(None),
            }
        }
    }

    fn begin(&mut self) -> Result<(), Error> {
        if let State::New(core, plan) = std::mem::replace(&mut self.state, State::Done) {
            let pager = Pager::new(core, plan?, self.reading);
            self.state = match self.reading.prefetch {
                0 => State::Idle(Box::new(pager)),
                ahead => read_ahead(pager, ahead),
            };
        }
        Ok(())
    }
}

/// Starts a task that keeps up to `ahead` pages ready.
fn read_ahead(mut pager: Pager, ahead: usize) -> State {
    let (sender, pages) = mpsc::channel(ahead);
    let wanted = Arc::new(Wanted::default());
    let asked = Arc::clone(&wanted);
    let task = Task::spawn(async move {
        // Room first, then the page: no more than `ahead` pages wait at any time.
        while let Ok(room) = sender.reserve().await {
            // A page that may not be needed is read only when it is asked for.
            while !pager.is_next_needed() && asked.pages.load(Ordering::Acquire) <= pager.pages() {
                asked.more.notified().await;
            }
            let Some(page) = pager.next().await else { return };
            let failed = page.is_err();
            room.send(page);
            if failed {
                return;
            }
        }
    });
    State::Ahead { pages, wanted, taken: 0, _task: task }
}
