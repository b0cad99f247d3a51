//! Pages of lists, and their headers.

use crate::filter::Order;
use crate::params::{Params, TOKENS, encode};
use crate::response::{ErrorResponse, Response};
use crate::seed::Kind;
use crate::store::{Selection, Store};
use glabflow_contract::MAX_PAGE_SIZE;
use glabflow_contract::index::Keyset;
use serde_json::Value;
use std::ops::Range;

/// GitLab counts up to this number. Longer lists have no totals.
const COUNTED: u64 = 10_000;
/// The default page size.
const PER_PAGE: u64 = 20;

/// The headers of a response.
pub(crate) type Headers = Vec<(&'static str, String)>;

/// The parts of a request that a page depends on.
pub(crate) struct PageRequest<'a> {
    pub(crate) params: &'a Params,
    /// The URL of the list without its query.
    pub(crate) url: String,
}

impl PageRequest<'_> {
    fn per_page(&self) -> Result<u64, ErrorResponse> {
        match self.params.get("per_page").map(str::parse) {
            None => Ok(PER_PAGE),
            Some(Ok(0)) => Err(Response::error(400, "per_page does not have a valid value")),
            Some(Ok(number)) => Ok(number.min(MAX_PAGE_SIZE.into())),
            Some(Err(_)) => Err(Response::error(400, "per_page is invalid")),
        }
    }

    fn page(&self) -> Result<u64, ErrorResponse> {
        match self.params.get("page").filter(|page| !page.is_empty()).map(str::parse::<u64>) {
            None => Ok(1),
            Some(Ok(number)) => Ok(number.max(1)),
            Some(Err(_)) => Err(Response::error(400, "page is invalid")),
        }
    }

    /// The same request with other values for some parameters, as a member of a `Link` header.
    fn link(&self, changes: &[(&str, &str)], relation: &str, out: &mut String) {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push('<');
        out.push_str(&self.url);
        let mut separator = '?';
        let kept = self.params.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = kept.filter(|(name, _)| !TOKENS.contains(name) && changes.iter().all(|(known, _)| known != name));
        for (name, value) in kept.chain(changes.iter().copied()) {
            out.push(separator);
            separator = '&';
            encode(name, out);
            out.push('=');
            encode(value, out);
        }
        out.push_str(">; rel=\"");
        out.push_str(relation);
        out.push('"');
    }
}

/// The positions of a page by its number.
///
/// `limit` is the furthest position that can be requested, and the name of the list's class.
pub(crate) fn by_number(
    request: &PageRequest<'_>,
    total: u64,
    limit: Option<(u64, &str)>,
) -> Result<(Range<u64>, Headers), ErrorResponse> {
    let (page, per_page) = (request.page()?, request.per_page()?);
    if let Some((limit, what)) = limit
        && page.saturating_mul(per_page) > limit
    {
        let text = format!(
            "Offset pagination has a maximum allowed offset of {limit} for requests that return objects of type \
                 {what}. Remaining records can be retrieved using keyset pagination."
        );
        return Err(Response::error(405, text));
    }
    let start = (page - 1).saturating_mul(per_page).min(total);
    let end = (start + per_page).min(total);
    let pages = total.div_ceil(per_page).max(1);
    let counted = total <= COUNTED;
    let size = per_page.to_string();
    let mut links = String::new();
    let mut link = |number: u64, relation: &str| {
        request.link(&[("page", &number.to_string()), ("per_page", &size)], relation, &mut links);
    };
    let previous = (page > 1 && page <= pages + 1).then(|| page - 1);
    let next = (end < total).then(|| page + 1);
    if let Some(previous) = previous {
        link(previous, "prev");
    }
    if let Some(next) = next {
        link(next, "next");
    }
    link(1, "first");
    if counted {
        link(pages, "last");
    }
    let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    let mut headers = vec![
        ("link", links),
        ("x-next-page", number(next)),
        ("x-page", page.to_string()),
        ("x-per-page", size),
        ("x-prev-page", number(previous)),
    ];
    if counted {
        headers.push(("x-total", total.to_string()));
        headers.push(("x-total-pages", pages.to_string()));
    }
    Ok((start..end, headers))
}

/// Whether a request asks for keyset pagination. It is an error if the list does not support it.
pub(crate) fn wants_keyset(
    params: &Params,
    keyset: &Keyset,
    order: &Order,
    anonymous: bool,
) -> Result<bool, ErrorResponse> {
    if params.get("pagination") != Some("keyset") {
        return Ok(false);
    }
    let sort = if order.backwards { "desc" } else { "asc" };
    let allowed = (keyset.orders.is_empty() || keyset.orders.contains(&order.field))
        && (keyset.sorts.is_empty() || keyset.sorts.iter().any(|known| known == sort))
        && (anonymous || !keyset.anonymous_only);
    if allowed {
        Ok(true)
    } else {
        Err(Response::error(405, "Keyset pagination is not yet available for this type of request"))
    }
}

/// The positions of the page after a cursor.
pub(crate) fn by_keyset(
    request: &PageRequest<'_>,
    store: &Store,
    kind: Kind,
    selection: &Selection,
    order: &Order,
) -> Result<(Range<u64>, Headers), ErrorResponse> {
    let per_page = request.per_page()?;
    // The pages of projects follow each other by a filter on ids, which the selection already contains.
    let by_id = kind == Kind::Project;
    let start = match request.params.get("cursor").filter(|_| !by_id) {
        Some(cursor) => {
            let place = read_cursor(cursor).ok_or_else(|| Response::error(400, "cursor is invalid"))?;
            selection.partition_point(|slot| store.against(kind, slot, order, &place).is_le())
        }
        None => 0,
    };
    let end = (start + per_page).min(selection.len());
    let mut links = String::new();
    if end < selection.len() && end > start {
        let last = selection.at(end - 1);
        let size = per_page.to_string();
        if by_id {
            let name = if order.backwards { "id_before" } else { "id_after" };
            request.link(&[(name, &(last + 1).to_string()), ("per_page", &size)], "next", &mut links);
        } else {
            let value = if order.is_natural() { Value::Null } else { order.key(&store.item(kind, last)) };
            request.link(&[("cursor", &write_cursor(&(value, last))), ("per_page", &size)], "next", &mut links);
        }
    }
    let headers = if links.is_empty() { Vec::new() } else { vec![("link", links)] };
    Ok((start..end, headers))
}

/// The positions of the page after a token. The token identifies the last thing of the previous page.
pub(crate) fn by_token(
    request: &PageRequest<'_>,
    param: &str,
    total: u64,
    position: impl Fn(&str) -> Option<u64>,
    token: impl Fn(u64) -> String,
) -> Result<(Range<u64>, Headers), ErrorResponse> {
    let per_page = request.per_page()?;
    let start = match request.params.get(param).filter(|token| !token.is_empty()) {
        Some(token) => position(token).ok_or_else(|| Response::error(400, format!("{param} is invalid")))? + 1,
        None => 0,
    };
    let end = (start + per_page).min(total);
    let mut links = String::new();
    if end < total {
        let size = per_page.to_string();
        request.link(&[(param, &token(end - 1)), ("per_page", &size)], "next", &mut links);
    }
    Ok((start..end, if links.is_empty() { Vec::new() } else { vec![("link", links)] }))
}

/// A cursor: a position in an order, as hexadecimal text to make it opaque.
pub(crate) fn write_cursor(place: &(Value, u64)) -> String {
    let text = Value::from(vec![place.0.clone(), place.1.into()]).to_string();
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The position in a cursor.
pub(crate) fn read_cursor(cursor: &str) -> Option<(Value, u64)> {
    let digits: Option<Vec<u8>> =
        cursor.bytes().map(|byte| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let bytes: Vec<u8> = digits?.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect();
    let mut place: Vec<Value> = serde_json::from_slice(&bytes).ok()?;
    let slot = place.pop()?.as_u64()?;
    Some((place.pop()?, slot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header<'h>(headers: &'h Headers, name: &str) -> Option<&'h str> {
        headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    fn page(query: &str, total: u64) -> (Range<u64>, Headers) {
        let params = Params::query(query);
        by_number(&PageRequest { params: &params, url: "http://x/users".into() }, total, None).unwrap()
    }

    #[test]
    fn a_middle_page_has_all_headers() {
        let (range, headers) = page("page=2&per_page=10&search=a%20b", 35);
        assert_eq!(range, 10..20);
        let link = "<http://x/users?search=a%20b&page=1&per_page=10>; rel=\"prev\", \
                    <http://x/users?search=a%20b&page=3&per_page=10>; rel=\"next\", \
                    <http://x/users?search=a%20b&page=1&per_page=10>; rel=\"first\", \
                    <http://x/users?search=a%20b&page=4&per_page=10>; rel=\"last\"";
        assert_eq!(header(&headers, "link"), Some(link));
        let expected = [
            ("x-total", "35"),
            ("x-total-pages", "4"),
            ("x-page", "2"),
            ("x-per-page", "10"),
            ("x-next-page", "3"),
            ("x-prev-page", "1"),
        ];
        for (name, value) in expected {
            assert_eq!(header(&headers, name), Some(value), "{name}");
        }
    }

    #[test]
    fn long_lists_have_no_totals() {
        let (_, headers) = page("page=1", 10_000);
        assert_eq!(header(&headers, "x-total"), Some("10000"));
        let (_, headers) = page("page=1", 10_001);
        assert_eq!((header(&headers, "x-total"), header(&headers, "x-total-pages")), (None, None));
        assert!(!header(&headers, "link").unwrap().contains("last"));
        assert_eq!(header(&headers, "x-next-page"), Some("2"));
    }

    #[test]
    fn links_contain_no_token() {
        let (_, headers) = page("private_token=glpat-x&page=1", 50);
        assert!(!header(&headers, "link").unwrap().contains("glpat"));
    }

    proptest! {
        #[test]
        fn each_position_is_on_exactly_one_page(total in 0_u64..500, per_page in 1_u64..=120) {
            let mut seen = Vec::new();
            let mut number = 1;
            loop {
                let (range, headers) = page(&format!("page={number}&per_page={per_page}"), total);
                seen.extend(range);
                match header(&headers, "x-next-page").unwrap() {
                    "" => break,
                    next => number = next.parse().unwrap(),
                }
            }
            prop_assert_eq!(seen, (0..total).collect::<Vec<_>>());
            let (beyond, _) = page(&format!("page={}&per_page={per_page}", number + 1), total);
            prop_assert!(beyond.is_empty());
        }

        #[test]
        fn cursors_survive_the_round_trip(text in any::<String>(), slot in any::<u64>()) {
            let place = (Value::from(text), slot);
            prop_assert_eq!(read_cursor(&write_cursor(&place)), Some(place));
        }

        #[test]
        fn arbitrary_cursors_do_not_panic(cursor in any::<String>()) {
            let _ = read_cursor(&cursor);
        }
    }
}
