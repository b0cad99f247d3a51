//! Operations that do something of their own: the current user, files, traces, uploads, and changes of state.

use crate::answer::{Answer, Refusal};
use crate::change::edit;
use crate::files::{base64, blob_id, branch, file, from_base64, tree};
use crate::resource::{self, RESOURCES, Resource};
use crate::rest::Call;
use crate::seed::{FILES, Kind, contents};
use crate::store::Store;
use glabflow_contract::Method;
use serde_json::{Map, Value, json};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// Shows who asks.
    Me,
    /// Shows the version.
    Version,
    /// Lists what contains a text, of the kind that the scope says.
    Search,
    /// Lists the working tree.
    Tree,
    /// Shows a file with its contents.
    File,
    /// Gives the contents of a file.
    RawFile,
    /// Writes a file.
    WriteFile,
    /// Removes a file.
    RemoveFile,
    /// Gives the whole tree as one file.
    Archive,
    /// Gives what a job wrote.
    Trace,
    /// Takes a file for descriptions and notes.
    Upload,
    /// Gives such a file back.
    Uploaded,
    /// Sets one field of what the path names to a value.
    Set(&'static str, &'static str),
}

/// The operations, by method and path.
const SPECIALS: &[(Method, &str, Special)] = &[
    (Method::Get, "/user", Special::Me),
    (Method::Get, "/version", Special::Version),
    (Method::Get, "/metadata", Special::Version),
    (Method::Get, "/search", Special::Search),
    (Method::Get, "/groups/{}/search", Special::Search),
    (Method::Get, "/groups/{}/-/search", Special::Search),
    (Method::Get, "/projects/{}/search", Special::Search),
    (Method::Get, "/projects/{}/-/search", Special::Search),
    (Method::Get, "/projects/{}/repository/tree", Special::Tree),
    (Method::Get, "/projects/{}/repository/files/{}", Special::File),
    (Method::Get, "/projects/{}/repository/files/{}/raw", Special::RawFile),
    (Method::Post, "/projects/{}/repository/files/{}", Special::WriteFile),
    (Method::Put, "/projects/{}/repository/files/{}", Special::WriteFile),
    (Method::Delete, "/projects/{}/repository/files/{}", Special::RemoveFile),
    (Method::Get, "/projects/{}/repository/archive", Special::Archive),
    (Method::Get, "/projects/{}/jobs/{}/trace", Special::Trace),
    (Method::Post, "/projects/{}/uploads", Special::Upload),
    (Method::Get, "/projects/{}/uploads/{}/{}", Special::Uploaded),
    (Method::Post, "/users/{}/block", Special::Set("state", "blocked")),
    (Method::Post, "/users/{}/unblock", Special::Set("state", "active")),
    (Method::Post, "/users/{}/activate", Special::Set("state", "active")),
    (Method::Post, "/users/{}/deactivate", Special::Set("state", "deactivated")),
    (Method::Post, "/users/{}/ban", Special::Set("state", "banned")),
    (Method::Post, "/users/{}/unban", Special::Set("state", "active")),
    (Method::Post, "/projects/{}/archive", Special::Set("archived", "true")),
    (Method::Post, "/projects/{}/unarchive", Special::Set("archived", "false")),
    (Method::Put, "/projects/{}/merge_requests/{}/merge", Special::Set("state", "merged")),
    (Method::Post, "/projects/{}/pipelines/{}/cancel", Special::Set("status", "canceled")),
    (Method::Post, "/projects/{}/pipelines/{}/retry", Special::Set("status", "running")),
    (Method::Post, "/projects/{}/jobs/{}/cancel", Special::Set("status", "canceled")),
    (Method::Post, "/projects/{}/jobs/{}/retry", Special::Set("status", "pending")),
    (Method::Post, "/projects/{}/jobs/{}/play", Special::Set("status", "pending")),
];

/// What the operation of a method and path does, where it is something of its own.
pub(crate) fn find(method: Method, path: &str) -> Option<Special> {
    SPECIALS.iter().find(|(of, at, _)| *of == method && *at == path).map(|(.., special)| *special)
}

/// The list that a search is about; none for scopes without data.
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

/// Answers a request that reads.
pub(crate) fn read(special: Special, store: &Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let project = call.parent(Kind::Project).unwrap_or(0);
    match special {
        Special::Me => {
            let caller = call.caller.ok_or_else(Answer::unauthorized)?;
            let mut out = Vec::new();
            store.write(Kind::User, caller.user, false, &mut out);
            Ok(Answer::raw_json(200, out))
        }
        Special::Version => Ok(Answer::json(
            200,
            &json!({
                "version": "18.6.0-ee", "revision": "fa6e000000c", "enterprise": true,
                "kas": { "enabled": false, "externalUrl": null, "externalK8sProxyUrl": null, "version": null },
            }),
        )),
        Special::Tree => tree(store, call, project),
        Special::File => {
            let path = call.value("file_path");
            let bytes = file(store, project, branch(store, call, project)?, path)?;
            let branch = branch(store, call, project)?;
            let commit = store.commit_of(project, branch).map(|slot| store.item(Kind::Commit, slot).fact("id"));
            Ok(Answer::json(
                200,
                &json!({
                    "file_name": path.rsplit('/').next(), "file_path": path, "size": bytes.len(), "encoding": "base64",
                    "content": base64(&bytes), "content_sha256": blob_id(path).repeat(2)[..64], "ref": branch,
                    "blob_id": blob_id(path), "commit_id": commit, "last_commit_id": commit,
                    "execute_filemode": false,
                }),
            ))
        }
        Special::RawFile => {
            let bytes = file(store, project, branch(store, call, project)?, call.value("file_path"))?;
            Ok(Answer::file("text/plain; charset=utf-8", bytes))
        }
        Special::Archive => {
            let mut out = Vec::new();
            for path in FILES {
                out.extend_from_slice(format!("{path}\n{}\n", contents(&store.world, project, path)).as_bytes());
            }
            let name = store.item(Kind::Project, project).fact("path");
            let disposition = format!("attachment; filename=\"{}-main.tar.gz\"", name.as_str().unwrap_or("archive"));
            Ok(Answer::file("application/octet-stream", out).with("content-disposition", disposition))
        }
        Special::Trace => {
            let (kind, slot) = call.parents.last().copied().unwrap_or((Kind::Job, 0));
            let job = store.item(kind, slot);
            let (name, status) = (job.fact("name"), job.fact("status"));
            let (name, status) = (name.as_str().unwrap_or_default(), status.as_str().unwrap_or_default());
            let mut out = format!("Running with gitlab-runner on job {}\n$ run {name}\n", slot + 1);
            for line in 1..=200 {
                out.push_str(&format!("step {line}: ok\n"));
            }
            out.push_str(&format!("Job {status}\n"));
            Ok(Answer::file("text/plain; charset=utf-8", out))
        }
        Special::Uploaded => {
            let key = format!("{}/uploads/{}/{}", project + 1, call.value("secret"), call.value("filename"));
            let bytes = store.uploads.get(&key).ok_or_else(|| Answer::not_found("Upload"))?;
            Ok(Answer::file("application/octet-stream", bytes.clone()))
        }
        _ => Err(Answer::error(405, "405 Not Allowed")),
    }
}

/// Answers a request that changes something.
pub(crate) fn write(special: Special, store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let project = call.parent(Kind::Project).unwrap_or(0);
    match special {
        Special::WriteFile => {
            let path = call.value("file_path").to_owned();
            let branch = call.params.text("branch").unwrap_or_else(|| "main".to_owned());
            let text = call.params.text("content").unwrap_or_default();
            let bytes = match call.params.text("encoding").as_deref() {
                Some("base64") => from_base64(&text).ok_or_else(|| Answer::error(400, "content is invalid"))?,
                _ => text.into_bytes(),
            };
            let known = file(store, project, &branch, &path).is_ok();
            let create = call.operation.method == Method::Post;
            if create && known {
                return Err(Answer::message(400, "A file with this name already exists"));
            }
            if !create && !known {
                return Err(Answer::message(400, "A file with this name doesn't exist"));
            }
            let answer = json!({ "file_path": path, "branch": branch });
            store.files.insert((project, branch, path), Some(bytes));
            Ok(Answer::json(if create { 201 } else { 200 }, &answer))
        }
        Special::RemoveFile => {
            let path = call.value("file_path").to_owned();
            let branch = call.params.text("branch").unwrap_or_else(|| "main".to_owned());
            file(store, project, &branch, &path)
                .map_err(|_| Answer::message(400, "A file with this name doesn't exist"))?;
            store.files.insert((project, branch, path), None);
            Ok(Answer::empty(204))
        }
        Special::Upload => {
            let file = call.params.files.first().ok_or_else(|| Answer::error(400, "file is missing"))?;
            let id = store.uploads.len() as u64 + 1;
            let secret = &store.world.sha(&[0xf1, id])[..32];
            let url = format!("/uploads/{secret}/{}", file.name);
            let path = store.item(Kind::Project, project).fact("path_with_namespace");
            let full_path = format!("/-/project/{}{url}", project + 1);
            let alt = file.name.rsplit_once('.').map_or(file.name.as_str(), |(name, _)| name);
            let answer = json!({
                "id": id, "alt": alt, "url": url, "full_path": full_path, "markdown": format!("![{alt}]({url})"),
                "size": file.bytes.len(), "project": path,
            });
            store.uploads.insert(format!("{}{url}", project + 1), file.bytes.clone());
            Ok(Answer::json(201, &answer))
        }
        Special::Set(field, value) => {
            let Some((kind, slot)) = call.parents.last().copied() else { return Err(Answer::not_found("Resource")) };
            if value == "merged" && store.item(kind, slot).fact("state") != "opened" {
                return Err(Answer::message(405, "405 Method Not Allowed"));
            }
            let value = crate::params::parse_flag(value).map_or_else(|| Value::from(value), Value::from);
            edit(store, call, kind, slot, Map::from_iter([(field.to_owned(), value)]));
            if kind == Kind::User && matches!(field, "state") {
                return Ok(Answer::json(201, &true.into()));
            }
            let status = if call.operation.method == Method::Post { 201 } else { 200 };
            Ok(Answer::json(status, &store.read(kind, slot)))
        }
        _ => Err(Answer::error(405, "405 Not Allowed")),
    }
}
