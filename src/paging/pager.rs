//! Reads a REST list page by page, for typed and raw requests.
//!
//! It uses keyset pagination if the operation and the order allow it, else page numbers. It follows the server's link to the next
//! page, and counts pages only to request several at once. A task decodes each page while the next one is requested.

use crate::error::Error;
use crate::http::headers::{self, Links, PageInfo};
use crate::http::prepared::PreparedRequest;
use crate::http::query_string::QueryString;
use crate::paging::loop_check::LoopCheck;
use crate::paging::page_query::{PageQuery, is_keyset_rejected, page_number, with_page};
use crate::paging::prefetch::NextPage;
use crate::send::executor::Executor;
use crate::send::response::RawResponse;
use crate::task::Task;
use glabflow_contract::{MAX_PAGE_SIZE, Method, Paging};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use url::Url;

/// The hint for a list with more pages than page numbers can reach.
const TOO_FAR: &str = "GitLab rejects page numbers this high; read without page numbers (no `page`, no `parallel`) if the list \
    supports keyset pagination, else with `partitioned` or with narrower filters";

/// The default number of pages that are read ahead of the caller: one is being decoded, one is waiting, and one is requested.
pub(crate) const PREFETCH: usize = 2;

/// How a list is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// The maximum number of items.
    pub(crate) limit: Option<u64>,
    /// Pages that are read ahead of the caller.
    pub(crate) prefetch: usize,
    /// Pages that are requested at once, if the server pages by number.
    pub(crate) parallel: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Reading { limit: None, prefetch: PREFETCH, parallel: 1 }
    }
}

/// Decodes a response.
pub(crate) type Open<P> = Arc<dyn Fn(RawResponse) -> Result<P, Error> + Send + Sync>;

/// What the pages of one list have in common.
pub(crate) struct List<P> {
    pub(crate) executor: Arc<Executor>,
    pub(crate) request: Arc<PreparedRequest>,
    pub(crate) open: Open<P>,
}

// Derived, this would require that `P` can be copied.
impl<P> Clone for List<P> {
    fn clone(&self) -> Self {
        List { executor: Arc::clone(&self.executor), request: Arc::clone(&self.request), open: Arc::clone(&self.open) }
    }
}

/// A page and where the next one is.
pub(crate) struct Page<A> {
    /// The response, or its content.
    pub(crate) content: A,
    /// The URL of the next page; an error if the server's link is invalid.
    pub(crate) next: Result<Option<Url>, Error>,
    pub(crate) info: PageInfo,
}

impl<P: Send + 'static> List<P> {
    /// Reads a page.
    pub(crate) async fn fetch(&self, url: &Url) -> Result<Page<RawResponse>, Error> {
        let response = self.executor.send(&self.request.at(url.clone())).await?;
        let next =
            self.after(url, &response).map_err(|error| self.executor.with_request_context(&self.request, url, error));
        let info = PageInfo::read(&response.headers);
        Ok(Page { content: response, next, info })
    }

    /// Decodes a page in the background. The next page can be requested at the same time, because its link is in the headers.
    fn in_task(&self, response: RawResponse) -> Content<P> {
        let open = Arc::clone(&self.open);
        Content::Decoding(Task::spawn(async move { open(response) }))
    }

    /// The URL of the page after this one.
    fn after(&self, url: &Url, response: &RawResponse) -> Result<Option<Url>, Error> {
        if self.request.method != Method::Get {
            return Ok(None);
        }
        match Links::read(&response.headers) {
            Some(Links { next: Some(link) }) => self.executor.base_url().follow(&response.url, link).map(Some),
            Some(Links { next: None }) => Ok(None),
            None => Ok(headers::number(&response.headers, "x-next-page").map(|number| with_page(url, number))),
        }
    }
}

impl<A> Page<A> {
    fn map<B>(self, f: impl FnOnce(A) -> B) -> Page<B> {
        Page { content: f(self.content), next: self.next, info: self.info }
    }
}

/// The content of a page, or the error in decoding it.
pub(crate) enum Content<P> {
    Ready(Option<Result<P, Error>>),
    /// A task is decoding it.
    Decoding(Task<Result<P, Error>>),
}

impl<P> Unpin for Content<P> {}

impl<P: Send + 'static> Future for Content<P> {
    type Output = Result<P, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Content::Ready(content) => content.take().map_or(Poll::Pending, Poll::Ready),
            Content::Decoding(task) => Poll::Ready(ready!(Pin::new(task).poll(cx))?),
        }
    }
}

/// A page and its mark.
pub(crate) struct FetchedPage<P> {
    pub(crate) content: Content<P>,
    pub(crate) mark: PageMark,
}

/// A page's position in its list.
#[derive(Clone)]
pub(crate) struct PageMark {
    pub(crate) url: Url,
    pub(crate) next: NextLink,
    /// The number of items of the whole list when the page was sent, if the server counts them.
    pub(crate) total: Option<u64>,
}

/// The link from a page to the next one.
#[derive(Clone)]
pub(crate) enum NextLink {
    Page(Url),
    /// This is the last page.
    End,
    /// The link is invalid, or the page itself must be read again.
    Unknown,
}

/// The page to read next.
enum Next {
    /// The first page, with this query.
    First(QueryString<'static>),
    /// The page at this URL.
    At(Url),
    /// The first of the pages that were requested at once. More of them can be requested.
    Numbers(Numbers),
    /// There is one, but this error prevents reading it.
    Broken(Error),
    /// There is none.
    End,
}

/// Page numbers that are requested several at once.
struct Numbers {
    /// The URL of any page.
    base: Url,
    /// The number of the next page to request.
    next: u64,
    /// The last page that exists and is wanted, if known. Otherwise the first page without a next one is the last.
    last: Option<u64>,
}

impl Numbers {
    /// Whether all pages have been requested that exist and are wanted, as far as known.
    fn is_done(&self) -> bool {
        self.last.is_some_and(|last| self.next > last)
    }
}

type Fetching<P> = Task<Result<Page<Content<P>>, Error>>;
/// A page to read: its URL, and the task that reads it if several are requested at once.
type Started<P> = (Url, Option<Fetching<P>>);

/// Reads a list page by page.
pub(crate) struct Pager<P> {
    list: List<P>,
    reading: Reading,
    per_page: u64,
    next: Next,
    /// The query by page number, in case the server rejects keyset pagination on the first page.
    by_number: Option<QueryString<'static>>,
    /// The query by keyset, in case pages are to be requested at once but the server does not say how many there are.
    by_keyset: Option<QueryString<'static>>,
    pages: u64,
    /// Requested pages, in order.
    ahead: VecDeque<(Url, Fetching<P>)>,
    loop_check: LoopCheck,
}

impl<P: Send + 'static> Pager<P> {
    /// Reads a list from its beginning, or from a page.
    pub(crate) fn new(list: List<P>, reading: Reading, from: Option<Url>) -> Self {
        let request = &list.request;
        let mut query = QueryString::new(request.query().to_owned());
        let requested = QueryString::new(request.query());
        let requested = PageQuery::read(&requested);
        let mut per_page = requested.per_page.unwrap_or(MAX_PAGE_SIZE.into());
        if request.paging.has_pages() && requested.per_page.is_none() {
            per_page = reading.limit.map_or(MAX_PAGE_SIZE.into(), |limit| limit.clamp(1, MAX_PAGE_SIZE.into()));
            query.push("per_page", &per_page.to_string());
        }
        let keyset = match &request.paging {
            Paging::Keyset(keyset) => requested.by_keyset(&query, keyset, list.executor.auth().is_anonymous()),
            _ => None,
        };
        let keyset = keyset.filter(|_| from.is_none());
        // Pages that are requested at once need numbers. The first response shows whether that works.
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
            loop_check: LoopCheck::default(),
        }
    }

    async fn read_next(&mut self) -> Option<Result<FetchedPage<P>, Error>> {
        loop {
            let (url, task) = match self.start() {
                Ok(started) => started?,
                Err(error) => return Some(Err(error)),
            };
            let outcome = match task {
                None => self.list.fetch(&url).await.map(|page| page.map(|response| self.list.in_task(response))),
                Some(task) => task.await.unwrap_or_else(|gone| Err(gone.into())),
            };
            match outcome {
                Ok(page) => {
                    if let Some(page) = self.advance(url, page) {
                        return Some(Ok(page));
                    }
                }
                Err(error) => match self.by_number.take() {
                    Some(query) if self.pages == 0 && is_keyset_rejected(&error) => self.next = Next::First(query),
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
                let url = self.list.executor.base_url().join(self.list.request.path(), query.as_str())?;
                // Where one query replaces another, both may lead to the same page.
                let _ = self.loop_check.follow_link(&url);
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
                        Ok(page.map(|response| Content::Ready(Some((list.open)(response)))))
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

    /// Determines the page after this one. `None` if this page is to be dropped and the list to be read in another way.
    fn advance(&mut self, url: Url, page: Page<Content<P>>) -> Option<FetchedPage<P>> {
        let Page { content, next, info } = page;
        let next = next.and_then(|next| {
            next.as_ref()
                .map_or(Ok(()), |next| self.loop_check.follow_link(next))
                .map_err(|error| self.list.executor.with_request_context(&self.list.request, &url, error))?;
            Ok(next)
        });
        let link = match &next {
            Ok(Some(next)) => NextLink::Page(next.clone()),
            Ok(None) => NextLink::End,
            Err(_) => NextLink::Unknown,
        };
        self.next = match (std::mem::replace(&mut self.next, Next::End), next) {
            // This page is valid. The error is returned instead of the next one.
            (_, Err(error)) => Next::Broken(error),
            (_, Ok(None)) => Next::End,
            (Next::Numbers(numbers), Ok(Some(_))) if !self.ahead.is_empty() || !numbers.is_done() => {
                Next::Numbers(numbers)
            }
            (_, Ok(Some(next))) => match page_number(&next) {
                Some(number) if self.pages == 0 && self.reading.parallel > 1 => {
                    if let (None, Some(query)) = (info.total_pages, self.by_keyset.take()) {
                        self.reading.parallel = 1;
                        let numbered = QueryString::new(url.query().unwrap_or_default());
                        self.by_number = Some(numbered.without(&["page"]));
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
            // Drops requests for pages after the last one.
            self.ahead.clear();
        }
        self.pages += 1;
        Some(FetchedPage { content, mark: PageMark { url, next: link, total: info.total } })
    }

    /// The number of the last page that exists and is wanted, if known.
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
}

impl<P: Send + 'static> NextPage for Pager<P> {
    type Page = FetchedPage<P>;

    async fn next(&mut self) -> Option<Result<FetchedPage<P>, Error>> {
        self.read_next().await
    }

    fn is_next_needed(&self) -> bool {
        self.reading.limit.is_none_or(|limit| self.pages.saturating_mul(self.per_page) < limit)
    }
}
