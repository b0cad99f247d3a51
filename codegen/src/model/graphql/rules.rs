//! `schema/selection.toml`: what operations select, and facts about areas and ids that the schema does not have.

use anyhow::{Context, Result};
use indexmap::IndexMap;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    #[serde(default)]
    pub(super) missing: Missing,
    pub(super) reference: Reference,
    pub(super) leave_out: LeaveOut,
    pub(super) budget: Budget,
    pub(super) types: BTreeMap<String, Vec<String>>,
    pub(super) parents: Parents,
    pub(super) ids: Ids,
    pub(super) areas: IndexMap<String, Vec<String>>,
}

/// How to treat an entry that names something that the schema does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Missing {
    /// Report an error.
    #[default]
    Refuse,
    /// Ignore it: the rules are for schemas of several versions.
    Ignore,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reference {
    pub(super) identity: Vec<String>,
    pub(super) further: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaveOut {
    names: Vec<String>,
    but_not: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    pub(super) leaves: usize,
    pub(super) detail: u32,
    pub(super) payload: u32,
    pub(super) reference: usize,
    pub(super) nested_page: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parents {
    pub(super) also: Vec<String>,
    pub(super) not: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ids {
    modules: Vec<String>,
    classes: BTreeMap<String, String>,
    several: Vec<String>,
    pub(super) of: BTreeMap<String, String>,
}

impl Rules {
    /// The rules in a text.
    ///
    /// # Errors
    /// If the text is not valid.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).context("selection.toml is invalid")
    }

    /// The same rules with smaller details: reduced by this number of eighths.
    pub(super) fn shrunk(&self, eighths: usize) -> Self {
        let mut rules = self.clone();
        let left = 8_usize.saturating_sub(eighths);
        let budget = &mut rules.budget;
        budget.leaves = budget.leaves * left / 8;
        budget.reference = (budget.reference * left / 8).max(1);
        for price in [&mut budget.detail, &mut budget.payload] {
            *price = *price * u32::try_from(left).unwrap_or(8) / 8;
        }
        rules
    }

    /// The same rules for schemas of any version: what one does not have is ignored.
    #[must_use]
    pub fn for_any_version(self) -> Self {
        Rules { missing: Missing::Ignore, ..self }
    }

    /// Whether details leave a field out.
    pub(super) fn leaves_out(&self, field: &str) -> bool {
        let matches = |patterns: &[String]| patterns.iter().any(|pattern| glob(pattern, field));
        matches(&self.leave_out.names) && !matches(&self.leave_out.but_not)
    }

    /// The area of an operation's id.
    pub(super) fn area(&self, id: &str) -> &str {
        let padded = format!("_{id}_");
        let fits = |pattern: &String| {
            if pattern.contains('*') { glob(pattern, id) } else { padded.contains(&format!("_{pattern}_")) }
        };
        self.areas.iter().find(|(_, patterns)| patterns.iter().any(fits)).map_or("instance", |(area, _)| area)
    }
}

impl Ids {
    /// The class of a kind of global ids; `None` if several models share it.
    pub(super) fn class(&self, kind: &str) -> Option<String> {
        if self.several.iter().any(|several| several == kind) {
            return None;
        }
        if let Some(class) = self.classes.get(kind) {
            return Some(class.clone());
        }
        let rest_in = |module: &String| {
            let rest = kind.strip_prefix(&module.replace("::", ""))?;
            rest.starts_with(|first: char| first.is_ascii_uppercase()).then(|| format!("{module}::{rest}"))
        };
        let modules = self.modules.iter().filter_map(|module| Some((module.len(), rest_in(module)?)));
        Some(modules.max().map_or_else(|| kind.to_owned(), |(_, class)| class))
    }
}

/// Whether a name matches a pattern in which `*` matches any text.
fn glob(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => {
            let Some(tail) = name.strip_prefix(start) else { return false };
            (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| glob(rest, &tail[at..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_matches_any_text() {
        assert!(glob("*Html", "descriptionHtml") && glob("a*b*c", "axxbyc") && glob("*", "") && glob("id", "id"));
        assert!(!glob("*Html", "htmlUrl") && !glob("id", "iid") && !glob("a*b", "ac"));
    }

    #[test]
    fn module_names_determine_the_colons_of_a_class() {
        let ids = Ids {
            modules: vec!["Ai".into(), "Ai::Catalog".into(), "Ci".into()],
            classes: BTreeMap::from([("CiX".into(), "CiX".into())]),
            several: vec!["Noteable".into()],
            of: BTreeMap::new(),
        };
        for (kind, class) in [
            ("CiPipeline", Some("Ci::Pipeline")),
            ("AiCatalogItem", Some("Ai::Catalog::Item")),
            ("AiModelX", Some("Ai::ModelX")),
            ("Ci", Some("Ci")),
            ("City", Some("City")),
            ("CiX", Some("CiX")),
            ("Noteable", None),
        ] {
            assert_eq!(ids.class(kind).as_deref(), class, "{kind}");
        }
    }
}
