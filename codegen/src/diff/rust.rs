//! How items of the generated code are called in reports.

use proc_macro2::TokenStream;

/// The crate's module of REST operations.
pub(super) const REST: &str = "glabflow::rest";
/// The crate's module of GraphQL operations.
pub(super) const GRAPHQL: &str = "glabflow::graphql::operations";

/// A signature of a constructor or setter.
pub(super) fn signature(arguments: &[TokenStream]) -> String {
    let arguments: Vec<String> = arguments.iter().map(text).collect();
    format!("fn({})", arguments.join(", "))
}

/// Tokens as people write them.
pub(super) fn text(tokens: &TokenStream) -> String {
    let spaced = tokens.to_string();
    let mut out = String::with_capacity(spaced.len());
    for word in spaced.split(' ') {
        let joins = matches!(word, "::" | "<" | ">" | ",") || word.starts_with('>');
        let after_joint = out.ends_with("::") || out.ends_with('<') || out.ends_with('(') || out.is_empty();
        if !joins && !after_joint {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn types_read_as_in_source() {
        for (tokens, expected) in [
            (quote!(Option<Box<types::Project>>), "Option<Box<types::Project>>"),
            (quote!(impl Into<Nullable<String>>), "impl Into<Nullable<String>>"),
            (quote!(BTreeMap<String, Value>), "BTreeMap<String, Value>"),
            (quote!(impl IntoIterator<Item = impl Into<String>>), "impl IntoIterator<Item = impl Into<String>>"),
        ] {
            assert_eq!(text(&tokens), expected);
        }
        assert_eq!(signature(&[quote!(i64), quote!(bool)]), "fn(i64, bool)");
    }
}
