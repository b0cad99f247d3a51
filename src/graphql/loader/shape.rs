//! What is looked up by a key, and what of it is selected: all that documents depend on.

use glabflow_contract::graphql::cost::Price;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The response key under which list items tell the key that they answer.
pub(super) const ITEM_KEY: &str = "glabflowKey";

/// What of a `Spec` the documents depend on. Loads of equal shapes and keys are one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) steps: Vec<Step>,
    pub(super) list: Option<List>,
    pub(super) folded: bool,
    pub(super) selection: String,
    /// The price of the selection; why it cannot be sent otherwise.
    pub(super) score: Result<u32, &'static str>,
    /// Of all of the above: each load is looked up by its shape several times, and a selection may be long.
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
    pub(super) fn new(
        steps: Vec<Step>,
        list: Option<List>,
        folded: bool,
        selection: String,
        score: Result<u32, &'static str>,
    ) -> Self {
        let mut hasher = DefaultHasher::new();
        (&steps, &list, folded, &selection).hash(&mut hasher);
        Shape { steps, list, folded, selection, score, hash: hasher.finish() }
    }

    /// How many parts a key has.
    pub(super) fn parts(&self) -> usize {
        self.steps.iter().map(|step| step.arguments.len()).sum::<usize>() + usize::from(self.list.is_some())
    }

    /// The price of asking for so many keys in one alias.
    pub(super) fn price(&self, keys: usize) -> u32 {
        let mut score = *self.score.as_ref().unwrap_or(&0);
        for (index, step) in self.steps.iter().enumerate().rev() {
            let mut given: Vec<&str> = step.arguments.iter().map(|(name, _)| name.as_str()).collect();
            let mut page = None;
            if let Some(list) = self.list.as_ref().filter(|_| index + 1 == self.steps.len()) {
                given.push(&list.argument);
                page = Some(u32::try_from(keys).unwrap_or(u32::MAX));
                // The field that tells the key, and `nodes`.
                score = score.saturating_add(2);
            }
            score = Price::of(&step.field, index == 0, !given.is_empty(), &given, page).score(score);
        }
        score
    }
}
