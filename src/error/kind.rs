//! The kinds of errors.

/// What went wrong, in one word. More kinds may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client was configured with something that cannot work.
    Configuration,
    /// The request cannot be sent as it is: an argument is missing or has no form in its place.
    Argument,
    /// No connection came about, so the server has not seen the request.
    Connect,
    /// The connection broke after the request had begun.
    Transport,
    /// The server did not answer in time.
    Timeout,
    /// 401: the token is missing, wrong, expired or revoked.
    Unauthorized,
    /// 403: the token may not do this.
    Forbidden,
    /// 404: not there, or not visible to this token.
    NotFound,
    /// 409.
    Conflict,
    /// 400, 412, 413, 414, 415 or 422: the server refuses the request's content.
    Validation,
    /// 429, also after waiting.
    RateLimited,
    /// The server has been down for a while, so the request was not sent; [`Error::retry_after`](crate::Error::retry_after) says when the next one is.
    Unavailable,
    /// 5xx, also after repeating where that was safe.
    Server,
    /// Another status that is not a success.
    Status,
    /// The answer points to a place where the token must not go, or where the request cannot follow.
    Redirect,
    /// The answer is not what the operation answers with.
    Decode,
    /// The answer is larger than the client accepts.
    TooLarge,
    /// The pages of a list lead in a circle.
    Paging,
    /// Reading or writing a local file failed.
    Io,
    /// A GraphQL document asks for more than the server gives at once.
    Complexity,
    /// A GraphQL mutation was understood, and its payload says why it did nothing.
    Refused,
}
