//! The complexity and the depth of a document.

use super::input;
use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use glabflow_contract::graphql::cost::Price;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The size of a document by GitLab's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Size {
    pub(super) score: u32,
    pub(super) depth: u32,
}

/// Measures an operation with the values of its variables. Introspection is free.
pub(super) fn measure(document: &ExecutableDocument, operation: &Operation, variables: &Map<String, Value>) -> Size {
    Measure { document, variables }.set(&operation.selection_set, true)
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Map<String, Value>,
}

impl Measure<'_> {
    fn set(&self, set: &SelectionSet, root: bool) -> Size {
        let mut size = Size::default();
        // Of fragments on different types only one can apply, so the most expensive one counts.
        let mut branches: BTreeMap<&str, u32> = BTreeMap::new();
        for selection in &set.selections {
            let (below, condition) = match selection {
                Selection::Field(field) => {
                    if field.name.starts_with("__") || !input::included(&field.directives, self.variables) {
                        continue;
                    }
                    let child = self.set(&field.selection_set, false);
                    let given: Vec<(&str, Value)> = field
                        .arguments
                        .iter()
                        .filter_map(|given| Some((given.name.as_str(), input::literal(&given.value, self.variables)?)))
                        .filter(|(_, value)| !value.is_null())
                        .collect();
                    let connection = field.definition.ty.inner_named_type().ends_with("Connection");
                    let page = connection.then(|| {
                        let sized = given.iter().filter(|(name, _)| matches!(*name, "first" | "last"));
                        let sizes = sized.filter_map(|(_, value)| u32::try_from(value.as_u64()?).ok());
                        sizes.min().unwrap_or(u32::MAX)
                    });
                    let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
                    let takes = !field.definition.arguments.is_empty();
                    let price = Price::of(&field.name, root, takes, &names, page);
                    let score = price.score(child.score);
                    size.score = size.score.saturating_add(score);
                    size.depth = size.depth.max(1 + child.depth);
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    if !input::included(&fragment.directives, self.variables) {
                        continue;
                    }
                    (self.set(&fragment.selection_set, root), &fragment.selection_set.ty)
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else { continue };
                    if !input::included(&spread.directives, self.variables) {
                        continue;
                    }
                    (self.set(&fragment.selection_set, root), &fragment.selection_set.ty)
                }
            };
            size.depth = size.depth.max(below.depth);
            let branch = branches.entry(condition.as_str()).or_default();
            *branch = branch.saturating_add(below.score);
        }
        let common = branches.remove(set.ty.as_str()).unwrap_or(0);
        let dearest = branches.into_values().max().unwrap_or(0);
        size.score = size.score.saturating_add(common).saturating_add(dearest);
        size
    }
}
