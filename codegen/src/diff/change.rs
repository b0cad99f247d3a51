//! A difference: its kind, its coordinate, and its impact on the wire and in Rust.

use super::kind::Kind;
use super::level::{Area, Level};
use serde::Serialize;
use std::fmt;

/// The effect of a difference on an item of the generated Rust code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// The item was removed.
    Removed {
        /// Its path.
        item: String,
    },
    /// The item has a new path or name.
    Renamed {
        /// Its old path.
        item: String,
        /// Its new path.
        to: String,
    },
    /// The type of the item, its return type or its arguments changed.
    Changed {
        /// Its path.
        item: String,
        /// The old type or signature, as Rust.
        from: String,
        /// The new type or signature, as Rust.
        to: String,
    },
    /// The item is new.
    Added {
        /// Its path.
        item: String,
    },
    /// A variant of an open enum is new. Values that were decoded as `Other` are decoded as this variant.
    NewVariant {
        /// Its path.
        item: String,
    },
    /// Using the item is now a compiler warning.
    Deprecated {
        /// Its path.
        item: String,
    },
    /// Using the item is no longer a compiler warning.
    Undeprecated {
        /// Its path.
        item: String,
    },
}

impl Effect {
    /// Whether code that used the item still compiles after regenerating.
    pub fn level(&self) -> Level {
        match self {
            Effect::Removed { .. } | Effect::Renamed { .. } | Effect::Changed { .. } => Level::Breaking,
            Effect::Added { .. }
            | Effect::NewVariant { .. }
            | Effect::Deprecated { .. }
            | Effect::Undeprecated { .. } => Level::Safe,
        }
    }

    /// Whether only the deprecation changes.
    pub(super) fn is_deprecation(&self) -> bool {
        matches!(self, Effect::Deprecated { .. } | Effect::Undeprecated { .. })
    }

    /// The item's path.
    pub fn item(&self) -> &str {
        match self {
            Effect::Removed { item }
            | Effect::Renamed { item, .. }
            | Effect::Changed { item, .. }
            | Effect::Added { item }
            | Effect::NewVariant { item }
            | Effect::Deprecated { item }
            | Effect::Undeprecated { item } => item,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Removed { item } => write!(f, "removed `{item}`"),
            Effect::Renamed { item, to } => write!(f, "renamed `{item}` to `{to}`"),
            Effect::Changed { item, from, to } => write!(f, "changed `{item}`: `{from}` to `{to}`"),
            Effect::Added { item } => write!(f, "added `{item}`"),
            Effect::NewVariant { item } => write!(f, "new variant `{item}`"),
            Effect::Deprecated { item } => write!(f, "deprecated `{item}`"),
            Effect::Undeprecated { item } => write!(f, "no longer deprecated `{item}`"),
        }
    }
}

/// The status of something that GitLab plans to remove, or never promised to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deprecation {
    /// `deprecated` or `experiment`.
    pub status: &'static str,
    /// The GitLab version since which it has this status, if the schema says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl Deprecation {
    /// Reads the mark of a schema: `16.3`, `experiment 16.3`, `unknown`.
    pub(super) fn of_mark(mark: &str) -> Self {
        let (status, since) = match mark.strip_prefix("experiment") {
            Some(since) => ("experiment", since.trim()),
            None => ("deprecated", mark),
        };
        let since = (!since.is_empty() && since != "unknown").then(|| since.to_owned());
        Deprecation { status, since }
    }

    /// A deprecation without a version.
    pub(super) fn undated() -> Self {
        Deprecation { status: "deprecated", since: None }
    }
}

impl fmt::Display for Deprecation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.since {
            Some(since) => write!(f, "{} since GitLab {since}", self.status),
            None => write!(f, "{} (since an unknown version)", self.status),
        }
    }
}

/// One difference between two schemas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Kind and coordinate: `graphql-field-removed:Project.archived`. The same difference has the same id in every report.
    pub id: String,
    /// The kind.
    pub kind: Kind,
    /// The API.
    pub area: Area,
    /// Where in the schema: `Project.archived`, `Query.project(fullPath:)`, `GET /projects query:archived`.
    pub coordinate: String,
    /// The higher of the two impacts.
    pub level: Level,
    /// The impact on requests and responses, for any client.
    pub wire: Level,
    /// The impact on code that uses the generated items, after regenerating.
    pub rust: Level,
    /// The generated items that change.
    pub effects: Vec<Effect>,
    /// The old value, if it is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The new value, if it is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What it means, in a sentence.
    pub explanation: &'static str,
    /// For removed and deprecated elements: since when GitLab had deprecated them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation: Option<Deprecation>,
}

impl Change {
    /// A difference that has no effect on Rust code so far.
    pub(super) fn new(kind: Kind, coordinate: impl Into<String>) -> Self {
        let facts = kind.facts();
        let coordinate = coordinate.into();
        Change {
            id: format!("{}:{coordinate}", facts.code),
            kind,
            area: facts.area,
            coordinate,
            level: facts.wire,
            wire: facts.wire,
            rust: Level::Safe,
            effects: Vec::new(),
            from: None,
            to: None,
            explanation: facts.explanation,
            deprecation: None,
        }
    }

    /// Sets a wire impact that differs from the usual one of the kind.
    pub(super) fn wire(mut self, wire: Level) -> Self {
        self.wire = wire;
        self.level = wire.max(self.rust);
        self
    }

    pub(super) fn values(mut self, from: impl ToString, to: impl ToString) -> Self {
        self.from = Some(from.to_string());
        self.to = Some(to.to_string());
        self
    }

    pub(super) fn was(mut self, from: impl ToString) -> Self {
        self.from = Some(from.to_string());
        self
    }

    pub(super) fn now(mut self, to: impl ToString) -> Self {
        self.to = Some(to.to_string());
        self
    }

    pub(super) fn deprecation(mut self, deprecation: Option<Deprecation>) -> Self {
        self.deprecation = deprecation;
        self
    }

    pub(super) fn add_effect(&mut self, effect: Effect) {
        self.rust = self.rust.max(effect.level());
        self.level = self.wire.max(self.rust);
        self.effects.push(effect);
    }
}
