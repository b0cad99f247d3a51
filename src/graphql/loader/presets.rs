//! The loaders that most programs need. Where GitLab has a list by key, they use it.

use super::loaders::{Loader, Loaders};
use super::spec::Spec;
use glabflow_contract::graphql::GlobalId;
use glabflow_graphql::types::{Group, Issue, Project, UserCore};
use glabflow_graphql::{groups, ids, issues, projects, users};

impl Loaders {
    /// Projects by full path.
    pub fn projects_by_path(&self) -> Loader<String, Project> {
        let lookup = Spec::field("projects").by_list("fullPaths", "[String!]", "fullPath").folded();
        self.loader(lookup.items_of::<_, projects::ProjectsQuery>())
    }

    /// Projects by id.
    pub fn projects_by_id(&self) -> Loader<GlobalId<ids::Project>, Project> {
        self.loader(Spec::field("projects").by_list("ids", "[ID!]", "id").items_of::<_, projects::ProjectsQuery>())
    }

    /// Users by name.
    pub fn users_by_username(&self) -> Loader<String, UserCore> {
        let lookup = Spec::field("users").by_list("usernames", "[String!]", "username").folded();
        self.loader(lookup.items_of::<_, users::UsersQuery>())
    }

    /// Users by id.
    pub fn users_by_id(&self) -> Loader<GlobalId<ids::User>, UserCore> {
        self.loader(Spec::field("users").by_list("ids", "[ID!]", "id").items_of::<_, users::UsersQuery>())
    }

    /// Groups by full path, each as an alias: GitLab has no list of groups by path.
    pub fn groups_by_path(&self) -> Loader<String, Group> {
        let lookup = Spec::field("group").argument("fullPath", "ID!").folded();
        self.loader(lookup.output_of::<_, groups::GroupQuery>())
    }

    /// Groups by id.
    pub fn groups_by_id(&self) -> Loader<GlobalId<ids::Group>, Group> {
        self.loader(Spec::field("groups").by_list("ids", "[ID!]", "id").items_of::<_, groups::GroupsQuery>())
    }

    /// Issues by the full path of their project and their number there. Those of one project are asked for together.
    pub fn issues(&self) -> Loader<(String, i64), Issue> {
        let lookup = Spec::field("project").argument("fullPath", "ID!").below("issues");
        let lookup = lookup.by_list("iids", "[String!]", "iid").folded();
        self.loader(lookup.items_of::<_, issues::ProjectIssuesQuery>())
    }
}
