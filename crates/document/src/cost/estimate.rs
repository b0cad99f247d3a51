//! What a document costs, before it is sent.

use super::walk::Part;
use glabflow_contract::graphql::cost::Limits;
use std::fmt::{self, Write};

/// Maximum number of parts in an explanation.
const EXPLAINED: usize = 8;

/// What a document costs.
///
/// It is an estimate: the schema does not say which fields have resolvers, and some resolvers add prices of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// The score by GitLab's rules.
    pub complexity: u32,
    /// How deep the fields nest.
    pub depth: u32,
    /// The length of the document.
    pub characters: usize,
    /// The fields with selections, in the order of the document; at most 500.
    pub parts: Vec<Part>,
}

impl Estimate {
    /// The most expensive parts, one on each line.
    pub fn explain(&self) -> String {
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by_key(|part| std::cmp::Reverse((part.score, part.own)));
        let mut out = format!("{} points, {} levels, {} characters", self.complexity, self.depth, self.characters);
        for part in parts.into_iter().take(EXPLAINED) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\n{:>6}  {}", part.score, part.path);
            if let Some(page) = part.page {
                let _ = write!(out, " ({page} items a page: {} of it)", part.own);
            }
        }
        out
    }

    /// Checks the document against limits.
    ///
    /// # Errors
    /// If it costs more, nests deeper or is longer than they allow.
    pub fn within(&self, limits: &Limits) -> Result<(), TooCostly> {
        let fits =
            self.complexity <= limits.complexity && self.depth <= limits.depth && self.characters <= limits.characters;
        if fits { Ok(()) } else { Err(TooCostly { estimate: self.clone(), limits: *limits }) }
    }
}

/// The document is above a limit. It was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooCostly {
    /// What it costs.
    pub estimate: Estimate,
    /// The limits.
    pub limits: Limits,
}

impl fmt::Display for TooCostly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limits { complexity, depth, characters, .. } = self.limits;
        write!(
            f,
            "the document costs more than {complexity} points, {depth} levels or {characters} characters: {}",
            self.estimate.explain()
        )
    }
}

impl std::error::Error for TooCostly {}
