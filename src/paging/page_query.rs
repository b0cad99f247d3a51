//! The paging parameters of a query, and queries with other ones.

use crate::error::Error;
use crate::http::query_string::QueryString;
use glabflow_contract::Keyset;
use url::Url;

/// The paging parameters of a query.
#[derive(Default)]
pub(crate) struct PageQuery<'a> {
    pub(crate) pagination: Option<&'a str>,
    pub(crate) order_by: Option<&'a str>,
    pub(crate) sort: Option<&'a str>,
    pub(crate) page: Option<&'a str>,
    pub(crate) per_page: Option<u64>,
}

impl<'a> PageQuery<'a> {
    pub(crate) fn read(query: &'a QueryString<'_>) -> Self {
        let mut read = PageQuery::default();
        for (name, value) in query.pairs().filter_map(|pair| Some((pair.name(), pair.value()?))) {
            match name {
                "pagination" => read.pagination = Some(value),
                "order_by" => read.order_by = Some(value),
                "sort" => read.sort = Some(value),
                "page" => read.page = Some(value),
                // The server decides what 0 means.
                "per_page" => read.per_page = value.parse().ok().filter(|number| *number > 0),
                _ => {}
            }
        }
        read
    }

    /// The query with keyset pagination, if the order of the request allows it.
    pub(crate) fn by_keyset(
        &self,
        query: &QueryString<'_>,
        keyset: &Keyset,
        anonymous: bool,
    ) -> Option<QueryString<'static>> {
        let fits = |asked: Option<&str>, allowed: &[&str]| asked.is_none_or(|asked| allowed.contains(&asked));
        let possible = self.page.is_none()
            && self.pagination.is_none_or(|pagination| pagination == "keyset")
            && fits(self.order_by, keyset.orders)
            && fits(self.sort, keyset.sorts)
            && (anonymous || !keyset.anonymous_only);
        if !possible {
            return None;
        }
        let mut query = QueryString::new(query.as_str().to_owned());
        if self.pagination.is_none() {
            query.push("pagination", "keyset");
        }
        for (name, asked, allowed) in [("order_by", self.order_by, keyset.orders), ("sort", self.sort, keyset.sorts)] {
            if let (None, Some(default)) = (asked, allowed.first()) {
                query.push(name, default);
            }
        }
        Some(query)
    }
}

/// Whether the server does not support keyset pagination for this list.
pub(crate) fn is_keyset_rejected(error: &Error) -> bool {
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

/// The page number in a URL, if it is at least 2. Links to the next page have one if the server pages by number.
pub(crate) fn page_number(url: &Url) -> Option<u64> {
    let query = QueryString::new(url.query().unwrap_or_default());
    let number = PageQuery::read(&query).page?.parse().ok()?;
    (number > 1).then_some(number)
}

/// The same URL with another page number.
pub(crate) fn with_page(url: &Url, number: u64) -> Url {
    let mut query = QueryString::new(url.query().unwrap_or_default()).without(&["page"]);
    query.push("page", &number.to_string());
    let mut url = url.clone();
    url.set_query(Some(query.as_str()));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYSET: Keyset = Keyset { orders: &["id", "name"], sorts: &["desc", "asc"], anonymous_only: false };

    fn by_keyset(query: &str, keyset: Keyset, anonymous: bool) -> Option<String> {
        let query = QueryString::new(query);
        PageQuery::read(&query).by_keyset(&query, &keyset, anonymous).map(QueryString::into_string)
    }

    #[test]
    fn keyset_is_used_only_if_the_order_allows_it() {
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
    fn a_page_number_replaces_the_one_before() {
        let url = Url::parse("https://h.example/a?page=3&per_page=5&x%5B%5D=page=1").expect("a URL");
        assert_eq!(with_page(&url, 7).query(), Some("per_page=5&x%5B%5D=page=1&page=7"));
        assert_eq!((page_number(&url), page_number(&with_page(&url, 1))), (Some(3), None));
    }
}
