//! Identifiers as tokens.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use std::collections::BTreeSet;

/// An identifier. Names come from [`names`](crate::names), which makes nothing else.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// All identifiers that tokens mention.
pub(crate) fn idents(tokens: &TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![tokens.clone()];
    while let Some(tokens) = open.pop() {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    found.insert(name.to_string());
                }
                TokenTree::Group(group) => open.push(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    found
}

/// An import of those names of a module that are used; none where none is.
pub(super) fn import(module: &TokenStream, names: &[&str], used: &BTreeSet<String>) -> Option<TokenStream> {
    let names: Vec<Ident> = names.iter().filter(|name| used.contains(**name)).map(|name| ident(name)).collect();
    (!names.is_empty()).then(|| quote!(use #module::{#(#names),*};))
}
