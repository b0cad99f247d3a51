//! The seed data: each thing as a function of its kind and slot.

mod admin;
mod ci;
mod group;
mod kind;
mod people;
mod planning;
mod project;
mod repository;
mod slots;
mod work;

pub(crate) use kind::{Kind, Seed};
pub(crate) use repository::{FILES, contents};
pub(crate) use slots::Run;

impl Kind {
    /// The seed data of the kind.
    pub(crate) fn seed(self) -> &'static dyn Seed {
        match self {
            Kind::User => &people::Users,
            Kind::Key => &people::Keys,
            Kind::Group => &group::Groups,
            Kind::GroupMember => &people::Members(Kind::Group),
            Kind::GroupLabel => &planning::Labels(Kind::Group),
            Kind::GroupMilestone => &planning::Milestones(Kind::Group),
            Kind::GroupVariable => &admin::Variables(Kind::Group),
            Kind::Project => &project::Projects,
            Kind::ProjectMember => &people::Members(Kind::Project),
            Kind::ProjectLabel => &planning::Labels(Kind::Project),
            Kind::ProjectMilestone => &planning::Milestones(Kind::Project),
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
}
