//! The company in the seed data: numbers, names and memberships.
//!
//! Everything is a function of the seed and a *slot*, the position of a thing among all things of its kind. An id is
//! the slot plus one. Memory use does not depend on the number of users or projects.

use crate::random::{mix, sha};
use crate::time::Time;

/// The first moment of the seed data, 2019-01-07.
const BEGIN: u64 = 1_546_819_200_000;
/// The age of the company in milliseconds: until the spring of 2026.
const SPAN: u64 = 7 * 365 * 86_400_000;
/// Departments right below the root group; all other groups are teams below one of these.
const DEPARTMENTS: [&str; 6] = ["engineering", "platform", "data", "security", "mobile", "operations"];
const TEAMS: [&str; 8] = ["backend", "frontend", "core", "tooling", "reliability", "insights", "payments", "identity"];
const FIRST_NAMES: [&str; 32] = [
    "Ada", "Amir", "Anna", "Bao", "Carmen", "Chen", "Dana", "Diego", "Elif", "Emma", "Farid", "Grace", "Hana", "Ivan",
    "Jonas", "Kofi", "Lena", "Luca", "Maya", "Mei", "Nadia", "Noah", "Olga", "Omar", "Priya", "Quinn", "Rosa", "Sara",
    "Tariq", "Uma", "Yuki", "Zoe",
];
const LAST_NAMES: [&str; 32] = [
    "Abebe",
    "Andersson",
    "Bauer",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ito",
    "Jensen",
    "Kumar",
    "Larsen",
    "Martin",
    "Moreau",
    "Nguyen",
    "Okafor",
    "Park",
    "Patel",
    "Petrov",
    "Quispe",
    "Rossi",
    "Sato",
    "Schmidt",
    "Silva",
    "Singh",
    "Tanaka",
    "Ueda",
    "Vega",
    "Weber",
    "Yilmaz",
    "Zhang",
];
const SUBJECTS: [&str; 28] = [
    "billing",
    "catalog",
    "checkout",
    "search",
    "inventory",
    "pricing",
    "shipping",
    "orders",
    "accounts",
    "audit",
    "notification",
    "report",
    "ledger",
    "recommendation",
    "session",
    "media",
    "geo",
    "tax",
    "returns",
    "loyalty",
    "fraud",
    "invoice",
    "support",
    "campaign",
    "warehouse",
    "metrics",
    "feature",
    "schema",
];
const SHAPES: [&str; 12] =
    ["service", "api", "worker", "gateway", "ui", "sdk", "cli", "pipeline", "operator", "proxy", "docs", "infra"];

/// The sizes that the builder sets, and the seed.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) users: u64,
    pub(crate) groups: u64,
    pub(crate) projects: u64,
    /// Scheme, authority and relative root of the server, without a slash at the end.
    pub(crate) origin: String,
    /// The version that the server reports: `18.6.0-ee`.
    pub(crate) version: String,
}

/// The slot of the administrator.
pub(crate) const ROOT: u64 = 0;
/// The slot of the plain user of the demo tokens.
pub(crate) const DEMO: u64 = 1;

/// The names of a person.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) username: String,
}

impl World {
    /// A number for a fact of this world.
    pub(crate) fn dice(&self, names: &[u64]) -> u64 {
        mix(self.seed, names)
    }

    /// Whether the server reports the Enterprise edition.
    pub(crate) fn is_enterprise(&self) -> bool {
        self.version.ends_with("-ee")
    }

    /// A commit id for a fact of this world.
    pub(crate) fn sha(&self, names: &[u64]) -> String {
        sha(self.seed, names)
    }

    /// The creation time of the thing at a slot of `count`: later slots are younger.
    pub(crate) fn born(&self, slot: u64, count: u64) -> Time {
        let step = (SPAN / count.max(1)).max(1);
        Time(BEGIN + slot * step + self.dice(&[0xb0, slot]) % step)
    }

    /// The names of the user at a slot.
    pub(crate) fn person(&self, slot: u64) -> Person {
        match slot {
            ROOT => Person { name: "Administrator".into(), username: "root".into() },
            DEMO => Person { name: "Devon Demo".into(), username: "demo".into() },
            _ => {
                let dice = self.dice(&[1, slot]);
                let first = FIRST_NAMES[(dice % 32) as usize];
                let last = LAST_NAMES[(dice / 32 % 32) as usize];
                let mut username = String::with_capacity(24);
                username.push_str(first);
                username.push('.');
                username.push_str(last);
                username.make_ascii_lowercase();
                username.push_str(&(slot + 1).to_string());
                Person { name: [first, " ", last].concat(), username }
            }
        }
    }

    /// The slot of the user of this name.
    pub(crate) fn user_named(&self, username: &str) -> Option<u64> {
        let username = username.to_ascii_lowercase();
        let slot = match username.as_str() {
            "root" => ROOT,
            "demo" => DEMO,
            other => {
                let digits = other.find(|c: char| c.is_ascii_digit())?;
                other[digits..].parse::<u64>().ok()?.checked_sub(1)?
            }
        };
        (slot < self.users && self.person(slot).username == username).then_some(slot)
    }

    /// `active`, `blocked` or `deactivated`.
    pub(crate) fn user_state(&self, slot: u64) -> &'static str {
        if slot <= DEMO {
            return "active";
        }
        match self.dice(&[2, slot]) % 50 {
            0 | 1 => "blocked",
            2 => "deactivated",
            _ => "active",
        }
    }

    /// The group above a group; none for the root.
    pub(crate) fn group_parent(&self, slot: u64) -> Option<u64> {
        let departments = DEPARTMENTS.len() as u64;
        match slot {
            0 => None,
            _ if slot <= departments => Some(0),
            _ => Some(1 + (slot - 1 - departments) % departments),
        }
    }

    /// The last part of a group's path.
    pub(crate) fn group_path(&self, slot: u64) -> String {
        let departments = DEPARTMENTS.len() as u64;
        match slot {
            0 => "acme".into(),
            _ if slot <= departments => DEPARTMENTS[(slot - 1) as usize].into(),
            _ => {
                let team = (slot - 1 - departments) / departments;
                let round = team / TEAMS.len() as u64;
                let name = TEAMS[(team % TEAMS.len() as u64) as usize];
                if round == 0 { name.into() } else { format!("{name}-{round}") }
            }
        }
    }

    /// The full path of a group, `acme/engineering/backend`.
    pub(crate) fn group_full_path(&self, slot: u64) -> String {
        match self.group_parent(slot) {
            Some(parent) => format!("{}/{}", self.group_full_path(parent), self.group_path(slot)),
            None => self.group_path(slot),
        }
    }

    /// The full name of a group, `Acme / Engineering / Backend`.
    pub(crate) fn group_full_name(&self, slot: u64) -> String {
        match self.group_parent(slot) {
            Some(parent) => format!("{} / {}", self.group_full_name(parent), title(&self.group_path(slot))),
            None => title(&self.group_path(slot)),
        }
    }

    /// The slot of the group of this full path.
    pub(crate) fn group_at(&self, full_path: &str) -> Option<u64> {
        (0..self.groups).find(|slot| self.group_full_path(*slot).eq_ignore_ascii_case(full_path))
    }

    /// `public`, `internal` or `private`.
    pub(crate) fn group_visibility(&self, slot: u64) -> &'static str {
        // The root and the departments are public, so that no project is more visible than its group.
        if slot <= DEPARTMENTS.len() as u64 { "public" } else { ["public", "internal", "private"][(slot % 3) as usize] }
    }

    /// The group of a project. The root group has none.
    pub(crate) fn project_group(&self, slot: u64) -> u64 {
        if self.groups <= 1 { 0 } else { 1 + slot % (self.groups - 1) }
    }

    /// The projects of a group: the first slot, the distance between slots, and the number of projects.
    pub(crate) fn group_projects(&self, group: u64) -> (u64, u64, u64) {
        if self.groups <= 1 {
            return (0, 1, self.projects);
        }
        let step = self.groups - 1;
        match group.checked_sub(1) {
            Some(first) if first < self.projects => (first, step, (self.projects - first).div_ceil(step)),
            _ => (0, 1, 0),
        }
    }

    /// The last part of a project's path.
    pub(crate) fn project_path(&self, slot: u64) -> String {
        let (subjects, shapes) = (SUBJECTS.len() as u64, SHAPES.len() as u64);
        let subject = SUBJECTS[(slot % subjects) as usize];
        let shape = SHAPES[((slot / subjects + slot) % shapes) as usize];
        let round = slot / (subjects * shapes);
        if round == 0 { format!("{subject}-{shape}") } else { format!("{subject}-{shape}-{round}") }
    }

    /// The full path of a project.
    pub(crate) fn project_full_path(&self, slot: u64) -> String {
        format!("{}/{}", self.group_full_path(self.project_group(slot)), self.project_path(slot))
    }

    /// The slot of the project of this full path.
    pub(crate) fn project_at(&self, full_path: &str) -> Option<u64> {
        let (_, path) = full_path.rsplit_once('/')?;
        let mut parts = path.split('-');
        let subject = parts.next()?.to_ascii_lowercase();
        parts.next()?;
        let round = parts.next().map_or(Some(0), |round| round.parse::<u64>().ok())?;
        let (subjects, shapes) = (SUBJECTS.len() as u64, SHAPES.len() as u64);
        let subject = SUBJECTS.iter().position(|name| *name == subject)? as u64;
        // A path contains its subject and its round. There is one candidate for each row of the round.
        (0..shapes)
            .map(|row| round.saturating_mul(subjects * shapes).saturating_add(row * subjects + subject))
            .find(|slot| *slot < self.projects && self.project_full_path(*slot).eq_ignore_ascii_case(full_path))
    }

    /// `public`, `internal` or `private`.
    pub(crate) fn project_visibility(&self, slot: u64) -> &'static str {
        match self.dice(&[3, slot]) % 10 {
            0..5 => "private",
            5..8 => "internal",
            _ => "public",
        }
    }

    /// Whether a project is archived.
    pub(crate) fn project_archived(&self, slot: u64) -> bool {
        self.dice(&[4, slot]).is_multiple_of(12)
    }

    /// The number of members of a project or group.
    pub(crate) fn member_count(&self, namespace: Namespace) -> u64 {
        let most = 1 + u64::from(self.has_demo(namespace)) + self.users.saturating_sub(2);
        (3 + self.dice(&[5, namespace.tag(), namespace.slot()]) % 10).min(most)
    }

    /// Whether the plain user of the demo tokens is a member.
    fn has_demo(&self, namespace: Namespace) -> bool {
        self.users > DEMO && namespace.slot().is_multiple_of(3)
    }

    /// The user at a position among the members, and the access level.
    pub(crate) fn member(&self, namespace: Namespace, position: u64) -> (u64, u64) {
        match position {
            0 => (ROOT, 50),
            1 if self.has_demo(namespace) => (DEMO, if namespace.slot().is_multiple_of(2) { 40 } else { 30 }),
            _ => {
                let others = self.users.saturating_sub(2).max(1);
                let start = self.dice(&[6, namespace.tag(), namespace.slot()]) % others;
                let level = self.dice(&[7, namespace.tag(), namespace.slot(), position]) % 6;
                (2 + (start + position) % others, [30, 30, 40, 20, 30, 10][level as usize])
            }
        }
    }

    /// The access level of a user in a project or group; zero for users who are not members.
    pub(crate) fn access(&self, namespace: Namespace, user: u64) -> u64 {
        (0..self.member_count(namespace))
            .map(|position| self.member(namespace, position))
            .filter(|(member, _)| *member == user)
            .map(|(_, level)| level)
            .max()
            .unwrap_or(0)
    }
}

/// A group or project with members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    Group(u64),
    Project(u64),
}

impl Namespace {
    fn tag(self) -> u64 {
        match self {
            Namespace::Group(_) => 0,
            Namespace::Project(_) => 1,
        }
    }

    fn slot(self) -> u64 {
        match self {
            Namespace::Group(slot) | Namespace::Project(slot) => slot,
        }
    }
}

/// A name from a path: `checkout-api` is called `Checkout Api`.
pub(crate) fn title(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    let mut start = true;
    for c in path.chars() {
        if c == '-' {
            name.push(' ');
            start = true;
        } else if start {
            name.extend(c.to_uppercase());
            start = false;
        } else {
            name.push(c);
        }
    }
    name
}
