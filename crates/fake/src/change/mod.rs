//! Creates, changes and removes things in the store.

mod compose;
mod fields;
mod validate;

use crate::call::Call;
use crate::files::commit_files;
use crate::identity::Identity;
use crate::resource::Resource;
use crate::response::{ErrorResponse, Response};
use crate::seed::Kind;
use crate::store::Store;
use compose::{fresh, merge, place_group, place_project};
use fields::text;
use serde_json::{Map, Value, json};
use validate::{check_blanks, check_duplicates, prepare};

/// Creates a thing in the list of a resource.
pub(crate) fn create(store: &mut Store, call: &Call<'_>, resource: &Resource) -> Result<Response, ErrorResponse> {
    let kind = resource.kind;
    let parent = call.parents.last().copied();
    let mut given = given(call);
    let parent = prepare(store, kind, parent.map(|(_, slot)| slot), &mut given)?;
    check_duplicates(store, kind, parent, &given, None)?;
    let slot = store.create(kind, parent, |store, slot| fresh(store, call, kind, parent, slot, given));
    match kind {
        Kind::Project | Kind::Group => welcome(store, call, kind, slot),
        Kind::Commit => commit_files(store, call, parent),
        _ => {}
    }
    Ok(Response::json(201, &store.read(kind, slot)))
}

/// Changes the thing in the path.
pub(crate) fn update(store: &mut Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let Some((kind, slot)) = call.parents.last().copied() else { return Err(Response::not_found("Resource")) };
    let mut given = given(call);
    // For some kinds, the parameter of the new name differs from the field.
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
    check_blanks(kind, &given)?;
    let parent = store.parent(kind, slot).map_or(0, |(_, parent)| parent);
    check_duplicates(store, kind, parent, &given, Some(slot))?;
    edit(store, call, kind, slot, given);
    Ok(Response::json(200, &store.read(kind, slot)))
}

/// Sets fields of a thing, and the fields that depend on them.
pub(crate) fn edit(store: &mut Store, call: &Call<'_>, kind: Kind, slot: u64, given: Map<String, Value>) {
    let mut value = store.read(kind, slot);
    let Value::Object(fields) = &mut value else { return };
    let was = fields.get("state").cloned();
    let full_path = text(fields, "path_with_namespace").map(str::to_owned);
    merge(store, kind, fields, given);
    fields.entry("updated_at").and_modify(|at| *at = call.now.text().into());
    if fields.get("state") != was.as_ref() {
        let closed = fields.get("state").and_then(Value::as_str) == Some("closed");
        fields.entry("closed_at").and_modify(|at| *at = if closed { call.now.text().into() } else { Value::Null });
    }
    match kind {
        Kind::Project => place_project(store, store.parent(kind, slot).map_or(0, |(_, group)| group), fields),
        Kind::Group => place_group(store, fields),
        _ => {}
    }
    if let Some(old) = full_path.filter(|old| text(fields, "path_with_namespace") != Some(old)) {
        store.moved.insert(old, slot);
    }
    store.change(kind, slot, value);
}

/// Removes the thing in the path.
pub(crate) fn remove(store: &mut Store, call: &Call<'_>) -> Result<Response, ErrorResponse> {
    let Some((kind, slot)) = call.parents.last().copied() else { return Err(Response::not_found("Resource")) };
    match kind {
        Kind::Branch if store.item(kind, slot).fact("default") == true => {
            return Err(Response::message(400, "Cannot remove HEAD branch"));
        }
        Kind::Branch if store.item(kind, slot).fact("protected") == true => {
            return Err(Response::message(405, "Protected branch cannot be deleted"));
        }
        Kind::Release => {
            let released = store.read(kind, slot);
            store.remove(kind, slot);
            return Ok(Response::json(200, &released));
        }
        _ => store.remove(kind, slot),
    }
    match kind {
        // These are deleted in the background.
        Kind::Project | Kind::Group => Ok(Response::json(202, &json!({ "message": "202 Accepted" }))),
        _ => Ok(Response::empty(204)),
    }
}

/// All parameters for the thing, from the body and the query.
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

/// Makes the creator of a project or group its owner.
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
