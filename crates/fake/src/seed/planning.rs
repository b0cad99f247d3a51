//! Planning: labels and milestones.

use super::kind::{Kind, Seed};
use crate::json::object;
use crate::world::World;

pub(super) const LABELS: [(&str, &str); 8] = [
    ("bug", "#d9534f"),
    ("feature", "#428bca"),
    ("maintenance", "#5cb85c"),
    ("security", "#ff0000"),
    ("documentation", "#f0ad4e"),
    ("backend", "#34495e"),
    ("frontend", "#8e44ad"),
    ("needs triage", "#cccccc"),
];

/// Labels of groups or projects.
pub(super) struct Labels(pub(super) Kind);

impl Seed for Labels {
    fn parent(&self) -> Option<Kind> {
        Some(self.0)
    }

    fn most(&self, _: &World) -> u64 {
        LABELS.len() as u64
    }

    fn count(&self, _: &World, _: u64) -> u64 {
        LABELS.len() as u64
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let kind = if self.0 == Kind::Group { Kind::GroupLabel } else { Kind::ProjectLabel };
        let (_, position) = kind.place(world, slot);
        let (name, color) = LABELS[position as usize];
        let dice = world.dice(&[36, kind as u64, slot]);
        object!(out;
            "id": slot + 1,
            "name": name,
            "description": format_args!("Everything about {name}"),
            "description_html": format_args!("Everything about {name}"),
            "text_color": "#FFFFFF",
            "color": color,
            "archived": false,
            "subscribed": false,
            "priority": None::<bool>,
            "is_project_label": self.0 == Kind::Project,
            "open_issues_count": dice % 12,
            "closed_issues_count": dice / 12 % 12,
            "open_merge_requests_count": dice / 144 % 6,
        );
    }
}

/// Milestones of groups or projects.
pub(super) struct Milestones(pub(super) Kind);

impl Seed for Milestones {
    fn parent(&self) -> Option<Kind> {
        Some(self.0)
    }

    fn most(&self, _: &World) -> u64 {
        4
    }

    fn count(&self, world: &World, parent: u64) -> u64 {
        1 + world.dice(&[37, self.0 as u64, parent]) % 4
    }

    fn write(&self, world: &World, slot: u64, _: bool, out: &mut Vec<u8>) {
        let group = self.0 == Kind::Group;
        let kind = if group { Kind::GroupMilestone } else { Kind::ProjectMilestone };
        let (parent, position) = kind.place(world, slot);
        let born = world.born(slot, kind.capacity(world));
        let path = if group { world.group_full_path(parent) } else { world.project_full_path(parent) };
        let prefix = if group { "groups/" } else { "" };
        object!(out;
            "id": slot + 1,
            "iid": position + 1,
            "project_id": (!group).then_some(parent + 1),
            "group_id": group.then_some(parent + 1),
            "title": format_args!("1.{position}"),
            "description": format_args!("Everything that goes into release 1.{position}"),
            "state": if position == 0 { "closed" } else { "active" },
            "created_at": born,
            "updated_at": born.later(86_400),
            "due_date": born.later(86_400 * 90).day(),
            "start_date": born.day(),
            "expired": position == 0,
            "web_url": format_args!("{}/{prefix}{path}/-/milestones/{}", world.origin, position + 1),
        );
    }
}
