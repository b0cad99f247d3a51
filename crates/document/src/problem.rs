//! Problems of documents.

use crate::ast::Position;
use std::fmt;

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What is wrong, with a suggestion if there is one.
    pub message: String,
    /// The response keys that lead to it, `project.issues`; empty outside of fields.
    pub path: String,
    /// The position in the text; `None` if the document was built.
    pub position: Option<Position>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// The document or its variables are not valid: GitLab would reject them. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    pub(crate) problems: Vec<Problem>,
}

impl Invalid {
    pub(crate) fn one(message: impl Into<String>, position: Option<Position>) -> Self {
        Invalid { problems: vec![Problem { message: message.into(), path: String::new(), position }] }
    }

    /// All problems, in the order of the document.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}
