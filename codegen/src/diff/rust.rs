//! Names and signatures of generated items in reports.

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

/// An argument of a function: its name and type.
pub(super) type Argument = (String, TokenStream);

/// Two signatures of one function. They have argument names only if they would look the same without: if arguments changed
/// places.
pub(super) fn signatures(old: &[Argument], new: &[Argument]) -> (String, String) {
    let types = |arguments: &[Argument]| signature(&arguments.iter().map(|(_, ty)| ty.clone()).collect::<Vec<_>>());
    let (from, to) = (types(old), types(new));
    if from != to {
        return (from, to);
    }
    let named = |arguments: &[Argument]| {
        let arguments: Vec<String> = arguments.iter().map(|(name, ty)| format!("{name}: {}", text(ty))).collect();
        format!("fn({})", arguments.join(", "))
    };
    (named(old), named(new))
}

/// Tokens with the usual spacing.
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
    fn types_are_printed_as_in_source() {
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

    #[test]
    fn signatures_show_names_only_if_types_are_equal() {
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        let argument = |name: &str, ty: TokenStream| (name.to_owned(), ty);
        let (whole, flag) = (argument("a", quote!(i64)), argument("a", quote!(bool)));
        assert_eq!(signatures(std::slice::from_ref(&whole), &[flag]), pair("fn(i64)", "fn(bool)"));
        let other = argument("b", quote!(i64));
        let (ab, ba) = ([whole.clone(), other.clone()], [other, whole]);
        assert_eq!(signatures(&ab, &ba), pair("fn(a: i64, b: i64)", "fn(b: i64, a: i64)"));
    }
}
