//! What is wrong with a document.

use crate::ast::Position;
use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What is wrong, and what was perhaps meant.
    pub message: String,
    /// The response keys on the way there, `project.issues`; empty when it is not below a field.
    pub path: String,
    /// Where in the text; none for what was built.
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

/// A document or its variables that GitLab would refuse; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    pub(crate) problems: Vec<Problem>,
}

impl Invalid {
    pub(crate) fn one(message: impl Into<String>, position: Option<Position>) -> Self {
        Invalid { problems: vec![Problem { message: message.into(), path: String::new(), position }] }
    }

    /// Everything that is wrong, in the order of the document.
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
