//! Builds the fields of new and changed things.

use super::fields::text;
use crate::call::Call;
use crate::identity::Identity;
use crate::seed::Kind;
use crate::store::Store;
use crate::time::Time;
use serde_json::{Map, Value, json};

/// A new thing: the template of its kind, reset to the time of creation, with the fields of the request.
pub(super) fn fresh(
    store: &Store,
    call: &Call<'_>,
    kind: Kind,
    parent: u64,
    slot: u64,
    given: Map<String, Value>,
) -> Value {
    let mut fields = store.shapes.sample(kind);
    let iid = store.next_iid(kind, parent);
    for (name, value) in &mut fields {
        match name.as_str() {
            "id" if value.is_number() => *value = (slot + 1).into(),
            "iid" => *value = iid.into(),
            "author" => {
                if let Some(Identity { user, .. }) = call.caller {
                    *value = brief_user(store, user);
                }
            }
            "creator_id" | "author_id" => *value = call.caller.map_or(1, |caller| caller.user + 1).into(),
            "group_id" if kind == Kind::GroupMilestone => *value = (parent + 1).into(),
            name => reset(name, value, kind, call.now),
        }
    }
    let project = match kind {
        Kind::Project => None,
        _ => kind.seed().parent().and_then(|above| store.ancestor(above, parent, Kind::Project)),
    };
    for name in ["project_id", "source_project_id", "target_project_id"] {
        if let (Some(project), Some(field)) = (project, fields.get_mut(name)) {
            *field = (project + 1).into();
        }
    }
    match kind {
        Kind::IssueNote | Kind::MergeRequestNote => {
            fields.insert("noteable_id".into(), (parent + 1).into());
            if let Some(above) = kind.seed().parent() {
                fields.insert("noteable_iid".into(), store.item(above, parent).fact("iid"));
            }
        }
        Kind::User => drop(fields.insert("is_admin".into(), false.into())),
        Kind::Pipeline => drop(fields.insert("status".into(), "created".into())),
        Kind::Commit => describe_commit(store, call, slot, &mut fields),
        _ => {}
    }
    merge(store, kind, &mut fields, given);
    match (kind, project) {
        (Kind::Project, _) => place_project(store, parent, &mut fields),
        (Kind::Group, _) => place_group(store, &mut fields),
        (Kind::Issue, Some(project)) => refer(store, project, ("issues", '#'), iid, &mut fields),
        (Kind::MergeRequest, Some(project)) => refer(store, project, ("merge_requests", '!'), iid, &mut fields),
        (Kind::User, None) => {
            let web_url = format!("{}/{}", store.world.origin, text(&fields, "username").unwrap_or_default());
            fields.insert("web_url".into(), web_url.into());
        }
        _ => {}
    }
    fields.into()
}

/// Resets a field of a template to its value at the time of creation.
fn reset(name: &str, value: &mut Value, kind: Kind, now: Time) {
    let is_count = name.ends_with("_count") || matches!(name, "upvotes" | "downvotes" | "followers" | "following");
    *value = match name {
        "created_at" | "updated_at" | "last_activity_at" | "released_at" => now.text().into(),
        "description" | "bio" | "note" => Value::String(String::new()),
        "labels" | "assignees" | "reviewers" | "topics" | "tag_list" => Value::Array(Vec::new()),
        "assignee" | "milestone" | "due_date" | "start_date" | "weight" | "closed_by" | "merged_by" => Value::Null,
        "state" => match kind {
            Kind::Issue | Kind::MergeRequest => "opened".into(),
            Kind::Environment => "available".into(),
            _ => "active".into(),
        },
        "archived" | "draft" | "work_in_progress" | "confidential" | "protected" | "default" | "merged" => false.into(),
        "visibility" => "private".into(),
        name if name.ends_with("_at") && value.is_string() => Value::Null,
        _ if is_count && value.is_number() => 0.into(),
        _ => return,
    };
}

/// A user as it appears in other things.
fn brief_user(store: &Store, user: u64) -> Value {
    let mut out = Vec::new();
    store.write(Kind::User, user, true, &mut out);
    serde_json::from_slice(&out).unwrap_or_default()
}

/// Sets the URL and the references of an issue or merge request.
fn refer(store: &Store, project: u64, (folder, sign): (&str, char), iid: u64, fields: &mut Map<String, Value>) {
    let fact = |name: &str| store.item(Kind::Project, project).fact(name).as_str().unwrap_or_default().to_owned();
    let (web_url, path) = (fact("web_url"), fact("path_with_namespace"));
    fields.insert("web_url".into(), format!("{web_url}/-/{folder}/{iid}").into());
    let short = format!("{sign}{iid}");
    fields.insert("references".into(), json!({ "short": short, "relative": short, "full": format!("{path}{short}") }));
    if fields.contains_key("reference") {
        fields.insert("reference".into(), short.into());
    }
}

/// Sets the fields that only commits have.
fn describe_commit(store: &Store, call: &Call<'_>, slot: u64, fields: &mut Map<String, Value>) {
    let sha = store.world.sha(&[52, slot]);
    let message = call.params.text("commit_message").unwrap_or_default();
    let author = call.caller.map_or(0, |caller| caller.user);
    let author = store.item(Kind::User, author).fact("name");
    let set: [(&str, Value); 8] = [
        ("short_id", sha[..8].into()),
        ("id", sha.into()),
        ("title", message.lines().next().unwrap_or_default().into()),
        ("message", message.into()),
        ("author_name", author.clone()),
        ("committer_name", author),
        ("authored_date", call.now.text().into()),
        ("committed_date", call.now.text().into()),
    ];
    fields.extend(set.map(|(name, value)| (name.to_owned(), value)));
}

/// Sets the fields of the request that the thing has.
pub(super) fn merge(store: &Store, kind: Kind, fields: &mut Map<String, Value>, given: Map<String, Value>) {
    for (name, mut value) in given {
        match name.as_str() {
            "labels" => {
                if let Value::String(text) = &value {
                    value = text.split(',').map(str::trim).filter(|label| !label.is_empty()).collect();
                }
            }
            "add_labels" | "remove_labels" => {
                let named = value.as_str().unwrap_or_default().to_owned();
                let named: Vec<&str> = named.split(',').map(str::trim).collect();
                if let Some(Value::Array(labels)) = fields.get_mut("labels") {
                    labels.retain(|label| !named.iter().any(|name| label == name));
                    if name == "add_labels" {
                        labels.extend(named.into_iter().map(Value::from));
                    }
                }
                continue;
            }
            "assignee_id" | "assignee_ids" => {
                let first =
                    if let Value::Array(ids) = &value { ids.first().cloned().unwrap_or_default() } else { value };
                let user = crate::filter::text(&first).and_then(|id| id.parse::<u64>().ok()?.checked_sub(1));
                let user = user.filter(|slot| store.exists(Kind::User, *slot)).map(|slot| brief_user(store, slot));
                fields.insert("assignees".into(), user.iter().cloned().collect());
                fields.insert("assignee".into(), user.unwrap_or_default());
                continue;
            }
            "milestone_id" => {
                let milestone = crate::filter::text(&value).and_then(|id| id.parse::<u64>().ok()?.checked_sub(1));
                let milestone = milestone.filter(|slot| store.exists(Kind::ProjectMilestone, *slot));
                let milestone = milestone.map(|slot| store.read(Kind::ProjectMilestone, slot));
                fields.entry("milestone").and_modify(|known| *known = milestone.unwrap_or_default());
                continue;
            }
            "topics" | "tag_list" => {
                if let Value::String(text) = &value {
                    value = text.split(',').map(str::trim).filter(|topic| !topic.is_empty()).collect();
                }
                fields.insert("topics".into(), value.clone());
                fields.insert("tag_list".into(), value);
                continue;
            }
            // Secrets are never part of a response.
            "password" | "token" | "reset_password" | "skip_confirmation" => continue,
            "admin" => {
                fields.insert("is_admin".into(), value);
                continue;
            }
            "parent_id" if kind != Kind::Group => continue,
            _ => {}
        }
        if let Some(field) = fields.get_mut(&name) {
            *field = coerce(field, value);
        }
    }
}

/// A value of the field's type: texts from forms become numbers and booleans.
fn coerce(field: &Value, value: Value) -> Value {
    match (field, &value) {
        (Value::Bool(_), Value::String(text)) => crate::params::parse_flag(text).map_or(value, Value::from),
        (Value::Number(_), Value::String(text)) => text.parse::<i64>().map_or(value, Value::from),
        _ => value,
    }
}

/// Sets the fields that depend on a project's path and group.
pub(super) fn place_project(store: &Store, group: u64, fields: &mut Map<String, Value>) {
    let fact = |name: &str| store.item(Kind::Group, group).fact(name).as_str().unwrap_or_default().to_owned();
    let (path, name) = (text(fields, "path").unwrap_or_default().to_owned(), text(fields, "name").unwrap_or_default());
    let full_name = format!("{} / {name}", fact("full_name"));
    let full_path = format!("{}/{path}", fact("full_path"));
    let origin = &store.world.origin;
    let web_url = format!("{origin}/{full_path}");
    let host = origin.split_once("://").map_or("localhost", |(_, rest)| rest);
    let namespace = json!({
        "id": group + 1, "name": fact("name"), "path": fact("path"), "kind": "group", "full_path": fact("full_path"),
        "parent_id": store.item(Kind::Group, group).fact("parent_id"), "avatar_url": null, "web_url": fact("web_url"),
    });
    let api = format!("{origin}/api/v4/projects/{}", fields.get("id").cloned().unwrap_or_default());
    let links = ["issues", "merge_requests", "labels", "events", "members", "cluster_agents"];
    let mut links: Map<String, Value> =
        links.into_iter().map(|name| (name.to_owned(), format!("{api}/{name}").into())).collect();
    links.insert("repo_branches".into(), format!("{api}/repository/branches").into());
    links.insert("self".into(), api.into());
    let set: [(&str, Value); 8] = [
        ("name_with_namespace", full_name.into()),
        ("ssh_url_to_repo", format!("git@{host}:{full_path}.git").into()),
        ("http_url_to_repo", format!("{web_url}.git").into()),
        ("readme_url", format!("{web_url}/-/blob/main/README.md").into()),
        ("web_url", web_url.into()),
        ("path_with_namespace", full_path.into()),
        ("namespace", namespace),
        ("_links", links.into()),
    ];
    fields.extend(set.map(|(name, value)| (name.to_owned(), value)));
}

/// Sets the fields that depend on a group's path and parent.
pub(super) fn place_group(store: &Store, fields: &mut Map<String, Value>) {
    let parent = fields.get("parent_id").and_then(Value::as_u64).and_then(|id| id.checked_sub(1));
    let parent = parent.filter(|slot| store.exists(Kind::Group, *slot));
    let (path, name) = (text(fields, "path").unwrap_or_default(), text(fields, "name").unwrap_or_default());
    let (full_path, full_name) = match parent {
        Some(parent) => {
            let fact = |name: &str| store.item(Kind::Group, parent).fact(name).as_str().unwrap_or_default().to_owned();
            (format!("{}/{path}", fact("full_path")), format!("{} / {name}", fact("full_name")))
        }
        None => (path.to_owned(), name.to_owned()),
    };
    fields.insert("web_url".into(), format!("{}/groups/{full_path}", store.world.origin).into());
    fields.insert("full_path".into(), full_path.into());
    fields.insert("full_name".into(), full_name.into());
}

/// A path from a name.
pub(super) fn slug(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'a'..='z' | '0'..='9' | '_' | '.' => out.push(c),
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            _ if !out.ends_with('-') && !out.is_empty() => out.push('-'),
            _ => {}
        }
    }
    out.trim_end_matches('-').to_owned()
}
