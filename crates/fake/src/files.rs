//! Repositories without Git: reads and writes the files of a branch, and lists their tree.

use crate::call::Call;
use crate::page;
use crate::response::{ErrorResponse, Response};
use crate::seed::{FILES, Kind, contents};
use crate::store::Store;
use glabflow_contract::Method;
use serde_json::{Value, json};

/// Applies a commit to the files of a branch.
pub(crate) fn commit_files(store: &mut Store, call: &Call<'_>, project: u64) {
    let branch = call.params.text("branch").unwrap_or_else(|| "main".to_owned());
    let Some(Value::Array(actions)) = call.params.body.get("actions") else { return };
    for action in actions {
        let field = |name: &str| action.get(name).and_then(Value::as_str);
        let Some(path) = field("file_path") else { continue };
        let at = |path: &str| (project, branch.clone(), path.to_owned());
        let text = field("content").unwrap_or_default();
        let bytes = match field("encoding") {
            Some("base64") => from_base64(text).unwrap_or_default(),
            _ => text.as_bytes().to_vec(),
        };
        match field("action") {
            Some("create" | "update") => drop(store.files.insert(at(path), Some(bytes))),
            Some("delete") => drop(store.files.insert(at(path), None)),
            Some("move") => {
                let from = field("previous_path").unwrap_or_default();
                let kept = file(store, project, &branch, from).unwrap_or_default();
                store.files.insert(at(from), None);
                store.files.insert(at(path), Some(if field("content").is_some() { bytes } else { kept }));
            }
            _ => {}
        }
    }
}

/// The branch, tag or commit of a request.
fn branch<'c>(store: &Store, call: &'c Call<'_>, project: u64) -> Result<&'c str, ErrorResponse> {
    let name = call.params.get("ref").filter(|name| !name.is_empty()).unwrap_or("main");
    match store.commit_of(project, name) {
        Some(_) => Ok(name),
        None if name == "main" || name == "HEAD" => Ok(name),
        None => Err(Response::not_found("Tree")),
    }
}

/// The contents of a file.
fn file(store: &Store, project: u64, branch: &str, path: &str) -> Result<Vec<u8>, ErrorResponse> {
    let branch = if branch == "HEAD" { "main" } else { branch };
    match store.files.get(&(project, branch.to_owned(), path.to_owned())) {
        Some(Some(bytes)) => Ok(bytes.clone()),
        None if FILES.contains(&path) && project < store.world.projects => {
            Ok(contents(&store.world, project, path).into_bytes())
        }
        _ => Err(Response::not_found("File")),
    }
}

/// The project of a request.
fn project(call: &Call<'_>) -> Result<u64, ErrorResponse> {
    call.parent(Kind::Project).ok_or_else(|| Response::not_found("Project"))
}

/// Shows a file with its contents.
pub(crate) fn show(store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let (project, path) = (project(call)?, call.value("file_path"));
    let branch = branch(store, call, project)?;
    let bytes = file(store, project, branch, path)?;
    let commit = store.commit_of(project, branch).map(|slot| store.item(Kind::Commit, slot).fact("id"));
    let body = json!({
        "file_name": path.rsplit('/').next(), "file_path": path, "size": bytes.len(), "encoding": "base64",
        "content": base64(&bytes), "content_sha256": blob_id(path).repeat(2)[..64], "ref": branch,
        "blob_id": blob_id(path), "commit_id": commit, "last_commit_id": commit, "execute_filemode": false,
    });
    Ok(Response::json(200, &body))
}

/// Responds with the contents of a file.
pub(crate) fn raw(store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let project = project(call)?;
    let bytes = file(store, project, branch(store, call, project)?, call.value("file_path"))?;
    Ok(Response::file("text/plain; charset=utf-8", bytes))
}

/// Responds with all files as one text: their names and contents, one after the other.
pub(crate) fn archive(store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let project = project(call)?;
    let branch = match call.params.get("sha") {
        Some(name) if store.commit_of(project, name).is_some() => name,
        Some(_) => return Err(Response::not_found("File")),
        None => "main",
    };
    let mut out = Vec::new();
    for path in paths(store, project, branch) {
        out.extend_from_slice(format!("{path}\n").as_bytes());
        out.extend_from_slice(&file(store, project, branch, path)?);
    }
    let name = store.item(Kind::Project, project).fact("path");
    let disposition = format!("attachment; filename=\"{}-{branch}.tar.gz\"", name.as_str().unwrap_or("archive"));
    Ok(Response::file("application/octet-stream", out).with("content-disposition", disposition))
}

/// Creates or changes a file.
pub(crate) fn write(store: &mut Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let (project, path) = (project(call)?, call.value("file_path").to_owned());
    let branch = call.params.text("branch").unwrap_or_else(|| "main".to_owned());
    let text = call.params.text("content").unwrap_or_default();
    let bytes = match call.params.text("encoding").as_deref() {
        Some("base64") => from_base64(&text).ok_or_else(|| Response::error(400, "content is invalid"))?,
        _ => text.into_bytes(),
    };
    let known = file(store, project, &branch, &path).is_ok();
    let create = call.operation.method == Method::Post;
    if create && known {
        return Err(Response::message(400, "A file with this name already exists"));
    }
    if !create && !known {
        return Err(Response::message(400, "A file with this name doesn't exist"));
    }
    let response = json!({ "file_path": path, "branch": branch });
    store.files.insert((project, branch, path), Some(bytes));
    Ok(Response::json(if create { 201 } else { 200 }, &response))
}

/// Removes a file.
pub(crate) fn remove(store: &mut Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let (project, path) = (project(call)?, call.value("file_path").to_owned());
    let branch = call.params.text("branch").unwrap_or_else(|| "main".to_owned());
    file(store, project, &branch, &path).map_err(|_| Response::message(400, "A file with this name doesn't exist"))?;
    store.files.insert((project, branch, path), None);
    Ok(Response::empty(204))
}

/// The paths of all files of a branch, sorted.
fn paths<'s>(store: &'s Store, project: u64, branch: &str) -> Vec<&'s str> {
    let seeds = FILES.iter().copied().filter(|_| project < store.world.projects);
    let changed = store.files.iter().filter(|((of, at, _), _)| *of == project && at == branch);
    let mut paths: Vec<&str> = seeds.chain(changed.clone().map(|((.., path), _)| path.as_str())).collect();
    paths.retain(|path| !changed.clone().any(|((.., known), bytes)| known == path && bytes.is_none()));
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// Lists a folder of the working tree.
pub(crate) fn tree(store: &Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let project = project(call)?;
    let branch = branch(store, call, project)?;
    let folder = call.params.get("path").unwrap_or_default().trim_matches('/');
    let recursive = call.params.flag("recursive") == Some(true);
    let mut entries = Vec::new();
    for path in paths(store, project, branch) {
        let below =
            if folder.is_empty() { Some(path) } else { path.strip_prefix(folder).and_then(|p| p.strip_prefix('/')) };
        let Some(below) = below else { continue };
        let outer = path.len() - below.len();
        // Every folder on the path to the file, then the file.
        entries.extend(below.match_indices('/').map(|(at, _)| (false, &path[..outer + at])));
        entries.push((true, path));
    }
    entries.retain(|(_, path)| recursive || !path[folder.len()..].trim_start_matches('/').contains('/'));
    // Folders come first.
    entries.sort_unstable();
    entries.dedup();
    if entries.is_empty() && !folder.is_empty() {
        return Err(Response::not_found("Tree"));
    }
    let request = call.page_request(store);
    let keyset = call.params.get("pagination") == Some("keyset");
    let (range, headers) = if keyset {
        page::by_token(
            &request,
            "page_token",
            entries.len() as u64,
            |token| entries.iter().position(|(_, path)| blob_id(path) == token).map(|at| at as u64),
            |at| blob_id(entries[at as usize].1),
        )?
    } else {
        page::by_number(&request, entries.len() as u64, None)?
    };
    let nodes: Vec<Value> = entries[range.start as usize..range.end as usize]
        .iter()
        .map(|(is_file, path)| {
            json!({
                "id": blob_id(path), "name": path.rsplit('/').next(), "type": if *is_file { "blob" } else { "tree" },
                "path": path, "mode": if *is_file { "100644" } else { "040000" },
            })
        })
        .collect();
    let mut response = Response::json(200, &nodes.into());
    response.headers.extend(headers);
    Ok(response)
}

/// The id of a file or folder.
fn blob_id(path: &str) -> String {
    let names: Vec<u64> = path.bytes().map(u64::from).collect();
    crate::random::sha(0xb10b, &names)
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                out.push(BASE64[(bits >> (18 - 6 * place) & 63) as usize].into());
            } else {
                out.push('=');
            }
        }
    }
    out
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let digit = BASE64.iter().position(|known| *known == byte)?;
        bits = bits << 6 | u32::try_from(digit).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_is_padded() {
        assert_eq!(["", "f", "fo", "foo"].map(|text| base64(text.as_bytes())), ["", "Zg==", "Zm8=", "Zm9v"]);
    }

    proptest! {
        #[test]
        fn base64_round_trips(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(from_base64(&base64(&bytes)), Some(bytes));
        }
    }
}
