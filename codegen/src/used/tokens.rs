//! Tokens of Rust source.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The name, if the token is one.
pub(super) fn word(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(name)) => Some(name.to_string()),
        _ => None,
    }
}

pub(super) fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// The tokens between parentheses.
pub(super) fn arguments(token: Option<&TokenTree>) -> Option<TokenStream> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
        _ => None,
    }
}

/// The identifiers and literals of tokens, also those in groups.
pub(super) fn flat(tokens: TokenStream) -> Vec<String> {
    let mut words = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => words.append(&mut flat(group.stream())),
            TokenTree::Ident(name) => words.push(name.to_string()),
            TokenTree::Literal(literal) => words.push(literal.to_string()),
            TokenTree::Punct(_) => {}
        }
    }
    words
}

/// The text that a literal stands for.
pub(super) fn text_of(literal: &str) -> Option<String> {
    let text: syn::LitStr = syn::parse_str(literal).ok()?;
    Some(text.value())
}
