//! Errors as text.

use super::Error;
use super::escape::OneLine;
use std::fmt::{self, Write};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let f = &mut OneLine(f);
        if let Some(operation) = inner.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&inner.text)?;
        for (index, message) in inner.explanation.messages.iter().enumerate() {
            write!(f, "{}{message}", if index == 0 { ": " } else { "; " })?;
        }
        if let Some(position) = &inner.position {
            if !position.path.is_empty() {
                write!(f, " at {}", position.path)?;
            }
            if !position.excerpt.is_empty() {
                write!(f, " in `{}`", position.excerpt)?;
            }
        }
        if let (Some(method), Some(url)) = (inner.method, &inner.url) {
            write!(f, " ({method} {url}")?;
            if let Some(id) = &inner.request_id {
                write!(f, ", request {id}")?;
            }
            if inner.attempts > 1 {
                write!(f, ", {} attempts", inner.attempts)?;
            }
            f.write_str(")")?;
        }
        if inner.outcome_unknown {
            f.write_str("; the server may have carried out the request, so it was not retried")?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "; {hint}")?;
        }
        if inner.resume_token.is_some() {
            f.write_str("; the list ended early and can be resumed")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.0.kind).field("text", &self.to_string());
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use glabflow_contract::Method;

    #[test]
    fn display_shows_everything_except_the_source() {
        let error = Error::new(ErrorKind::Server, "server error (503)")
            .with_request("list_users", Method::Get, "https://h.example/api/v4/users".to_owned())
            .with_response(503, Some("01H".to_owned()))
            .with_attempts(3)
            .with_source(std::io::Error::other("the cause"));
        assert_eq!(
            error.to_string(),
            "list_users: server error (503) (GET https://h.example/api/v4/users, request 01H, 3 attempts)"
        );
        let source = std::error::Error::source(&error).expect("a source");
        assert_eq!(source.to_string(), "the cause");
    }
}
