//! The kinds of errors.

/// The text of [`ErrorKind::Unauthorized`].
pub(crate) const UNAUTHORIZED: &str = "unauthorized: the token is missing, invalid, expired or revoked";
/// The text of [`ErrorKind::Forbidden`].
pub(crate) const FORBIDDEN: &str = "forbidden: the token lacks permission";

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration of the client is not valid.
    Configuration,
    /// The request cannot be sent: an argument is missing or not valid.
    Argument,
    /// No connection could be established, so the server has not seen the request.
    Connect,
    /// The connection was lost after the request had begun.
    Transport,
    /// The server did not respond in time.
    Timeout,
    /// 401: the token is missing, invalid, expired or revoked.
    Unauthorized,
    /// 403: the token lacks permission.
    Forbidden,
    /// 404: not found, or not visible to this token.
    NotFound,
    /// 409: conflict with the current state of the resource.
    Conflict,
    /// 400, 412, 413, 414, 415 or 422: the server rejected the request's content.
    Validation,
    /// 429, after the allowed waits.
    RateLimited,
    /// The circuit breaker is open: the server is down, and the request was not sent.
    /// [`Error::retry_after`](crate::Error::retry_after) is the time to the next probe.
    Unavailable,
    /// 5xx, after the retries that were safe.
    Server,
    /// Another status that is not a success.
    Status,
    /// The response redirects to where the token must not be sent, or where the request must not follow.
    Redirect,
    /// The response does not have the expected shape.
    Decode,
    /// The response is larger than the client accepts.
    TooLarge,
    /// Pagination loop: a next link or cursor repeated. Or the link to the next page is not valid.
    Paging,
    /// Reading or writing a local file failed.
    Io,
    /// A GraphQL document is too complex, too deep or too long for the server.
    Complexity,
    /// The payload of a GraphQL mutation says why the mutation did nothing.
    MutationError,
}
