//! What a loader loads: a field by its arguments, or a list by a list of keys.

use super::key::LoadKey;
use super::selection;
use glabflow_contract::graphql::cost::{LIMITS, Price};
use glabflow_contract::graphql::{ConnectionOperation, GraphqlOperation};
use glabflow_contract::{Decode, decode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

/// The response key under which list items tell the key that they answer.
pub(super) const ITEM_KEY: &str = "glabflowKey";

/// Keys in one list argument: GitLab takes so many paths.
const LIST_MAX: usize = 50;

/// How a key is looked up, what of the answer is selected, and how that decodes.
///
/// The parts of a key are the values of the arguments, in the order in which they are named here.
///
/// ```
/// # use glabflow::graphql::Spec;
/// # use serde_json::Value;
/// // project(fullPath: …) { mergeRequest(iid: …) { title state } }, one alias for each key
/// let one = Spec::field("project").argument("fullPath", "ID!")
///     .below("mergeRequest").argument("iid", "String!")
///     .select::<(String, i64), Value>("title state");
///
/// // projects(fullPaths: […]) { nodes { id name } }, many keys in one list
/// let many = Spec::field("projects").by_list("fullPaths", "[String!]", "fullPath").folded()
///     .select::<String, Value>("id name");
/// ```
pub struct Spec<K, T> {
    pub(super) shape: Arc<Shape>,
    pub(super) decode: fn(&str) -> Result<T, serde_json::Error>,
    key: PhantomData<fn(K)>,
}

/// What of a [`Spec`] the documents depend on. Loads of equal shapes and keys are one.
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

/// A [`Spec`] without its selection.
#[derive(Debug, Clone)]
#[must_use = "a spec comes of `select` or `decode`"]
pub struct Lookup {
    steps: Vec<Step>,
    list: Option<List>,
    folded: bool,
}

impl Lookup {
    /// An argument whose value is a part of the key, with its GraphQL type.
    pub fn argument(mut self, name: impl Into<String>, ty: impl Into<String>) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.arguments.push((name.into(), ty.into()));
        }
        self
    }

    /// A field below the last one.
    pub fn below(mut self, field: impl Into<String>) -> Self {
        self.steps.push(Step { field: field.into(), arguments: Vec::new() });
        self
    }

    /// The last field is a connection which takes a list of keys: `argument` of type `ty`. `field` is the field of an item
    /// that holds the key.
    pub fn by_list(mut self, argument: impl Into<String>, ty: impl Into<String>, field: impl Into<String>) -> Self {
        self.list = Some(List { argument: argument.into(), ty: ty.into(), field: field.into(), max: LIST_MAX });
        self
    }

    /// How many keys the list takes at once: 50 unless set, 100 at most.
    pub fn list_max(mut self, keys: usize) -> Self {
        if let Some(list) = &mut self.list {
            list.max = keys.clamp(1, LIMITS.page_size as usize);
        }
        self
    }

    /// Keys are equal when they differ only in case, as paths and user names are.
    pub fn folded(mut self) -> Self {
        self.folded = true;
        self
    }

    /// Selects these fields, `id name namespace { id }`, and decodes them by serde. Values stand in the text: there are no
    /// variables.
    pub fn select<K: LoadKey, T: DeserializeOwned>(self, selection: &str) -> Spec<K, T> {
        self.spec(selection::compact(selection), |json| serde_json::from_str(json))
    }

    /// Selects these fields, and decodes them as GitLab's own types are.
    pub fn decode<K: LoadKey, T: Decode>(self, selection: &str) -> Spec<K, T> {
        self.spec(selection::compact(selection), |json| decode::from_slice(json.as_bytes()))
    }

    fn spec<K, T>(self, selection: String, decode: fn(&str) -> Result<T, serde_json::Error>) -> Spec<K, T> {
        let score = selection::score(&selection);
        let Lookup { steps, list, folded } = self;
        let mut hasher = DefaultHasher::new();
        (&steps, &list, folded, &selection).hash(&mut hasher);
        let shape = Shape { steps, list, folded, selection, score, hash: hasher.finish() };
        Spec { shape: Arc::new(shape), decode, key: PhantomData }
    }
}

impl Spec<String, Value> {
    /// A root field.
    pub fn field(name: impl Into<String>) -> Lookup {
        Lookup { steps: vec![Step { field: name.into(), arguments: Vec::new() }], list: None, folded: false }
    }
}

impl Lookup {
    /// Selects what an operation selects of its output, and decodes it as the operation does.
    pub fn output_of<K: LoadKey, O: GraphqlOperation>(self) -> Spec<K, O::Output> {
        let descriptor = O::DESCRIPTOR;
        let text = selection::at_path(descriptor.document, descriptor.path).unwrap_or_default();
        self.decode(&text)
    }

    /// Selects what a list operation selects of its items, and decodes them as the operation does.
    pub fn items_of<K: LoadKey, O: ConnectionOperation>(self) -> Spec<K, O::Node> {
        let descriptor = O::DESCRIPTOR;
        let path: Vec<&str> = descriptor.path.iter().copied().chain(["nodes"]).collect();
        let text = selection::at_path(descriptor.document, &path).unwrap_or_default();
        self.decode(&text)
    }
}

impl<K, T> Clone for Spec<K, T> {
    fn clone(&self) -> Self {
        Spec { shape: Arc::clone(&self.shape), decode: self.decode, key: PhantomData }
    }
}

impl<K, T> fmt::Debug for Spec<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shape.fmt(f)
    }
}
