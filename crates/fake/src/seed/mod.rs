//! The seed data: what each kind of thing looks like, as a function of its slot.

mod admin;
mod ci;
mod group;
mod people;
mod project;
mod repository;
mod work;

pub(crate) use repository::{FILES, contents};

use crate::world::World;
use serde_json::Value;

/// A kind of thing that the server holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    User,
    Key,
    Group,
    GroupMember,
    GroupLabel,
    GroupMilestone,
    GroupVariable,
    Project,
    ProjectMember,
    ProjectLabel,
    ProjectMilestone,
    ProjectVariable,
    Issue,
    IssueNote,
    MergeRequest,
    MergeRequestNote,
    Pipeline,
    Job,
    Branch,
    Commit,
    Tag,
    Release,
    ProtectedBranch,
    Hook,
    Environment,
    Event,
    Runner,
    AuditEvent,
}

impl Kind {
    /// All kinds; a kind is its position here.
    pub(crate) const ALL: [Kind; 28] = [
        Kind::User,
        Kind::Key,
        Kind::Group,
        Kind::GroupMember,
        Kind::GroupLabel,
        Kind::GroupMilestone,
        Kind::GroupVariable,
        Kind::Project,
        Kind::ProjectMember,
        Kind::ProjectLabel,
        Kind::ProjectMilestone,
        Kind::ProjectVariable,
        Kind::Issue,
        Kind::IssueNote,
        Kind::MergeRequest,
        Kind::MergeRequestNote,
        Kind::Pipeline,
        Kind::Job,
        Kind::Branch,
        Kind::Commit,
        Kind::Tag,
        Kind::Release,
        Kind::ProtectedBranch,
        Kind::Hook,
        Kind::Environment,
        Kind::Event,
        Kind::Runner,
        Kind::AuditEvent,
    ];

    /// The seed data of the kind.
    pub(crate) fn seed(self) -> &'static dyn Seed {
        match self {
            Kind::User => &people::Users,
            Kind::Key => &people::Keys,
            Kind::Group => &group::Groups,
            Kind::GroupMember => &people::Members(Kind::Group),
            Kind::GroupLabel => &work::Labels(Kind::Group),
            Kind::GroupMilestone => &work::Milestones(Kind::Group),
            Kind::GroupVariable => &admin::Variables(Kind::Group),
            Kind::Project => &project::Projects,
            Kind::ProjectMember => &people::Members(Kind::Project),
            Kind::ProjectLabel => &work::Labels(Kind::Project),
            Kind::ProjectMilestone => &work::Milestones(Kind::Project),
            Kind::ProjectVariable => &admin::Variables(Kind::Project),
            Kind::Issue => &work::Issues,
            Kind::IssueNote => &work::Notes(Kind::Issue),
            Kind::MergeRequest => &work::MergeRequests,
            Kind::MergeRequestNote => &work::Notes(Kind::MergeRequest),
            Kind::Pipeline => &ci::Pipelines,
            Kind::Job => &ci::Jobs,
            Kind::Branch => &repository::Branches,
            Kind::Commit => &repository::Commits,
            Kind::Tag => &repository::Tags,
            Kind::Release => &repository::Releases,
            Kind::ProtectedBranch => &admin::ProtectedBranches,
            Kind::Hook => &admin::Hooks,
            Kind::Environment => &admin::Environments,
            Kind::Event => &admin::Events,
            Kind::Runner => &admin::Runners,
            Kind::AuditEvent => &admin::AuditEvents,
        }
    }

    /// What GitLab calls the kind in messages.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Key => "Key",
            Kind::Group => "Group",
            Kind::GroupMember | Kind::ProjectMember => "Member",
            Kind::GroupLabel | Kind::ProjectLabel => "Label",
            Kind::GroupMilestone | Kind::ProjectMilestone => "Milestone",
            Kind::GroupVariable => "GroupVariable",
            Kind::ProjectVariable => "Variable",
            Kind::Project => "Project",
            Kind::Issue => "Issue",
            Kind::IssueNote | Kind::MergeRequestNote => "Note",
            Kind::MergeRequest => "Merge Request",
            Kind::Pipeline => "Pipeline",
            Kind::Job => "Job",
            Kind::Branch | Kind::ProtectedBranch => "Branch",
            Kind::Commit => "Commit",
            Kind::Tag => "Tag",
            Kind::Release => "Release",
            Kind::Hook => "Hook",
            Kind::Environment => "Environment",
            Kind::Event => "Event",
            Kind::Runner => "Runner",
            Kind::AuditEvent => "Audit Event",
        }
    }

    /// How many slots the seed data of this kind spans. Not every one of them is taken.
    pub(crate) fn capacity(self, world: &World) -> u64 {
        let seed = self.seed();
        match seed.parent() {
            // Groups share all projects among them.
            Some(parent) if self != Kind::Project => parent.capacity(world) * seed.most(world),
            _ => seed.most(world),
        }
    }

    /// Which thing of the parent kind a slot of the seed data belongs to, and at which position.
    pub(crate) fn place(self, world: &World, slot: u64) -> (u64, u64) {
        let seed = self.seed();
        match seed.parent() {
            None => (0, slot),
            Some(Kind::Group) if self == Kind::Project => {
                let group = world.project_group(slot);
                let (first, step, _) = world.group_projects(group);
                (group, slot.saturating_sub(first) / step)
            }
            // What happens in projects is numbered through time, so that ids of projects interleave.
            Some(Kind::Project) => (slot % world.projects.max(1), slot / world.projects.max(1)),
            Some(_) => (slot / seed.most(world), slot % seed.most(world)),
        }
    }

    /// The slots of the seed data that belong to one thing of the parent kind.
    pub(crate) fn run(self, world: &World, parent: u64) -> Run {
        let seed = self.seed();
        match seed.parent() {
            None => Run { first: 0, step: 1, count: seed.count(world, 0) },
            Some(above) if parent >= above.capacity(world) => Run::EMPTY,
            Some(Kind::Group) if self == Kind::Project => {
                let (first, step, count) = world.group_projects(parent);
                Run { first, step, count }
            }
            Some(Kind::Project) => Run { first: parent, step: world.projects, count: seed.count(world, parent) },
            Some(_) => Run { first: parent * seed.most(world), step: 1, count: seed.count(world, parent) },
        }
    }

    /// Whether a slot of the seed data is taken.
    pub(crate) fn exists(self, world: &World, slot: u64) -> bool {
        if slot >= self.capacity(world) {
            return false;
        }
        let (parent, position) = self.place(world, slot);
        position < self.seed().count(world, parent)
            && self.seed().parent().is_none_or(|above| above.exists(world, parent))
    }
}

/// Slots at equal distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: u64,
    pub(crate) step: u64,
    pub(crate) count: u64,
}

impl Run {
    pub(crate) const EMPTY: Run = Run { first: 0, step: 1, count: 0 };

    /// The slot at a position.
    pub(crate) fn at(self, position: u64) -> u64 {
        self.first + position * self.step
    }

    /// All slots.
    pub(crate) fn slots(self) -> impl Iterator<Item = u64> {
        (0..self.count).map(move |position| self.at(position))
    }
}

/// The seed data of one kind.
pub(crate) trait Seed: Sync {
    /// The kind that it lives in; none for the whole instance.
    fn parent(&self) -> Option<Kind>;

    /// The largest [`count`](Seed::count) of any parent.
    fn most(&self, world: &World) -> u64;

    /// How many a parent has.
    fn count(&self, world: &World, parent: u64) -> u64;

    /// Writes the thing at a slot; `brief` asks for the few fields that everybody may see.
    fn write(&self, world: &World, slot: u64, brief: bool, out: &mut Vec<u8>);

    /// One field of the thing at a slot, where that costs less than to write all of it.
    fn fact(&self, _world: &World, _slot: u64, _field: &str) -> Option<Value> {
        None
    }
}

/// Picks one of several texts.
pub(crate) fn pick<'a>(texts: &[&'a str], dice: u64) -> &'a str {
    texts[(dice % texts.len() as u64) as usize]
}
