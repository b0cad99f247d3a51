//! REST: from a request below `/api/v4` to a response.

use crate::call::Call;
use crate::change;
use crate::check;
use crate::filter::Filter;
use crate::page;
use crate::permission;
use crate::query;
use crate::resource::{self, RESOURCES, Resource};
use crate::response::{ErrorResponse, Response};
use crate::router::{Match, Router};
use crate::seed::Kind;
use crate::special::{self, Special};
use crate::store::{Scope, Store};
use crate::synthetic;
use glabflow_contract::index::{LazyIndex, Operation, Output, Paging};
use glabflow_contract::{Location, Method};
use std::sync::{PoisonError, RwLock};

/// The REST interface of a server.
pub(crate) struct Rest {
    operations: &'static [Operation],
    router: Router,
    infos: Vec<OperationInfo>,
    index: &'static LazyIndex,
    /// The furthest position that page numbers reach in lists with keyset pagination.
    pub(crate) offset_limit: Option<u64>,
}

/// What is known about an operation before any request.
struct OperationInfo {
    /// The path; parameters without their names.
    pattern: String,
    /// The path parameters that identify things in the store, outermost first: the position among the path parameters,
    /// and the position among the resources.
    parents: Vec<(usize, usize)>,
    action: Action,
}

/// What an operation does.
#[derive(Clone, Copy)]
enum Action {
    /// Lists a resource.
    List(&'static Resource),
    /// Creates a thing of a resource.
    Create(&'static Resource),
    /// Shows the last parent.
    Show,
    /// Changes the last parent.
    Update,
    /// Removes the last parent.
    Remove,
    /// Has its own implementation.
    Special(Special),
    /// Responds from the schema.
    Synthetic,
}

impl Rest {
    pub(crate) fn new(index: &'static LazyIndex, offset_limit: Option<u64>) -> Self {
        let operations = index.operations();
        let infos = operations.iter().map(OperationInfo::new).collect();
        Rest { operations, router: Router::new(operations), infos, index, offset_limit }
    }

    /// The schema of the things of a kind: the output of the operation that shows one, or else of the one that lists
    /// them.
    pub(crate) fn output(&self, kind: Kind) -> Option<&'static Output> {
        let mut listed = None;
        for (operation, info) in self.operations.iter().zip(&self.infos) {
            match info.action {
                Action::Show if info.parents.last().is_some_and(|(_, at)| RESOURCES[*at].kind == kind) => {
                    return Some(&operation.output);
                }
                Action::List(of) if of.kind == kind => listed = listed.or(Some(&operation.output)),
                _ => {}
            }
        }
        listed
    }

    /// The operation of a request, and the values in its path.
    pub(crate) fn find(&self, method: Method, path: &str) -> Result<(usize, Vec<String>), ErrorResponse> {
        match self.router.find(method, path) {
            Match::Operation(at, values) => Ok((at, values)),
            Match::OtherMethods(methods) => {
                let allowed: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
                let response = *Response::error(405, "405 Not Allowed");
                Err(Box::new(response.with("allow", allowed.join(", "))))
            }
            Match::Unknown => Err(Response::error(404, "404 Not Found")),
        }
    }

    /// The operation at a position of the index.
    pub(crate) fn operation(&self, at: usize) -> &'static Operation {
        &self.operations[at]
    }

    /// Responds to a request.
    pub(crate) fn respond<'a>(
        &'a self,
        store: &RwLock<Store>,
        at: usize,
        mut call: Call<'a>,
    ) -> Result<Response, ErrorResponse> {
        check::check(call.operation, &call.values, &call.params, self.index.types())?;
        let info = &self.infos[at];
        call.pattern = &info.pattern;
        if call.operation.method.is_read() {
            let store = store.read().unwrap_or_else(PoisonError::into_inner);
            call.parents = self.resolve(&store, info, &call)?;
            permission::check(&store, &call)?;
            return match info.action {
                Action::List(resource) => self.list(&store, &call, resource),
                Action::Show => self.show(&store, &call),
                Action::Special(Special::Search) => match special::searched(&call) {
                    Some(resource) => self.list(&store, &call, resource),
                    None => Ok(Response::json(200, &serde_json::json!([]))),
                },
                Action::Special(Special::Read(read)) => read(&store, &call),
                _ => synthetic::read(&store, &call),
            };
        }
        let mut store = store.write().unwrap_or_else(PoisonError::into_inner);
        call.parents = self.resolve(&store, info, &call)?;
        permission::check(&store, &call)?;
        match info.action {
            Action::Create(resource) => change::create(&mut store, &call, resource),
            Action::Update => change::update(&mut store, &call),
            Action::Remove => change::remove(&mut store, &call),
            Action::Special(Special::Write(write)) => write(&mut store, &call),
            Action::Special(Special::Set(field, value)) => special::set(&mut store, &call, field, value),
            _ => synthetic::write(&mut store, &call),
        }
    }

    /// Looks up the things in the path.
    fn resolve(&self, store: &Store, info: &OperationInfo, call: &Call<'_>) -> Result<Vec<(Kind, u64)>, ErrorResponse> {
        let mut found: Vec<(Kind, u64)> = Vec::with_capacity(info.parents.len());
        for (value, resource) in &info.parents {
            let resource = &RESOURCES[*resource];
            let slot = store
                .named(resource, found.last().copied(), &call.values[*value])
                .filter(|slot| permission::visible(store, resource.kind, *slot, call.caller))
                .ok_or_else(|| {
                    moved(store, call, *value).unwrap_or_else(|| Response::not_found(resource.kind.label()))
                })?;
            found.push((resource.kind, slot));
        }
        Ok(found)
    }

    fn show(&self, store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
        let Some((kind, slot)) = call.parents.last().copied() else { return synthetic::read(store, call) };
        let mut out = Vec::new();
        store.write(kind, slot, permission::brief(kind, slot, call), &mut out);
        Ok(Response::raw_json(200, out))
    }

    fn list(&self, store: &Store, call: &Call<'_>, resource: &'static Resource) -> Result<Response, ErrorResponse> {
        let kind = resource.kind;
        let mut filters = query::filters(&call.params, resource, &store.shapes, call.caller)?;
        let scope = scope(store, call, resource, &mut filters);
        let instance_wide = !matches!(scope, Scope::Within(Kind::Project | Kind::Issue | Kind::MergeRequest, _));
        if instance_wide && !call.is_admin() {
            filters.push(Filter::VisibleTo(call.caller.map(|caller| caller.user)));
        }
        let order = query::order(&call.params, kind);
        let request = call.page_request(store);
        let keyset = match &call.operation.paging {
            Paging::Keyset(keyset) => Some(page::wants_keyset(&call.params, keyset, &order, call.caller.is_none())?),
            _ => None,
        };
        let (selection, (range, headers)) = if keyset == Some(true) {
            let selection = match by_id(&filters, kind, &order) {
                Some((filters, bound)) => store.select(kind, &scope, &filters, &order).beyond(&order, bound),
                None => store.select(kind, &scope, &filters, &order),
            };
            let page = page::by_keyset(&request, store, kind, &selection, &order)?;
            (selection, page)
        } else {
            let selection = store.select(kind, &scope, &filters, &order);
            let limit = keyset.and(self.offset_limit).map(|limit| (limit, kind.class()));
            let page = page::by_number(&request, selection.len(), limit)?;
            (selection, page)
        };
        let mut out = Vec::with_capacity(64 + 2048 * (range.end - range.start) as usize);
        out.push(b'[');
        for position in range.clone() {
            if position > range.start {
                out.push(b',');
            }
            let slot = selection.at(position);
            store.write(kind, slot, permission::brief_in_list(kind, call), &mut out);
        }
        out.push(b']');
        let mut response = Response::raw_json(200, out);
        response.headers.extend(headers);
        Ok(response)
    }
}

/// A redirect from the old path of a renamed project, for read requests.
fn moved(store: &Store, call: &Call<'_>, value: usize) -> Option<ErrorResponse> {
    let slot = *store.moved.get(call.values.get(value)?)?;
    let rest = call.path.strip_prefix("/projects/").filter(|_| value == 0 && call.operation.method.is_read())?;
    if !permission::visible(store, Kind::Project, slot, call.caller) || !store.exists(Kind::Project, slot) {
        return None;
    }
    let rest = rest.split_once('/').map_or(String::new(), |(_, rest)| format!("/{rest}"));
    let to = format!("{}/api/v4/projects/{}{rest}{}", store.world.origin, slot + 1, call.params.to_query());
    Some(Box::new(Response::message(301, "301 Moved Permanently").with("location", to)))
}

/// In natural order, a filter on ids needs no search. Returns the other filters, and the slot after which to read.
fn by_id(filters: &[Filter], kind: Kind, order: &crate::filter::Order) -> Option<(Vec<Filter>, u64)> {
    if kind != Kind::Project || !order.is_natural() {
        return None;
    }
    let bound = |filter: &Filter| match filter {
        Filter::Above(_, id) if !order.backwards => u64::try_from(*id).ok(),
        Filter::Below(_, id) if order.backwards => u64::try_from(*id).ok(),
        _ => None,
    };
    let at = filters.iter().position(|filter| bound(filter).is_some())?;
    let mut rest = filters.to_vec();
    let id = bound(&rest.remove(at))?;
    Some((rest, id.checked_sub(1)?))
}

/// The scope of a list.
fn scope(store: &Store, call: &Call<'_>, resource: &Resource, filters: &mut Vec<Filter>) -> Scope {
    let kind = resource.kind;
    let Some((above, slot)) = call.parents.last().copied() else { return Scope::All };
    match (above, kind) {
        (Kind::User, Kind::Project) => {
            filters.push(Filter::Is("creator_id".into(), (slot + 1).to_string()));
            Scope::All
        }
        (Kind::Group, Kind::Group) if resource.path.ends_with("subgroups") => {
            filters.push(Filter::Is("parent_id".into(), (slot + 1).to_string()));
            Scope::All
        }
        (Kind::Group, Kind::Group) => {
            let path = store.item(Kind::Group, slot).fact("full_path");
            filters.push(Filter::StartsWith("full_path", format!("{}/", path.as_str().unwrap_or_default())));
            Scope::All
        }
        (Kind::Group, Kind::Issue | Kind::MergeRequest) => Scope::Within(above, store.group_and_below(slot)),
        (Kind::Group, Kind::Project) if call.params.flag("include_subgroups") == Some(true) => {
            Scope::Within(above, store.group_and_below(slot))
        }
        _ => Scope::Within(above, vec![slot]),
    }
}

impl OperationInfo {
    fn new(operation: &'static Operation) -> Self {
        let path = resource::pattern(&operation.path);
        let mut parents = Vec::new();
        for (value, (end, _)) in path.match_indices("{}").enumerate() {
            let list = path[..end].trim_end_matches('/');
            let whole = path[..end].ends_with('/') && matches!(path.as_bytes().get(end + 2), None | Some(b'/'));
            if let Some(at) = resource::at(list).filter(|at| whole && RESOURCES[*at].home) {
                parents.push((value, at));
            }
        }
        let list = resource::at(&path).map(|at| &RESOURCES[at]);
        let shown = path.ends_with("/{}") && resource::at(&path[..path.len() - 3]).is_some_and(|at| RESOURCES[at].home);
        let named = operation.params.iter().filter(|param| param.location == Location::Path).count();
        debug_assert!(named >= parents.len(), "{} names more than it has parameters for", operation.id);
        let action = match (special::find(operation.method, &path), operation.method, list) {
            (Some(special), ..) => Action::Special(special),
            // The path that creates pipelines is not a list.
            (_, Method::Post, None) if path == "/projects/{}/pipeline" => {
                match resource::at("/projects/{}/pipelines") {
                    Some(at) => Action::Create(&RESOURCES[at]),
                    None => Action::Synthetic,
                }
            }
            (_, Method::Get | Method::Head, Some(resource)) => Action::List(resource),
            (_, Method::Post, Some(resource)) if resource.home => Action::Create(resource),
            (_, Method::Get | Method::Head, _) if shown => Action::Show,
            (_, Method::Put | Method::Patch, _) if shown => Action::Update,
            (_, Method::Delete, _) if shown => Action::Remove,
            _ => Action::Synthetic,
        };
        OperationInfo { pattern: path, parents, action }
    }
}
