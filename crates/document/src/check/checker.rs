//! The state of a check, and how it reports problems.

use crate::ast::{Fragment, Position};
use crate::problem::Problem;
use crate::schema::{Schema, TypeRef};
use std::collections::{HashMap, HashSet};

/// The result of a check.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Why GitLab would reject the document.
    pub(crate) problems: Vec<Problem>,
    /// Deprecated fields, arguments and enum values that it uses.
    pub(crate) deprecations: Vec<Problem>,
    /// How deep its fields nest.
    pub(crate) depth: u32,
}

pub(super) struct Checker<'a> {
    pub(super) schema: &'static Schema,
    pub(super) fragments: HashMap<&'a str, &'a Fragment>,
    pub(super) findings: Findings,
    /// The response keys from the root to the field that is being checked.
    pub(super) path: Vec<&'a str>,
    pub(super) variables: Variables<'a>,
}

/// The variables that the operation declares, and those that the document uses.
#[derive(Default)]
pub(super) struct Variables<'a> {
    pub(super) declared: HashMap<&'a str, Declared<'a>>,
    pub(super) used: HashSet<&'a str>,
}

#[derive(Clone, Copy)]
pub(super) struct Declared<'a> {
    pub(super) ty: TypeRef<'a>,
    pub(super) has_default: bool,
}

impl Checker<'_> {
    pub(super) fn new() -> Self {
        Checker {
            schema: Schema::get(),
            fragments: HashMap::new(),
            findings: Findings::default(),
            path: Vec::new(),
            variables: Variables::default(),
        }
    }

    pub(super) fn reject(&mut self, at: Option<Position>, message: impl Into<String>) {
        let problem = self.found(at, message.into());
        self.findings.problems.push(problem);
    }

    fn found(&self, position: Option<Position>, message: String) -> Problem {
        Problem { message, path: self.path.join("."), position }
    }

    /// Notes the use of something deprecated.
    pub(super) fn deprecated(&mut self, at: Option<Position>, what: &str, name: &str, since: Option<&str>) {
        if let Some(since) = since {
            let since = if since.is_empty() { String::new() } else { format!(" since {}", since.replace('_', " ")) };
            let note = self.found(at, format!("{what} `{name}` is deprecated{since}"));
            self.findings.deprecations.push(note);
        }
    }
}
