//! Pages for a stream: fetched when asked for, or ahead of the caller by a task in the background.

use crate::core::Core;
use crate::error::Error;
use crate::page::{List, Open, Pager, Reading};
use crate::plan::Plan;
use crate::task::Task;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// A page that is being decoded.
type Opening<P> = Task<Result<P, Error>>;
type Step<P> = Pin<Box<dyn Future<Output = (Box<Pager<P>>, Option<Result<Opening<P>, Error>>)> + Send>>;

/// The pages of one list. Nothing is sent before the first one is asked for, and dropping it cancels what is on its way.
pub(crate) struct Feed<P> {
    state: State<P>,
    reading: Reading,
    /// The page that has come and is being decoded.
    opening: Option<Opening<P>>,
}

enum State<P> {
    /// Nothing has been asked for yet.
    New(Result<List<P>, Error>),
    /// No page is on its way.
    Idle(Box<Pager<P>>),
    /// One page is on its way.
    Fetching(Step<P>),
    /// A task reads ahead.
    Ahead { pages: mpsc::Receiver<Result<Opening<P>, Error>>, wanted: Arc<Wanted>, taken: u64, _task: Task<()> },
    /// There are no more pages.
    Done,
}

/// How many pages the stream has asked for, which the task in the background waits for when it may not read ahead.
#[derive(Default)]
struct Wanted {
    pages: AtomicU64,
    more: Notify,
}

impl<P: Send + 'static> Feed<P> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, open: Open<P>) -> Self {
        let list = plan.map(|plan| List { core, plan: Arc::new(plan), open });
        Feed { state: State::New(list), reading: Reading::default(), opening: None }
    }

    /// How the list is to be read; to be changed before the first page is asked for.
    pub(crate) fn reading(&mut self) -> &mut Reading {
        &mut self.reading
    }

    /// Limits the time that reading one page may take; to be called before the first page is asked for.
    pub(crate) fn timeout(&mut self, timeout: Duration) {
        if let State::New(Ok(list)) = &mut self.state
            && let Some(plan) = Arc::get_mut(&mut list.plan)
        {
            plan.timeout = Some(timeout);
        }
    }

    /// Ends the reading.
    pub(crate) fn stop(&mut self) {
        self.state = State::Done;
        self.opening = None;
    }

    /// The next page: an error of its own when it cannot be read, its content's when that cannot be understood.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Result<P, Error>, Error>>> {
        loop {
            if let Some(opening) = &mut self.opening {
                let content = ready!(Pin::new(opening).poll(cx));
                self.opening = None;
                return Poll::Ready(Some(Ok(content)));
            }
            match ready!(self.poll_page(cx)) {
                None => return Poll::Ready(None),
                Some(Ok(opening)) => self.opening = Some(opening),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Opening<P>, Error>>> {
        loop {
            match &mut self.state {
                State::New(_) => {
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
        if let State::New(list) = std::mem::replace(&mut self.state, State::Done) {
            let pager = Pager::new(list?, self.reading);
            self.state = match self.reading.prefetch {
                0 => State::Idle(Box::new(pager)),
                ahead => read_ahead(pager, ahead),
            };
        }
        Ok(())
    }
}

/// Starts a task that keeps up to `ahead` pages ready.
fn read_ahead<P: Send + 'static>(mut pager: Pager<P>, ahead: usize) -> State<P> {
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
