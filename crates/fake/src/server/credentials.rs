//! Tokens in requests, and how to remove them from texts.

use crate::params::{Params, TOKENS, encode};
use hyper::header::HeaderMap;

/// The token of a request, from all headers and parameters that GitLab accepts.
pub(super) fn token(headers: &HeaderMap, query: &str) -> Option<String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = || {
        let (scheme, token) = header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    };
    let found = header("private-token").or_else(bearer).or_else(|| header("job-token"));
    match found {
        Some(token) => Some(token.to_owned()),
        None if query.contains("token") => {
            let params = Params::query(query);
            TOKENS.iter().find_map(|name| params.get(name)).map(str::to_owned)
        }
        None => None,
    }
}

/// A query for the log.
pub(super) fn without_token(query: &str) -> String {
    if !query.contains("token") {
        return query.to_owned();
    }
    let mut out = String::new();
    for (name, value) in Params::query(query).query {
        if !out.is_empty() {
            out.push('&');
        }
        encode(&name, &mut out);
        out.push('=');
        encode(if name.contains("token") { "[redacted]" } else { &value }, &mut out);
    }
    out
}

/// The first characters of a token, at most half of it.
pub(super) fn shortened(token: &str) -> String {
    let mut short: String = token.chars().take((token.chars().count() / 2).min(9)).collect();
    short.push('…');
    short
}
