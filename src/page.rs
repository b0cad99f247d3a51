//! From page to page: how the next one is found, for typed and raw requests alike.
//!
//! Keyset where the operation and the order allow it, else page numbers. The server's own link to the next page decides; pages
//! are counted only to read several at once, and only where the server has said how many there are.

use crate::core::Core;
use crate::error::{Error, ErrorKind};
use crate::headers::{self, Links, PageInfo};
use crate::plan::Plan;
use crate::redact;
use crate::response::Answer;
use crate::task::Task;
use glabflow_contract::{Keyset, Method, Paging};
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::RangeInclusive;
use std::sync::Arc;
use url::Url;

/// Items on a page unless the caller says otherwise: as many as GitLab sends.
const PER_PAGE: u64 = 100;

/// A place in a list: the page that has not been read.
///
/// Its text form can be kept in a file. It holds no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pages: u64,
    link: String,
}

impl Position {
    /// How many pages have been read before it.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// Path and query of the page, with secrets masked.
    pub fn link(&self) -> &str {
        &self.link
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pages, self.link)
    }
}

impl std::str::FromStr for Position {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = text.split_once(' ').and_then(|(pages, link)| Some((pages.parse().ok()?, link)));
        match parsed {
            Some((pages, link)) if link.starts_with('/') => Ok(Position { pages, link: link.to_owned() }),
            _ => Err(Error::new(ErrorKind::Argument, "this is not a position in a list")),
        }
    }
}

/// How a list is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Items at most.
    pub(crate) limit: Option<u64>,
    /// Pages that are read ahead of the caller.
    pub(crate) prefetch: usize,
    /// Pages that are read at once where the number of pages is known.
    pub(crate) parallel: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Reading { limit: None, prefetch: 1, parallel: 1 }
    }
}

/// Which page to read next.
enum Next {
    /// The first one, with this query.
    First(String),
    /// The one at this URL.
    At(Url),
    /// The pages of these numbers, several at once; the URL is that of any page.
    Numbers(Url, RangeInclusive<u64>),
    /// There should be one, but this is in the way.
    Broken(Error),
    /// There is none.
    End,
}

/// A page that is to be fetched now, or is on its way already.
enum Fetch {
    Now,
    OnItsWay(Task<Result<Answer, Error>>),
}

/// Reads a list page by page.
pub(crate) struct Pager {
    core: Arc<Core>,
    plan: Arc<Plan>,
    reading: Reading,
    per_page: u64,
    next: Next,
    /// The query by page number, for when the server refuses the first page by keyset.
    by_number: Option<String>,
    /// The query by keyset, for when pages were to be read at once, but the server does not say how many there are.
    by_keyset: Option<String>,
    pages: u64,
    /// Pages on their way, in order.
    ahead: VecDeque<(Url, Task<Result<Answer, Error>>)>,
    /// Hashes of the URLs that have been read one after the other: eight bytes a page.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Pager {
    pub(crate) fn new(core: Arc<Core>, plan: Arc<Plan>, reading: Reading) -> Self {
        let asked = Query::read(&plan.query);
        let mut per_page = asked.per_page.unwrap_or(PER_PAGE);
        let mut query = plan.query.clone();
        if plan.paging.has_pages() && asked.per_page.is_none() {
            per_page = reading.limit.map_or(PER_PAGE, |limit| limit.clamp(1, PER_PAGE));
            push(&mut query, "per_page", &per_page.to_string());
        }
        let keyset = match &plan.paging {
            Paging::Keyset(keyset) => asked.by_keyset(&query, keyset, core.auth.is_anonymous()),
            _ => None,
        };
        // Pages that are to be read at once need numbers; whether that works shows with the first one.
        let (first, by_number, by_keyset) = match keyset {
            Some(keyset) if reading.parallel > 1 => (query, None, Some(keyset)),
            Some(keyset) => (keyset, Some(query), None),
            None => (query, None, None),
        };
        Pager {
            core,
            plan,
            reading,
            per_page,
            next: Next::First(first),
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
    pub(crate) async fn next(&mut self) -> Option<Result<Answer, Error>> {
        loop {
            let (url, fetch) = match self.start() {
                Ok(started) => started?,
                Err(error) => return Some(Err(self.stop(error, None))),
            };
            let outcome = match fetch {
                Fetch::Now => self.core.send_to(&self.plan, url.clone()).await,
                Fetch::OnItsWay(task) => task.await,
            };
            match outcome {
                Ok(answer) => {
                    if self.advance(&url, &answer) {
                        return Some(Ok(answer));
                    }
                }
                Err(error) => match self.by_number.take() {
                    Some(query) if self.pages == 0 && is_keyset_refused(&error) => self.next = Next::First(query),
                    _ => return Some(Err(self.stop(error, Some(&url)))),
                },
            }
        }
    }

    fn start(&mut self) -> Result<Option<(Url, Fetch)>, Error> {
        match std::mem::replace(&mut self.next, Next::End) {
            Next::First(query) => {
                let url = self.core.address.join(&self.plan.path, &query)?;
                self.note(&url);
                Ok(Some((url, Fetch::Now)))
            }
            Next::At(url) => Ok(Some((url, Fetch::Now))),
            Next::Numbers(base, mut numbers) => {
                while self.ahead.len() < self.reading.parallel
                    && let Some(number) = numbers.next()
                {
                    let url = with_page(&base, number);
                    let (core, plan, to) = (Arc::clone(&self.core), Arc::clone(&self.plan), url.clone());
                    self.ahead.push_back((url, Task::spawn(async move { core.send_to(&plan, to).await })));
                }
                self.next = Next::Numbers(base, numbers);
                Ok(self.ahead.pop_front().map(|(url, task)| (url, Fetch::OnItsWay(task))))
            }
            Next::Broken(error) => Err(error),
            Next::End => Ok(None),
        }
    }

    /// Finds out what comes after a page; `false` when the page is to be dropped and the list read in another way.
    fn advance(&mut self, url: &Url, answer: &Answer) -> bool {
        match &self.next {
            Next::Numbers(_, numbers) if !self.ahead.is_empty() || !numbers.is_empty() => {}
            _ => match self.after(url, answer) {
                Ok(None) => self.next = Next::End,
                Ok(Some(next)) => {
                    let page = PageInfo::read(&answer.headers);
                    match (self.last_page(&page), self.by_keyset.take()) {
                        (Some(last), _) => self.next = Next::Numbers(next, page.page.unwrap_or(1) + 1..=last),
                        (None, Some(query)) => {
                            self.reading.parallel = 1;
                            self.by_number = Some(without_page(url));
                            self.next = Next::First(query);
                            return false;
                        }
                        (None, None) => self.next = Next::At(next),
                    }
                }
                // The page itself is good; the error comes in the place of the next one.
                Err(error) => self.next = Next::Broken(self.core.about(&self.plan, url, error)),
            },
        }
        self.pages += 1;
        true
    }

    /// The number of the last page to read, when pages can be read several at once from here.
    fn last_page(&self, page: &PageInfo) -> Option<u64> {
        let (current, total) = (page.page?, page.total_pages?);
        let needed = self.reading.limit.map_or(total, |limit| current - 1 + limit.div_ceil(self.per_page));
        let last = total.min(needed);
        (self.pages == 0 && self.reading.parallel > 1 && last > current).then_some(last)
    }

    /// The URL of the page after this one.
    fn after(&mut self, url: &Url, answer: &Answer) -> Result<Option<Url>, Error> {
        if self.plan.method != Method::Get {
            return Ok(None);
        }
        let next = match Links::read(&answer.headers) {
            Some(Links { next: Some(link) }) => Some(self.core.address.follow(&answer.url, link)?),
            Some(Links { next: None }) => None,
            None => headers::number(&answer.headers, "x-next-page").map(|number| with_page(url, number)),
        };
        match next {
            Some(next) if !self.note(&next) => {
                Err(Error::new(ErrorKind::Paging, "the server's link to the next page leads back to one that was read"))
            }
            next => Ok(next),
        }
    }

    /// Remembers a URL; `false` when it has been read before.
    fn note(&mut self, url: &Url) -> bool {
        self.seen.insert(self.hasher.hash_one(url.as_str()))
    }

    /// Ends the reading with an error that says where it ended.
    fn stop(&mut self, error: Error, url: Option<&Url>) -> Error {
        self.next = Next::End;
        self.ahead.clear();
        let link = match url {
            Some(url) => redact::url(url),
            None => error.url().unwrap_or_default().to_owned(),
        };
        let origin = self.core.address.origin().len();
        error.with_position(Position { pages: self.pages, link: link.get(origin..).unwrap_or_default().to_owned() })
    }
}

/// Whether a server says that it does not know keyset pagination here.
fn is_keyset_refused(error: &Error) -> bool {
    let about_paging = |message: &String| {
        let message = message.to_ascii_lowercase();
        ["keyset", "pagination", "order_by", "sort", "cursor"].iter().any(|word| message.contains(word))
    };
    match error.status() {
        Some(405) => true,
        Some(400) => error.messages().iter().any(about_paging),
        _ => false,
    }
}

/// What a query says about pages.
#[derive(Default)]
struct Query<'a> {
    pagination: Option<&'a str>,
    order_by: Option<&'a str>,
    sort: Option<&'a str>,
    page: Option<&'a str>,
    per_page: Option<u64>,
}

impl<'a> Query<'a> {
    fn read(query: &'a str) -> Self {
        let mut read = Query::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "pagination" => read.pagination = Some(value),
                "order_by" => read.order_by = Some(value),
                "sort" => read.sort = Some(value),
                "page" => read.page = Some(value),
                // Zero would be no page at all; the server decides what it makes of it.
                "per_page" => read.per_page = value.parse().ok().filter(|number| *number > 0),
                _ => {}
            }
        }
        read
    }

    /// The query by keyset, when the order that was asked for allows it.
    fn by_keyset(&self, query: &str, keyset: &Keyset, anonymous: bool) -> Option<String> {
        let fits = |asked: Option<&str>, allowed: &[&str]| asked.is_none_or(|asked| allowed.contains(&asked));
        let possible = self.page.is_none()
            && self.pagination.is_none_or(|pagination| pagination == "keyset")
            && fits(self.order_by, keyset.orders)
            && fits(self.sort, keyset.sorts)
            && (anonymous || !keyset.anonymous_only);
        if !possible {
            return None;
        }
        let mut query = query.to_owned();
        if self.pagination.is_none() {
            push(&mut query, "pagination", "keyset");
        }
        for (name, asked, allowed) in [("order_by", self.order_by, keyset.orders), ("sort", self.sort, keyset.sorts)] {
            if let (None, Some(default)) = (asked, allowed.first()) {
                push(&mut query, name, default);
            }
        }
        Some(query)
    }
}

/// Adds a parameter that needs no encoding.
fn push(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.push_str(value);
}

/// The query of a URL less its page number.
fn without_page(url: &Url) -> String {
    let pairs = url.query().unwrap_or_default().split('&');
    pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("page=")).collect::<Vec<_>>().join("&")
}

/// The same URL with another page number.
fn with_page(url: &Url, number: u64) -> Url {
    let mut query = without_page(url);
    push(&mut query, "page", &number.to_string());
    let mut url = url.clone();
    url.set_query(Some(&query));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYSET: Keyset = Keyset { orders: &["id", "name"], sorts: &["desc", "asc"], anonymous_only: false };

    fn by_keyset(query: &str, keyset: Keyset, anonymous: bool) -> Option<String> {
        Query::read(query).by_keyset(query, &keyset, anonymous)
    }

    #[test]
    fn keyset_only_where_the_order_allows_it() {
        let expect = |query: &str| by_keyset(query, KEYSET, false);
        assert_eq!(expect("").as_deref(), Some("pagination=keyset&order_by=id&sort=desc"));
        assert_eq!(expect("a=b&order_by=name").as_deref(), Some("a=b&order_by=name&pagination=keyset&sort=desc"));
        assert_eq!(expect("sort=asc&pagination=keyset").as_deref(), Some("sort=asc&pagination=keyset&order_by=id"));
        for query in ["order_by=created_at", "sort=up", "page=1", "pagination=offset"] {
            assert_eq!(expect(query), None, "{query}");
        }
        let anonymous = Keyset { anonymous_only: true, ..KEYSET };
        assert_eq!(by_keyset("", anonymous, false), None);
        assert!(by_keyset("", anonymous, true).is_some());
        let no_order = Keyset { orders: &[], sorts: &[], anonymous_only: false };
        assert_eq!(by_keyset("", no_order, false).as_deref(), Some("pagination=keyset"));
        assert_eq!(by_keyset("order_by=id", no_order, false), None);
    }

    #[test]
    fn page_numbers_replace_each_other() {
        let url = Url::parse("https://h.example/a?page=3&per_page=5&x%5B%5D=page=1").expect("a URL");
        assert_eq!(with_page(&url, 7).query(), Some("per_page=5&x%5B%5D=page=1&page=7"));
    }

    #[test]
    fn a_position_survives_its_text_form() {
        let position = Position { pages: 3, link: "/api/v4/users?page=4".to_owned() };
        assert_eq!(position.to_string().parse::<Position>().expect("a position"), position);
        for text in ["", "3", "x /a", "3 https://evil.example", "3"] {
            assert!(text.parse::<Position>().is_err(), "{text}");
        }
    }
}
