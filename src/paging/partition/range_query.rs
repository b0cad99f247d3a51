//! By which filters a list is cut, and the requests for its pieces.

use crate::error::{Error, ErrorKind};
use crate::http::prepared::Plan;
use crate::paging::item_facts::seconds;
use crate::paging::page_query::{Query, push, without};
use glabflow_contract::{Paging, RangeKey};

/// Items on a page unless the caller says otherwise: as many as GitLab sends.
const PER_PAGE: u64 = 100;
/// The first second in which a GitLab server can have made something: the day of its first release, in October 2011.
const BEGINNING: i64 = 1_318_464_000;

/// How the pieces of a list are asked for.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) key: RangeKey,
    /// Whether the list comes in the order of the key.
    pub(crate) sorted: bool,
    /// What makes the server page by keyset, where it can.
    pub(crate) keyset: Option<String>,
    pub(crate) per_page: u64,
    /// What the caller asks for besides.
    rest: String,
    low: Option<Bound>,
    high: Option<Bound>,
}

/// An end that the caller has set.
#[derive(Debug)]
struct Bound {
    /// The value as it stands in the query.
    text: String,
    key: i64,
}

/// How a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// By keyset.
    Keyset,
    /// In the order of the key, by its number.
    Sorted(u64),
    /// The first item in the order of the key.
    First,
    /// The last item in the order of the key; of a list that is not sorted, its first.
    Last,
}

impl Spec {
    /// How the list that a request asks for can be cut.
    ///
    /// # Errors
    /// When it cannot, or the request asks for an order or a page of its own.
    pub(crate) fn of(plan: &Plan, anonymous: bool) -> Result<Self, Error> {
        let asked = Query::read(&plan.query);
        let refuse = |text: String| Error::new(ErrorKind::Argument, format!("{}: {text}", plan.operation));
        let Some(first) = plan.ranges.first() else {
            let text = "this list cannot be read in pieces: no filter cuts it by id or time of creation";
            let hint = "projects, users, issues, merge requests and audit events can; others are read with `items` as it is, or \
                        with `parallel`";
            return Err(refuse(text.to_owned()).with_hint(Some(hint)));
        };
        let fits = |order: &str| plan.ranges.iter().find(|range| range.sorted && range.key.field() == order);
        let range = asked.order_by.map_or(Some(first), fits).filter(|_| asked.sort.is_none_or(|sort| sort == "asc"));
        let Some(range) = range else {
            let text = format!(
                "pieces are read in the order of `{}`, upwards, and the request asks for another",
                first.key.field()
            );
            return Err(refuse(text).with_hint(Some("leave `order_by` and `sort` out, or do not read in pieces")));
        };
        if asked.page.is_some() || asked.pagination.is_some() {
            let text = "a list that is read in pieces takes neither `page` nor `pagination`";
            return Err(refuse(text.to_owned()));
        }
        let key = range.key;
        let bound = |name: &str| match bound(&plan.query, name, key) {
            Ok(bound) => Ok(bound),
            Err(value) => Err(refuse(format!("`{name}` is neither an id nor a time: `{value}`"))),
        };
        let keyset = match &plan.paging {
            Paging::Keyset(keyset) if !keyset.anonymous_only || anonymous => {
                let order = if range.sorted { key.field() } else { "id" };
                let sort = if range.sorted { "asc" } else { keyset.sorts.first().copied().unwrap_or("asc") };
                (keyset.orders.contains(&order) && keyset.sorts.contains(&sort))
                    .then(|| format!("pagination=keyset&order_by={order}&sort={sort}"))
            }
            _ => None,
        };
        Ok(Spec {
            key,
            sorted: range.sorted,
            keyset,
            per_page: asked.per_page.unwrap_or(PER_PAGE),
            rest: without(&plan.query, &[key.after(), key.before(), "order_by", "sort", "per_page"]),
            low: bound(key.after())?,
            high: bound(key.before())?,
        })
    }

    /// The query for a page of the piece with the keys from `from` up to, not including, `to`.
    ///
    /// The server may let through more, and never less.
    pub(crate) fn query(&self, from: Option<i64>, to: Option<i64>, ask: Ask) -> String {
        let mut query = self.rest.clone();
        let per_page = if matches!(ask, Ask::First | Ask::Last) { 1 } else { self.per_page };
        push(&mut query, "per_page", &per_page.to_string());
        match (ask, &self.keyset) {
            (Ask::Keyset, Some(keyset)) => query.extend(["&", keyset]),
            _ if self.sorted => {
                push(&mut query, "order_by", self.key.field());
                push(&mut query, "sort", if ask == Ask::Last { "desc" } else { "asc" });
            }
            _ => {}
        }
        // The key before the first one: right whether the server takes the end for a part of the range or not.
        let low = from
            .and_then(|from| from.checked_sub(1))
            .filter(|low| self.low.as_ref().is_none_or(|bound| *low > bound.key));
        match (low, &self.low) {
            (Some(low), _) => push(&mut query, self.key.after(), &self.text(low)),
            (None, Some(bound)) => push(&mut query, self.key.after(), &bound.text),
            (None, None) => {}
        }
        let high = to.filter(|high| self.high.as_ref().is_none_or(|bound| *high <= bound.key));
        match (high, &self.high) {
            (Some(high), _) => push(&mut query, self.key.before(), &self.text(high)),
            (None, Some(bound)) => push(&mut query, self.key.before(), &bound.text),
            (None, None) => {}
        }
        if let Ask::Sorted(page @ 2..) = ask {
            push(&mut query, "page", &page.to_string());
        }
        query
    }

    /// The lowest key that a list can hold whose lowest item cannot be asked for.
    pub(crate) fn lowest(&self) -> i64 {
        match self.key {
            RangeKey::Id => 1,
            RangeKey::CreatedAt => self.low.as_ref().map_or(BEGINNING, |bound| bound.key.max(BEGINNING)),
        }
    }

    /// Whether no two items have the same key.
    pub(crate) fn is_unique(&self) -> bool {
        self.key == RangeKey::Id
    }

    /// A key as it stands in a query.
    fn text(&self, key: i64) -> String {
        match self.key {
            RangeKey::Id => key.to_string(),
            RangeKey::CreatedAt => time(key),
        }
    }
}

/// The value that a query gives a parameter, and its key; the value alone where it has none.
fn bound(query: &str, name: &str, key: RangeKey) -> Result<Option<Bound>, String> {
    let Some(text) = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')) else {
        return Ok(None);
    };
    let decoded =
        url::form_urlencoded::parse(format!("v={text}").as_bytes()).next().map(|(_, value)| value.into_owned());
    let value = decoded.unwrap_or_default();
    let key = match key {
        RangeKey::Id => value.parse().ok(),
        RangeKey::CreatedAt => seconds(&value),
    };
    key.map(|key| Some(Bound { text: text.to_owned(), key })).ok_or(value)
}

/// A second since 1970 as GitLab reads it.
fn time(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Counted from the first of March of the year 0, so that leap days come last in a year; eras are 400 years.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use glabflow_contract::{Keyset, Method, Output, Payload, Range};
    use proptest::prelude::*;

    const USERS: &[Range] = &[Range { key: RangeKey::CreatedAt, sorted: true }];

    fn plan(query: &str, ranges: &'static [Range]) -> Plan {
        Plan {
            operation: "list",
            method: Method::Get,
            path: "/list".into(),
            query: query.into(),
            headers: http::HeaderMap::new(),
            payload: Payload::Empty,
            idempotent: true,
            output: Output::List,
            paging: Paging::Keyset(Keyset {
                orders: &["id", "created_at"],
                sorts: &["asc", "desc"],
                anonymous_only: false,
            }),
            ranges,
            throttled: None,
            timeout: None,
        }
    }

    #[test]
    fn queries_of_pieces() {
        let spec = Spec::of(&plan("search=a&created_after=2020-01-01T00%3A00%3A00.5Z&per_page=50", USERS), false)
            .expect("a spec");
        let from = spec.low.as_ref().expect("an end").key;
        assert_eq!(
            spec.query(None, Some(from + 60), Ask::Keyset),
            "search=a&per_page=50&pagination=keyset&order_by=created_at&sort=asc&created_after=2020-01-01T00%3A00%3A00.5Z\
             &created_before=2020-01-01T00:01:00Z"
        );
        // Never wider than what the caller asks for.
        assert!(spec.query(Some(from + 1), None, Ask::Sorted(1)).contains("created_after=2020-01-01T00%3A00%3A00.5Z"));
        assert!(
            spec.query(Some(from + 2), None, Ask::Sorted(1)).ends_with("sort=asc&created_after=2020-01-01T00:00:01Z")
        );
        assert!(spec.query(None, None, Ask::Sorted(3)).ends_with("&page=3"));
        assert!(spec.query(None, None, Ask::Last).contains("per_page=1&order_by=created_at&sort=desc"));
    }

    #[test]
    fn what_contradicts_pieces_is_refused() {
        for (query, ranges, about) in [
            ("", &[] as &[Range], "cannot be read in pieces"),
            ("order_by=name", USERS, "another"),
            ("sort=desc", USERS, "another"),
            ("page=2", USERS, "page"),
            ("created_before=soon", USERS, "soon"),
        ] {
            let error = Spec::of(&plan(query, ranges), false).expect_err(query);
            assert!(error.kind() == ErrorKind::Argument && error.to_string().contains(about), "{error}");
        }
        assert!(Spec::of(&plan("order_by=created_at&sort=asc", USERS), false).is_ok());
    }

    proptest! {
        #[test]
        fn times_come_back(second in -62_135_596_800_i64..253_402_300_800) {
            prop_assert_eq!(seconds(&time(second)), Some(second));
        }
    }
}
