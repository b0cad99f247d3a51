//! Pages for a stream: fetched when asked for, or ahead of the caller by a task in the background.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::Plan;
use crate::paging::origin::{self, Origin};
use crate::paging::pager::{List, Mark, Open, Pager, Reading, Turned};
use crate::resume_token::{Given, Place, ResumeToken};
use crate::send::executor::Core;
use crate::task::Task;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use url::Url;

/// A page as the stream gets it: its content, or why that cannot be understood, and where it stands.
type Handed<P> = (Result<P, Error>, Mark);
type Step<P> = Pin<Box<dyn Future<Output = (Box<Pager<P>>, Option<Result<Turned<P>, Error>>)> + Send>>;

/// A stream over pages of which nothing has been asked for yet.
pub(crate) struct Setup<P> {
    list: Result<List<P>, Error>,
    pub(crate) reading: Reading,
    origin: Origin,
    place: Place,
}

impl<P: Send + 'static> Setup<P> {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>, open: Open<P>) -> Self {
        let origin = plan.as_ref().map(Origin::of).unwrap_or_default();
        let list = plan.map(|plan| List { core, plan: Arc::new(plan), open });
        Setup { list, reading: Reading::default(), origin, place: Place::Start }
    }

    /// Begins at a place that another stream has come to.
    pub(crate) fn resume(&mut self, token: ResumeToken) {
        match self.origin.place(token) {
            Ok(place) => self.place = place,
            // What was wrong before is what there is to say.
            Err(error) if self.list.is_ok() => self.list = Err(error),
            Err(_) => {}
        }
    }

    /// Limits the time that reading one page may take.
    pub(crate) fn timeout(&mut self, timeout: Duration) {
        // Nobody else has the plan before the first page is asked for.
        if let Ok(list) = &mut self.list
            && let Some(plan) = Arc::get_mut(&mut list.plan)
        {
            plan.timeout = Some(timeout);
        }
    }

    /// What all places in the stream have in common.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where the stream begins.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The list, for what reads it in another way.
    pub(crate) fn into_list(self) -> Result<List<P>, Error> {
        self.list
    }

    /// Begins to read, and tells what is to be passed over of the first page.
    pub(crate) fn begin(self) -> Result<(Feed<P>, Given), Error> {
        let list = self.list?;
        let (from, given) = match self.place {
            Place::Start => (None, Given::NONE),
            Place::End => {
                let feed = Feed { list, reading: self.reading, state: State::Done, coming: None };
                return Ok((feed, Given::NONE));
            }
            Place::Page { link, given } => {
                let link = origin::with_secrets(&link, &list.plan.query);
                let page = list.core.address.follow(&list.core.url(&list.plan)?, &link)?;
                (Some(page), given)
            }
            Place::Pieces(_) => {
                let text = "the resume token was taken while the list was read in pieces";
                let error = Error::new(ErrorKind::Argument, text);
                return Err(error.with_hint(Some("go on with `partitioned`, and with any number of pieces")));
            }
            #[cfg(feature = "graphql")]
            Place::Cursor { .. } => {
                return Err(Error::new(ErrorKind::Argument, "the resume token is one of a GraphQL connection"));
            }
        };
        let state = State::begin(&list, self.reading, from);
        Ok((Feed { list, reading: self.reading, state, coming: None }, given))
    }
}

/// The pages of one list. Dropping it cancels what is on its way.
pub(crate) struct Feed<P> {
    list: List<P>,
    reading: Reading,
    state: State<P>,
    /// The page that has come and is being decoded.
    coming: Option<Turned<P>>,
}

enum State<P> {
    /// No page is on its way.
    Idle(Box<Pager<P>>),
    /// One page is on its way.
    Fetching(Step<P>),
    /// A task reads ahead.
    Ahead { pages: mpsc::Receiver<Result<Turned<P>, Error>>, wanted: Arc<Wanted>, taken: u64, task: Task<()> },
    /// There are no more pages.
    Done,
}

/// How many pages the stream has asked for, which the task in the background waits for when it may not read ahead.
#[derive(Default)]
struct Wanted {
    pages: AtomicU64,
    more: Notify,
}

impl<P: Send + 'static> State<P> {
    fn begin(list: &List<P>, reading: Reading, from: Option<Url>) -> Self {
        let pager = Pager::new(list.clone(), reading, from);
        match reading.prefetch {
            0 => State::Idle(Box::new(pager)),
            ahead => read_ahead(pager, ahead),
        }
    }
}

impl<P: Send + 'static> Feed<P> {
    /// Goes back to a page, and reads on from there; what is on its way is dropped.
    pub(crate) fn go_back(&mut self, to: Url, limit: Option<u64>) {
        self.reading.limit = limit;
        self.coming = None;
        self.state = State::begin(&self.list, self.reading, Some(to));
    }

    /// The next page: its content, or why that cannot be understood, and where it stands. An error of its own when it cannot
    /// be read.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Handed<P>, Error>>> {
        if self.coming.is_none() {
            self.coming = ready!(self.poll_page(cx)?);
        }
        let Some(Turned { content, .. }) = &mut self.coming else { return Poll::Ready(None) };
        let content = ready!(Pin::new(content).poll(cx));
        Poll::Ready(self.coming.take().map(|turned| Ok((content, turned.mark))))
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Turned<P>, Error>>> {
        loop {
            match &mut self.state {
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
                State::Ahead { pages, wanted, taken, task } => {
                    wanted.pages.store(*taken + 1, Ordering::Release);
                    wanted.more.notify_one();
                    let page = match ready!(pages.poll_recv(cx)) {
                        // Only a task that has come to its end says that the list has.
                        None => ready!(Pin::new(task).poll(cx)).err().map(|gone| Err(gone.into())),
                        page => page,
                    };
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
    State::Ahead { pages, wanted, taken: 0, task }
}
