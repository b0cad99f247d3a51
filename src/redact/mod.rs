//! Masks secrets in everything that people may read: URLs, messages, excerpts of responses.

pub(crate) mod token;

use crate::http::query_string::QueryString;
use std::borrow::Cow;
use url::{Position, Url};

/// Replaces a secret.
pub(crate) const MASK: &str = "[redacted]";

/// The prefixes of GitLab's own tokens.
const TOKEN_PREFIXES: &[&str] = &[
    "glpat-", "gloas-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "glsoat-",
    "glffct-", "glwt-",
];

/// Whether a field, header or query parameter of this name holds a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "token",
        "password",
        "passwd",
        "secret",
        "private_key",
        "api_key",
        "apikey",
        "authorization",
        "credential",
        "signature",
    ];
    let name = name.to_ascii_lowercase();
    // GitLab's `page_token` is a position in a list.
    name != "page_token" && (name == "sig" || PARTS.iter().any(|part| name.contains(part)))
}

/// The URL without credentials, fragment and the values of secret query parameters.
pub(crate) fn url(url: &Url) -> String {
    let mut text = url[..Position::BeforeUsername].to_owned();
    text.push_str(&url[Position::BeforeHost..Position::AfterPath]);
    if let Some(query) = url.query() {
        text.push('?');
        text.push_str(&self::query(query));
    }
    text
}

/// A query string with the values of secret parameters masked.
pub(crate) fn query(query: &str) -> Cow<'_, str> {
    // Most query strings have no secret parameter. This check is fast, because every event has a query string.
    if !is_secret_name(query) && !query.contains("sig=") {
        return text(query);
    }
    let masked = QueryString::new(query).rewrite(|pair| {
        Some(match pair.value() {
            Some(_) if is_secret_name(pair.name()) => Cow::Owned(format!("{}={MASK}", pair.name())),
            _ => text(pair.as_str()),
        })
    });
    masked.into_string().into()
}

/// Text in which everything that looks like a GitLab token is masked.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    let is_token_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut out = String::new();
    let mut rest = text;
    let mut done = 0;
    while let Some(at) = rest.find("gl") {
        let candidate = &rest[at..];
        let length = TOKEN_PREFIXES
            .iter()
            .find(|prefix| candidate.starts_with(**prefix))
            .map(|prefix| {
                prefix.len() + candidate[prefix.len()..].bytes().take_while(|byte| is_token_byte(*byte)).count()
            })
            .unwrap_or(0);
        let start = text.len() - rest.len() + at;
        if length > 0 {
            out.push_str(&text[done..start]);
            out.push_str(MASK);
            done = start + length;
            rest = &text[done..];
        } else {
            rest = &text[start + 2..];
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lose_credentials_and_secret_parameters() {
        let url = |text: &str| super::url(&Url::parse(text).expect("a URL"));
        assert_eq!(
            url("https://me:pw@h.example/a?x=1&private_token=abc#f"),
            "https://h.example/a?x=1&private_token=[redacted]"
        );
        assert_eq!(
            url("https://h.example:8443/a?X-Amz-Signature=abc&b"),
            "https://h.example:8443/a?X-Amz-Signature=[redacted]&b"
        );
        assert_eq!(url("https://h.example/a?page_token=abc"), "https://h.example/a?page_token=abc");
        assert_eq!(url("https://h.example/a?search=glpat-0123456789"), "https://h.example/a?search=[redacted]");
    }

    #[test]
    fn tokens_in_text_are_masked_and_words_are_not() {
        assert_eq!(
            text("token glpat-ABC_def.01 and gldt-x, glossary-of global-terms"),
            "token [redacted] and [redacted], glossary-of global-terms"
        );
        assert_eq!(text("glglpat-abcdef"), "gl[redacted]");
        assert!(matches!(text("nothing here"), Cow::Borrowed(_)));
    }
}
