//! What a loader loads: a field by its arguments, or a list by a list of keys.

use super::key::LoadKey;
use super::selection;
use super::shape::{List, Shape, Step};
use glabflow_contract::graphql::cost::LIMITS;
use glabflow_contract::graphql::{ConnectionOperation, GraphqlOperation};
use glabflow_contract::{Decode, decode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

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
        let shape = Shape::new(steps, list, folded, selection, score);
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
