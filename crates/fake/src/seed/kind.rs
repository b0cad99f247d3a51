//! The kinds of things in the store, and the trait of their seed data.

use crate::world::World;
use serde_json::Value;

/// A kind of thing in the store.
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
}

/// The seed data of one kind.
pub(crate) trait Seed: Sync {
    /// The parent kind; `None` for things of the instance.
    fn parent(&self) -> Option<Kind>;

    /// The largest [`count`](Seed::count) of any parent.
    fn most(&self, world: &World) -> u64;

    /// The number of things of a parent.
    fn count(&self, world: &World, parent: u64) -> u64;

    /// Writes the thing at a slot; `brief` writes only the public fields.
    fn write(&self, world: &World, slot: u64, brief: bool, out: &mut Vec<u8>);

    /// One field of the thing at a slot, if that is cheaper than writing all of them.
    fn fact(&self, _world: &World, _slot: u64, _field: &str) -> Option<Value> {
        None
    }
}
