//! Reads pages when the stream asks for them, or ahead of it in a background task.

use crate::error::Error;
use crate::task::Task;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use tokio::sync::{Notify, mpsc};

/// Reads one page after the other.
pub(crate) trait NextPage: Send + 'static {
    /// A page.
    type Page: Send + 'static;

    /// Reads the next page; `None` after the last one and after an error.
    fn next(&mut self) -> impl Future<Output = Option<Result<Self::Page, Error>>> + Send;

    /// Whether the next page is certainly needed, if there is one. Otherwise it is read only when the stream asks for it.
    fn is_next_needed(&self) -> bool;
}

type Outcome<T> = Option<Result<T, Error>>;
type Reading<P, T> = Pin<Box<dyn Future<Output = (Box<P>, Outcome<T>)> + Send>>;

/// The pages `T` of a pager `P`. Dropping it cancels all requests.
pub(crate) struct Prefetch<P, T>(State<P, T>);

enum State<P, T> {
    /// No page is being read.
    Idle(Box<P>),
    /// One page is being read.
    Reading(Reading<P, T>),
    /// A task reads ahead.
    Ahead { pages: mpsc::Receiver<Result<T, Error>>, requested: Arc<Requested>, taken: u64, task: Task<()> },
    /// There are no more pages.
    Done,
}

/// The number of pages that the stream has asked for. The background task waits for it when it may not read ahead.
#[derive(Default)]
struct Requested {
    pages: AtomicU64,
    changed: Notify,
}

impl<P: NextPage> Prefetch<P, P::Page> {
    /// Reads up to `ahead` pages before the stream asks for them. Reads none before the first call of `poll_next` if that is 0.
    pub(crate) fn new(pager: P, ahead: usize) -> Self {
        Prefetch(match ahead {
            0 => State::Idle(Box::new(pager)),
            ahead => read_ahead(pager, ahead),
        })
    }

    /// No pages.
    pub(crate) fn done() -> Self {
        Prefetch(State::Done)
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<P::Page>> {
        loop {
            match &mut self.0 {
                State::Idle(_) => {
                    if let State::Idle(mut pager) = std::mem::replace(&mut self.0, State::Done) {
                        self.0 = State::Reading(Box::pin(async move {
                            let page = pager.next().await;
                            (pager, page)
                        }));
                    }
                }
                State::Reading(reading) => {
                    let (pager, page) = ready!(reading.as_mut().poll(cx));
                    self.0 = if matches!(page, Some(Ok(_))) { State::Idle(pager) } else { State::Done };
                    return Poll::Ready(page);
                }
                State::Ahead { pages, requested, taken, task } => {
                    requested.pages.store(*taken + 1, Ordering::Release);
                    requested.changed.notify_one();
                    let page = match ready!(pages.poll_recv(cx)) {
                        // The list has ended only if the task has ended without a failure.
                        None => ready!(Pin::new(task).poll(cx)).err().map(|gone| Err(gone.into())),
                        page => page,
                    };
                    *taken += 1;
                    if !matches!(page, Some(Ok(_))) {
                        self.0 = State::Done;
                    }
                    return Poll::Ready(page);
                }
                State::Done => return Poll::Ready(None),
            }
        }
    }
}

/// Starts a task that keeps up to `ahead` pages ready.
fn read_ahead<P: NextPage>(mut pager: P, ahead: usize) -> State<P, P::Page> {
    let (sender, pages) = mpsc::channel(ahead);
    let requested = Arc::new(Requested::default());
    let by_stream = Arc::clone(&requested);
    let task = Task::spawn(async move {
        let mut read = 0;
        // The slot comes before the page, so that never more than `ahead` pages wait.
        while let Ok(slot) = sender.reserve().await {
            while !pager.is_next_needed() && by_stream.pages.load(Ordering::Acquire) <= read {
                by_stream.changed.notified().await;
            }
            let Some(page) = pager.next().await else { return };
            read += 1;
            let has_failed = page.is_err();
            slot.send(page);
            if has_failed {
                return;
            }
        }
    });
    State::Ahead { pages, requested, taken: 0, task }
}
