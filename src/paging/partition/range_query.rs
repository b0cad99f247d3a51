//! The filters by which a list is split, and the queries for its ranges.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::PreparedRequest;
use crate::http::query_string::{self, Pair, QueryString};
use crate::paging::item_facts::seconds;
use crate::paging::page_query::PageQuery;
use glabflow_contract::{MAX_PAGE_SIZE, Paging, RangeKey, calendar};

/// The earliest creation time in any GitLab server: the day of the first release, in October 2011.
const FIRST_RELEASE: i64 = 1_318_464_000;

/// Builds the queries for the ranges of a list.
#[derive(Debug)]
pub(crate) struct RangeQuery {
    pub(crate) key: RangeKey,
    /// Whether the server can sort the list by the key.
    pub(crate) sorted: bool,
    /// The parameters for keyset pagination, if the list supports it.
    pub(crate) keyset: Option<String>,
    pub(crate) per_page: u64,
    /// The other parameters of the request.
    rest: QueryString<'static>,
    low: Option<Bound>,
    high: Option<Bound>,
}

/// An end of the list that the caller has set.
#[derive(Debug)]
struct Bound {
    /// The encoded value in the query.
    text: String,
    key: i64,
}

/// The page to request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageRequest {
    /// A page by keyset.
    Keyset,
    /// The page with this number, in the order of the key.
    Sorted(u64),
    /// The first item in the order of the key.
    First,
    /// The last item in the order of the key. Lists that cannot be sorted by it begin with the newest item.
    Last,
}

impl RangeQuery {
    /// Determines how the list of a request can be split.
    ///
    /// # Errors
    /// When it cannot, or when the request sets an order or a page.
    pub(crate) fn of(request: &PreparedRequest, anonymous: bool) -> Result<Self, Error> {
        let query = QueryString::new(request.query());
        let requested = PageQuery::read(&query);
        let invalid = |text: String| Error::new(ErrorKind::Argument, format!("{}: {text}", request.operation));
        let Some(first) = request.ranges.first() else {
            let text = "this list cannot be read in ranges: it has no filter by id or creation time";
            let hint = "projects, users, issues, merge requests and audit events can be; read this list without \
                        `partitioned`, or with `parallel`";
            return Err(invalid(text.to_owned()).with_hint(Some(hint)));
        };
        let fits = |order: &str| request.ranges.iter().find(|range| range.sorted && range.key.field() == order);
        let range =
            requested.order_by.map_or(Some(first), fits).filter(|_| requested.sort.is_none_or(|sort| sort == "asc"));
        let Some(range) = range else {
            let text = format!(
                "ranges are read in ascending order of `{}`, but the request sets another order",
                first.key.field()
            );
            return Err(invalid(text).with_hint(Some("remove `order_by` and `sort`, or read without `partitioned`")));
        };
        if requested.page.is_some() || requested.pagination.is_some() {
            let text = "`page` and `pagination` cannot be set for a list that is read in ranges";
            return Err(invalid(text.to_owned()));
        }
        let key = range.key;
        let bound = |name: &str| match bound(&query, name, key) {
            Ok(bound) => Ok(bound),
            Err(value) => Err(invalid(format!("`{name}` is neither an id nor a time: `{value}`"))),
        };
        let keyset = match &request.paging {
            Paging::Keyset(keyset) if !keyset.anonymous_only || anonymous => {
                let order = if range.sorted { key.field() } else { "id" };
                let sort = if range.sorted { "asc" } else { keyset.sorts.first().copied().unwrap_or("asc") };
                (keyset.orders.contains(&order) && keyset.sorts.contains(&sort))
                    .then(|| format!("pagination=keyset&order_by={order}&sort={sort}"))
            }
            _ => None,
        };
        Ok(RangeQuery {
            key,
            sorted: range.sorted,
            keyset,
            per_page: requested.per_page.unwrap_or(MAX_PAGE_SIZE.into()),
            rest: query.without(&[key.after(), key.before(), "order_by", "sort", "per_page"]),
            low: bound(key.after())?,
            high: bound(key.before())?,
        })
    }

    /// The query for a page of the range with the keys from `from` up to, but not including, `to`.
    ///
    /// The response may have items outside the range, but none of the range is missing.
    pub(crate) fn query(&self, from: Option<i64>, to: Option<i64>, page_request: PageRequest) -> String {
        let mut query = self.rest.clone();
        let per_page = if matches!(page_request, PageRequest::First | PageRequest::Last) { 1 } else { self.per_page };
        query.push("per_page", &per_page.to_string());
        match (page_request, &self.keyset) {
            (PageRequest::Keyset, Some(keyset)) => query.append(keyset),
            _ if self.sorted => {
                query.push("order_by", self.key.field());
                query.push("sort", if page_request == PageRequest::Last { "desc" } else { "asc" });
            }
            _ => {}
        }
        // One key before the first one: correct whether or not the server includes the end.
        let low = from
            .and_then(|from| from.checked_sub(1))
            .filter(|low| self.low.as_ref().is_none_or(|bound| *low > bound.key));
        match (low, &self.low) {
            (Some(low), _) => query.push(self.key.after(), &self.text(low)),
            (None, Some(bound)) => query.push(self.key.after(), &bound.text),
            (None, None) => {}
        }
        let high = to.filter(|high| self.high.as_ref().is_none_or(|bound| *high <= bound.key));
        match (high, &self.high) {
            (Some(high), _) => query.push(self.key.before(), &self.text(high)),
            (None, Some(bound)) => query.push(self.key.before(), &bound.text),
            (None, None) => {}
        }
        if let PageRequest::Sorted(page @ 2..) = page_request {
            query.push("page", &page.to_string());
        }
        query.into_string()
    }

    /// The lowest key of a list that cannot be sorted.
    pub(crate) fn lowest(&self) -> i64 {
        match self.key {
            RangeKey::Id => 1,
            RangeKey::CreatedAt => self.low.as_ref().map_or(FIRST_RELEASE, |bound| bound.key.max(FIRST_RELEASE)),
        }
    }

    /// Whether no two items have the same key.
    pub(crate) fn is_unique(&self) -> bool {
        self.key == RangeKey::Id
    }

    /// The value of a key in a query.
    fn text(&self, key: i64) -> String {
        match self.key {
            RangeKey::Id => key.to_string(),
            RangeKey::CreatedAt => time(key),
        }
    }
}

/// The value of a parameter and its key. The error is a value without a key.
fn bound(query: &QueryString<'_>, name: &str, key: RangeKey) -> Result<Option<Bound>, String> {
    let Some(text) = query.get(name).and_then(Pair::value) else { return Ok(None) };
    let value = query_string::decode(text);
    let key = match key {
        RangeKey::Id => value.parse().ok(),
        RangeKey::CreatedAt => seconds(&value),
    };
    key.map(|key| Some(Bound { text: text.to_owned(), key })).ok_or(value)
}

/// A second since 1970 in the form that GitLab reads.
fn time(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = calendar::date_of(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::prepared::{OperationId, Target};
    use glabflow_contract::{Keyset, Method, Range};
    use proptest::prelude::*;

    const USERS: &[Range] = &[Range { key: RangeKey::CreatedAt, sorted: true }];

    fn request(query: &str, ranges: &'static [Range]) -> PreparedRequest {
        let target = Target::ApiPath { path: "/list".into(), query: QueryString::new(query.to_owned()) };
        let keyset = Keyset { orders: &["id", "created_at"], sorts: &["asc", "desc"], anonymous_only: false };
        PreparedRequest::new(OperationId::Named("list"), Method::Get, target)
            .with_paging(Paging::Keyset(keyset))
            .with_ranges(ranges)
    }

    #[test]
    fn queries_cover_their_range() {
        let ranges =
            RangeQuery::of(&request("search=a&created_after=2020-01-01T00%3A00%3A00.5Z&per_page=50", USERS), false)
                .expect("a range query");
        let from = ranges.low.as_ref().expect("a bound").key;
        assert_eq!(
            ranges.query(None, Some(from + 60), PageRequest::Keyset),
            "search=a&per_page=50&pagination=keyset&order_by=created_at&sort=asc&created_after=2020-01-01T00%3A00%3A00.5Z\
             &created_before=2020-01-01T00:01:00Z"
        );
        // Never wider than the bounds of the caller.
        assert!(
            ranges
                .query(Some(from + 1), None, PageRequest::Sorted(1))
                .contains("created_after=2020-01-01T00%3A00%3A00.5Z")
        );
        assert!(
            ranges
                .query(Some(from + 2), None, PageRequest::Sorted(1))
                .ends_with("sort=asc&created_after=2020-01-01T00:00:01Z")
        );
        assert!(ranges.query(None, None, PageRequest::Sorted(3)).ends_with("&page=3"));
        assert!(ranges.query(None, None, PageRequest::Last).contains("per_page=1&order_by=created_at&sort=desc"));
    }

    #[test]
    fn requests_with_an_order_or_a_page_are_rejected() {
        for (query, ranges, about) in [
            ("", &[] as &[Range], "cannot be read in ranges"),
            ("order_by=name", USERS, "another"),
            ("sort=desc", USERS, "another"),
            ("page=2", USERS, "page"),
            ("created_before=soon", USERS, "soon"),
        ] {
            let error = RangeQuery::of(&request(query, ranges), false).expect_err(query);
            assert!(error.kind() == ErrorKind::Argument && error.to_string().contains(about), "{error}");
        }
        assert!(RangeQuery::of(&request("order_by=created_at&sort=asc", USERS), false).is_ok());
    }

    proptest! {
        #[test]
        fn times_survive_the_round_trip(second in -62_135_596_800_i64..253_402_300_800) {
            prop_assert_eq!(seconds(&time(second)), Some(second));
        }
    }
}
