//! Projects.

use super::kind::{Kind, Seed};
use super::people;
use crate::json::{Each, With, object};
use crate::random::pick;
use crate::time::Time;
use crate::world::{ROOT, World, title};
use serde_json::Value;

const TOPICS: [&str; 10] =
    ["rust", "ruby", "go", "typescript", "kubernetes", "terraform", "grpc", "kafka", "postgres", "design-system"];

/// All projects.
pub(super) struct Projects;

/// The time of the last activity in a project.
fn active(world: &World, slot: u64) -> Time {
    world.born(slot, world.projects).later(world.dice(&[20, slot]) % 5_000_000)
}

fn topics(world: &World, slot: u64) -> [&'static str; 2] {
    let dice = world.dice(&[21, slot]) % 10;
    [TOPICS[dice as usize], TOPICS[(dice as usize + 3) % 10]]
}

impl Seed for Projects {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Group)
    }

    fn most(&self, world: &World) -> u64 {
        world.projects
    }

    fn count(&self, world: &World, group: u64) -> u64 {
        world.group_projects(group).2
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        Some(match field {
            "id" => (slot + 1).into(),
            "path" => world.project_path(slot).into(),
            "name" => title(&world.project_path(slot)).into(),
            "path_with_namespace" => world.project_full_path(slot).into(),
            "visibility" => world.project_visibility(slot).into(),
            "archived" => world.project_archived(slot).into(),
            "created_at" => world.born(slot, world.projects).text().into(),
            "last_activity_at" | "updated_at" => active(world, slot).text().into(),
            "namespace.id" => (world.project_group(slot) + 1).into(),
            "star_count" => (world.dice(&[22, slot]) % 90).into(),
            "issues_enabled" | "merge_requests_enabled" => true.into(),
            "topics" => topics(world, slot).to_vec().into(),
            "description" => description(world, slot).into(),
            "creator_id" => (creator(world, slot) + 1).into(),
            _ => return None,
        })
    }

    fn write(&self, world: &World, slot: u64, brief: bool, out: &mut Vec<u8>) {
        if brief { write_brief(world, slot, out) } else { write_full(world, slot, out) }
    }
}

/// The names and addresses of a project.
struct Names<'w> {
    path: String,
    name: String,
    full_path: String,
    name_with_namespace: String,
    host: &'w str,
    web_url: String,
}

fn names(world: &World, slot: u64) -> Names<'_> {
    let path = world.project_path(slot);
    let name = title(&path);
    let full_path = world.project_full_path(slot);
    let name_with_namespace = format!("{} / {name}", world.group_full_name(world.project_group(slot)));
    let host = world.origin.split_once("://").map_or("localhost", |(_, rest)| rest);
    let web_url = format!("{}/{full_path}", world.origin);
    Names { path, name, full_path, name_with_namespace, host, web_url }
}

fn write_brief(world: &World, slot: u64, out: &mut Vec<u8>) {
    let Names { path, name, full_path, name_with_namespace, host, web_url } = names(world, slot);
    let (dice, topics) = (world.dice(&[22, slot]), topics(world, slot));
    let namespace = With(|out: &mut Vec<u8>| namespace(world, world.project_group(slot), out));
    object!(out;
        "id": slot + 1,
        "description": description(world, slot),
        "name": name.as_str(),
        "name_with_namespace": name_with_namespace.as_str(),
        "path": path.as_str(),
        "path_with_namespace": full_path.as_str(),
        "created_at": world.born(slot, world.projects),
        "default_branch": "main",
        "tag_list": Each(topics),
        "topics": Each(topics),
        "ssh_url_to_repo": format_args!("git@{host}:{full_path}.git"),
        "http_url_to_repo": format_args!("{web_url}.git"),
        "web_url": web_url.as_str(),
        "readme_url": format_args!("{web_url}/-/blob/main/README.md"),
        "avatar_url": None::<bool>,
        "forks_count": dice % 12,
        "star_count": dice % 90,
        "last_activity_at": active(world, slot),
        "visibility": world.project_visibility(slot),
        "namespace": namespace,
    );
}

fn write_full(world: &World, slot: u64, out: &mut Vec<u8>) {
    let Names { path, name, full_path, name_with_namespace, host, web_url } = names(world, slot);
    let (dice, topics) = (world.dice(&[22, slot]), topics(world, slot));
    let namespace = With(|out: &mut Vec<u8>| namespace(world, world.project_group(slot), out));
    object!(out;
        "id": slot + 1,
        "description": description(world, slot),
        "name": name.as_str(),
        "name_with_namespace": name_with_namespace.as_str(),
        "path": path.as_str(),
        "path_with_namespace": full_path.as_str(),
        "created_at": world.born(slot, world.projects),
        "updated_at": active(world, slot),
        "default_branch": "main",
        "tag_list": Each(topics),
        "topics": Each(topics),
        "ssh_url_to_repo": format_args!("git@{host}:{full_path}.git"),
        "http_url_to_repo": format_args!("{web_url}.git"),
        "web_url": web_url.as_str(),
        "readme_url": format_args!("{web_url}/-/blob/main/README.md"),
        "avatar_url": None::<bool>,
        "forks_count": dice % 12,
        "star_count": dice % 90,
        "last_activity_at": active(world, slot),
        "visibility": world.project_visibility(slot),
        "namespace": namespace,
        "_links": With(|out: &mut Vec<u8>| links(world, slot, out)),
        "empty_repo": false,
        "archived": world.project_archived(slot),
        "owner": None::<bool>,
        "creator_id": creator(world, slot) + 1,
        "open_issues_count": Kind::Issue.seed().count(world, slot) / 2,
        "issues_enabled": true,
        "merge_requests_enabled": true,
        "wiki_enabled": true,
        "jobs_enabled": true,
        "snippets_enabled": true,
        "container_registry_enabled": true,
        "shared_runners_enabled": true,
        "lfs_enabled": true,
        "import_status": "none",
        "import_url": None::<bool>,
        "import_error": None::<bool>,
        "ci_config_path": "",
        "build_timeout": 3600_u64,
        "ci_default_git_depth": 20_u64,
        "merge_method": pick(&["merge", "rebase_merge", "ff"], dice >> 8),
        "squash_option": "default_off",
        "only_allow_merge_if_pipeline_succeeds": dice.is_multiple_of(2),
        "only_allow_merge_if_all_discussions_are_resolved": false,
        "remove_source_branch_after_merge": true,
        "marked_for_deletion_at": None::<bool>,
        "marked_for_deletion_on": None::<bool>,
        "forked_from_project": None::<bool>,
        "mirror": false,
        "runners_token": None::<bool>,
        "repository_storage": "default",
    );
}

fn creator(world: &World, slot: u64) -> u64 {
    if world.users < 3 { ROOT } else { world.dice(&[23, slot]) % world.users }
}

fn description(world: &World, slot: u64) -> String {
    let subject = world.project_path(slot).replace('-', " ");
    let purpose =
        ["owned end to end by one team", "shared by all departments", "behind the public site", "for internal tools"];
    format!("The {subject}, {}.", pick(&purpose, world.dice(&[24, slot])))
}

/// A group as it appears in projects.
fn namespace(world: &World, group: u64, out: &mut Vec<u8>) {
    let full_path = world.group_full_path(group);
    let path = world.group_path(group);
    object!(out;
        "id": group + 1,
        "name": title(&path),
        "path": path.as_str(),
        "kind": "group",
        "full_path": full_path.as_str(),
        "parent_id": world.group_parent(group).map(|parent| parent + 1),
        "avatar_url": None::<bool>,
        "web_url": format_args!("{}/groups/{full_path}", world.origin),
    );
}

fn links(world: &World, slot: u64, out: &mut Vec<u8>) {
    let api = format!("{}/api/v4/projects/{}", world.origin, slot + 1);
    object!(out;
        "self": api.as_str(),
        "issues": format_args!("{api}/issues"),
        "merge_requests": format_args!("{api}/merge_requests"),
        "repo_branches": format_args!("{api}/repository/branches"),
        "labels": format_args!("{api}/labels"),
        "events": format_args!("{api}/events"),
        "members": format_args!("{api}/members"),
        "cluster_agents": format_args!("{api}/cluster_agents"),
    );
}

/// The author of something in a project: one of its members.
pub(super) fn author(world: &World, project: u64, dice: u64) -> u64 {
    let namespace = crate::world::Namespace::Project(project);
    world.member(namespace, dice % world.member_count(namespace).max(1)).0
}

/// A user as it appears in the things of a project.
pub(super) fn by(world: &World, user: u64) -> With<impl Fn(&mut Vec<u8>)> {
    With(move |out: &mut Vec<u8>| people::user(world, user, out))
}
