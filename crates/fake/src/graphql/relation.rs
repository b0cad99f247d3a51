//! How fields of the schema relate to the data of REST.

use crate::seed::Kind;

/// The source of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// Things that live in this one.
    Within(Kind),
    /// Things that live in this group or in one below it.
    Below(Kind),
    /// The thing within this one that has the key in the arguments.
    Named(Kind),
    /// Things with this user's id in a field.
    Whose(Kind, &'static str),
    /// An ancestor of this thing.
    Owner(Kind),
    /// The thing whose id is in a field.
    One(Kind, &'static str),
    /// The users that a field lists.
    People(&'static str),
    /// The labels that a field lists by name.
    Labels,
    /// The access of a member.
    Access,
    /// All groups below this one.
    Descendants,
    /// All things of a kind.
    All(Kind),
    /// The thing with the id, path or name in the arguments.
    Key(Kind),
    /// The user or group that has a full path.
    Namespace,
    /// The current user.
    Caller,
    /// The version of the server, for signed-in users.
    Metadata,
    /// The complexity of the document.
    Complexity,
    /// The text in the arguments, and its sender.
    Echo,
}

/// The data of a root field.
pub(super) fn of_root(field: &str) -> Option<Relation> {
    use Relation::{All, Caller, Complexity, Echo, Key, Metadata, Namespace};
    Some(match field {
        "project" => Key(Kind::Project),
        "group" => Key(Kind::Group),
        "namespace" => Namespace,
        "user" => Key(Kind::User),
        "issue" | "workItem" => Key(Kind::Issue),
        "mergeRequest" => Key(Kind::MergeRequest),
        "milestone" => Key(Kind::ProjectMilestone),
        "note" => Key(Kind::IssueNote),
        "runner" => Key(Kind::Runner),
        "projects" | "adminProjects" => All(Kind::Project),
        "groups" | "adminGroups" => All(Kind::Group),
        "users" => All(Kind::User),
        "issues" => All(Kind::Issue),
        "mergeRequests" => All(Kind::MergeRequest),
        "jobs" => All(Kind::Job),
        "runners" => All(Kind::Runner),
        "currentUser" => Caller,
        "metadata" => Metadata,
        "queryComplexity" => Complexity,
        "echo" => Echo,
        _ => return None,
    })
}

/// The data of a field of a thing in the store.
pub(super) fn of(kind: Kind, field: &str) -> Option<Relation> {
    use Relation::{Access, Below, Descendants, Labels, Named, One, Owner, People, Whose, Within};
    Some(match (kind, field) {
        (Kind::Project, "issues" | "workItems") => Within(Kind::Issue),
        (Kind::Project, "issue" | "workItem") => Named(Kind::Issue),
        (Kind::Project, "mergeRequests") => Within(Kind::MergeRequest),
        (Kind::Project, "mergeRequest") => Named(Kind::MergeRequest),
        (Kind::Project, "pipelines") => Within(Kind::Pipeline),
        (Kind::Project, "pipeline") => Named(Kind::Pipeline),
        (Kind::Project | Kind::Pipeline, "jobs") => Within(Kind::Job),
        (Kind::Project | Kind::Pipeline, "job") => Named(Kind::Job),
        (Kind::Project, "projectMembers") => Within(Kind::ProjectMember),
        (Kind::Project, "milestones") => Within(Kind::ProjectMilestone),
        (Kind::Project, "labels") => Within(Kind::ProjectLabel),
        (Kind::Project, "label") => Named(Kind::ProjectLabel),
        (Kind::Project, "releases") => Within(Kind::Release),
        (Kind::Project, "release") => Named(Kind::Release),
        (Kind::Project, "environments") => Within(Kind::Environment),
        (Kind::Project, "environment") => Named(Kind::Environment),
        (Kind::Project, "ciVariables") => Within(Kind::ProjectVariable),
        (Kind::Project, "group" | "namespace") => Owner(Kind::Group),
        (Kind::Group, "projects") => Within(Kind::Project),
        (Kind::Group, "issues" | "workItems") => Below(Kind::Issue),
        (Kind::Group, "mergeRequests") => Below(Kind::MergeRequest),
        (Kind::Group, "groupMembers") => Within(Kind::GroupMember),
        (Kind::Group, "milestones") => Within(Kind::GroupMilestone),
        (Kind::Group, "labels") => Within(Kind::GroupLabel),
        (Kind::Group, "label") => Named(Kind::GroupLabel),
        (Kind::Group, "ciVariables") => Within(Kind::GroupVariable),
        (Kind::Group, "descendantGroups") => Descendants,
        (Kind::Group, "parent") => One(Kind::Group, "parent_id"),
        (Kind::User, "authoredMergeRequests") => Whose(Kind::MergeRequest, "author.id"),
        (Kind::User, "assignedMergeRequests") => Whose(Kind::MergeRequest, "assignee.id"),
        (Kind::User, "projectMemberships") => Whose(Kind::ProjectMember, "id"),
        (Kind::User, "groupMemberships") => Whose(Kind::GroupMember, "id"),
        (Kind::Issue, "notes") => Within(Kind::IssueNote),
        (Kind::MergeRequest, "notes") => Within(Kind::MergeRequestNote),
        (Kind::Issue | Kind::MergeRequest, "assignees") => People("assignees"),
        (Kind::MergeRequest, "reviewers") => People("reviewers"),
        (Kind::Issue | Kind::MergeRequest, "labels") => Labels,
        (Kind::Issue | Kind::MergeRequest, "milestone") => One(Kind::ProjectMilestone, "milestone.id"),
        (Kind::MergeRequest, "mergeUser") => One(Kind::User, "merge_user.id"),
        (Kind::MergeRequest, "targetProject" | "sourceProject") => Owner(Kind::Project),
        (Kind::Pipeline | Kind::Job, "user") => One(Kind::User, "user.id"),
        (Kind::Job, "pipeline") => Owner(Kind::Pipeline),
        (Kind::ProjectMember | Kind::GroupMember, "user") => One(Kind::User, "id"),
        (Kind::ProjectMember | Kind::GroupMember, "accessLevel") => Access,
        (Kind::GroupMember | Kind::GroupMilestone, "group") => Owner(Kind::Group),
        (Kind::Release, "milestones") => return None,
        (_, "author") => One(Kind::User, "author.id"),
        (kind, "project") if kind != Kind::User && kind != Kind::Group => Owner(Kind::Project),
        _ => return None,
    })
}

/// The name of a field in REST.
pub(super) fn fact(kind: Kind, object: &str, field: &str) -> String {
    match (kind, object, field) {
        (Kind::Project, _, "fullPath") => "path_with_namespace".into(),
        (Kind::Project, _, "nameWithNamespace") => "name_with_namespace".into(),
        (Kind::User, "Namespace", "fullPath" | "path") => "username".into(),
        (Kind::User, "Namespace", "fullName") => "name".into(),
        (Kind::Issue | Kind::MergeRequest, _, "reference") => "references.short".into(),
        (Kind::Issue | Kind::MergeRequest, _, "name") => "title".into(),
        (Kind::MergeRequest, _, "diffHeadSha") => "sha".into(),
        (Kind::MergeRequest, _, "projectId") => "target_project_id".into(),
        (Kind::Job, _, "refName") => "ref".into(),
        (Kind::Job, _, "shortSha") => "commit.short_id".into(),
        (Kind::Job, _, "tags") => "tag_list".into(),
        (Kind::ProjectLabel | Kind::GroupLabel, _, "title") => "name".into(),
        (_, _, field) => snake(field),
    }
}

/// `webUrl` in the style of REST: `web_url`.
pub(super) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The class in the global id of a thing that is shown as an object of the schema.
pub(super) fn class(kind: Kind, object: &str) -> &'static str {
    match kind {
        Kind::User if object == "Namespace" => "Namespaces::UserNamespace",
        Kind::User => "User",
        Kind::Group => "Group",
        Kind::Project => "Project",
        Kind::Issue if object == "WorkItem" => "WorkItem",
        Kind::Issue => "Issue",
        Kind::MergeRequest => "MergeRequest",
        Kind::Pipeline => "Ci::Pipeline",
        Kind::Job => "Ci::Build",
        Kind::Runner => "Ci::Runner",
        Kind::IssueNote | Kind::MergeRequestNote => "Note",
        Kind::GroupMember => "GroupMember",
        Kind::ProjectMember => "ProjectMember",
        Kind::GroupLabel => "GroupLabel",
        Kind::ProjectLabel => "ProjectLabel",
        Kind::GroupMilestone | Kind::ProjectMilestone => "Milestone",
        Kind::ProjectVariable => "Ci::Variable",
        Kind::GroupVariable => "Ci::GroupVariable",
        Kind::Release => "Release",
        Kind::Environment => "Environment",
        kind => kind.label(),
    }
}

/// The object types of a kind, if the schema leaves a choice.
pub(super) fn shown_as(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => &["UserCore"],
        Kind::Issue => &["Issue", "WorkItem"],
        Kind::Pipeline => &["Pipeline"],
        Kind::Job => &["CiJob"],
        Kind::Runner => &["CiRunner"],
        Kind::IssueNote | Kind::MergeRequestNote => &["Note"],
        Kind::GroupMember => &["GroupMember"],
        Kind::ProjectMember => &["ProjectMember"],
        Kind::Project => &["Project"],
        Kind::Group => &["Group", "Namespace"],
        Kind::MergeRequest => &["MergeRequest"],
        Kind::GroupLabel | Kind::ProjectLabel => &["Label"],
        Kind::GroupMilestone | Kind::ProjectMilestone => &["Milestone"],
        Kind::ProjectVariable => &["CiProjectVariable"],
        Kind::GroupVariable => &["CiGroupVariable"],
        Kind::Release => &["Release"],
        Kind::Environment => &["Environment"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_are_converted() {
        assert_eq!(snake("httpUrlToRepo"), "http_url_to_repo");
        assert_eq!(fact(Kind::Project, "Project", "fullPath"), "path_with_namespace");
        assert_eq!(fact(Kind::Group, "Group", "fullPath"), "full_path");
    }
}
