//! The objects that fields are selected on.

use super::connection::{Node, Page};
use crate::random::mix;
use crate::seed::Kind;
use serde_json::Value;
use std::rc::Rc;

/// The result of a mutation.
#[derive(Default)]
pub(super) struct Done {
    /// The field of the payload with the thing, and the thing.
    pub(super) shown: Option<(&'static str, Kind, u64)>,
    pub(super) errors: Vec<String>,
    pub(super) client_id: Value,
}

/// Something that fields are selected on.
#[derive(Clone)]
pub(super) enum Thing {
    Root,
    Item(Kind, u64),
    /// Generated from a number; the text is the id in the request.
    Made(u64, Option<Rc<str>>),
    Page(Rc<Page>),
    Edge(Rc<Page>, u64),
    Info(Rc<Page>),
    Access(u64),
    Done(Rc<Done>),
    Complexity,
    Metadata,
}

impl Thing {
    pub(super) fn form(&self) -> Form {
        match self {
            Thing::Root => Form::Root,
            Thing::Item(kind, _) => Form::Item(*kind),
            Thing::Made(..) => Form::Made,
            _ => Form::Own,
        }
    }

    pub(super) fn seed(&self) -> u64 {
        match self {
            Thing::Item(kind, slot) => mix(*kind as u64, &[*slot]),
            Thing::Made(seed, _) => *seed,
            Thing::Edge(_, at) => *at,
            _ => 0,
        }
    }
}

impl From<Node> for Thing {
    fn from(node: Node) -> Self {
        match node {
            Node::Item(kind, slot) => Thing::Item(kind, slot),
            Node::Made(seed) => Thing::Made(seed, None),
        }
    }
}

/// How the fields of a thing are found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Root,
    Item(Kind),
    Made,
    Own,
}
