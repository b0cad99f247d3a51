//! What a loader loads: a field by its arguments, or items of a list by a list of keys.

use super::key::LoadKey;
use super::selection::Selected;
use super::shape::{List, Shape, Step};
use glabflow_contract::graphql::cost::LIMITS;
use glabflow_contract::graphql::{ConnectionOperation, GraphqlOperation};
use glabflow_contract::{Decode, decode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Maximum number of keys in one list argument: GitLab accepts 50 paths.
const LIST_MAX: usize = 50;

/// How a key is looked up, which fields are selected, and how they are decoded.
///
/// The parts of a key are the values of the arguments, in the order of the calls.
///
/// ```
/// # use glabflow::graphql::LoaderSpec;
/// # use serde_json::Value;
/// // project(fullPath: …) { mergeRequest(iid: …) { title state } }, one alias for each key
/// let one = LoaderSpec::field("project").argument("fullPath", "ID!")
///     .below("mergeRequest").argument("iid", "String!")
///     .select::<(String, i64), Value>("title state");
///
/// // projects(fullPaths: […]) { nodes { id name } }, many keys in one list
/// let many = LoaderSpec::field("projects").by_list("fullPaths", "[String!]", "fullPath").folded()
///     .select::<String, Value>("id name");
/// ```
pub struct LoaderSpec<K, T> {
    pub(super) shape: Arc<Shape>,
    pub(super) decode: fn(&str) -> Result<T, serde_json::Error>,
    key: PhantomData<fn(K)>,
}

/// A [`LoaderSpec`] without its selection.
#[derive(Debug, Clone)]
#[must_use = "call `select` or `decode` to create the spec"]
pub struct Lookup {
    steps: Vec<Step>,
    list: Option<List>,
    folded: bool,
}

impl Lookup {
    /// Adds an argument whose value is a part of the key, with its GraphQL type.
    pub fn argument(mut self, name: impl Into<String>, ty: impl Into<String>) -> Self {
        if let Some(step) = self.steps.last_mut() {
            step.arguments.push((name.into(), ty.into()));
        }
        self
    }

    /// Adds a field below the last one.
    pub fn below(mut self, field: impl Into<String>) -> Self {
        self.steps.push(Step { field: field.into(), arguments: Vec::new() });
        self
    }

    /// Looks up many keys at once: the last field is a connection that takes a list of keys as `argument` of type `ty`. `field` is the
    /// field of an item that has its key.
    pub fn by_list(mut self, argument: impl Into<String>, ty: impl Into<String>, field: impl Into<String>) -> Self {
        self.list = Some(List { argument: argument.into(), ty: ty.into(), field: field.into(), max: LIST_MAX });
        self
    }

    /// Maximum number of keys in one list (default: 50, at most 100).
    pub fn list_max(mut self, keys: usize) -> Self {
        if let Some(list) = &mut self.list {
            list.max = keys.clamp(1, LIMITS.page_size as usize);
        }
        self
    }

    /// Ignores case when comparing keys, as GitLab does for paths and user names.
    pub fn folded(mut self) -> Self {
        self.folded = true;
        self
    }

    /// Selects these fields, `id name namespace { id }`, and decodes them by serde. The text has no variables and no named fragments.
    pub fn select<K: LoadKey, T: DeserializeOwned>(self, selection: &str) -> LoaderSpec<K, T> {
        self.spec(Selected::parse(selection), |json| serde_json::from_str(json))
    }

    /// Selects these fields, and decodes them like the generated types.
    pub fn decode<K: LoadKey, T: Decode>(self, selection: &str) -> LoaderSpec<K, T> {
        self.spec(Selected::parse(selection), decode_json)
    }

    fn spec<K, T>(self, selected: Selected, decode: fn(&str) -> Result<T, serde_json::Error>) -> LoaderSpec<K, T> {
        let Lookup { steps, list, folded } = self;
        let shape = Shape::new(steps, list, folded, selected);
        LoaderSpec { shape: Arc::new(shape), decode, key: PhantomData }
    }
}

impl LoaderSpec<String, Value> {
    /// Looks up a root field.
    pub fn field(name: impl Into<String>) -> Lookup {
        Lookup { steps: vec![Step { field: name.into(), arguments: Vec::new() }], list: None, folded: false }
    }
}

impl Lookup {
    /// Selects the fields of an operation's output, and decodes them as the operation does.
    pub fn output_of<K: LoadKey, O: GraphqlOperation>(self) -> LoaderSpec<K, O::Output> {
        let descriptor = O::DESCRIPTOR;
        self.spec(Selected::at_path(descriptor, descriptor.path), decode_json)
    }

    /// Selects the fields of a list operation's items, and decodes them as the operation does.
    pub fn items_of<K: LoadKey, O: ConnectionOperation>(self) -> LoaderSpec<K, O::Node> {
        let descriptor = O::DESCRIPTOR;
        let path: Vec<&str> = descriptor.path.iter().copied().chain(["nodes"]).collect();
        self.spec(Selected::at_path(descriptor, &path), decode_json)
    }
}

fn decode_json<T: Decode>(json: &str) -> Result<T, serde_json::Error> {
    decode::from_slice(json.as_bytes())
}

impl<K, T> Clone for LoaderSpec<K, T> {
    fn clone(&self) -> Self {
        LoaderSpec { shape: Arc::clone(&self.shape), decode: self.decode, key: PhantomData }
    }
}

impl<K, T> fmt::Debug for LoaderSpec<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shape.fmt(f)
    }
}
