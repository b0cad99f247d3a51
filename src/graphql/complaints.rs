//! Errors from the `errors` of GraphQL responses.

use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind, Explanation, kind};
use crate::redact;
use crate::send::response::RawResponse;

/// The error for the `errors` of a response.
pub(super) fn rejected(response: &RawResponse, errors: Vec<GraphqlError>) -> Error {
    let lacks = errors.iter().any(GraphqlError::is_unknown_name);
    let hint = lacks.then(|| response.mismatch.hint(glabflow_graphql::SCHEMA)).flatten();
    response.with_context(complaint(errors).or_hint(hint))
}

/// The error for `errors`, without the response.
pub(super) fn complaint(errors: Vec<GraphqlError>) -> Error {
    // Any kind says more than `Validation`, which is the default.
    let kinds = errors.iter().map(GraphqlError::kind);
    let kind = kinds.reduce(|a, b| if a == ErrorKind::Validation { b } else { a }).unwrap_or(ErrorKind::Validation);
    let (text, hint) = match kind {
        ErrorKind::Complexity => {
            ("the document is too complex", Some("select fewer fields, use smaller pages, or split the document"))
        }
        ErrorKind::Timeout => ("the server timed out", Some("select fewer fields or use smaller pages")),
        ErrorKind::RateLimited => ("too many requests", None),
        ErrorKind::Unauthorized => (kind::UNAUTHORIZED, Some("check that the token was created on this server")),
        ErrorKind::NotFound => ("not found, or not visible to this token", None),
        ErrorKind::Forbidden => (kind::FORBIDDEN, None),
        ErrorKind::Server => ("server error", None),
        _ => ("the server rejected the document", None),
    };
    let messages = errors.iter().map(ToString::to_string).collect();
    Error::new(kind, text)
        .with_hint(hint)
        .with_explanation(Explanation { messages, fields: Vec::new() })
        .with_graphql_errors(errors)
}

/// The error for a mutation whose payload has errors.
pub(super) fn mutation_error(response: &RawResponse, messages: Vec<String>) -> Error {
    let messages = messages.iter().map(|message| redact::text(message).into_owned()).collect();
    let error = Error::new(ErrorKind::MutationError, "the mutation was not carried out");
    response.with_context(error.with_explanation(Explanation { messages, fields: Vec::new() }))
}
