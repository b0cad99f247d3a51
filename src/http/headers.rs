//! The headers of a response: pages, rate limits, waits.

use crate::redact::token::Secrets;
use http::header::{HeaderMap, RETRY_AFTER};
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The text of a header; `None` if it is missing, empty or not text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

/// The number in a header.
pub(crate) fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name)?.parse().ok()
}

/// The id under which GitLab's logs know the request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    text(headers, "x-request-id")
}

/// The longest wait that is read from a header. A longer one means "never"; it must not overflow the clock.
const MAX_WAIT: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// How long the server asks to wait: `Retry-After`, or else the time to the reset of the rate limit.
pub(crate) fn wait(headers: &HeaderMap, wall: SystemTime) -> Option<Duration> {
    retry_after(headers, wall).or_else(|| until_reset(headers, wall))
}

/// How long the server asks to wait with `Retry-After`.
pub(crate) fn retry_after(headers: &HeaderMap, wall: SystemTime) -> Option<Duration> {
    let text = text(headers, RETRY_AFTER.as_str())?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(MAX_WAIT));
    }
    let time = httpdate::parse_http_date(text).ok()?;
    Some(time.duration_since(server_time(headers, wall)).unwrap_or_default().min(MAX_WAIT))
}

/// The server's time from its `Date`, or else the local time. The server's other times are relative to it.
fn server_time(headers: &HeaderMap, wall: SystemTime) -> SystemTime {
    text(headers, "date").and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(wall)
}

/// The number in a header with this name, or with `X-` in front, as some proxies write it.
fn limit_number(headers: &HeaderMap, name: &str, x_name: &str) -> Option<u64> {
    number(headers, name).or_else(|| number(headers, x_name))
}

fn reset(headers: &HeaderMap) -> Option<u64> {
    limit_number(headers, "ratelimit-reset", "x-ratelimit-reset")
}

/// A `RateLimit-Reset` up to this is in seconds from now. A larger one is in seconds since 1970.
const MAX_DELTA: Duration = Duration::from_secs(24 * 60 * 60);

/// The time to the reset of a rate limit; `None` if the server does not report it, or it has passed.
pub(crate) fn until_reset(headers: &HeaderMap, wall: SystemTime) -> Option<Duration> {
    let now = server_time(headers, wall);
    let left = |time: SystemTime| time.duration_since(now).ok().map(|left| left.min(MAX_WAIT));
    let Some(seconds) = reset(headers).map(Duration::from_secs) else {
        let time = httpdate::parse_http_date(text(headers, "ratelimit-resettime")?).ok()?;
        return left(time);
    };
    let of_1970 = now.duration_since(UNIX_EPOCH).is_ok_and(|now| now <= MAX_DELTA);
    if seconds <= MAX_DELTA && !of_1970 {
        return Some(seconds);
    }
    left(UNIX_EPOCH.checked_add(seconds)?)
}

/// The state of the rate limit that counted a request, as far as the server reports it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// The limit's name.
    pub name: Option<String>,
    /// Requests allowed in the limit's period, which is a minute for most of GitLab's limits.
    pub limit: Option<u64>,
    /// Requests counted so far.
    pub observed: Option<u64>,
    /// Requests left.
    pub remaining: Option<u64>,
    /// When the limit resets, in seconds since 1970 or from now.
    pub reset: Option<u64>,
}

impl RateLimit {
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let read = RateLimit {
            name: text(headers, "ratelimit-name").map(str::to_owned),
            limit: limit_number(headers, "ratelimit-limit", "x-ratelimit-limit"),
            observed: limit_number(headers, "ratelimit-observed", "x-ratelimit-observed"),
            remaining: limit_number(headers, "ratelimit-remaining", "x-ratelimit-remaining"),
            reset: reset(headers),
        };
        (read != RateLimit::default()).then_some(read)
    }
}

/// The position of a page in its list, as far as the server reports it. GitLab counts only lists of up to 10,000 items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageInfo {
    /// The number of this page, from 1.
    pub page: Option<u64>,
    /// Items on a full page.
    pub per_page: Option<u64>,
    /// Items in the whole list.
    pub total: Option<u64>,
    /// Pages in the whole list.
    pub total_pages: Option<u64>,
    /// The number of the next page.
    pub next_page: Option<u64>,
    /// Whether there is a next page.
    pub has_next: bool,
}

impl PageInfo {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let next_page = number(headers, "x-next-page");
        let has_next = match Links::read(headers) {
            Some(links) => links.next.is_some(),
            None => next_page.is_some(),
        };
        PageInfo {
            page: number(headers, "x-page"),
            per_page: number(headers, "x-per-page"),
            total: number(headers, "x-total"),
            total_pages: number(headers, "x-total-pages"),
            next_page,
            has_next,
        }
    }
}

/// The `Link` header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Links<'a> {
    /// The URL of the next page.
    pub(crate) next: Option<&'a str>,
}

impl<'a> Links<'a> {
    /// Reads the header; `None` if there is none.
    pub(crate) fn read(headers: &'a HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("link").iter().peekable();
        values.peek()?;
        Some(Links { next: values.filter_map(|value| value.to_str().ok()).find_map(next) })
    }
}

/// The URL with `rel="next"` in a `Link` header's text.
fn next(mut text: &str) -> Option<&str> {
    loop {
        let (_, rest) = text.split_once('<')?;
        let (url, rest) = rest.split_once('>')?;
        // Parameters end at the comma before the next URL.
        let end = rest.find(",<").or_else(|| rest.find(", <")).unwrap_or(rest.len());
        let is_next = rest[..end].split(';').any(|param| {
            param.trim().split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("rel")
                    && value.trim().trim_matches(['"', ',']).split_ascii_whitespace().any(|rel| rel == "next")
            })
        });
        if is_next {
            return Some(url);
        }
        text = &rest[end..];
    }
}

/// A reset that is further away is ignored. GitLab's longest period is an hour.
pub(crate) const FARTHEST_RESET: Duration = Duration::from_secs(2 * 60 * 60);

/// What a response reports about the limit that counted its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) name: Option<Box<str>>,
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    /// Time until the limit resets, if the server reports a plausible one.
    pub(crate) reset_in: Option<Duration>,
}

impl Report {
    /// Reads the headers of a response; `None` if they do not say how many requests are left.
    pub(crate) fn read(headers: &HeaderMap, wall: SystemTime) -> Option<Self> {
        let RateLimit { name, limit, observed, remaining, .. } = RateLimit::read(headers)?;
        let remaining = remaining.or_else(|| Some(limit?.saturating_sub(observed?)))?;
        let limit = limit.or_else(|| observed.map(|observed| observed.saturating_add(remaining)));
        let reset_in = until_reset(headers, wall).filter(|time| *time <= FARTHEST_RESET);
        Some(Report { name: name.map(Into::into), limit: limit.unwrap_or(0), remaining, reset_in })
    }

    /// The same report without the client's token, which the name may contain.
    pub(crate) fn masked(mut self, secrets: &Secrets) -> Self {
        if let Some(Cow::Owned(name)) = self.name.as_deref().map(|name| secrets.mask(name)) {
            self.name = Some(name.into());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use http::header::HeaderName;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value")))
            .collect()
    }

    #[test]
    fn the_next_page_is_read_from_a_link_header() {
        let next =
            |text: &str| Links::read(&headers(&[("link", text)])).and_then(|links| links.next.map(str::to_owned));
        let url = "https://h.example/api/v4/users?a=1,2&page=2";
        for text in [
            format!("<{url}>; rel=\"next\""),
            format!("<https://h.example/x>; rel=\"prev\", <{url}>; rel=\"next\", <https://h.example/l>; rel=\"last\""),
            format!("<https://h.example/x>;rel=first,<{url}>;title=\"a\";REL=next"),
            format!("<{url}>; rel=\"last next\""),
        ] {
            assert_eq!(next(&text).as_deref(), Some(url), "{text}");
        }
        for text in ["", "next", "<", "<a>", "<a>; rel=\"prev\"", "<a>; rel=nextish", "a>; rel=next", "<<<>>>;;;,,,=="]
        {
            assert_eq!(next(text), None, "{text}");
        }
        assert_eq!(Links::read(&HeaderMap::new()), None);
    }

    #[test]
    fn a_link_header_has_precedence_over_a_page_number() {
        let page = PageInfo::read(&headers(&[("link", "<a>; rel=\"first\""), ("x-next-page", "2"), ("x-total", "x")]));
        assert!(!page.has_next);
        assert_eq!((page.next_page, page.total), (Some(2), None));
        assert!(PageInfo::read(&headers(&[("x-next-page", "2")])).has_next);
        assert!(!PageInfo::read(&headers(&[("x-next-page", "")])).has_next);
    }

    #[test]
    fn waits_are_read_as_seconds_dates_and_resets() {
        let wall = UNIX_EPOCH + Duration::from_secs(1_000);
        let wait = |pairs: &[(&'static str, &str)]| wait(&headers(pairs), wall).map(|wait| wait.as_secs());
        assert_eq!(wait(&[("retry-after", "7"), ("ratelimit-reset", "1060")]), Some(7));
        assert_eq!(wait(&[("retry-after", "Thu, 01 Jan 1970 00:17:00 GMT")]), Some(20));
        assert_eq!(wait(&[("retry-after", "18446744073709551615")]), Some(366 * 24 * 60 * 60));
        assert_eq!(wait(&[("retry-after", "soon"), ("ratelimit-reset", "1060")]), Some(60));
        assert_eq!(wait(&[("ratelimit-reset", "900")]), None);
        assert_eq!(wait(&[("ratelimit-reset", "18446744073709551615")]), None);
        assert_eq!(wait(&[]), None);
        // A wrong local clock does not matter if the server sends its own time.
        assert_eq!(wait(&[("ratelimit-reset", "160"), ("date", "Thu, 01 Jan 1970 00:01:40 GMT")]), Some(60));
    }

    #[test]
    fn a_reset_is_read_as_a_time_a_duration_or_a_date() {
        let wall = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let until = |pairs: &[(&'static str, &str)]| until_reset(&headers(pairs), wall).map(|until| until.as_secs());
        assert_eq!(until(&[("ratelimit-reset", "1700000060")]), Some(60));
        assert_eq!(until(&[("x-ratelimit-reset", "1700000060")]), Some(60));
        assert_eq!(until(&[("ratelimit-reset", "37")]), Some(37));
        assert_eq!(until(&[("ratelimit-resettime", "Tue, 14 Nov 2023 22:13:50 GMT")]), Some(30));
        assert_eq!(until(&[("ratelimit-reset", "1600000000")]), None);
    }

    #[test]
    fn a_rate_limit_is_read_from_both_sets_of_header_names() {
        let read = |pairs: &[(&'static str, &str)]| RateLimit::read(&headers(pairs));
        let usual = read(&[("ratelimit-name", "n"), ("ratelimit-limit", "60"), ("ratelimit-remaining", "7")]);
        let expected =
            RateLimit { name: Some("n".into()), limit: Some(60), remaining: Some(7), ..RateLimit::default() };
        assert_eq!(usual, Some(expected.clone()));
        let older = read(&[("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "7")]);
        assert_eq!(older, Some(RateLimit { name: None, ..expected }));
        assert_eq!(read(&[("retry-after", "7")]), None);
    }
}
