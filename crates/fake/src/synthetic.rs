//! Responses from the schema alone: operations whose things are not in the store.

use crate::call::Call;
use crate::filter::Order;
use crate::page;
use crate::random::mix;
use crate::response::{ErrorResponse, Response};
use crate::store::Store;
use glabflow_contract::Method;
use glabflow_contract::index::{Keyset, Output, Paging, TypeRef};
use serde_json::{Map, Value, json};

/// The number of things in a list before requests change it.
const LISTED: u64 = 3;

/// A number for a path: different paths have different responses, the same path always has the same one.
fn name(path: &str) -> u64 {
    path.bytes().fold(0, |state, byte| mix(state, &[byte.into()]))
}

/// Responds to a read request.
pub(crate) fn read(store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    match &call.operation.output {
        Output::List(ty) => {
            let items = list(store, call.path, ty);
            let (request, count) = (call.page_request(store), items.len() as u64);
            let keyset = match &call.operation.paging {
                Paging::Keyset(keyset) => {
                    page::wants_keyset(&call.params, keyset, &order(call, keyset), call.caller.is_none())?
                }
                _ => false,
            };
            let (range, headers) = if keyset {
                // The cursor is the position of the last thing of the previous page. It is opaque to clients.
                let position = |token: &str| token.parse().ok().filter(|at| *at < count);
                page::by_token(&request, "cursor", count, position, |at| at.to_string())?
            } else {
                page::by_number(&request, count, None)?
            };
            let items = &items[range.start as usize..range.end as usize];
            let mut response = Response::json(200, &Value::from(items.to_vec()));
            response.headers.extend(headers);
            Ok(response)
        }
        Output::Json(ty) => Ok(Response::json(200, &one(store, call, ty)?)),
        Output::File(content_type) => Ok(file(call, content_type)),
        Output::Empty => Ok(Response::json(200, &json!({}))),
    }
}

/// The order of a list request; by default the first one of the list.
fn order(call: &Call<'_>, keyset: &Keyset) -> Order {
    let first = |known: &[String]| known.first().cloned().unwrap_or_default();
    let field = call.params.get("order_by").map_or_else(|| first(&keyset.orders), str::to_owned);
    let sort = call.params.get("sort").map_or_else(|| first(&keyset.sorts), str::to_owned);
    Order { field, backwards: sort == "desc" }
}

/// A file with a line about its origin.
fn file(call: &Call<'_>, content_type: &str) -> Response {
    Response::file(content_type, format!("{} {}\n", call.operation.method, call.path))
}

fn list(store: &Store, path: &str, ty: &TypeRef) -> Vec<Value> {
    if let Some(items) = store.lists.get(path) {
        return items.clone();
    }
    let of = name(path);
    (0..LISTED)
        .map(|at| {
            let mut item = store.shapes.value(ty, mix(of, &[at]));
            for field in ["id", "iid"] {
                if let Some(id @ Value::Number(_)) = item.get_mut(field) {
                    *id = (at + 1).into();
                }
            }
            item
        })
        .collect()
}

/// The thing at a path.
fn one(store: &Store, call: &Call<'_>, ty: &TypeRef) -> Result<Value, ErrorResponse> {
    match store.singles.get(call.path) {
        Some(Some(value)) => return Ok(value.clone()),
        Some(None) => return Err(Response::message(404, "404 Not Found")),
        None => {}
    }
    if let Some((list, key)) = call.path.rsplit_once('/') {
        let known = store.lists.get(list).and_then(|items| items.iter().find(|item| is_named(item, key)));
        if let Some(item) = known {
            return Ok(item.clone());
        }
    }
    let mut value = store.shapes.value(ty, name(call.path));
    if let (Some(key), Value::Object(fields)) = (last_key(call), &mut value) {
        name_it(fields, key.0, &key.1);
    }
    Ok(value)
}

/// The parameter that a path ends with, and its value.
fn last_key<'c>(call: &'c Call<'_>) -> Option<(&'c str, String)> {
    let param = call.operation.path.strip_suffix('}')?.rsplit('{').next()?;
    Some((param, call.values.last()?.clone()))
}

/// Sets the key under which an object was requested.
fn name_it(fields: &mut Map<String, Value>, param: &str, key: &str) {
    let short = param.rsplit('_').next().unwrap_or(param);
    for field in [param, short] {
        match fields.get_mut(field) {
            Some(value @ Value::Number(_)) => {
                if let Ok(number) = key.parse::<i64>() {
                    *value = number.into();
                }
                return;
            }
            Some(value @ Value::String(_)) => {
                *value = key.into();
                return;
            }
            _ => {}
        }
    }
}

fn is_named(item: &Value, key: &str) -> bool {
    let key = crate::params::decode(key, false);
    ["id", "iid", "name", "key", "slug", "token", "tag_name"]
        .iter()
        .any(|field| item.get(field).and_then(crate::filter::text).is_some_and(|text| text == key))
}

/// Responds to a write request. Later reads of the same path see the change.
pub(crate) fn write(store: &mut Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let method = call.operation.method;
    let usual = match method {
        Method::Post => 201,
        Method::Delete => 204,
        _ => 200,
    };
    let status = call.operation.status.unwrap_or(usual);
    let parent = call.path.rsplit_once('/').map(|(list, key)| (list.to_owned(), key.to_owned()));
    if method == Method::Delete {
        if store.singles.get(call.path) == Some(&None) {
            return Err(Response::message(404, "404 Not Found"));
        }
        if let Some((list, key)) = &parent
            && let Some(items) = store.lists.get_mut(list)
        {
            items.retain(|item| !is_named(item, key));
        }
        store.singles.insert(call.path.to_owned(), None);
    }
    let ty = match &call.operation.output {
        Output::Empty if status == 204 => return Ok(Response::empty(204)),
        Output::Empty => return Ok(Response::json(status, &json!({}))),
        Output::File(content_type) => return Ok(file(call, content_type)),
        Output::List(ty) => return Ok(Response::json(status, &Value::from(list(store, call.path, ty)))),
        Output::Json(ty) => ty,
    };
    if status == 204 {
        return Ok(Response::empty(204));
    }
    if method == Method::Delete {
        return Ok(Response::json(status, &store.shapes.value(ty, name(call.path))));
    }
    let mut value =
        if method == Method::Post { store.shapes.value(ty, name(call.path)) } else { one(store, call, ty)? };
    if let Value::Object(fields) = &mut value {
        for (name, given) in &call.params.body {
            if fields.get(name).is_some_and(|known| same_shape(known, given)) {
                fields.insert(name.clone(), given.clone());
            }
        }
    }
    if method == Method::Post {
        let mut items = list(store, call.path, ty);
        if let Some(id @ Value::Number(_)) = value.get_mut("id") {
            *id = (items.len() as u64 + 1).into();
        }
        items.push(value.clone());
        store.lists.insert(call.path.to_owned(), items);
    } else if let Some((list, key)) = parent {
        let items = store.lists.get_mut(&list);
        if let Some(item) = items.and_then(|items| items.iter_mut().find(|item| is_named(item, &key))) {
            item.clone_from(&value);
        }
    }
    store.singles.insert(call.path.to_owned(), Some(value.clone()));
    Ok(Response::json(status, &value))
}

/// Whether a given value fits the schema in place of the generated one.
fn same_shape(known: &Value, given: &Value) -> bool {
    std::mem::discriminant(known) == std::mem::discriminant(given) && !known.is_object() && !known.is_array()
}
