//! Operations with their own implementation: the current user, searches, traces, uploads, and changes of state.

use crate::call::Call;
use crate::change::edit;
use crate::files;
use crate::resource::{self, RESOURCES, Resource};
use crate::response::{ErrorResponse, Response};
use crate::seed::Kind;
use crate::store::Store;
use glabflow_contract::Method;
use serde_json::{Map, Value, json};

/// What an operation does.
#[derive(Clone, Copy)]
pub(crate) enum Special {
    /// Responds from the store.
    Read(fn(&Store, &Call<'_>) -> Result<Response, ErrorResponse>),
    /// Changes the store.
    Write(fn(&mut Store, &Call<'_>) -> Result<Response, ErrorResponse>),
    /// Sets one field of the thing in the path to a value.
    Set(&'static str, &'static str),
    /// Lists the things of the scope's kind that contain a text.
    Search,
}

use Special::{Read, Search, Set, Write};

/// The operations, by method and path.
const SPECIALS: &[(Method, &str, Special)] = &[
    (Method::Get, "/user", Read(me)),
    (Method::Get, "/version", Read(version)),
    (Method::Get, "/metadata", Read(version)),
    (Method::Get, "/search", Search),
    (Method::Get, "/groups/{}/search", Search),
    (Method::Get, "/groups/{}/-/search", Search),
    (Method::Get, "/projects/{}/search", Search),
    (Method::Get, "/projects/{}/-/search", Search),
    (Method::Get, "/projects/{}/repository/tree", Read(files::tree)),
    (Method::Get, "/projects/{}/repository/files/{}", Read(files::show)),
    (Method::Get, "/projects/{}/repository/files/{}/raw", Read(files::raw)),
    (Method::Post, "/projects/{}/repository/files/{}", Write(files::write)),
    (Method::Put, "/projects/{}/repository/files/{}", Write(files::write)),
    (Method::Delete, "/projects/{}/repository/files/{}", Write(files::remove)),
    (Method::Get, "/projects/{}/repository/archive", Read(files::archive)),
    (Method::Get, "/projects/{}/jobs/{}/trace", Read(trace)),
    (Method::Post, "/projects/{}/uploads", Write(upload)),
    (Method::Get, "/projects/{}/uploads/{}/{}", Read(uploaded)),
    (Method::Post, "/users/{}/block", Set("state", "blocked")),
    (Method::Post, "/users/{}/unblock", Set("state", "active")),
    (Method::Post, "/users/{}/activate", Set("state", "active")),
    (Method::Post, "/users/{}/deactivate", Set("state", "deactivated")),
    (Method::Post, "/users/{}/ban", Set("state", "banned")),
    (Method::Post, "/users/{}/unban", Set("state", "active")),
    (Method::Post, "/projects/{}/archive", Set("archived", "true")),
    (Method::Post, "/projects/{}/unarchive", Set("archived", "false")),
    (Method::Put, "/projects/{}/merge_requests/{}/merge", Set("state", "merged")),
    (Method::Post, "/projects/{}/pipelines/{}/cancel", Set("status", "canceled")),
    (Method::Post, "/projects/{}/pipelines/{}/retry", Set("status", "running")),
    (Method::Post, "/projects/{}/jobs/{}/cancel", Set("status", "canceled")),
    (Method::Post, "/projects/{}/jobs/{}/retry", Set("status", "pending")),
    (Method::Post, "/projects/{}/jobs/{}/play", Set("status", "pending")),
];

/// The implementation of the operation of a method and path, if it has its own.
pub(crate) fn find(method: Method, path: &str) -> Option<Special> {
    SPECIALS.iter().find(|(of, at, _)| *of == method && *at == path).map(|(.., special)| *special)
}

/// The list that a search covers; `None` for scopes without data.
pub(crate) fn searched(call: &Call<'_>) -> Option<&'static Resource> {
    let within = |project: &'static str, instance: &'static str| {
        if call.parent(Kind::Project).is_some() { project } else { instance }
    };
    let list = match call.params.get("scope")? {
        "projects" => "/projects",
        "users" => within("/projects/{}/members", "/users"),
        "issues" => "/projects/{}/issues",
        "merge_requests" => "/projects/{}/merge_requests",
        "milestones" => "/projects/{}/milestones",
        "notes" => "/projects/{}/issues/{}/notes",
        "commits" => "/projects/{}/repository/commits",
        _ => return None,
    };
    resource::at(list).map(|at| &RESOURCES[at])
}

/// Shows the current user.
fn me(store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let caller = call.caller.ok_or_else(Response::unauthorized)?;
    let mut out = Vec::new();
    store.write(Kind::User, caller.user, false, &mut out);
    Ok(Response::raw_json(200, out))
}

/// The commit of the version that the server reports.
pub(crate) const REVISION: &str = "fa6e000000c";

/// Shows the version.
fn version(store: &Store, _: &Call<'_>) -> Result<Response, ErrorResponse> {
    let body = json!({
        "version": store.world.version, "revision": REVISION, "enterprise": store.world.is_enterprise(),
        "kas": { "enabled": false, "externalUrl": null, "externalK8sProxyUrl": null, "version": null },
    });
    Ok(Response::json(200, &body))
}

/// Responds with the log of a job.
fn trace(store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let slot = call.parent(Kind::Job).ok_or_else(|| Response::not_found("Job"))?;
    let job = store.item(Kind::Job, slot);
    let (name, status) = (job.fact("name"), job.fact("status"));
    let (name, status) = (name.as_str().unwrap_or_default(), status.as_str().unwrap_or_default());
    let mut out = format!("Running with gitlab-runner on job {}\n$ run {name}\n", slot + 1);
    for line in 1..=200 {
        out.push_str(&format!("step {line}: ok\n"));
    }
    out.push_str(&format!("Job {status}\n"));
    Ok(Response::file("text/plain; charset=utf-8", out))
}

/// Uploads a file for descriptions and notes.
fn upload(store: &mut Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let project = call.parent(Kind::Project).ok_or_else(|| Response::not_found("Project"))?;
    let file = call.params.files.first().ok_or_else(|| Response::error(400, "file is missing"))?;
    let id = store.uploads.len() as u64 + 1;
    let secret = &store.world.sha(&[0xf1, id])[..32];
    let url = format!("/uploads/{secret}/{}", file.name);
    let alt = file.name.rsplit_once('.').map_or(file.name.as_str(), |(name, _)| name);
    let response = json!({
        "id": id, "alt": alt, "url": url, "full_path": format!("/-/project/{}{url}", project + 1),
        "markdown": format!("![{alt}]({url})"), "size": file.bytes.len(),
    });
    store.uploads.insert(format!("{}{url}", project + 1), file.bytes.clone());
    Ok(Response::json(201, &response))
}

/// Responds with an uploaded file.
fn uploaded(store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let project = call.parent(Kind::Project).ok_or_else(|| Response::not_found("Project"))?;
    let key = format!("{}/uploads/{}/{}", project + 1, call.value("secret"), call.value("filename"));
    let bytes = store.uploads.get(&key).ok_or_else(|| Response::not_found("Upload"))?;
    Ok(Response::file("application/octet-stream", bytes.clone()))
}

/// Sets one field of the thing in the path to a value.
pub(crate) fn set(store: &mut Store, call: &Call<'_>, field: &str, value: &str) -> Result<Response, ErrorResponse> {
    let Some((kind, slot)) = call.parents.last().copied() else { return Err(Response::not_found("Resource")) };
    if value == "merged" && store.item(kind, slot).fact("state") != "opened" {
        return Err(Response::message(405, "405 Method Not Allowed"));
    }
    let value = crate::params::parse_flag(value).map_or_else(|| Value::from(value), Value::from);
    edit(store, call, kind, slot, Map::from_iter([(field.to_owned(), value)]));
    let status = if call.operation.method == Method::Post { 201 } else { 200 };
    // Actions on an account respond with `true` only.
    Ok(Response::json(status, &if kind == Kind::User { true.into() } else { store.read(kind, slot) }))
}
