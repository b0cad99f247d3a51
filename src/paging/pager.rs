//! From page to page: how the next one is found, for typed and raw requests alike.
//!
//! Keyset where the operation and the order allow it, else page numbers. The server's own link to the next page decides; pages
//! are counted only to read several at once. A page is decoded in a task, while the next one is asked for.

use crate::error::{Error, ErrorKind};
use crate::http::headers::{self, Links, PageInfo};
use crate::http::prepared::Plan;
use crate::paging::page_query::{Query, is_keyset_refused, page_number, push, with_page, without};
use crate::send::executor::Core;
use crate::send::response::Answer;
use crate::task::Task;
use glabflow_contract::{Method, Paging};
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use url::Url;

/// What to do about a list that page numbers do not reach the end of.
const TOO_FAR: &str = "GitLab refuses page numbers this high; read without page numbers (no `page`, no `parallel`) where the \
    list has keyset pagination, else with `partitioned` or in narrower filters";

/// Pages that are read ahead of the caller unless it says otherwise: while one is decoded, and the next one is there to be decoded,
/// another one is on its way.
pub(crate) const PREFETCH: usize = 2;

/// Items on a page unless the caller says otherwise: as many as GitLab sends.
const PER_PAGE: u64 = 100;

/// How a list is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Items at most.
    pub(crate) limit: Option<u64>,
    /// Pages that are read ahead of the caller.
    pub(crate) prefetch: usize,
    /// Pages that are read at once where pages are read by number.
    pub(crate) parallel: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Reading { limit: None, prefetch: PREFETCH, parallel: 1 }
    }
}

/// Makes of an answer what a stream gives out.
pub(crate) type Open<P> = Arc<dyn Fn(Answer) -> Result<P, Error> + Send + Sync>;

/// What the pages of one list have in common.
pub(crate) struct List<P> {
    pub(crate) core: Arc<Core>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) open: Open<P>,
}

// Derived, this would ask that `P` can be copied.
impl<P> Clone for List<P> {
    fn clone(&self) -> Self {
        List { core: Arc::clone(&self.core), plan: Arc::clone(&self.plan), open: Arc::clone(&self.open) }
    }
}

/// A page that has come.
pub(crate) struct Page<A> {
    /// What the server answered, or what has been made of that.
    pub(crate) answer: A,
    /// Where the next page is; an error where that makes no sense.
    pub(crate) next: Result<Option<Url>, Error>,
    pub(crate) info: PageInfo,
}

impl<P: Send + 'static> List<P> {
    /// Reads a page.
    pub(crate) async fn fetch(&self, url: &Url) -> Result<Page<Answer>, Error> {
        let answer = self.core.send_to(&self.plan, url.clone()).await?;
        let next = self.after(url, &answer).map_err(|error| self.core.about(&self.plan, url, error));
        let info = PageInfo::read(&answer.headers);
        Ok(Page { answer, next, info })
    }

    /// Decodes a page in the background: where the next one is says the head of the answer, which need not wait for that.
    fn in_task(&self, answer: Answer) -> Content<P> {
        let open = Arc::clone(&self.open);
        Content::Awaited(Task::spawn(async move { open(answer) }))
    }

    /// The URL of the page after this one.
    fn after(&self, url: &Url, answer: &Answer) -> Result<Option<Url>, Error> {
        if self.plan.method != Method::Get {
            return Ok(None);
        }
        match Links::read(&answer.headers) {
            Some(Links { next: Some(link) }) => self.core.address.follow(&answer.url, link).map(Some),
            Some(Links { next: None }) => Ok(None),
            None => Ok(headers::number(&answer.headers, "x-next-page").map(|number| with_page(url, number))),
        }
    }
}

impl<A> Page<A> {
    fn map<B>(self, f: impl FnOnce(A) -> B) -> Page<B> {
        Page { answer: f(self.answer), next: self.next, info: self.info }
    }
}

/// A page's content, or why it cannot be understood.
pub(crate) enum Content<P> {
    Here(Option<Result<P, Error>>),
    /// A task decodes it.
    Awaited(Task<Result<P, Error>>),
}

impl<P> Unpin for Content<P> {}

impl<P: Send + 'static> Future for Content<P> {
    type Output = Result<P, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Content::Here(content) => content.take().map_or(Poll::Pending, Poll::Ready),
            Content::Awaited(task) => Poll::Ready(ready!(Pin::new(task).poll(cx))?),
        }
    }
}

/// A page and where it stands in its list.
pub(crate) struct Turned<P> {
    pub(crate) content: Content<P>,
    pub(crate) mark: Mark,
}

/// Where a page stands.
#[derive(Clone)]
pub(crate) struct Mark {
    pub(crate) here: Url,
    pub(crate) behind: Behind,
    /// Items of the whole list, where the server counted them when it sent the page.
    pub(crate) total: Option<u64>,
}

/// What is behind a page.
#[derive(Clone)]
pub(crate) enum Behind {
    Page(Url),
    Nothing,
    /// What the server says about it makes no sense.
    Unknown,
}

/// Which page to read next.
enum Next {
    /// The first one, with this query.
    First(String),
    /// The one at this URL.
    At(Url),
    /// The one that is the first to come of those on their way; more of them can be asked for.
    Numbers(Numbers),
    /// There should be one, but this is in the way.
    Broken(Error),
    /// There is none.
    End,
}

/// Page numbers to read, several at once.
struct Numbers {
    /// The URL of any page.
    base: Url,
    /// The number of the next page to ask for.
    next: u64,
    /// The last one that is known to be there and wanted; without it, the first page that has no next one is the last.
    last: Option<u64>,
}

impl Numbers {
    /// Whether all pages have been asked for that are known to be there and wanted.
    fn is_done(&self) -> bool {
        self.last.is_some_and(|last| self.next > last)
    }
}

type Fetching<P> = Task<Result<Page<Content<P>>, Error>>;
/// A page to read: its URL, and the task that reads it already where several are read at once.
type Started<P> = (Url, Option<Fetching<P>>);

/// Reads a list page by page.
pub(crate) struct Pager<P> {
    list: List<P>,
    reading: Reading,
    per_page: u64,
    next: Next,
    /// The query by page number, for when the server refuses the first page by keyset.
    by_number: Option<String>,
    /// The query by keyset, for when pages were to be read at once, but the server does not say how many there are.
    by_keyset: Option<String>,
    pages: u64,
    /// Pages on their way, in order.
    ahead: VecDeque<(Url, Fetching<P>)>,
    /// Hashes of the URLs that have been read one after the other: eight bytes a page.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl<P: Send + 'static> Pager<P> {
    /// Reads a list from its beginning, or from a page on.
    pub(crate) fn new(list: List<P>, reading: Reading, from: Option<Url>) -> Self {
        let plan = &list.plan;
        let asked = Query::read(&plan.query);
        let mut per_page = asked.per_page.unwrap_or(PER_PAGE);
        let mut query = plan.query.clone();
        if plan.paging.has_pages() && asked.per_page.is_none() {
            per_page = reading.limit.map_or(PER_PAGE, |limit| limit.clamp(1, PER_PAGE));
            push(&mut query, "per_page", &per_page.to_string());
        }
        let keyset = match &plan.paging {
            Paging::Keyset(keyset) => asked.by_keyset(&query, keyset, list.core.auth.is_anonymous()),
            _ => None,
        };
        let keyset = keyset.filter(|_| from.is_none());
        // Pages that are to be read at once need numbers; whether that works shows with the first one.
        let (first, by_number, by_keyset) = match keyset {
            Some(keyset) if reading.parallel > 1 => (query, None, Some(keyset)),
            Some(keyset) => (keyset, Some(query), None),
            None => (query, None, None),
        };
        Pager {
            list,
            reading,
            per_page,
            next: from.map_or(Next::First(first), Next::At),
            by_number,
            by_keyset,
            pages: 0,
            ahead: VecDeque::new(),
            seen: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Pages that have been read.
    pub(crate) fn pages(&self) -> u64 {
        self.pages
    }

    /// Whether a page after those that have been read is needed for certain, if there is one.
    pub(crate) fn is_next_needed(&self) -> bool {
        self.reading.limit.is_none_or(|limit| self.pages.saturating_mul(self.per_page) < limit)
    }

    /// Reads the next page; `None` behind the last one and behind an error.
    pub(crate) async fn next(&mut self) -> Option<Result<Turned<P>, Error>> {
        loop {
            let (url, on_its_way) = match self.start() {
                Ok(started) => started?,
                Err(error) => return Some(Err(error)),
            };
            let outcome = match on_its_way {
                None => self.list.fetch(&url).await.map(|page| page.map(|answer| self.list.in_task(answer))),
                Some(task) => task.await.unwrap_or_else(|gone| Err(gone.into())),
            };
            match outcome {
                Ok(page) => {
                    if let Some(turned) = self.advance(url, page) {
                        return Some(Ok(turned));
                    }
                }
                Err(error) => match self.by_number.take() {
                    Some(query) if self.pages == 0 && is_keyset_refused(&error) => self.next = Next::First(query),
                    _ => {
                        self.ahead.clear();
                        let hint = (error.status() == Some(405)).then_some(TOO_FAR);
                        return Some(Err(error.with_hint(hint)));
                    }
                },
            }
        }
    }

    fn start(&mut self) -> Result<Option<Started<P>>, Error> {
        match std::mem::replace(&mut self.next, Next::End) {
            Next::First(query) => {
                let url = self.list.core.address.join(&self.list.plan.path, &query)?;
                self.note(&url);
                Ok(Some((url, None)))
            }
            Next::At(url) => Ok(Some((url, None))),
            Next::Numbers(mut numbers) => {
                while self.ahead.len() < self.reading.parallel && !numbers.is_done() {
                    let url = with_page(&numbers.base, numbers.next);
                    numbers.next = numbers.next.saturating_add(1);
                    let (list, to) = (self.list.clone(), url.clone());
                    let work = async move {
                        let page = list.fetch(&to).await?;
                        Ok(page.map(|answer| Content::Here(Some((list.open)(answer)))))
                    };
                    self.ahead.push_back((url, Task::spawn(work)));
                }
                self.next = Next::Numbers(numbers);
                Ok(self.ahead.pop_front().map(|(url, task)| (url, Some(task))))
            }
            Next::Broken(error) => Err(error),
            Next::End => Ok(None),
        }
    }

    /// Finds out what comes after a page and hands the page over; `None` when it is to be dropped and the list read in another
    /// way.
    fn advance(&mut self, url: Url, page: Page<Content<P>>) -> Option<Turned<P>> {
        let Page { answer: content, next, info } = page;
        let next = next.and_then(|next| match next {
            Some(next) if !self.note(&next) => {
                let text = "the server's link to the next page leads back to one that was read";
                Err(self.list.core.about(&self.list.plan, &url, Error::new(ErrorKind::Paging, text)))
            }
            next => Ok(next),
        });
        let behind = match &next {
            Ok(Some(next)) => Behind::Page(next.clone()),
            Ok(None) => Behind::Nothing,
            Err(_) => Behind::Unknown,
        };
        self.next = match (std::mem::replace(&mut self.next, Next::End), next) {
            // The page itself is good; the error comes in the place of the next one.
            (_, Err(error)) => Next::Broken(error),
            (_, Ok(None)) => Next::End,
            (Next::Numbers(numbers), Ok(Some(_))) if !self.ahead.is_empty() || !numbers.is_done() => {
                Next::Numbers(numbers)
            }
            (_, Ok(Some(next))) => match page_number(&next) {
                Some(number) if self.pages == 0 && self.reading.parallel > 1 => {
                    if let (None, Some(query)) = (info.total_pages, self.by_keyset.take()) {
                        self.reading.parallel = 1;
                        self.by_number = Some(without(url.query().unwrap_or_default(), &["page"]));
                        self.next = Next::First(query);
                        return None;
                    }
                    let last = self.last_page(number.saturating_sub(1), info.total_pages);
                    let numbers = Numbers { base: next.clone(), next: number, last };
                    if numbers.is_done() { Next::At(next) } else { Next::Numbers(numbers) }
                }
                _ => Next::At(next),
            },
        };
        if !matches!(self.next, Next::Numbers(_)) {
            // What was asked for behind the last page is of no use.
            self.ahead.clear();
        }
        self.pages += 1;
        Some(Turned { content, mark: Mark { here: url, behind, total: info.total } })
    }

    /// The number of the last page that is there and wanted, as far as that is known.
    fn last_page(&self, current: u64, total: Option<u64>) -> Option<u64> {
        let wanted = self
            .reading
            .limit
            .map(|limit| current.saturating_sub(1).saturating_add(limit.div_ceil(self.per_page.max(1))));
        match (wanted, total) {
            (Some(wanted), Some(total)) => Some(wanted.min(total)),
            (wanted, total) => wanted.or(total),
        }
    }

    /// Remembers a URL; `false` when it has been read before.
    fn note(&mut self, url: &Url) -> bool {
        self.seen.insert(self.hasher.hash_one(url.as_str()))
    }
}
