//! Settings and monitoring: variables, protected branches, hooks, environments, events, runners.

use super::kind::{Kind, Seed};
use super::project::{author, by};
use crate::json::{Each, Raw, With, object};
use crate::random::pick;
use crate::world::{ROOT, World};

/// CI variables of groups or projects.
pub(super) struct Variables(pub(super) Kind);

impl Seed for Variables {
    fn parent(&self) -> Option<Kind> {
        Some(self.0)
    }

    fn most(&self, _: &World) -> u64 {
        4
    }

    fn count(&self, world: &World, parent: u64) -> u64 {
        1 + world.dice(&[60, self.0 as u64, parent]) % 4
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        const KEYS: [&str; 4] = ["DEPLOY_REGION", "REGISTRY_HOST", "CACHE_VERSION", "RELEASE_CHANNEL"];
        const VALUES: [&str; 4] = ["eu-west-1", "registry.acme.example", "7", "stable"];
        let kind = if self.0 == Kind::Group { Kind::GroupVariable } else { Kind::ProjectVariable };
        let position = kind.place(world, slot).1 as usize;
        object!(out;
            "variable_type": "env_var",
            "key": KEYS[position],
            "value": VALUES[position],
            "hidden": false,
            "protected": position == 3,
            "masked": false,
            "raw": false,
            "environment_scope": "*",
            "description": None::<bool>,
        );
    }
}

/// Protected branches: the default branch, and in some projects the release branches.
pub(super) struct ProtectedBranches;

impl Seed for ProtectedBranches {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        2
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        1 + world.dice(&[61, project]) % 2
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (_, position) = Kind::ProtectedBranch.place(world, slot);
        let level = |level: u64, text: &'static str| {
            With(move |out: &mut Vec<u8>| {
                out.push(b'[');
                object!(out; "id": slot + 1, "access_level": level, "access_level_description": text,
                    "user_id": None::<bool>, "group_id": None::<bool>, "deploy_key_id": None::<bool>);
                out.push(b']');
            })
        };
        object!(out;
            "id": slot + 1,
            "name": ["main", "release/*"][position as usize],
            "push_access_levels": level(40, "Maintainers"),
            "merge_access_levels": level(30, "Developers + Maintainers"),
            "unprotect_access_levels": Raw("[]"),
            "allow_force_push": false,
            "code_owner_approval_required": position == 1,
            "inherited": false,
        );
    }
}

/// Project hooks.
pub(super) struct Hooks;

impl Seed for Hooks {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        2
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        1 + world.dice(&[62, project]) % 2
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, position) = Kind::Hook.place(world, slot);
        object!(out;
            "id": slot + 1,
            "url": format_args!("https://hooks.acme.example/{}/{position}", world.project_path(project)),
            "name": "Chat",
            "description": "",
            "project_id": project + 1,
            "created_at": world.born(slot, Kind::Hook.capacity(world)),
            "push_events": true,
            "tag_push_events": position == 1,
            "merge_requests_events": true,
            "repository_update_events": false,
            "enable_ssl_verification": true,
            "issues_events": position == 0,
            "confidential_issues_events": false,
            "note_events": false,
            "pipeline_events": true,
            "wiki_page_events": false,
            "deployment_events": false,
            "job_events": false,
            "releases_events": true,
            "alert_status": "executable",
            "disabled_until": None::<bool>,
            "url_variables": Raw("[]"),
            "push_events_branch_filter": None::<bool>,
        );
    }
}

/// Environments.
pub(super) struct Environments;

impl Seed for Environments {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        3
    }

    fn count(&self, _: &World, _: u64) -> u64 {
        3
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, position) = Kind::Environment.place(world, slot);
        let name = ["development", "staging", "production"][position as usize];
        let born = world.born(slot, Kind::Environment.capacity(world));
        object!(out;
            "id": slot + 1,
            "name": name,
            "slug": name,
            "description": None::<bool>,
            "external_url": format_args!("https://{}.{name}.acme.example", world.project_path(project)),
            "created_at": born,
            "updated_at": born.later(86_400),
            "tier": name,
            "state": "available",
            "auto_stop_at": None::<bool>,
        );
    }
}

/// Events in projects.
pub(super) struct Events;

impl Seed for Events {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        20
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        5 + world.dice(&[63, project]) % 16
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        const ACTIONS: [(&str, &str); 4] =
            [("opened", "Issue"), ("closed", "Issue"), ("accepted", "MergeRequest"), ("commented on", "Note")];
        let (project, _) = Kind::Event.place(world, slot);
        let dice = world.dice(&[64, slot]);
        let (action, target) = ACTIONS[(dice % 4) as usize];
        let actor = author(world, project, dice >> 4);
        object!(out;
            "id": slot + 1,
            "project_id": project + 1,
            "action_name": action,
            "target_id": dice % 1000 + 1,
            "target_iid": dice % 8 + 1,
            "target_type": target,
            "author_id": actor + 1,
            "target_title": "Retry failed payments",
            "created_at": world.born(slot, Kind::Event.capacity(world)),
            "author": by(world, actor),
            "imported": false,
            "imported_from": "none",
            "author_username": world.person(actor).username,
        );
    }
}

/// The runners of the instance.
pub(super) struct Runners;

impl Seed for Runners {
    fn parent(&self) -> Option<Kind> {
        None
    }

    fn most(&self, _: &World) -> u64 {
        24
    }

    fn count(&self, _: &World, _: u64) -> u64 {
        24
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let dice = world.dice(&[65, slot]);
        let status = pick(&["online", "online", "online", "offline", "stale"], dice);
        object!(out;
            "id": slot + 1,
            "description": format_args!("docker runner {}", slot + 1),
            "ip_address": "",
            "active": !dice.is_multiple_of(7),
            "paused": dice.is_multiple_of(7),
            "is_shared": slot < 8,
            "runner_type": if slot < 8 { "instance_type" } else { "project_type" },
            "name": None::<bool>,
            "online": status == "online",
            "created_at": world.born(slot, 24),
            "status": status,
            "job_execution_status": if dice.is_multiple_of(3) { "active" } else { "idle" },
            "tag_list": Each(["linux", "docker"]),
        );
    }
}

/// The audit log of the instance: about three entries for each user.
pub(super) struct AuditEvents;

impl Seed for AuditEvents {
    fn parent(&self) -> Option<Kind> {
        None
    }

    fn most(&self, world: &World) -> u64 {
        3 * world.users
    }

    fn count(&self, world: &World, _: u64) -> u64 {
        3 * world.users
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        const EVENTS: [&str; 4] = [
            "user_created",
            "member_created",
            "project_visibility_level_updated",
            "login_failed_with_standard_authentication",
        ];
        let dice = world.dice(&[66, slot]);
        let user = dice % world.users.max(1);
        let actor = world.person(ROOT);
        object!(out;
            "id": slot + 1,
            "author_id": ROOT + 1,
            "entity_id": user + 1,
            "entity_type": "User",
            "event_name": pick(&EVENTS, dice >> 8),
            "details": With(|out: &mut Vec<u8>| object!(out;
                "author_name": actor.name.as_str(),
                "target_id": user + 1,
                "target_type": "User",
                "target_details": world.person(user).name,
                "ip_address": "10.0.0.7",
                "entity_path": world.person(user).username,
            )),
            "created_at": world.born(slot, 3 * world.users),
        );
    }
}
