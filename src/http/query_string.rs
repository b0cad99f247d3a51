//! The query of a URL: pairs that are read and appended as they are encoded.

use glabflow_contract::encode::percent_encode;
use std::borrow::Cow;

/// An encoded query, without its question mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct QueryString<'a>(Cow<'a, str>);

/// One part of a query between two `&`: `name=value`, or a text without `=`. Name and value are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair<'a>(&'a str);

impl<'a> Pair<'a> {
    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }

    pub(crate) fn name(self) -> &'a str {
        self.0.split_once('=').map_or(self.0, |(name, _)| name)
    }

    /// The value; `None` if there is no `=`.
    pub(crate) fn value(self) -> Option<&'a str> {
        self.0.split_once('=').map(|(_, value)| value)
    }
}

impl<'a> QueryString<'a> {
    pub(crate) fn new(query: impl Into<Cow<'a, str>>) -> Self {
        QueryString(query.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0.into_owned()
    }

    /// All pairs. An empty query has one, which is empty.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        self.0.split('&').map(Pair)
    }

    /// The pair of this name that has a value.
    pub(crate) fn get(&self, name: &str) -> Option<Pair<'_>> {
        self.pairs().find(|pair| pair.name() == name && pair.value().is_some())
    }

    /// Adds a parameter that needs no encoding.
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        let query = self.separate();
        query.push_str(name);
        query.push('=');
        query.push_str(value);
    }

    /// Adds a parameter, and encodes its name and value.
    pub(crate) fn push_encoded(&mut self, name: &str, value: &str) {
        let query = self.separate();
        percent_encode(query, name, false);
        query.push('=');
        percent_encode(query, value, false);
    }

    /// Adds the pairs of another query.
    pub(crate) fn append(&mut self, other: &str) {
        self.separate().push_str(other);
    }

    fn separate(&mut self) -> &mut String {
        let query = self.0.to_mut();
        if !query.is_empty() {
            query.push('&');
        }
        query
    }

    /// The query without the parameters of these names.
    pub(crate) fn without(&self, names: &[&str]) -> QueryString<'static> {
        self.rewrite(|pair| {
            (!pair.as_str().is_empty() && !names.contains(&pair.name())).then_some(Cow::Borrowed(pair.as_str()))
        })
    }

    /// The query with each pair replaced, or left out.
    pub(crate) fn rewrite(&self, mut replace: impl FnMut(Pair<'_>) -> Option<Cow<'_, str>>) -> QueryString<'static> {
        let mut out = String::with_capacity(self.0.len());
        let mut is_first = true;
        for text in self.pairs().filter_map(&mut replace) {
            if !std::mem::replace(&mut is_first, false) {
                out.push('&');
            }
            out.push_str(&text);
        }
        QueryString(out.into())
    }
}

/// The text of an encoded value.
pub(crate) fn decode(value: &str) -> String {
    url::form_urlencoded::parse(format!("v={value}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_have_a_name_and_may_have_a_value() {
        let query = QueryString::new("a=1&b&c=d=e&&a=2");
        let pairs: Vec<_> = query.pairs().map(|pair| (pair.name(), pair.value())).collect();
        assert_eq!(pairs, [("a", Some("1")), ("b", None), ("c", Some("d=e")), ("", None), ("a", Some("2"))]);
        assert_eq!(query.get("a").map(Pair::as_str), Some("a=1"));
        assert_eq!(query.get("b"), None);
    }

    #[test]
    fn parameters_are_added_and_removed() {
        let mut query = QueryString::default();
        query.push("page", "2");
        query.push_encoded("a[]", "x y&z");
        assert_eq!(query.as_str(), "page=2&a%5B%5D=x%20y%26z");
        assert_eq!(query.without(&["page"]).into_string(), "a%5B%5D=x%20y%26z");
        query.append("b=c");
        assert!(query.as_str().ends_with("&b=c"));
    }

    #[test]
    fn empty_pairs_survive_a_rewrite_and_not_a_removal() {
        let query = QueryString::new("&a&&b");
        assert_eq!(query.rewrite(|pair| Some(pair.as_str().to_owned().into())).as_str(), "&a&&b");
        assert_eq!(query.without(&[]).as_str(), "a&b");
    }

    #[test]
    fn values_are_decoded() {
        assert_eq!(decode("a%20b+c%2B"), "a b c+");
        assert_eq!(decode(""), "");
    }
}
