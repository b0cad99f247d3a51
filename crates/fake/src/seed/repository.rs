//! Repositories: branches, commits, tags, releases, and the files of the working tree.

use super::kind::{Kind, Seed};
use super::project::{author, by};
use crate::json::{Each, Raw, With, object};
use crate::random::pick;
use crate::time::Time;
use crate::world::World;
use serde_json::Value;

/// The files that every repository holds, sorted.
pub(crate) const FILES: [&str; 14] = [
    ".gitlab-ci.yml",
    "CHANGELOG.md",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "deploy/chart.yaml",
    "deploy/values.yaml",
    "docs/architecture.md",
    "docs/operations.md",
    "src/config.rs",
    "src/lib.rs",
    "src/main.rs",
    "src/server/mod.rs",
    "tests/smoke.rs",
];

/// The text of a file in the repository of a project.
pub(crate) fn contents(world: &World, project: u64, path: &str) -> String {
    let name = world.project_path(project);
    match path {
        "README.md" => format!("# {name}\n\nRun `cargo run` to start the service.\n"),
        ".gitlab-ci.yml" => "stages: [build, test, package, deploy]\n".to_owned(),
        "Cargo.toml" => format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n"),
        _ => format!("{path} of {name}, revision {}\n", &world.sha(&[50, project])[..8]),
    }
}

const MESSAGES: [&str; 8] = [
    "Work in small steps",
    "Handle the empty case",
    "Bump dependencies",
    "Split the handler in two",
    "Make the retry visible in metrics",
    "Fix a flaky test",
    "Describe the deployment",
    "Remove dead configuration",
];
const BRANCHES: [&str; 8] =
    ["main", "develop", "release/1.0", "fix/timeouts", "feature/search", "docs/runbook", "spike/cache", "chore/deps"];

/// All commits: each project has a history on the default branch, the oldest commit first.
pub(super) struct Commits;

impl Commits {
    fn born(world: &World, slot: u64) -> Time {
        world.born(slot, Kind::Commit.capacity(world))
    }
}

impl Seed for Commits {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        80
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        20 + world.dice(&[51, project]) % 61
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        Some(match field {
            "id" => world.sha(&[52, slot]).into(),
            "short_id" => world.sha(&[52, slot])[..8].into(),
            "created_at" | "committed_date" => Commits::born(world, slot).text().into(),
            _ => return None,
        })
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, position) = Kind::Commit.place(world, slot);
        let sha = world.sha(&[52, slot]);
        let parent = position.checked_sub(1).map(|_| world.sha(&[52, slot - world.projects]));
        let dice = world.dice(&[53, slot]);
        let born = Commits::born(world, slot);
        let person = world.person(author(world, project, dice));
        let message = pick(&MESSAGES, dice >> 8);
        object!(out;
            "id": sha.as_str(),
            "short_id": &sha[..8],
            "created_at": born,
            "parent_ids": Each(parent.as_deref()),
            "title": message,
            "message": format_args!("{message}\n"),
            "author_name": person.name.as_str(),
            "author_email": format_args!("{}@acme.example", person.username),
            "authored_date": born,
            "committer_name": person.name.as_str(),
            "committer_email": format_args!("{}@acme.example", person.username),
            "committed_date": born,
            "trailers": Raw("{}"),
            "extended_trailers": Raw("{}"),
            "web_url": format_args!("{}/{}/-/commit/{sha}", world.origin, world.project_full_path(project)),
            "stats": With(|out: &mut Vec<u8>| object!(out;
                "additions": dice % 90, "deletions": dice % 40, "total": dice % 90 + dice % 40)),
            "project_id": project + 1,
        );
    }
}

/// The commit at the tip of a branch or tag of a project: one of the youngest.
fn tip(world: &World, project: u64, back: u64) -> u64 {
    let commits = Commits.count(world, project);
    project + (commits - 1 - back.min(commits - 1)) * world.projects
}

fn commit(world: &World, slot: u64) -> With<impl Fn(&mut Vec<u8>)> {
    With(move |out: &mut Vec<u8>| Commits.write(world, slot, false, out))
}

/// All branches.
pub(super) struct Branches;

impl Seed for Branches {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        BRANCHES.len() as u64
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        3 + world.dice(&[54, project]) % 6
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        (field == "name").then(|| BRANCHES[Kind::Branch.place(world, slot).1 as usize].into())
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, position) = Kind::Branch.place(world, slot);
        let name = BRANCHES[position as usize];
        object!(out;
            "name": name,
            "commit": commit(world, tip(world, project, position)),
            "merged": position > 3,
            "protected": position == 0,
            "developers_can_push": false,
            "developers_can_merge": false,
            "can_push": true,
            "default": position == 0,
            "web_url": format_args!("{}/{}/-/tree/{name}", world.origin, world.project_full_path(project)),
        );
    }
}

fn version(position: u64) -> String {
    format!("v1.{}.{}", position / 3, position % 3)
}

/// All tags.
pub(super) struct Tags;

impl Seed for Tags {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        8
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        2 + world.dice(&[55, project]) % 7
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, position) = Kind::Tag.place(world, slot);
        let at = tip(world, project, 2 * (8 - position));
        object!(out;
            "name": version(position),
            "message": format_args!("Release {}", version(position)),
            "target": world.sha(&[52, at]),
            "commit": commit(world, at),
            "release": With(|out: &mut Vec<u8>| object!(out;
                "tag_name": version(position), "description": format_args!("Changes in {}", version(position)))),
            "protected": true,
            "created_at": Commits::born(world, at).later(60),
        );
    }
}

/// All releases: one for each tag.
pub(super) struct Releases;

impl Seed for Releases {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, world: &World) -> u64 {
        Tags.most(world)
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        Tags.count(world, project)
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, position) = Kind::Release.place(world, slot);
        let at = tip(world, project, 2 * (8 - position));
        let born = Commits::born(world, at).later(120);
        object!(out;
            "tag_name": version(position),
            "name": format_args!("Release {}", version(position)),
            "description": format_args!("Changes in {}", version(position)),
            "created_at": born,
            "released_at": born,
            "upcoming_release": false,
            "author": by(world, author(world, project, slot)),
            "commit": commit(world, at),
            "milestones": Raw("[]"),
            "commit_path": format_args!("/{}/-/commit/{}", world.project_full_path(project), world.sha(&[52, at])),
            "tag_path": format_args!("/{}/-/tags/{}", world.project_full_path(project), version(position)),
            "evidences": Raw("[]"),
        );
    }
}
