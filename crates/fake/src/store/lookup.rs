//! Finds things by id, by number within a project, by path or by name.

use super::data::Store;
use super::selection::Scope;
use crate::filter::Filter;
use crate::resource::{Key, Resource};
use crate::seed::Kind;
use crate::world::Namespace;

impl Store {
    /// The slot within a scope whose field has this text.
    pub(crate) fn find(&self, kind: Kind, scope: &Scope, field: &str, text: &str) -> Option<u64> {
        let is = Filter::Is(field.to_owned(), text.to_owned());
        self.slots(kind, scope).into_iter().find(|slot| is.passes(&self.item(kind, *slot)))
    }

    /// All slots within a scope whose field has this text.
    pub(crate) fn find_all(&self, kind: Kind, scope: &Scope, field: &str, text: &str) -> Vec<u64> {
        let is = Filter::Is(field.to_owned(), text.to_owned());
        let mut slots = self.slots(kind, scope);
        slots.retain(|slot| is.passes(&self.item(kind, *slot)));
        slots
    }

    /// The thing with a number within its project.
    pub(crate) fn find_iid(&self, kind: Kind, parent: u64, iid: u64) -> Option<u64> {
        let run = kind.run(&self.world, parent);
        let at = iid.checked_sub(1)?;
        if at < run.count {
            return Some(run.at(at));
        }
        let capacity = kind.capacity(&self.world);
        let of_parent = self.overlay(kind).made.iter().enumerate().filter(|(_, made)| made.parent == parent);
        let at = usize::try_from(at - run.count).ok()?;
        of_parent.map(|(made, _)| capacity + made as u64).nth(at)
    }

    /// The commit of an abbreviated id, a branch or a tag of a project.
    pub(crate) fn commit_of(&self, project: u64, name: &str) -> Option<u64> {
        let scope = Scope::Within(Kind::Project, vec![project]);
        let commits = self.slots(Kind::Commit, &scope);
        let id = |slot: u64| self.item(Kind::Commit, slot).fact("id");
        if name.len() >= 7 {
            let known = commits.iter().find(|slot| id(**slot).as_str().is_some_and(|sha| sha.starts_with(name)));
            if let Some(slot) = known {
                return Some(*slot);
            }
        }
        if name == "HEAD" {
            return commits.last().copied();
        }
        let at = [Kind::Branch, Kind::Tag].into_iter().find_map(|kind| {
            let slot = self.find(kind, &scope, "name", name)?;
            Some(self.item(kind, slot).fact("commit.id"))
        })?;
        commits.into_iter().find(|slot| id(*slot) == at)
    }

    /// A group and all groups below it.
    pub(crate) fn group_and_below(&self, group: u64) -> Vec<u64> {
        let path = |slot: u64| self.item(Kind::Group, slot).fact("full_path").as_str().unwrap_or_default().to_owned();
        let prefix = format!("{}/", path(group));
        let mut groups = self.slots(Kind::Group, &Scope::All);
        groups.retain(|slot| *slot == group || path(*slot).starts_with(&prefix));
        groups
    }

    /// The access level of a user in a project or group; zero for users who are not members.
    pub(crate) fn access(&self, namespace: Namespace, user: u64) -> u64 {
        let (kind, above, slot) = match namespace {
            Namespace::Group(slot) => (Kind::GroupMember, Kind::Group, slot),
            Namespace::Project(slot) => (Kind::ProjectMember, Kind::Project, slot),
        };
        let overlay = self.overlay(kind);
        if overlay.made.is_empty() && overlay.changed.is_empty() && overlay.gone.is_empty() {
            return if slot < above.capacity(&self.world) { self.world.access(namespace, user) } else { 0 };
        }
        self.find(kind, &Scope::Within(above, vec![slot]), "id", &(user + 1).to_string())
            .and_then(|slot| self.item(kind, slot).fact("access_level").as_u64())
            .unwrap_or(0)
    }

    /// The thing with a key within its parent.
    pub(crate) fn named(&self, resource: &Resource, parent: Option<(Kind, u64)>, key: &str) -> Option<u64> {
        let kind = resource.kind;
        let scope = parent.map_or(Scope::All, |(above, slot)| Scope::Within(above, vec![slot]));
        let within = |slot: &u64| {
            self.exists(kind, *slot)
                && parent.is_none_or(|(above, parent)| self.ancestor(kind, *slot, above) == Some(parent))
        };
        let by_id = || key.parse::<u64>().ok()?.checked_sub(1).filter(within);
        match resource.key {
            Key::Id if matches!(kind, Kind::GroupMember | Kind::ProjectMember) => self.find(kind, &scope, "id", key),
            Key::Id => by_id(),
            Key::Iid => {
                let iid = key.parse::<u64>().ok()?;
                self.find_iid(kind, parent?.1, iid).filter(within)
            }
            Key::IdOr(field) => {
                if key.bytes().all(|byte| byte.is_ascii_digit()) {
                    return by_id();
                }
                let seed = match kind {
                    Kind::User => self.world.user_named(key),
                    Kind::Group => self.world.group_at(key),
                    Kind::Project => self.world.project_at(key),
                    _ => return self.find(kind, &scope, field, key),
                };
                let is = Filter::Is(field.to_owned(), key.to_owned());
                seed.into_iter()
                    .chain(self.touched(kind))
                    .find(|slot| within(slot) && is.passes(&self.item(kind, *slot)))
            }
            Key::Field(field) => self.find(kind, &scope, field, key).or_else(|| match kind {
                Kind::Commit => self.commit_of(parent?.1, key),
                _ => None,
            }),
        }
    }
}
