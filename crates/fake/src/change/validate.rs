//! Validation before things are created or changed, with GitLab's errors.

use super::compose::slug;
use super::fields::text;
use crate::filter::Filter;
use crate::resource::{self, RESOURCES};
use crate::response::{ErrorResponse, Response};
use crate::seed::Kind;
use crate::store::{Scope, Store};
use crate::world::title;
use serde_json::{Map, Value, json};

/// Checks and completes the fields of a new thing. Returns the slot of its parent.
pub(super) fn prepare(
    store: &Store,
    kind: Kind,
    parent: Option<u64>,
    given: &mut Map<String, Value>,
) -> Result<u64, ErrorResponse> {
    check_blanks(kind, given)?;
    let parent = parent.unwrap_or(0);
    match kind {
        Kind::Project => return prepare_project(store, given),
        Kind::Group => {
            prepare_group(given)?;
            return Ok(0);
        }
        Kind::User => {
            for name in ["email", "name", "username"] {
                text(given, name).ok_or_else(|| Response::missing(name))?;
            }
            return Ok(0);
        }
        Kind::GroupMember | Kind::ProjectMember => prepare_member(store, given)?,
        Kind::Branch | Kind::Tag => prepare_reference(store, kind, parent, given)?,
        Kind::Pipeline => {
            let name = text(given, "ref").ok_or_else(|| Response::missing("ref"))?;
            let commit = store.commit_of(parent, name);
            let commit = commit.ok_or_else(|| Response::message(400, json!({ "base": ["Reference not found"] })))?;
            given.insert("sha".into(), store.item(Kind::Commit, commit).fact("id"));
        }
        Kind::MergeRequest => check_merge_request(store, parent, given)?,
        _ => {}
    }
    Ok(parent)
}

fn prepare_project(store: &Store, given: &mut Map<String, Value>) -> Result<u64, ErrorResponse> {
    let name = text(given, "name").or(text(given, "path")).ok_or_else(|| Response::missing("name, path"))?.to_owned();
    given.entry("path").or_insert_with(|| slug(&name).into());
    given.entry("name").or_insert_with(|| title(&name).into());
    match given.remove("namespace_id").and_then(|id| crate::filter::text(&id)) {
        Some(id) => {
            let group = id.parse::<u64>().ok().and_then(|id| id.checked_sub(1));
            let group = group.filter(|slot| store.exists(Kind::Group, *slot));
            group.ok_or_else(|| Response::message(400, json!({ "namespace": ["is not valid"] })))
        }
        None => Ok(0),
    }
}

fn prepare_group(given: &mut Map<String, Value>) -> Result<(), ErrorResponse> {
    let name = text(given, "name").or(text(given, "path")).ok_or_else(|| Response::missing("name"))?.to_owned();
    given.entry("path").or_insert_with(|| slug(&name).into());
    given.entry("name").or_insert_with(|| name.into());
    Ok(())
}

fn prepare_member(store: &Store, given: &mut Map<String, Value>) -> Result<(), ErrorResponse> {
    let user = given.remove("user_id").or_else(|| given.remove("username"));
    let user = user.ok_or_else(|| Response::missing("user_id"))?;
    let users = resource::at("/users").map(|at| &RESOURCES[at]);
    let named = crate::filter::text(&user);
    let slot = users.zip(named).and_then(|(users, name)| store.named(users, None, &name));
    let slot = slot.ok_or_else(|| Response::not_found("User"))?;
    if let Value::Object(fields) = store.read(Kind::User, slot) {
        for name in ["id", "username", "name", "state", "locked", "avatar_url", "web_url", "email"] {
            given.insert(name.to_owned(), fields.get(name).cloned().unwrap_or_default());
        }
    }
    Ok(())
}

fn prepare_reference(
    store: &Store,
    kind: Kind,
    project: u64,
    given: &mut Map<String, Value>,
) -> Result<(), ErrorResponse> {
    let name = given
        .remove(if kind == Kind::Branch { "branch" } else { "tag_name" })
        .and_then(|name| crate::filter::text(&name))
        .or_else(|| text(given, "name").map(str::to_owned))
        .ok_or_else(|| Response::missing("name"))?;
    let from =
        given.remove("ref").and_then(|name| crate::filter::text(&name)).ok_or_else(|| Response::missing("ref"))?;
    let commit = store.commit_of(project, &from).ok_or_else(|| match kind {
        Kind::Branch => Response::message(400, format!("Invalid reference name: {from}")),
        _ => Response::message(400, format!("Target {from} is invalid")),
    })?;
    given.insert("name".into(), name.into());
    given.insert("commit".into(), store.read(Kind::Commit, commit));
    Ok(())
}

fn check_merge_request(store: &Store, project: u64, given: &Map<String, Value>) -> Result<(), ErrorResponse> {
    let source = text(given, "source_branch").ok_or_else(|| Response::missing("source_branch"))?;
    let target = text(given, "target_branch").ok_or_else(|| Response::missing("target_branch"))?;
    if source == target {
        return Err(Response::message(422, json!(["You can't use same project/branch for source and target"])));
    }
    let same = [
        Filter::Is("source_branch".into(), source.into()),
        Filter::Is("target_branch".into(), target.into()),
        Filter::Is("state".into(), "opened".into()),
    ];
    let kind = Kind::MergeRequest;
    let open = store.select(kind, &Scope::Within(Kind::Project, vec![project]), &same, &kind.order());
    if open.len() == 0 {
        return Ok(());
    }
    let iid = store.item(kind, open.at(0)).fact("iid");
    let text = format!("Another open merge request already exists for this source branch: !{iid}");
    Err(Response::message(409, json!([text])))
}

/// Rejects empty names and titles.
pub(super) fn check_blanks(kind: Kind, given: &Map<String, Value>) -> Result<(), ErrorResponse> {
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
        Some(name) => Err(Response::message(400, Map::from_iter([((*name).to_owned(), json!(["can't be blank"]))]))),
        None => Ok(()),
    }
}

/// Rejects duplicates with GitLab's errors.
pub(super) fn check_duplicates(
    store: &Store,
    kind: Kind,
    parent: u64,
    given: &Map<String, Value>,
    but: Option<u64>,
) -> Result<(), ErrorResponse> {
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
        Kind::User => Response::message(409, "Username has already been taken"),
        Kind::Project => Response::message(
            400,
            json!({ "project_namespace.name": ["has already been taken"], "name": ["has already been taken"],
                    "path": ["has already been taken"] }),
        ),
        Kind::Group => Response::message(400, "Failed to save group {:path=>[\"has already been taken\"]}"),
        Kind::GroupLabel | Kind::ProjectLabel => Response::message(409, "Label already exists"),
        Kind::Branch => Response::message(400, "Branch already exists"),
        Kind::Tag => Response::message(400, format!("Tag {wanted} already exists")),
        Kind::ProtectedBranch => Response::message(409, format!("Protected branch '{wanted}' already exists")),
        Kind::GroupMember | Kind::ProjectMember => Response::message(409, "Member already exists"),
        Kind::Release => Response::message(409, "Release already exists"),
        Kind::GroupVariable | Kind::ProjectVariable => {
            Response::message(400, json!({ "key": [format!("({wanted}) has already been taken")] }))
        }
        _ => Response::message(400, Map::from_iter([(field.to_owned(), json!(["has already been taken"]))])),
    })
}
