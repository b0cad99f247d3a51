//! Valid documents.

use crate::ast::{Executable, Operation};
use crate::check::{self, Findings};
use crate::cost::{self, Estimate};
use crate::parse::parse_document;
use crate::problem::{Invalid, Problem};
use crate::score::{SCORE_FIELD, score_field};
use crate::variable_values;
use glabflow_contract::graphql::Kind;
use serde_json::{Map, Value};
use std::fmt;

/// A document with one operation, valid against GitLab's schema.
///
/// ```
/// use glabflow_document::Document;
///
/// let error = Document::parse("query { project(fullPath: \"a/b\") { nam } }").unwrap_err();
/// assert_eq!(error.to_string(), "1:36: project.nam: `Project` has no field `nam`; did you mean `name`?");
/// ```
#[derive(Clone)]
pub struct Document {
    text: String,
    tree: Executable,
    deprecations: Vec<Problem>,
    depth: u32,
}

impl Document {
    /// Parses a document and checks it against the schema.
    ///
    /// # Errors
    /// If GitLab would reject it, or if it has more than one operation.
    pub fn parse(text: impl Into<String>) -> Result<Document, Invalid> {
        let text = text.into();
        let tree = parse_document(&text)?;
        Document::check(tree, |_| text)
    }

    /// Checks a document that was built, and prints it.
    pub(crate) fn of(tree: Executable) -> Result<Document, Invalid> {
        Document::check(tree, ToString::to_string)
    }

    fn check(tree: Executable, text: impl FnOnce(&Executable) -> String) -> Result<Document, Invalid> {
        let Findings { problems, deprecations, depth } = check::check(&tree);
        if !problems.is_empty() {
            return Err(Invalid { problems });
        }
        Ok(Document { text: text(&tree), tree, deprecations, depth })
    }

    /// The text that is sent.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn operation(&self) -> Option<&Operation> {
        self.tree.operations.first()
    }

    /// The name of its operation.
    pub fn name(&self) -> Option<&str> {
        self.operation()?.name.as_deref()
    }

    /// Query, mutation or subscription.
    pub fn kind(&self) -> Kind {
        self.operation().map_or(Kind::Query, |operation| operation.kind)
    }

    /// The names and types of the variables.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.operation().map(|operation| &operation.variables[..]).unwrap_or_default();
        variables.iter().map(|variable| (variable.name.as_str(), variable.ty.as_str()))
    }

    /// How deep its fields nest.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Deprecated fields, arguments and enum values that it uses.
    pub fn deprecations(&self) -> &[Problem] {
        &self.deprecations
    }

    /// Checks the values of its variables.
    ///
    /// # Errors
    /// If a value is unknown, missing or of the wrong type.
    pub fn check_variables(&self, values: &Map<String, Value>) -> Result<(), Invalid> {
        self.operation().map_or(Ok(()), |operation| variable_values::check(operation, values))
    }

    /// What it costs by GitLab's rules, with these values of its variables.
    pub fn estimate(&self, values: &Map<String, Value>) -> Estimate {
        cost::estimate(&self.tree, &self.text, self.depth, values)
    }

    /// The same query, which also asks GitLab for its score. This adds three points to its [`Estimate`]. `None` if it is not a query or
    /// asks already. See [`Calibration`](crate::Calibration).
    pub fn asking_score(&self) -> Option<Document> {
        if self.kind() != Kind::Query || self.text.contains(SCORE_FIELD) {
            return None;
        }
        let mut tree = self.tree.clone();
        tree.operations.first_mut()?.selections.push(score_field());
        Document::of(tree).ok()
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Documents with the same text are equal.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Document").field(&self.text).finish()
    }
}
