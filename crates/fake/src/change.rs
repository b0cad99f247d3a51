//! Creates, changes and removes things in the store, with the refusals that GitLab has for each kind.

use crate::answer::{Answer, Refusal};
use crate::identity::Identity;
use crate::resource::Resource;
use crate::rest::Call;
use crate::seed::Kind;
use crate::special;
use crate::store::{Scope, Store};
use crate::world::title;
use serde_json::{Map, Value, json};

/// Creates a thing in the list of a resource.
pub(crate) fn create(store: &mut Store, call: &Call<'_>, resource: &Resource) -> Result<Answer, Refusal> {
    let kind = resource.kind;
    let parent = call.parents.last().copied();
    let mut given = given(call);
    let parent = prepare(store, kind, parent.map(|(_, slot)| slot), &mut given)?;
    refuse_duplicates(store, kind, parent, &given, None)?;
    let slot = store.create(kind, parent, |store, slot| fresh(store, call, kind, parent, slot, given));
    match kind {
        Kind::Project | Kind::Group => welcome(store, call, kind, slot),
        Kind::Commit => special::commit_files(store, call, parent),
        _ => {}
    }
    Ok(Answer::json(201, &store.read(kind, slot)))
}

/// Changes the thing that the path names.
pub(crate) fn update(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let Some((kind, slot)) = call.parents.last().copied() else { return Err(Answer::not_found("Resource")) };
    let mut given = given(call);
    // Some kinds are renamed by another parameter than the one that holds the name.
    for (param, field) in [("new_name", "name"), ("state_event", "state")] {
        if let Some(value) = given.remove(param) {
            given.insert(field.to_owned(), value);
        }
    }
    if let Some(event) = given.get("state").and_then(Value::as_str) {
        let state = match event {
            "close" => "closed",
            "reopen" => "opened",
            "activate" => "active",
            other => other,
        };
        given.insert("state".into(), state.into());
    }
    refuse_blanks(kind, &given)?;
    let parent = store.parent(kind, slot).map_or(0, |(_, parent)| parent);
    refuse_duplicates(store, kind, parent, &given, Some(slot))?;
    edit(store, call, kind, slot, given);
    Ok(Answer::json(200, &store.read(kind, slot)))
}

/// Sets fields of a thing, with everything that follows from them.
pub(crate) fn edit(store: &mut Store, call: &Call<'_>, kind: Kind, slot: u64, given: Map<String, Value>) {
    let mut value = store.read(kind, slot);
    let Value::Object(fields) = &mut value else { return };
    let was = fields.get("state").cloned();
    merge(store, kind, fields, given);
    fields.entry("updated_at").and_modify(|at| *at = call.now.text().into());
    if fields.get("state") != was.as_ref() {
        let closed = fields.get("state").and_then(Value::as_str) == Some("closed");
        fields.entry("closed_at").and_modify(|at| *at = if closed { call.now.text().into() } else { Value::Null });
    }
    if kind == Kind::Project {
        place_project(store, store.parent(kind, slot).map_or(0, |(_, group)| group), fields);
    }
    store.change(kind, slot, value);
}

/// Removes the thing that the path names.
pub(crate) fn remove(store: &mut Store, call: &Call<'_>) -> Result<Answer, Refusal> {
    let Some((kind, slot)) = call.parents.last().copied() else { return Err(Answer::not_found("Resource")) };
    match kind {
        Kind::Branch if store.item(kind, slot).fact("default") == true => {
            return Err(Answer::message(400, "Cannot remove HEAD branch"));
        }
        Kind::Branch if store.item(kind, slot).fact("protected") == true => {
            return Err(Answer::message(405, "Protected branch cannot be deleted"));
        }
        Kind::Release => {
            let released = store.read(kind, slot);
            store.remove(kind, slot);
            return Ok(Answer::json(200, &released));
        }
        _ => store.remove(kind, slot),
    }
    match kind {
        // These are deleted in the background.
        Kind::Project | Kind::Group => Ok(Answer::json(202, &json!({ "message": "202 Accepted" }))),
        _ => Ok(Answer::empty(204)),
    }
}

/// All parameters that the request brings for the thing: those of the body, and those of the query.
fn given(call: &Call<'_>) -> Map<String, Value> {
    let mut given = call.params.body.clone();
    for (name, value) in &call.params.query {
        if !matches!(name.as_str(), "private_token" | "sudo") && !name.contains('[') {
            given.entry(name.clone()).or_insert_with(|| value.as_str().into());
        }
    }
    if let Some(avatar) = call.params.files.iter().find(|file| file.field == "avatar") {
        given.insert("avatar_url".into(), format!("/uploads/-/system/avatar/{}", avatar.name).into());
    }
    given
}

fn text<'g>(given: &'g Map<String, Value>, name: &str) -> Option<&'g str> {
    given.get(name).and_then(Value::as_str)
}

fn missing(name: &str) -> Refusal {
    Answer::error(400, format!("{name} is missing"))
}

/// What each kind needs before it can be made; tells what the thing will live in.
fn prepare(store: &Store, kind: Kind, parent: Option<u64>, given: &mut Map<String, Value>) -> Result<u64, Refusal> {
    refuse_blanks(kind, given)?;
    match kind {
        Kind::Project => {
            let name = text(given, "name").or(text(given, "path")).ok_or_else(|| missing("name, path"))?.to_owned();
            given.entry("path").or_insert_with(|| slug(&name).into());
            given.entry("name").or_insert_with(|| title(&name).into());
            match given.remove("namespace_id").and_then(|id| crate::filter::text(&id)) {
                Some(id) => {
                    let group = id.parse::<u64>().ok().and_then(|id| id.checked_sub(1));
                    let group = group.filter(|slot| store.exists(Kind::Group, *slot));
                    group.ok_or_else(|| Answer::message(400, json!({ "namespace": ["is not valid"] })))
                }
                None => Ok(0),
            }
        }
        Kind::Group => {
            let name = text(given, "name").or(text(given, "path")).ok_or_else(|| missing("name"))?.to_owned();
            given.entry("path").or_insert_with(|| slug(&name).into());
            given.entry("name").or_insert_with(|| name.into());
            Ok(0)
        }
        Kind::User => {
            for name in ["email", "name", "username"] {
                text(given, name).ok_or_else(|| missing(name))?;
            }
            Ok(0)
        }
        Kind::GroupMember | Kind::ProjectMember => {
            let user =
                given.remove("user_id").or_else(|| given.remove("username")).ok_or_else(|| missing("user_id"))?;
            let users = crate::resource::at("/users").map(|at| &crate::resource::RESOURCES[at]);
            let named = crate::filter::text(&user);
            let slot = users.zip(named).and_then(|(users, name)| crate::rest::find(store, users, None, &name));
            let slot = slot.ok_or_else(|| Answer::not_found("User"))?;
            if let Value::Object(fields) = store.read(Kind::User, slot) {
                for name in ["id", "username", "name", "state", "locked", "avatar_url", "web_url", "email"] {
                    given.insert(name.to_owned(), fields.get(name).cloned().unwrap_or_default());
                }
            }
            Ok(parent.unwrap_or(0))
        }
        Kind::Branch | Kind::Tag => {
            let name = given
                .remove(if kind == Kind::Branch { "branch" } else { "tag_name" })
                .and_then(|name| crate::filter::text(&name))
                .or_else(|| text(given, "name").map(str::to_owned))
                .ok_or_else(|| missing("name"))?;
            let from = given.remove("ref").and_then(|name| crate::filter::text(&name)).ok_or_else(|| missing("ref"))?;
            let project = parent.unwrap_or(0);
            let commit = store.commit_of(project, &from);
            let commit = commit.ok_or_else(|| match kind {
                Kind::Branch => Answer::message(400, format!("Invalid reference name: {from}")),
                _ => Answer::message(400, format!("Target {from} is invalid")),
            })?;
            given.insert("name".into(), name.into());
            given.insert("commit".into(), store.read(Kind::Commit, commit));
            Ok(project)
        }
        Kind::Pipeline => {
            let project = parent.unwrap_or(0);
            let name = text(given, "ref").ok_or_else(|| missing("ref"))?;
            let commit = store.commit_of(project, name);
            let commit = commit.ok_or_else(|| Answer::message(400, json!({ "base": ["Reference not found"] })))?;
            given.insert("sha".into(), store.item(Kind::Commit, commit).fact("id"));
            Ok(project)
        }
        Kind::MergeRequest => {
            let project = parent.unwrap_or(0);
            let scope = Scope::Within(Kind::Project, vec![project]);
            let source = text(given, "source_branch").ok_or_else(|| missing("source_branch"))?;
            let target = text(given, "target_branch").ok_or_else(|| missing("target_branch"))?;
            if source == target {
                return Err(Answer::message(422, json!(["You can't use same project/branch for source and target"])));
            }
            let open = store.select(
                kind,
                &scope,
                &[
                    crate::filter::Filter::Is("source_branch".into(), source.into()),
                    crate::filter::Filter::Is("target_branch".into(), target.into()),
                    crate::filter::Filter::Is("state".into(), "opened".into()),
                ],
                &kind.order(),
            );
            if open.len() > 0 {
                let iid = store.item(kind, open.at(0)).fact("iid");
                let text = format!("Another open merge request already exists for this source branch: !{iid}");
                return Err(Answer::message(409, json!([text])));
            }
            Ok(project)
        }
        _ => Ok(parent.unwrap_or(0)),
    }
}

/// Names and titles that must not be empty.
fn refuse_blanks(kind: Kind, given: &Map<String, Value>) -> Result<(), Refusal> {
    let blank = |name: &&str| {
        given
            .get(*name)
            .is_some_and(|value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()))
    };
    let names: &[&str] = match kind {
        Kind::Issue | Kind::MergeRequest | Kind::GroupMilestone | Kind::ProjectMilestone => &["title"],
        Kind::IssueNote | Kind::MergeRequestNote => &["body"],
        Kind::User => &["name", "username", "email"],
        _ => &["name", "path"],
    };
    match names.iter().find(|name| blank(name)) {
        Some(name) => Err(Answer::message(400, Map::from_iter([((*name).to_owned(), json!(["can't be blank"]))]))),
        None => Ok(()),
    }
}

/// Things that must not be there twice, each with GitLab's words for it.
fn refuse_duplicates(
    store: &Store,
    kind: Kind,
    parent: u64,
    given: &Map<String, Value>,
    but: Option<u64>,
) -> Result<(), Refusal> {
    let scope = kind.seed().parent().map_or(Scope::All, |above| Scope::Within(above, vec![parent]));
    let field = match kind {
        Kind::User => "username",
        Kind::GroupLabel | Kind::ProjectLabel | Kind::Branch | Kind::Tag | Kind::ProtectedBranch => "name",
        Kind::Environment => "name",
        Kind::Project | Kind::Group => "path",
        Kind::GroupVariable | Kind::ProjectVariable => "key",
        Kind::GroupMember | Kind::ProjectMember => "id",
        Kind::Release => "tag_name",
        Kind::GroupMilestone | Kind::ProjectMilestone => "title",
        _ => return Ok(()),
    };
    let Some(wanted) = given.get(field).and_then(crate::filter::text) else { return Ok(()) };
    let taken = match kind {
        Kind::User => store.world.user_named(&wanted).into_iter().chain(store.touched(kind)).find(|slot| {
            store.exists(kind, *slot)
                && store.item(kind, *slot).fact(field).as_str().is_some_and(|name| name.eq_ignore_ascii_case(&wanted))
        }),
        Kind::Group => {
            let above = given.get("parent_id").and_then(crate::filter::text);
            let here = |slot: &u64| crate::filter::text(&store.item(kind, *slot).fact("parent_id")) == above;
            store.find_all(kind, &scope, field, &wanted).into_iter().find(here)
        }
        _ => store.find(kind, &scope, field, &wanted),
    };
    if taken.is_none() || taken == but {
        return Ok(());
    }
    Err(match kind {
        Kind::User => Answer::message(409, "Username has already been taken"),
        Kind::Project => Answer::message(
            400,
            json!({ "project_namespace.name": ["has already been taken"], "name": ["has already been taken"],
                    "path": ["has already been taken"] }),
        ),
        Kind::Group => Answer::message(400, "Failed to save group {:path=>[\"has already been taken\"]}"),
        Kind::GroupLabel | Kind::ProjectLabel => Answer::message(409, "Label already exists"),
        Kind::Branch => Answer::message(400, "Branch already exists"),
        Kind::Tag => Answer::message(400, format!("Tag {wanted} already exists")),
        Kind::ProtectedBranch => Answer::message(409, format!("Protected branch '{wanted}' already exists")),
        Kind::GroupMember | Kind::ProjectMember => Answer::message(409, "Member already exists"),
        Kind::Release => Answer::message(409, "Release already exists"),
        Kind::GroupVariable | Kind::ProjectVariable => {
            Answer::message(400, json!({ "key": [format!("({wanted}) has already been taken")] }))
        }
        _ => Answer::message(400, Map::from_iter([(field.to_owned(), json!(["has already been taken"]))])),
    })
}

/// A new thing: what every one of its kind has, less what only time brings, with what was asked for.
fn fresh(store: &Store, call: &Call<'_>, kind: Kind, parent: u64, slot: u64, given: Map<String, Value>) -> Value {
    let mut fields = store.shapes.sample(kind);
    let now = call.now;
    let id = slot + 1;
    let iid = store.next_iid(kind, parent);
    for (name, value) in &mut fields {
        let count =
            name.ends_with("_count") || matches!(name.as_str(), "upvotes" | "downvotes" | "followers" | "following");
        match name.as_str() {
            "id" if value.is_number() => *value = id.into(),
            "iid" => *value = iid.into(),
            "created_at" | "updated_at" | "last_activity_at" | "released_at" => *value = now.text().into(),
            "description" | "bio" | "note" => *value = Value::String(String::new()),
            "labels" | "assignees" | "reviewers" | "topics" | "tag_list" => *value = Value::Array(Vec::new()),
            "assignee" | "milestone" | "due_date" | "start_date" | "weight" => *value = Value::Null,
            "state" => {
                *value = match kind {
                    Kind::Issue | Kind::MergeRequest => "opened",
                    Kind::Environment => "available",
                    _ => "active",
                }
                .into();
            }
            "author" => {
                if let Some(Identity { user, .. }) = call.caller {
                    let mut out = Vec::new();
                    store.write(Kind::User, user, true, &mut out);
                    *value = serde_json::from_slice(&out).unwrap_or_default();
                }
            }
            "creator_id" | "author_id" => *value = call.caller.map_or(1, |caller| caller.user + 1).into(),
            "group_id" if kind == Kind::GroupMilestone => *value = (parent + 1).into(),
            "archived" | "draft" | "work_in_progress" | "confidential" | "protected" | "default" | "merged" => {
                *value = false.into();
            }
            "visibility" => *value = "private".into(),
            name if name.ends_with("_at") && value.is_string() || matches!(name, "closed_by" | "merged_by") => {
                *value = Value::Null;
            }
            _ if count && value.is_number() => *value = 0.into(),
            _ => {}
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
    if matches!(kind, Kind::IssueNote | Kind::MergeRequestNote) {
        fields.insert("noteable_id".into(), (parent + 1).into());
        if let Some(above) = kind.seed().parent() {
            fields.insert("noteable_iid".into(), store.item(above, parent).fact("iid"));
        }
    }
    match kind {
        Kind::User => drop(fields.insert("is_admin".into(), false.into())),
        Kind::Pipeline => drop(fields.insert("status".into(), "created".into())),
        Kind::Commit => describe_commit(store, call, slot, &mut fields),
        _ => {}
    }
    merge(store, kind, &mut fields, given);
    if kind == Kind::Project {
        place_project(store, parent, &mut fields);
    } else if kind == Kind::Group {
        place_group(store, &mut fields);
    } else if let Some(project) = project {
        let web_url = store.item(Kind::Project, project).fact("web_url");
        let web_url = web_url.as_str().unwrap_or_default();
        let path = store.item(Kind::Project, project).fact("path_with_namespace");
        let path = path.as_str().unwrap_or_default();
        let place = match kind {
            Kind::Issue => Some(("issues", '#')),
            Kind::MergeRequest => Some(("merge_requests", '!')),
            _ => None,
        };
        if let Some((folder, sign)) = place {
            fields.insert("web_url".into(), format!("{web_url}/-/{folder}/{iid}").into());
            let short = format!("{sign}{iid}");
            fields.insert(
                "references".into(),
                json!({ "short": short, "relative": short, "full": format!("{path}{short}") }),
            );
            if fields.contains_key("reference") {
                fields.insert("reference".into(), short.into());
            }
        }
    } else if kind == Kind::User {
        let web_url = format!("{}/{}", store.world.origin, text(&fields, "username").unwrap_or_default());
        fields.insert("web_url".into(), web_url.into());
    }
    fields.into()
}

/// Sets what only commits have.
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

/// Sets what the request gives, as far as the thing has such fields.
fn merge(store: &Store, kind: Kind, fields: &mut Map<String, Value>, given: Map<String, Value>) {
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
                let user = user.filter(|slot| store.exists(Kind::User, *slot)).map(|slot| {
                    let mut out = Vec::new();
                    store.write(Kind::User, slot, true, &mut out);
                    serde_json::from_slice::<Value>(&out).unwrap_or_default()
                });
                fields.insert("assignees".into(), user.iter().cloned().collect());
                fields.insert("assignee".into(), user.unwrap_or_default());
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
            // Secrets go in and never come out.
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

/// A value as the field holds it: texts from forms become numbers and booleans.
fn coerce(field: &Value, value: Value) -> Value {
    match (field, &value) {
        (Value::Bool(_), Value::String(text)) => crate::params::parse_flag(text).map_or(value, Value::from),
        (Value::Number(_), Value::String(text)) => text.parse::<i64>().map_or(value, Value::from),
        _ => value,
    }
}

/// Sets what follows from a project's path and group.
fn place_project(store: &Store, group: u64, fields: &mut Map<String, Value>) {
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

/// Sets what follows from a group's path and parent.
fn place_group(store: &Store, fields: &mut Map<String, Value>) {
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

/// Makes whoever created a project or group its owner.
fn welcome(store: &mut Store, call: &Call<'_>, kind: Kind, slot: u64) {
    let Some(Identity { user, .. }) = call.caller else { return };
    let members = if kind == Kind::Project { Kind::ProjectMember } else { Kind::GroupMember };
    let Value::Object(person) = store.read(Kind::User, user) else { return };
    store.create(members, slot, |store, _| {
        let mut fields = store.shapes.sample(members);
        for (name, value) in person {
            fields.entry(name).and_modify(|field| *field = value);
        }
        fields.insert("access_level".into(), 50.into());
        fields.insert("created_at".into(), call.now.text().into());
        fields.into()
    });
}

/// A path from a name.
fn slug(name: &str) -> String {
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
