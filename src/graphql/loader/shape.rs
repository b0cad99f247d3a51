//! How a key is looked up and what is selected: all that documents depend on.

use super::selection::Selected;
use glabflow_contract::graphql::cost::Price;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The response key under which list items have their own key.
pub(super) const ITEM_KEY: &str = "glabflowKey";

/// The part of a `LoaderSpec` that documents depend on. Loads with equal shapes and keys are one load.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) steps: Vec<Step>,
    pub(super) list: Option<List>,
    pub(super) folded: bool,
    pub(super) selected: Selected,
    /// The hash of all of the above. Each load hashes its shape several times, and a selection may be long.
    hash: u64,
}

impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// A field on the way to the value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Step {
    pub(super) field: String,
    /// Names and types of the arguments that are parts of the key.
    pub(super) arguments: Vec<(String, String)>,
}

/// The last field takes a list of keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct List {
    pub(super) argument: String,
    pub(super) ty: String,
    /// The field of an item that holds its key.
    pub(super) field: String,
    pub(super) max: usize,
}

impl Shape {
    pub(super) fn new(steps: Vec<Step>, list: Option<List>, folded: bool, selected: Selected) -> Self {
        let mut hasher = DefaultHasher::new();
        (&steps, &list, folded, &selected.text).hash(&mut hasher);
        Shape { steps, list, folded, selected, hash: hasher.finish() }
    }

    /// The number of parts of a key.
    pub(super) fn parts(&self) -> usize {
        self.steps.iter().map(|step| step.arguments.len()).sum::<usize>() + usize::from(self.list.is_some())
    }

    /// The price of one alias with this number of keys.
    pub(super) fn price(&self, keys: usize) -> u32 {
        let mut score = *self.selected.score.as_ref().unwrap_or(&0);
        for (index, step) in self.steps.iter().enumerate().rev() {
            let mut given: Vec<&str> = step.arguments.iter().map(|(name, _)| name.as_str()).collect();
            let mut page = None;
            if let Some(list) = self.list.as_ref().filter(|_| index + 1 == self.steps.len()) {
                given.push(&list.argument);
                page = Some(u32::try_from(keys).unwrap_or(u32::MAX));
                // The key of each item, and `nodes`.
                score = score.saturating_add(2);
            }
            score = Price::of(&step.field, index == 0, !given.is_empty(), &given, page).score(score);
        }
        score
    }
}
