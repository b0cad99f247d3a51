//! Mutations of the core resources, executed as the equivalent REST requests.

use super::relation::snake;
use super::thing::Done;
use crate::call::Call;
use crate::filter::text;
use crate::identity::{Identity, Scope};
use crate::params::{Params, encode};
use crate::resource::{self, RESOURCES};
use crate::rest::Rest;
use crate::seed::Kind;
use crate::store::Store;
use crate::time::Time;
use glabflow_contract::Method;
use serde_json::{Map, Value};
use std::sync::{PoisonError, RwLock};

/// GitLab's message if a caller lacks permission.
pub(super) const NO_ACCESS: &str = "The resource that you are attempting to access does not exist or you don't have \
                                    permission to perform this action";

/// The REST request that is equivalent to a mutation.
struct Same {
    method: Method,
    /// The path below `/api/v4`. `{projectPath}` is replaced by an argument, `{noteable}` and `{pipeline}` by the path
    /// of the thing with the id in an argument.
    path: &'static str,
    /// Arguments whose REST name is not their name in snake case.
    renamed: &'static [(&'static str, &'static str)],
    /// The field of the payload with the result, its kind, and its key in the REST response.
    shown: (&'static str, Kind, &'static str),
}

fn same(mutation: &str) -> Option<Same> {
    const ISSUES: &str = "/projects/{projectPath}/issues";
    const ISSUE: &str = "/projects/{projectPath}/issues/{iid}";
    let issue = ("issue", Kind::Issue, "id");
    let merge_request = ("mergeRequest", Kind::MergeRequest, "id");
    let (method, path, renamed, shown): (_, _, &'static [_], _) = match mutation {
        "createIssue" => (Method::Post, ISSUES, &[("type", "issue_type")], issue),
        "updateIssue" => (Method::Put, ISSUE, &[("type", "issue_type"), ("locked", "discussion_locked")], issue),
        "issueSetConfidential" | "issueSetDueDate" => (Method::Put, ISSUE, &[], issue),
        "issueSetLocked" => (Method::Put, ISSUE, &[("locked", "discussion_locked")], issue),
        "mergeRequestCreate" => (Method::Post, "/projects/{projectPath}/merge_requests", &[], merge_request),
        "mergeRequestUpdate" => {
            let path = "/projects/{projectPath}/merge_requests/{iid}";
            (Method::Put, path, &[("state", "state_event")], merge_request)
        }
        "createNote" => (Method::Post, "{noteable}/notes", &[], ("note", Kind::IssueNote, "id")),
        "labelCreate" => (Method::Post, "{place}/labels", &[("title", "name")], ("label", Kind::ProjectLabel, "id")),
        "pipelineCreate" => (Method::Post, "/projects/{projectPath}/pipeline", &[], ("pipeline", Kind::Pipeline, "id")),
        "pipelineCancel" => (Method::Post, "{pipeline}/cancel", &[], ("pipeline", Kind::Pipeline, "id")),
        "pipelineRetry" => (Method::Post, "{pipeline}/retry", &[], ("pipeline", Kind::Pipeline, "id")),
        "releaseCreate" => {
            (Method::Post, "/projects/{projectPath}/releases", &[], ("release", Kind::Release, "tag_name"))
        }
        _ => return None,
    };
    Some(Same { method, path, renamed, shown })
}

/// The parts of the server that mutations need.
pub(super) struct Context<'a> {
    pub(super) rest: &'a Rest,
    pub(super) store: &'a RwLock<Store>,
    pub(super) caller: Option<Identity>,
    pub(super) now: Time,
}

impl Context<'_> {
    /// Executes a mutation. One without data succeeds without effect.
    ///
    /// # Errors
    /// If the caller lacks permission, or the thing does not exist.
    pub(super) fn run(&self, mutation: &str, arguments: &Map<String, Value>) -> Result<Done, String> {
        if self.caller.is_none_or(|caller| caller.scope == Scope::ReadApi) {
            return Err(NO_ACCESS.to_owned());
        }
        let empty = Map::new();
        let input = arguments.get("input").and_then(Value::as_object).unwrap_or(&empty);
        let client_id = input.get("clientMutationId").cloned().unwrap_or_default();
        let Some(same) = same(mutation) else { return Ok(Done { client_id, ..Done::default() }) };
        let (path, used) = self.path(&same, input).ok_or_else(|| NO_ACCESS.to_owned())?;
        let params = Params { body: body(&same, input, used), ..Params::default() };
        let (at, values) = self.rest.find(same.method, &path).map_err(|_| NO_ACCESS.to_owned())?;
        let operation = self.rest.operation(at);
        let project = values.first().cloned().unwrap_or_default();
        let (caller, now) = (self.caller, self.now);
        let call = Call { operation, pattern: "", path: &path, values, params, caller, now, parents: Vec::new() };
        let response = match self.rest.respond(self.store, at, call) {
            Ok(response) => response,
            Err(error) if matches!(error.status, 401 | 403 | 404) => return Err(NO_ACCESS.to_owned()),
            Err(error) => {
                let rejected: Value = serde_json::from_slice(&error.body).unwrap_or_default();
                return Ok(Done { shown: None, errors: messages(&rejected), client_id });
            }
        };
        let shown: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let (field, kind, key) = same.shown;
        let kind = match kind {
            Kind::IssueNote if path.contains("/merge_requests/") => Kind::MergeRequestNote,
            Kind::ProjectLabel if path.starts_with("/groups/") => Kind::GroupLabel,
            kind => kind,
        };
        let slot = match shown.get(key) {
            Some(Value::Number(id)) => id.as_u64().and_then(|id| id.checked_sub(1)),
            Some(Value::String(name)) => {
                let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
                find(&store, "/projects", &project).and_then(|project| {
                    let scope = crate::store::Scope::Within(Kind::Project, vec![project]);
                    store.find(kind, &scope, key, name)
                })
            }
            _ => None,
        };
        Ok(Done { shown: slot.map(|slot| (field, kind, slot)), errors: Vec::new(), client_id })
    }

    /// The path of the request, and the arguments in it.
    fn path(&self, same: &Same, input: &Map<String, Value>) -> Option<(String, Vec<&'static str>)> {
        let mut path = String::new();
        let mut used = vec!["clientMutationId"];
        let mut rest = same.path;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}')?;
            path.push_str(before);
            rest = after;
            match name {
                "noteable" => {
                    used.extend(["noteableId", "discussionId", "mergeRequestDiffHeadSha"]);
                    path.push_str(&self.noteable(input.get("noteableId")?.as_str()?)?);
                }
                "pipeline" => {
                    used.push("id");
                    let slot = number(input.get("id")?.as_str()?)?;
                    let project = self.project_of(Kind::Pipeline, slot)?;
                    path.push_str(&format!("/projects/{}/pipelines/{}", project + 1, slot + 1));
                }
                "place" => {
                    used.extend(["projectPath", "groupPath"]);
                    let (list, name) = match input.get("projectPath").and_then(Value::as_str) {
                        Some(project) => ("/projects/", project),
                        None => ("/groups/", input.get("groupPath")?.as_str()?),
                    };
                    path.push_str(list);
                    encode(name, &mut path);
                }
                name => {
                    used.push(name);
                    encode(&text(input.get(name)?)?, &mut path);
                }
            }
        }
        path.push_str(rest);
        Some((path, used))
    }

    /// The path of a thing that has notes.
    fn noteable(&self, id: &str) -> Option<String> {
        let (kind, list) = match id.rsplit('/').nth(1)? {
            "Issue" | "WorkItem" => (Kind::Issue, "issues"),
            "MergeRequest" => (Kind::MergeRequest, "merge_requests"),
            _ => return None,
        };
        let slot = number(id)?;
        let project = self.project_of(kind, slot)?;
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        let iid = store.item(kind, slot).fact("iid").as_u64()?;
        Some(format!("/projects/{}/{list}/{iid}", project + 1))
    }

    fn project_of(&self, kind: Kind, slot: u64) -> Option<u64> {
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner);
        if store.exists(kind, slot) { store.ancestor(kind, slot, Kind::Project) } else { None }
    }
}

fn find(store: &Store, list: &str, key: &str) -> Option<u64> {
    store.named(&RESOURCES[resource::at(list)?], None, key)
}

/// The slot of a global id.
fn number(id: &str) -> Option<u64> {
    id.rsplit('/').next()?.parse::<u64>().ok()?.checked_sub(1)
}

/// The parameters of the request.
fn body(same: &Same, input: &Map<String, Value>, used: Vec<&'static str>) -> Map<String, Value> {
    let mut body = Map::new();
    for (name, value) in input.iter().filter(|(name, _)| !used.contains(&name.as_str())) {
        let renamed = same.renamed.iter().find(|(from, _)| *from == name).map(|(_, to)| (*to).to_owned());
        body.insert(renamed.unwrap_or_else(|| snake(name)), value_for_rest(name, value));
    }
    body
}

/// A value in the format of REST: ids as numbers, enum values in lower case, labels as one text.
fn value_for_rest(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("labels", Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",").into(),
        ("stateEvent" | "type", Value::String(event)) => event.to_lowercase().into(),
        ("state", Value::String(state)) => if state == "CLOSED" { "close" } else { "reopen" }.into(),
        (_, Value::String(id)) if id.starts_with("gid://") => number(id).map_or(Value::Null, |slot| (slot + 1).into()),
        (_, Value::Array(items)) => items.iter().map(|item| value_for_rest(name, item)).collect::<Vec<_>>().into(),
        (_, value) => value.clone(),
    }
}

/// The messages of an error response.
fn messages(rejected: &Value) -> Vec<String> {
    let said = rejected.get("message").or(rejected.get("error")).unwrap_or(rejected);
    match said {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(field, problems)| {
                let problems = problems.as_array().cloned().unwrap_or_else(|| vec![problems.clone()]);
                let field = field.replace('_', " ");
                problems.into_iter().filter_map(move |problem| {
                    let mut text = format!("{field} {}", text(&problem)?);
                    text[..1].make_ascii_uppercase();
                    Some(text)
                })
            })
            .collect(),
        Value::Array(all) => all.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}
