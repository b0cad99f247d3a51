//! Continuous integration: pipelines and jobs.

use super::kind::{Kind, Seed};
use super::project::{author, by};
use crate::json::{Each, Raw, With, object};
use crate::random::pick;
use crate::time::Time;
use crate::world::World;
use serde_json::Value;

const STATUSES: [&str; 10] =
    ["success", "success", "success", "success", "success", "failed", "failed", "canceled", "skipped", "success"];
const SOURCES: [&str; 5] = ["push", "push", "merge_request_event", "schedule", "web"];
/// Stage and name of a pipeline's jobs.
const JOBS: [(&str, &str); 6] = [
    ("build", "compile"),
    ("test", "unit tests"),
    ("test", "lint"),
    ("test", "integration tests"),
    ("package", "image"),
    ("deploy", "staging"),
];

/// All pipelines.
pub(super) struct Pipelines;

fn dice(world: &World, pipeline: u64) -> u64 {
    world.dice(&[40, pipeline])
}

/// The status of a pipeline; the last one of a project is still running.
fn status(world: &World, slot: u64) -> &'static str {
    let (project, position) = Kind::Pipeline.place(world, slot);
    if position + 1 == Pipelines.count(world, project) { "running" } else { pick(&STATUSES, dice(world, slot)) }
}

fn branch(dice: u64) -> &'static str {
    if dice >> 8 & 3 == 0 { "develop" } else { "main" }
}

fn born(world: &World, slot: u64) -> Time {
    world.born(slot, Kind::Pipeline.capacity(world))
}

fn finished(status: &str) -> bool {
    matches!(status, "success" | "failed" | "canceled")
}

impl Seed for Pipelines {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Project)
    }

    fn most(&self, _: &World) -> u64 {
        50
    }

    fn count(&self, world: &World, project: u64) -> u64 {
        10 + world.dice(&[41, project]) % 41
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        Some(match field {
            "id" => (slot + 1).into(),
            "status" => status(world, slot).into(),
            "ref" => branch(dice(world, slot)).into(),
            "source" => pick(&SOURCES, dice(world, slot) >> 4).into(),
            "created_at" => born(world, slot).text().into(),
            _ => return None,
        })
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (project, position) = Kind::Pipeline.place(world, slot);
        let dice = dice(world, slot);
        let (status, born) = (status(world, slot), born(world, slot));
        let duration = 60 + dice % 1500;
        let done = finished(status);
        let started = (status != "skipped").then(|| born.later(5));
        object!(out;
            "id": slot + 1,
            "iid": position + 1,
            "project_id": project + 1,
            "sha": world.sha(&[42, slot]),
            "ref": branch(dice),
            "status": status,
            "source": pick(&SOURCES, dice >> 4),
            "created_at": born,
            "updated_at": born.later(if done { duration + 5 } else { 30 }),
            "web_url": format_args!("{}/{}/-/pipelines/{}", world.origin, world.project_full_path(project), slot + 1),
            "before_sha": world.sha(&[43, slot]),
            "tag": false,
            "name": None::<bool>,
            "yaml_errors": None::<bool>,
            "user": by(world, author(world, project, dice >> 12)),
            "started_at": started,
            "finished_at": done.then(|| born.later(duration + 5)),
            "committed_at": None::<bool>,
            "duration": done.then_some(duration),
            "queued_duration": 5_u64,
            "coverage": None::<bool>,
        );
    }
}

/// All jobs.
pub(super) struct Jobs;

impl Jobs {
    fn status(world: &World, slot: u64) -> &'static str {
        let (pipeline, position) = Kind::Job.place(world, slot);
        let last = position + 1 == Jobs.count(world, pipeline);
        match status(world, pipeline) {
            "failed" if last => "failed",
            "canceled" if last => "canceled",
            "running" if last => "running",
            "skipped" => "skipped",
            _ => "success",
        }
    }
}

impl Seed for Jobs {
    fn parent(&self) -> Option<Kind> {
        Some(Kind::Pipeline)
    }

    fn most(&self, _: &World) -> u64 {
        JOBS.len() as u64
    }

    fn count(&self, world: &World, pipeline: u64) -> u64 {
        3 + world.dice(&[44, pipeline]) % 4
    }

    fn fact(&self, world: &World, slot: u64, field: &str) -> Option<Value> {
        let (_, position) = Kind::Job.place(world, slot);
        Some(match field {
            "id" => (slot + 1).into(),
            "status" => Jobs::status(world, slot).into(),
            "name" => JOBS[position as usize].1.into(),
            "stage" => JOBS[position as usize].0.into(),
            _ => return None,
        })
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let (pipeline, position) = Kind::Job.place(world, slot);
        let (project, _) = Kind::Pipeline.place(world, pipeline);
        let of = dice(world, pipeline);
        let dice = world.dice(&[45, slot]);
        let status = Jobs::status(world, slot);
        let (stage, name) = JOBS[position as usize];
        let started = born(world, pipeline).later(5 + position * 40);
        let seconds = 10 + dice % 300;
        let path = world.project_full_path(project);
        object!(out;
            "id": slot + 1,
            "status": status,
            "stage": stage,
            "name": name,
            "ref": branch(of),
            "tag": false,
            "coverage": None::<bool>,
            "allow_failure": name == "lint",
            "created_at": born(world, pipeline),
            "started_at": (status != "skipped").then_some(started),
            "finished_at": finished(status).then(|| started.later(seconds)),
            "erased_at": None::<bool>,
            "duration": finished(status).then_some(seconds),
            "queued_duration": dice % 20,
            "user": by(world, author(world, project, of >> 12)),
            "commit": With(|out: &mut Vec<u8>| {
                let sha = world.sha(&[42, pipeline]);
                object!(out;
                    "id": sha.as_str(),
                    "short_id": &sha[..8],
                    "title": "Work in small steps",
                    "message": "Work in small steps\n",
                    "created_at": born(world, pipeline),
                );
            }),
            "pipeline": With(|out: &mut Vec<u8>| object!(out;
                "id": pipeline + 1,
                "project_id": project + 1,
                "ref": branch(of),
                "sha": world.sha(&[42, pipeline]),
                "status": self::status(world, pipeline),
            )),
            "failure_reason": (status == "failed").then_some("script_failure"),
            "web_url": format_args!("{}/{path}/-/jobs/{}", world.origin, slot + 1),
            "project": Raw(r#"{"ci_job_token_scope_enabled":false}"#),
            "artifacts": Raw("[]"),
            "runner": None::<bool>,
            "runner_manager": None::<bool>,
            "artifacts_expire_at": None::<bool>,
            "archived": false,
            "tag_list": Each(["linux", "docker"]),
        );
    }
}
