//! Errors made of what a GraphQL server complains about.

use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind, Explanation};
use crate::redact;
use crate::send::response::Answer;

/// The error for what a server complains about.
pub(super) fn refused(answer: &Answer, errors: Vec<GraphqlError>) -> Error {
    let lacks = errors.iter().any(GraphqlError::is_unknown_name);
    let hint = lacks.then(|| answer.mismatch.hint(glabflow_graphql::SCHEMA)).flatten();
    answer.about(complaint(errors).or_hint(hint))
}

/// The error for what a server complains about, without the answer.
pub(super) fn complaint(errors: Vec<GraphqlError>) -> Error {
    // The kind that says most: "invalid" is what remains when nothing else fits.
    let kinds = errors.iter().map(GraphqlError::kind);
    let kind = kinds.reduce(|a, b| if a == ErrorKind::Validation { b } else { a }).unwrap_or(ErrorKind::Validation);
    let (text, hint) = match kind {
        ErrorKind::Complexity => (
            "the document asks for too much at once",
            Some("ask for fewer fields, smaller pages, or in several documents"),
        ),
        ErrorKind::Timeout => ("the server gave up", Some("ask for fewer fields or smaller pages")),
        ErrorKind::RateLimited => ("too many requests", None),
        ErrorKind::Unauthorized => {
            ("the server does not know this token", Some("check that the token is of this server, and not expired"))
        }
        ErrorKind::NotFound => ("not found, or not permitted to this token", None),
        ErrorKind::Forbidden => ("this token may not do that", None),
        ErrorKind::Server => ("the server failed", None),
        _ => ("the server refuses the document", None),
    };
    let messages = errors.iter().map(ToString::to_string).collect();
    Error::new(kind, text)
        .with_hint(hint)
        .with_explanation(Explanation { messages, fields: Vec::new() })
        .with_graphql_errors(errors)
}

/// The error for a mutation whose payload says why it did nothing.
pub(super) fn undone(answer: &Answer, messages: Vec<String>) -> Error {
    let messages = messages.iter().map(|message| redact::text(message).into_owned()).collect();
    let error = Error::new(ErrorKind::Refused, "the mutation was not carried out");
    answer.about(error.with_explanation(Explanation { messages, fields: Vec::new() }))
}
