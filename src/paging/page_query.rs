//! What a list's query says about pages, and the queries that are made of it.

use crate::error::Error;
use glabflow_contract::Keyset;
use url::Url;

/// What a query says about pages.
#[derive(Default)]
pub(crate) struct Query<'a> {
    pub(crate) pagination: Option<&'a str>,
    pub(crate) order_by: Option<&'a str>,
    pub(crate) sort: Option<&'a str>,
    pub(crate) page: Option<&'a str>,
    pub(crate) per_page: Option<u64>,
}

impl<'a> Query<'a> {
    pub(crate) fn read(query: &'a str) -> Self {
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
    pub(crate) fn by_keyset(&self, query: &str, keyset: &Keyset, anonymous: bool) -> Option<String> {
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

/// Whether a server says that it does not know keyset pagination here.
pub(crate) fn is_keyset_refused(error: &Error) -> bool {
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

/// Adds a parameter that needs no encoding.
pub(crate) fn push(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.push_str(value);
}

/// The query without the parameters of these names.
pub(crate) fn without(query: &str, names: &[&str]) -> String {
    let keep = |pair: &&str| !pair.is_empty() && !names.contains(&pair.split('=').next().unwrap_or_default());
    query.split('&').filter(keep).collect::<Vec<_>>().join("&")
}

/// The page number in a URL, from 2: what a link to a next page holds where pages have numbers.
pub(crate) fn page_number(url: &Url) -> Option<u64> {
    let number = Query::read(url.query().unwrap_or_default()).page?.parse().ok()?;
    (number > 1).then_some(number)
}

/// The same URL with another page number.
pub(crate) fn with_page(url: &Url, number: u64) -> Url {
    let mut query = without(url.query().unwrap_or_default(), &["page"]);
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
        assert_eq!((page_number(&url), page_number(&with_page(&url, 1))), (Some(3), None));
    }
}
