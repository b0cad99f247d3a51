//! Reading query strings and forms.

/// The pairs of a query string or form, still encoded. Empty parts are left out. A part without `=` has an empty value.
pub fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_have_a_name_and_a_value() {
        let found: Vec<_> = pairs("a=1&b&c=d=e&&a=2").collect();
        assert_eq!(found, [("a", "1"), ("b", ""), ("c", "d=e"), ("a", "2")]);
        assert_eq!(pairs("").count(), 0);
    }
}
