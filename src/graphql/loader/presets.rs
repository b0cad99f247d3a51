//! The loaders that most programs need. They use GitLab's lists by key if there is one.

use super::loaders::{Loader, Loaders};
use super::spec::LoaderSpec;
use glabflow_contract::graphql::GlobalId;
use glabflow_graphql::types::{Group, Issue, Project, UserCore};
use glabflow_graphql::{groups, ids, issues, projects, users};

impl Loaders {
    /// Projects by full path.
    pub fn projects_by_path(&self) -> Loader<String, Project> {
        let lookup = LoaderSpec::field("projects").by_list("fullPaths", "[String!]", "fullPath").folded();
        self.loader(lookup.items_of::<_, projects::ProjectsQuery>())
    }

    /// Projects by id.
    pub fn projects_by_id(&self) -> Loader<GlobalId<ids::Project>, Project> {
        self.loader(LoaderSpec::field("projects").by_list("ids", "[ID!]", "id").items_of::<_, projects::ProjectsQuery>())
    }

    /// Users by username.
    pub fn users_by_username(&self) -> Loader<String, UserCore> {
        let lookup = LoaderSpec::field("users").by_list("usernames", "[String!]", "username").folded();
        self.loader(lookup.items_of::<_, users::UsersQuery>())
    }

    /// Users by id.
    pub fn users_by_id(&self) -> Loader<GlobalId<ids::User>, UserCore> {
        self.loader(LoaderSpec::field("users").by_list("ids", "[ID!]", "id").items_of::<_, users::UsersQuery>())
    }

    /// Groups by full path. Each key is an alias, since GitLab has no list of groups by path.
    pub fn groups_by_path(&self) -> Loader<String, Group> {
        let lookup = LoaderSpec::field("group").argument("fullPath", "ID!").folded();
        self.loader(lookup.output_of::<_, groups::GroupQuery>())
    }

    /// Groups by id.
    pub fn groups_by_id(&self) -> Loader<GlobalId<ids::Group>, Group> {
        self.loader(LoaderSpec::field("groups").by_list("ids", "[ID!]", "id").items_of::<_, groups::GroupsQuery>())
    }

    /// Issues by the full path of their project and their number in it. Issues of one project are one list.
    pub fn issues(&self) -> Loader<(String, i64), Issue> {
        let lookup = LoaderSpec::field("project").argument("fullPath", "ID!").below("issues");
        let lookup = lookup.by_list("iids", "[String!]", "iid").folded();
        self.loader(lookup.items_of::<_, issues::ProjectIssuesQuery>())
    }
}
