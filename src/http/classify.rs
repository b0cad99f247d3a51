//! What a response means: a success, a redirect, or a failure and whether a retry may help.

use crate::error::{Error, ErrorKind, Explanation, kind};
use crate::http::headers::{self, Report};
use crate::redact::token::Secrets;
use glabflow_contract::Method;
use http::header::HeaderMap;
use std::time::SystemTime;

/// What a status means before the body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// The request was carried out.
    Success,
    /// The response is at another URL.
    Redirect,
    /// The request was not carried out, or that is unknown.
    Failure,
}

impl Status {
    pub(crate) fn of(status: u16) -> Self {
        match status {
            200..=299 | 304 => Status::Success,
            301 | 302 | 303 | 307 | 308 => Status::Redirect,
            _ => Status::Failure,
        }
    }
}

/// Whether a failed attempt may be followed by a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryClass {
    /// A retry would fail as well, or must not happen.
    Never,
    /// The request may have been carried out: retry only if it is idempotent.
    IfIdempotent,
    /// The request was certainly not carried out.
    Safe,
    /// A rate limit rejected the request: it was not carried out.
    Throttled,
}

/// A failed attempt, and whether a retry may help.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) retry: RetryClass,
    /// What the response says about rate limits.
    pub(crate) report: Option<Report>,
    pub(crate) origin: FailureOrigin,
}

/// Where a failure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureOrigin {
    /// The server, or the connection to it.
    Server,
    /// The body of a response whose status is a success.
    ResponseBody,
    /// Another host, to which the server redirected the request.
    OtherHost,
}

impl Failure {
    pub(crate) fn new(error: Error, retry: RetryClass) -> Self {
        Failure { error, retry, report: None, origin: FailureOrigin::Server }
    }

    /// The same failure without the client's token.
    pub(crate) fn masked(self, secrets: &Secrets) -> Self {
        let report = self.report.map(|report| report.masked(secrets));
        Failure { error: self.error.masked(secrets), report, ..self }
    }

    /// A failure after which a retry cannot help.
    pub(crate) fn last(error: Error) -> Self {
        Failure::new(error, RetryClass::Never)
    }
}

/// The failure of a response whose status is neither a success nor a redirect.
pub(crate) fn failure(
    method: Method,
    path: &str,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    wall: SystemTime,
) -> Failure {
    let explanation = Explanation::read(body);
    let (kind, text) = match status {
        400 | 412 | 413 | 414 | 415 | 422 => (ErrorKind::Validation, "validation error"),
        401 => (ErrorKind::Unauthorized, kind::UNAUTHORIZED),
        403 => (ErrorKind::Forbidden, kind::FORBIDDEN),
        404 => (ErrorKind::NotFound, "not found, or not visible to this token"),
        409 => (ErrorKind::Conflict, "conflict with the current state of the resource"),
        429 => (ErrorKind::RateLimited, "too many requests"),
        500..=599 => (ErrorKind::Server, "server error"),
        _ => (ErrorKind::Status, "unexpected status"),
    };
    let retry = match status {
        409 if explanation.mentions("resource lock") => RetryClass::Safe,
        429 => RetryClass::Throttled,
        // Cloudflare sends 520 to 530 for a server that it cannot reach.
        500 | 502..=504 | 520..=530 => RetryClass::IfIdempotent,
        _ => RetryClass::Never,
    };
    let error = Error::new(kind, format!("{text} ({status})"))
        .with_response(status, headers::request_id(headers).map(str::to_owned))
        .with_retry_after(match status {
            429 => headers::wait(headers, wall),
            // Other responses also contain the reset of the rate limit, which is no reason to wait.
            _ => headers::retry_after(headers, wall),
        })
        .with_hint(hint(method, path, status, &explanation))
        .with_explanation(explanation);
    Failure { error, retry, report: Report::read(headers, wall), origin: FailureOrigin::Server }
}

/// What a person can do about it.
fn hint(method: Method, path: &str, status: u16, explanation: &Explanation) -> Option<&'static str> {
    match status {
        401 => Some("check that the token was created on this server"),
        403 if explanation.mentions("insufficient_scope") => Some("the token needs another scope"),
        404 if path.contains("%2F") || path.contains("%2f") => Some(
            "if it exists, a proxy before GitLab may decode %2F in paths (nginx: `proxy_pass` without a path; \
             Apache: `AllowEncodedSlashes NoDecode` and `nocanon`); the numeric id avoids that",
        ),
        405 if method.is_read() => Some("a list of this length may need keyset pagination"),
        407 => Some("the proxy needs credentials: put them into its URL, http://USER:PASSWORD@proxy.example:3128"),
        414 => Some("the query is too long; request less at once"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    fn classify(status: u16, body: &str) -> Failure {
        failure(Method::Get, "/projects/a%2Fb", status, &HeaderMap::new(), body.as_bytes(), UNIX_EPOCH)
    }

    #[test]
    fn the_status_decides_which_failures_may_be_retried() {
        for (status, body, retry) in [
            (400, "", RetryClass::Never),
            (401, "", RetryClass::Never),
            (404, "", RetryClass::Never),
            (409, r#"{"message": "409 Conflict: Resource lock"}"#, RetryClass::Safe),
            (409, r#"{"message": "409 Conflict"}"#, RetryClass::Never),
            (429, "Retry later", RetryClass::Throttled),
            (500, "", RetryClass::IfIdempotent),
            (501, "", RetryClass::Never),
            (502, "<html>", RetryClass::IfIdempotent),
            (503, "", RetryClass::IfIdempotent),
            (504, "", RetryClass::IfIdempotent),
            (505, "", RetryClass::Never),
            (520, "<html>", RetryClass::IfIdempotent),
            (530, "<html>", RetryClass::IfIdempotent),
            (531, "", RetryClass::Never),
        ] {
            assert_eq!(classify(status, body).retry, retry, "{status}");
        }
    }

    #[test]
    fn only_a_429_waits_for_the_reset_of_the_rate_limit() {
        let mut headers = HeaderMap::new();
        headers.insert("ratelimit-reset", http::HeaderValue::from_static("30"));
        let wall = UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        let wait = |status: u16, headers: &HeaderMap| {
            let error = failure(Method::Get, "/users", status, headers, b"", wall).error;
            error.retry_after().map(|wait| wait.as_secs())
        };
        assert_eq!((wait(429, &headers), wait(503, &headers)), (Some(30), None));
        headers.insert("retry-after", http::HeaderValue::from_static("5"));
        assert_eq!((wait(429, &headers), wait(503, &headers)), (Some(5), Some(5)));
    }

    #[test]
    fn a_404_names_its_other_possible_causes() {
        let text = classify(404, r#"{"message": "404 Project Not Found"}"#).error.to_string();
        assert!(text.contains("not visible to this token") && text.contains("404 Project Not Found"), "{text}");
        assert!(text.contains("%2F"), "{text}");
    }

    #[test]
    fn successes_and_redirects_are_not_failures() {
        assert_eq!([200, 201, 202, 204, 304].map(Status::of), [Status::Success; 5]);
        assert_eq!([301, 302, 303, 307, 308].map(Status::of), [Status::Redirect; 5]);
        assert_eq!([100, 300, 305, 400, 999].map(Status::of), [Status::Failure; 5]);
    }
}
