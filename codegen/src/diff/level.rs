//! The severity of a difference, and the API that it belongs to.

use serde::Serialize;
use std::fmt;

/// The severity of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Level {
    /// Everything that worked still works.
    Safe,
    /// Everything that worked still runs, but may return or do something else.
    Dangerous,
    /// Something that worked fails.
    Breaking,
}

impl Level {
    /// All levels, the most severe first.
    pub const ALL: [Level; 3] = [Level::Breaking, Level::Dangerous, Level::Safe];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Safe => "safe",
            Level::Dangerous => "dangerous",
            Level::Breaking => "breaking",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One of GitLab's two APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The REST API.
    Rest,
    /// The GraphQL API.
    Graphql,
}

impl Area {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Area::Rest => "rest",
            Area::Graphql => "graphql",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Area::Rest => "REST",
            Area::Graphql => "GraphQL",
        })
    }
}
