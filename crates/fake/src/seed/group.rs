//! Groups.

use super::kind::{Kind, Seed};
use crate::json::object;
use crate::world::{World, title};
use serde_json::Value;

/// All groups.
pub(super) struct Groups;

impl Seed for Groups {
    fn parent(&self) -> Option<Kind> {
        None
    }

    fn most(&self, world: &World) -> u64 {
        world.groups
    }

    fn count(&self, world: &World, _: u64) -> u64 {
        world.groups
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        Some(match field {
            "id" => (slot + 1).into(),
            "path" => world.group_path(slot).into(),
            "name" => title(&world.group_path(slot)).into(),
            "full_path" => world.group_full_path(slot).into(),
            "parent_id" => world.group_parent(slot).map(|parent| parent + 1).into(),
            "visibility" => world.group_visibility(slot).into(),
            _ => return None,
        })
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let path = world.group_path(slot);
        let full_path = world.group_full_path(slot);
        object!(out;
            "id": slot + 1,
            "web_url": format_args!("{}/groups/{full_path}", world.origin),
            "name": title(&path),
            "path": path.as_str(),
            "description": format_args!("Everything that {} at Acme is about.", path.replace('-', " ")),
            "visibility": world.group_visibility(slot),
            "share_with_group_lock": false,
            "require_two_factor_authentication": false,
            "two_factor_grace_period": 48_u64,
            "project_creation_level": "developer",
            "auto_devops_enabled": None::<bool>,
            "subgroup_creation_level": "maintainer",
            "emails_disabled": false,
            "emails_enabled": true,
            "mentions_disabled": None::<bool>,
            "lfs_enabled": true,
            "archived": false,
            "default_branch": "main",
            "avatar_url": None::<bool>,
            "request_access_enabled": true,
            "full_name": world.group_full_name(slot),
            "full_path": full_path.as_str(),
            "created_at": world.born(slot, world.groups * 40),
            "parent_id": world.group_parent(slot).map(|parent| parent + 1),
            "organization_id": 1_u64,
            "shared_runners_setting": "enabled",
            "marked_for_deletion_on": None::<bool>,
            "shared_with_groups": crate::json::Raw("[]"),
            "projects": crate::json::Raw("[]"),
            "shared_projects": crate::json::Raw("[]"),
        );
    }
}
