//! The paths of lists, and the kinds of things in them.

use crate::filter::Order;
use crate::seed::Kind;

/// The key of a thing in the last part of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// By its id.
    Id,
    /// By its id, or by this field.
    IdOr(&'static str),
    /// By its number within its project.
    Iid,
    /// By a field.
    Field(&'static str),
}

/// A list of things, each of which has its own path below.
#[derive(Debug)]
pub(crate) struct Resource {
    /// The path of the list; parameters without their names.
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
    pub(crate) key: Key,
    /// Whether things are created in this list and have their paths below it. Otherwise it is another view of them.
    pub(crate) home: bool,
}

const fn home(path: &'static str, kind: Kind, key: Key) -> Resource {
    Resource { path, kind, key, home: true }
}

const fn view(path: &'static str, kind: Kind) -> Resource {
    Resource { path, kind, key: Key::Id, home: false }
}

/// Every path whose things are in the store. All others are synthesized from the schema.
pub(crate) const RESOURCES: &[Resource] = &[
    home("/users", Kind::User, Key::IdOr("username")),
    home("/users/{}/keys", Kind::Key, Key::Id),
    home("/groups", Kind::Group, Key::IdOr("full_path")),
    view("/groups/{}/subgroups", Kind::Group),
    view("/groups/{}/descendant_groups", Kind::Group),
    view("/groups/{}/projects", Kind::Project),
    view("/groups/{}/issues", Kind::Issue),
    view("/groups/{}/merge_requests", Kind::MergeRequest),
    home("/groups/{}/members", Kind::GroupMember, Key::Id),
    home("/groups/{}/members/all", Kind::GroupMember, Key::Id),
    home("/groups/{}/labels", Kind::GroupLabel, Key::IdOr("name")),
    home("/groups/{}/milestones", Kind::GroupMilestone, Key::Id),
    home("/groups/{}/variables", Kind::GroupVariable, Key::Field("key")),
    home("/projects", Kind::Project, Key::IdOr("path_with_namespace")),
    view("/users/{}/projects", Kind::Project),
    home("/projects/{}/members", Kind::ProjectMember, Key::Id),
    home("/projects/{}/members/all", Kind::ProjectMember, Key::Id),
    home("/projects/{}/labels", Kind::ProjectLabel, Key::IdOr("name")),
    home("/projects/{}/milestones", Kind::ProjectMilestone, Key::Id),
    home("/projects/{}/variables", Kind::ProjectVariable, Key::Field("key")),
    home("/projects/{}/issues", Kind::Issue, Key::Iid),
    home("/projects/{}/issues/{}/notes", Kind::IssueNote, Key::Id),
    home("/projects/{}/merge_requests", Kind::MergeRequest, Key::Iid),
    home("/projects/{}/merge_requests/{}/notes", Kind::MergeRequestNote, Key::Id),
    home("/projects/{}/pipelines", Kind::Pipeline, Key::Id),
    view("/projects/{}/pipelines/{}/jobs", Kind::Job),
    home("/projects/{}/jobs", Kind::Job, Key::Id),
    home("/projects/{}/repository/branches", Kind::Branch, Key::Field("name")),
    home("/projects/{}/repository/commits", Kind::Commit, Key::Field("id")),
    home("/projects/{}/repository/tags", Kind::Tag, Key::Field("name")),
    home("/projects/{}/releases", Kind::Release, Key::Field("tag_name")),
    home("/projects/{}/protected_branches", Kind::ProtectedBranch, Key::Field("name")),
    home("/projects/{}/hooks", Kind::Hook, Key::Id),
    home("/projects/{}/environments", Kind::Environment, Key::Id),
    view("/projects/{}/events", Kind::Event),
    view("/issues", Kind::Issue),
    view("/merge_requests", Kind::MergeRequest),
    view("/events", Kind::Event),
    home("/runners", Kind::Runner, Key::Id),
    view("/runners/all", Kind::Runner),
    home("/audit_events", Kind::AuditEvent, Key::Id),
];

/// The resource whose list is at a path, as a position in [`RESOURCES`].
pub(crate) fn at(path: &str) -> Option<usize> {
    RESOURCES.iter().position(|resource| resource.path == path)
}

/// The path without the names of its parameters.
pub(crate) fn pattern(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                out.push_str("{}");
            }
            '}' => inside = false,
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

impl Kind {
    /// The default order of a list of this kind.
    pub(crate) fn order(self) -> Order {
        let (field, backwards) = match self {
            Kind::User | Kind::Pipeline | Kind::Job | Kind::AuditEvent => ("id", true),
            Kind::Project | Kind::Issue | Kind::MergeRequest | Kind::Commit | Kind::Event | Kind::Release => {
                ("created_at", true)
            }
            Kind::IssueNote | Kind::MergeRequestNote => ("created_at", true),
            Kind::Group | Kind::Branch | Kind::Tag => ("name", false),
            _ => ("id", false),
        };
        Order { field: field.to_owned(), backwards }
    }

    /// The fields that a search covers.
    pub(crate) fn searched(self) -> &'static [&'static str] {
        match self {
            Kind::User | Kind::GroupMember | Kind::ProjectMember => &["name", "username", "email"],
            Kind::Project => &["name", "path", "description"],
            Kind::Group => &["name", "path"],
            Kind::Issue | Kind::MergeRequest => &["title", "description"],
            Kind::GroupMilestone | Kind::ProjectMilestone => &["title", "description"],
            _ => &["name", "title", "body", "message"],
        }
    }

    /// The class of Rails objects that the error of the page limit names.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Kind::Job => "Ci::Build",
            Kind::MergeRequest => "MergeRequest",
            Kind::AuditEvent => "AuditEvent",
            kind => kind.label(),
        }
    }
}
