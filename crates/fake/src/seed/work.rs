//! Work and review: issues, merge requests, notes.

use super::kind::{Kind, Seed};
use super::planning::LABELS;
use super::project::{author, by};
use crate::json::{Each, Raw, With, object};
use crate::random::pick;
use crate::time::Time;
use crate::world::World;
use serde_json::Value;

const VERBS: [&str; 12] = [
    "Retry",
    "Cache",
    "Document",
    "Validate",
    "Remove",
    "Speed up",
    "Translate",
    "Paginate",
    "Encrypt",
    "Log",
    "Test",
    "Simplify",
];
const OBJECTS: [&str; 12] = [
    "failed payments",
    "the product list",
    "the public API",
    "postal codes",
    "the old importer",
    "nightly builds",
    "error messages",
    "audit records",
    "session tokens",
    "slow queries",
    "the upgrade path",
    "feature flags",
];
fn subject(dice: u64) -> String {
    format!("{} {}", pick(&VERBS, dice), pick(&OBJECTS, dice >> 8))
}

fn labels(dice: u64) -> [&'static str; 2] {
    let first = (dice >> 16) % 8;
    [LABELS[first as usize].0, LABELS[((first + 3) % 8) as usize].0]
}

/// Facts about a thing in a project: project slot, number within the project, random number, creation time.
fn at(world: &World, kind: Kind, slot: u64) -> (u64, u64, u64, Time) {
    let (project, position) = kind.place(world, slot);
    (project, position + 1, world.dice(&[30, kind as u64, slot]), world.born(slot, kind.capacity(world)))
}

/// All issues.
pub(super) struct Issues;

impl Issues {
    fn state(dice: u64) -> &'static str {
        if dice % 5 < 3 { "opened" } else { "closed" }
    }
}

impl Seed for Issues {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        60
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        8 + world.dice(&[31, project]) % 53
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        let (project, iid, dice, born) = at(world, Kind::Issue, slot);
        Some(match field {
            "id" => (slot + 1).into(),
            "iid" => iid.into(),
            "project_id" => (project + 1).into(),
            "state" => Issues::state(dice).into(),
            "title" => subject(dice).into(),
            "labels" => labels(dice).to_vec().into(),
            "created_at" => born.text().into(),
            "author.id" => (author(world, project, dice >> 3) + 1).into(),
            "assignee.id" => (author(world, project, dice >> 5) + 1).into(),
            _ => return None,
        })
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, iid, dice, born) = at(world, Kind::Issue, slot);
        let closed = (Issues::state(dice) == "closed").then(|| born.later(86_400 + dice % 500_000));
        let (writer, assignee) = (author(world, project, dice >> 3), author(world, project, dice >> 5));
        let path = world.project_full_path(project);
        object!(out;
            "id": slot + 1,
            "iid": iid,
            "project_id": project + 1,
            "title": subject(dice),
            "description": format_args!("{} happens more often than it should.\n\nSee the last review.", subject(dice)),
            "state": Issues::state(dice),
            "created_at": born,
            "updated_at": closed.unwrap_or(born.later(dice % 400_000)),
            "closed_at": closed,
            "closed_by": closed.map(|_| by(world, assignee)),
            "labels": Each(labels(dice)),
            "milestone": None::<bool>,
            "assignees": Each([Person(world, assignee)]),
            "author": by(world, writer),
            "type": "ISSUE",
            "assignee": by(world, assignee),
            "user_notes_count": Kind::IssueNote.seed().count(world, slot),
            "merge_requests_count": dice % 2,
            "upvotes": dice % 7,
            "downvotes": 0_u64,
            "due_date": (dice % 4 == 0).then(|| born.later(1_209_600).day()),
            "confidential": dice % 20 == 0,
            "discussion_locked": None::<bool>,
            "issue_type": "issue",
            "web_url": format_args!("{}/{path}/-/issues/{iid}", world.origin),
            "time_stats": Raw(TIME_STATS),
            "task_completion_status": Raw(r#"{"count":0,"completed_count":0}"#),
            "weight": (dice % 3 == 0).then_some(dice % 9),
            "blocking_issues_count": 0_u64,
            "has_tasks": false,
            "_links": With(|out: &mut Vec<u8>| {
                let api = format!("{}/api/v4/projects/{}", world.origin, project + 1);
                object!(out;
                    "self": format_args!("{api}/issues/{iid}"),
                    "notes": format_args!("{api}/issues/{iid}/notes"),
                    "award_emoji": format_args!("{api}/issues/{iid}/award_emoji"),
                    "project": api.as_str(),
                );
            }),
            "references": With(|out: &mut Vec<u8>| references(out, '#', iid, &path)),
            "severity": "UNKNOWN",
            "subscribed": false,
            "moved_to_id": None::<bool>,
            "imported": false,
            "imported_from": "none",
            "service_desk_reply_to": None::<bool>,
            "epic_iid": None::<bool>,
            "epic": None::<bool>,
            "iteration": None::<bool>,
            "health_status": None::<bool>,
        );
    }
}

const TIME_STATS: &str =
    r#"{"time_estimate":0,"total_time_spent":0,"human_time_estimate":null,"human_total_time_spent":null}"#;

fn references(out: &mut Vec<u8>, sign: char, iid: u64, path: &str) {
    let project = path.rsplit('/').next().unwrap_or(path);
    object!(out;
        "short": format_args!("{sign}{iid}"),
        "relative": format_args!("{project}{sign}{iid}"),
        "full": format_args!("{path}{sign}{iid}"),
    );
}

/// All merge requests.
pub(super) struct MergeRequests;

impl MergeRequests {
    fn state(dice: u64) -> &'static str {
        match dice % 10 {
            0..3 => "opened",
            3 => "closed",
            _ => "merged",
        }
    }
}

impl Seed for MergeRequests {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        40
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        4 + world.dice(&[32, project]) % 37
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        let (project, iid, dice, born) = at(world, Kind::MergeRequest, slot);
        Some(match field {
            "id" => (slot + 1).into(),
            "iid" => iid.into(),
            "project_id" => (project + 1).into(),
            "state" => MergeRequests::state(dice).into(),
            "title" => subject(dice).into(),
            "labels" => labels(dice).to_vec().into(),
            "created_at" => born.text().into(),
            "author.id" => (author(world, project, dice >> 3) + 1).into(),
            "assignee.id" => (author(world, project, dice >> 5) + 1).into(),
            _ => return None,
        })
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, iid, dice, born) = at(world, Kind::MergeRequest, slot);
        let state = MergeRequests::state(dice);
        let ended = (state != "opened").then(|| born.later(7200 + dice % 300_000));
        let (writer, assignee) = (author(world, project, dice >> 3), author(world, project, dice >> 5));
        let path = world.project_full_path(project);
        let sha = world.sha(&[33, slot]);
        object!(out;
            "id": slot + 1,
            "iid": iid,
            "project_id": project + 1,
            "title": subject(dice),
            "description": format_args!("{}, as agreed in the planning.", subject(dice)),
            "state": state,
            "imported": false,
            "imported_from": "none",
            "created_at": born,
            "updated_at": ended.unwrap_or(born.later(dice % 400_000)),
            "merged_by": ended.filter(|_| state == "merged").map(|_| by(world, assignee)),
            "merge_user": ended.filter(|_| state == "merged").map(|_| by(world, assignee)),
            "merged_at": ended.filter(|_| state == "merged"),
            "closed_by": ended.filter(|_| state == "closed").map(|_| by(world, assignee)),
            "closed_at": ended.filter(|_| state == "closed"),
            "target_branch": "main",
            "source_branch": format_args!("work/{iid}"),
            "user_notes_count": Kind::MergeRequestNote.seed().count(world, slot),
            "upvotes": dice % 4,
            "downvotes": 0_u64,
            "author": by(world, writer),
            "assignees": Each([Person(world, assignee)]),
            "assignee": by(world, assignee),
            "reviewers": Each([Person(world, assignee)]),
            "source_project_id": project + 1,
            "target_project_id": project + 1,
            "labels": Each(labels(dice)),
            "draft": dice % 9 == 0,
            "work_in_progress": dice % 9 == 0,
            "milestone": None::<bool>,
            "merge_when_pipeline_succeeds": false,
            "merge_status": "can_be_merged",
            "detailed_merge_status": if state == "opened" { "mergeable" } else { "not_open" },
            "sha": sha.as_str(),
            "merge_commit_sha": (state == "merged").then(|| world.sha(&[34, slot])),
            "squash_commit_sha": None::<bool>,
            "discussion_locked": None::<bool>,
            "should_remove_source_branch": None::<bool>,
            "force_remove_source_branch": true,
            "reference": format_args!("!{iid}"),
            "references": With(|out: &mut Vec<u8>| references(out, '!', iid, &path)),
            "web_url": format_args!("{}/{path}/-/merge_requests/{iid}", world.origin),
            "time_stats": Raw(TIME_STATS),
            "squash": false,
            "squash_on_merge": false,
            "task_completion_status": Raw(r#"{"count":0,"completed_count":0}"#),
            "has_conflicts": false,
            "blocking_discussions_resolved": true,
        );
    }
}

/// A user within a list.
#[derive(Clone, Copy)]
struct Person<'a>(&'a World, u64);

impl crate::json::Json for Person<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        super::people::user(self.0, self.1, out);
    }
}

/// Notes of issues or merge requests.
pub(super) struct Notes(pub(super) Kind);

impl Seed for Notes {
    fn parent(&self) -> Option<Kind> {
        Some(self.0)
    }

    fn most(&self, _: &World) -> u64 {
        5
    }

    fn count(&self, world: &World, parent: u64) -> u64 {
        1 + world.dice(&[35, self.0 as u64, parent]) % 5
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        const TEXTS: [&str; 5] = [
            "Looks good to me.",
            "Could we have a test for the empty case?",
            "Same on staging, I have attached the trace.",
            "Fixed in the last push.",
            "Let us talk about this on Thursday.",
        ];
        let kind = if self.0 == Kind::Issue { Kind::IssueNote } else { Kind::MergeRequestNote };
        let (parent, position) = kind.place(world, slot);
        let (project, iid, dice, born) = at(world, self.0, parent);
        let dice = crate::random::mix(dice, &[position]);
        let written = born.later(3600 * (position + 1) + dice % 3600);
        object!(out;
            "id": slot + 1,
            "type": None::<bool>,
            "body": pick(&TEXTS, dice),
            "attachment": None::<bool>,
            "author": by(world, author(world, project, dice >> 3)),
            "created_at": written,
            "updated_at": written,
            "system": false,
            "noteable_id": parent + 1,
            "noteable_type": if self.0 == Kind::Issue { "Issue" } else { "MergeRequest" },
            "project_id": project + 1,
            "noteable_iid": iid,
            "resolvable": false,
            "confidential": false,
            "internal": false,
            "imported": false,
            "imported_from": "none",
        );
    }
}
