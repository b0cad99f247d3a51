//! One request to a known operation of the REST API.

use crate::identity::Identity;
use crate::page::PageRequest;
use crate::params::Params;
use crate::seed::Kind;
use crate::store::Store;
use crate::time::Time;
use glabflow_contract::index::Operation;

/// One request to a known operation.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static Operation,
    /// The path of the operation; parameters without their names.
    pub(crate) pattern: &'a str,
    /// The path below `/api/v4`, encoded.
    pub(crate) path: &'a str,
    /// The values of the path parameters.
    pub(crate) values: Vec<String>,
    pub(crate) params: Params,
    pub(crate) caller: Option<Identity>,
    pub(crate) now: Time,
    /// The things that the path names, outermost first.
    pub(crate) parents: Vec<(Kind, u64)>,
}

impl Call<'_> {
    /// The thing of this kind that the path names.
    pub(crate) fn parent(&self, kind: Kind) -> Option<u64> {
        self.parents.iter().rev().find(|(known, _)| *known == kind).map(|(_, slot)| *slot)
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.caller.is_some_and(Identity::is_admin)
    }

    /// The value of a path parameter by its name.
    pub(crate) fn value(&self, name: &str) -> &str {
        let mut names = self.operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        names.position(|known| known == name).and_then(|at| self.values.get(at)).map_or("", String::as_str)
    }

    /// The address of the request without its query.
    pub(crate) fn page_request(&self, store: &Store) -> PageRequest<'_> {
        PageRequest { params: &self.params, url: format!("{}/api/v4{}", store.world.origin, self.path) }
    }
}
