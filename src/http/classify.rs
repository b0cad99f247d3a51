//! What an answer means: a success, a redirect, or a failure and whether repeating may help.

use crate::error::{Error, ErrorKind, Explanation};
use crate::http::headers::{self, Report};
use crate::redact::token::Secrets;
use glabflow_contract::Method;
use http::header::HeaderMap;
use std::time::SystemTime;

/// What an answer's status says before its body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// The request was carried out.
    Success,
    /// The answer is elsewhere.
    Redirect,
    /// The request was not carried out, or no one knows.
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

/// Whether a failed sending may be followed by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Another sending would fail as well, or must not happen.
    Never,
    /// The request may have been carried out: only if doing it twice is the same as doing it once.
    IfIdempotent,
    /// The request was certainly not carried out.
    Freely,
    /// The server was too busy for it and did not carry it out.
    Throttled,
}

/// A failure, and what it means for sending again.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) repeat: Repeat,
    /// What the answer tells about rate limits.
    pub(crate) report: Option<Report>,
    pub(crate) teller: Teller,
}

/// Who tells of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Teller {
    /// The server, or that it says nothing.
    Server,
    /// The body of an answer whose status is that of a success.
    Body,
    /// Another host, to which the server has sent the request on.
    Elsewhere,
}

impl Failure {
    pub(crate) fn new(error: Error, repeat: Repeat) -> Self {
        Failure { error, repeat, report: None, teller: Teller::Server }
    }

    /// The same failure without the client's token.
    pub(crate) fn masked(self, secrets: &Secrets) -> Self {
        let report = self.report.map(|report| report.masked(secrets));
        Failure { error: self.error.masked(secrets), report, ..self }
    }

    /// A failure that no repetition mends.
    pub(crate) fn last(error: Error) -> Self {
        Failure::new(error, Repeat::Never)
    }
}

/// The failure that an answer tells of.
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
        400 | 412 | 413 | 414 | 415 | 422 => (ErrorKind::Validation, "the server refuses the request"),
        401 => (ErrorKind::Unauthorized, "the server does not know this token"),
        403 => (ErrorKind::Forbidden, "this token may not do that"),
        404 => (ErrorKind::NotFound, "not found, or not visible to this token"),
        409 => (ErrorKind::Conflict, "the request contradicts the state of things"),
        429 => (ErrorKind::RateLimited, "too many requests"),
        500..=599 => (ErrorKind::Server, "the server failed"),
        _ => (ErrorKind::Status, "the server did not carry the request out"),
    };
    let repeat = match status {
        409 if explanation.mentions("resource lock") => Repeat::Freely,
        429 => Repeat::Throttled,
        // Cloudflare answers with 520 to 530 for a server that it cannot reach.
        500 | 502..=504 | 520..=530 => Repeat::IfIdempotent,
        _ => Repeat::Never,
    };
    let error = Error::new(kind, format!("{text} ({status})"))
        .with_answer(status, headers::request_id(headers).map(str::to_owned))
        .with_retry_after(match status {
            429 => headers::wait(headers, wall),
            // Other answers also tell when the rate limit counts anew, which is no reason to wait.
            _ => headers::retry_after(headers, wall),
        })
        .with_hint(hint(method, path, status, &explanation))
        .with_explanation(explanation);
    Failure { error, repeat, report: Report::read(headers, wall), teller: Teller::Server }
}

/// What a person can do about it.
fn hint(method: Method, path: &str, status: u16, explanation: &Explanation) -> Option<&'static str> {
    match status {
        401 => Some("check that the token is of this server, not expired and not revoked"),
        403 if explanation.mentions("insufficient_scope") => Some("the token needs another scope"),
        404 if path.contains("%2F") || path.contains("%2f") => Some(
            "if it exists, a proxy before GitLab may decode %2F in paths (nginx: `proxy_pass` without a path; \
             Apache: `AllowEncodedSlashes NoDecode` and `nocanon`); the numeric id avoids that",
        ),
        405 if method.is_read() => Some("lists of this length may have to be read by keyset"),
        407 => {
            Some("the proxy asks for credentials: put them into its address, http://USER:PASSWORD@proxy.example:3128")
        }
        414 => Some("the query is too long; ask for fewer things at once"),
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
    fn which_failures_may_be_repeated() {
        for (status, body, repeat) in [
            (400, "", Repeat::Never),
            (401, "", Repeat::Never),
            (404, "", Repeat::Never),
            (409, r#"{"message": "409 Conflict: Resource lock"}"#, Repeat::Freely),
            (409, r#"{"message": "409 Conflict"}"#, Repeat::Never),
            (429, "Retry later", Repeat::Throttled),
            (500, "", Repeat::IfIdempotent),
            (501, "", Repeat::Never),
            (502, "<html>", Repeat::IfIdempotent),
            (503, "", Repeat::IfIdempotent),
            (504, "", Repeat::IfIdempotent),
            (505, "", Repeat::Never),
            (520, "<html>", Repeat::IfIdempotent),
            (530, "<html>", Repeat::IfIdempotent),
            (531, "", Repeat::Never),
        ] {
            assert_eq!(classify(status, body).repeat, repeat, "{status}");
        }
    }

    #[test]
    fn only_a_refusal_waits_for_the_rate_limit() {
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
    fn a_404_says_what_else_it_may_mean() {
        let text = classify(404, r#"{"message": "404 Project Not Found"}"#).error.to_string();
        assert!(text.contains("not visible to this token") && text.contains("404 Project Not Found"), "{text}");
        assert!(text.contains("%2F"), "{text}");
    }

    #[test]
    fn statuses_that_are_not_failures() {
        assert_eq!([200, 201, 202, 204, 304].map(Status::of), [Status::Success; 5]);
        assert_eq!([301, 302, 303, 307, 308].map(Status::of), [Status::Redirect; 5]);
        assert_eq!([100, 300, 305, 400, 999].map(Status::of), [Status::Failure; 5]);
    }
}
