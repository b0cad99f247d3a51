//! Fields that refer to other things in the store: lists, owners, people, and things by their keys.

use super::connection::Page;
use super::relation::Relation;
use super::resolve::{Produced, Resolver};
use super::thing::Thing;
use crate::filter::Filter;
use crate::identity::Identity;
use crate::resource::{self, RESOURCES};
use crate::seed::Kind;
use crate::store::{Item, Scope};
use serde_json::{Map, Value};
use std::rc::Rc;

type Arguments = Map<String, Value>;

impl Resolver<'_> {
    /// The things that a field refers to, or the problem with its arguments.
    pub(super) fn related(
        &self,
        relation: Relation,
        thing: &Thing,
        item: Option<&Item<'_>>,
        arguments: &Arguments,
    ) -> Result<Produced, String> {
        let caller = self.request.caller;
        let here = match thing {
            Thing::Item(kind, slot) => Some((*kind, *slot)),
            _ => None,
        };
        Ok(match (relation, here) {
            (Relation::Key(kind), _) => self.by_key(kind, arguments),
            (Relation::Namespace, _) => self.namespace(arguments),
            (Relation::Caller, _) => self.thing(Kind::User, caller.map(|caller| caller.user)),
            (Relation::Metadata, _) => match caller {
                Some(_) => Produced::Thing(Thing::Metadata),
                None => Produced::Null,
            },
            (Relation::Complexity, _) => Produced::Thing(Thing::Complexity),
            (Relation::Echo, _) => self.echo(arguments),
            (Relation::All(kind), _) => return self.all(kind, arguments),
            (_, None) => Produced::Null,
            (Relation::Named(kind), Some(here)) => self.named(kind, here, arguments),
            (Relation::Owner(kind), Some((of, slot))) => self.thing(kind, self.store.ancestor(of, slot, kind)),
            (Relation::One(kind, field), Some(_)) => self.thing(kind, slot_in(item, field)),
            (Relation::People(field), Some(_)) => return self.people(item, field, arguments),
            (Relation::Labels, Some(here)) => return self.labels(item, here, arguments),
            (Relation::Access, Some(_)) => {
                let level = item.and_then(|item| item.fact("access_level").as_u64());
                Produced::Thing(Thing::Access(level.unwrap_or_default()))
            }
            (Relation::Within(_) | Relation::Below(_) | Relation::Descendants | Relation::Whose(..), Some(here)) => {
                return self.list(relation, here, arguments);
            }
        })
    }

    fn page(&self, kind: Kind, scope: &Scope, filters: Vec<Filter>, arguments: &Arguments) -> Result<Produced, String> {
        let page = Page::listed(self.store, self.request.caller, kind, scope, filters, arguments)?;
        Ok(Produced::Thing(Thing::Page(Rc::new(page))))
    }

    fn all(&self, kind: Kind, arguments: &Arguments) -> Result<Produced, String> {
        let is_admin = self.request.caller.is_some_and(Identity::is_admin);
        if matches!(kind, Kind::Job | Kind::Runner) && !is_admin {
            return Ok(Produced::Null);
        }
        self.page(kind, &Scope::All, Vec::new(), arguments)
    }

    /// A list that belongs to a thing.
    fn list(&self, relation: Relation, (above, slot): (Kind, u64), arguments: &Arguments) -> Result<Produced, String> {
        let store = self.store;
        let with_subgroups = || Scope::Within(above, store.group_and_below(slot));
        let (kind, scope, filters) = match relation {
            Relation::Within(kind) => {
                let deep = above == Kind::Group && arguments.get("includeSubgroups") == Some(&Value::Bool(true));
                (kind, if deep { with_subgroups() } else { Scope::Within(above, vec![slot]) }, Vec::new())
            }
            Relation::Below(kind) => (kind, with_subgroups(), Vec::new()),
            Relation::Descendants => {
                let path = store.item(Kind::Group, slot).fact("full_path");
                let below = Filter::StartsWith("full_path", format!("{}/", path.as_str().unwrap_or_default()));
                (Kind::Group, Scope::All, vec![below])
            }
            Relation::Whose(kind, field) => {
                (kind, Scope::All, vec![Filter::Is(field.to_owned(), (slot + 1).to_string())])
            }
            _ => return Ok(Produced::Null),
        };
        self.page(kind, &scope, filters, arguments)
    }

    /// A thing within another one, by number, id or name; by default the first one.
    fn named(&self, kind: Kind, (above, slot): (Kind, u64), arguments: &Arguments) -> Produced {
        let store = self.store;
        let scope = Scope::Within(above, vec![slot]);
        let by = |field: &str, text: &str| store.find(kind, &scope, field, text);
        let found = if let Some(iid) = text(arguments, "iid") {
            match iid.parse() {
                Ok(iid) if above == Kind::Project => store.find_iid(kind, slot, iid),
                _ => None,
            }
        } else if let Some(id) = text(arguments, "id") {
            by("id", last_part(id))
        } else {
            let keys = [("sha", "sha"), ("tagName", "tag_name"), ("title", "name"), ("name", "name")];
            match keys.iter().find_map(|(argument, field)| Some((field, text(arguments, argument)?))) {
                Some((field, text)) => by(field, text),
                None => store.select(kind, &scope, &[], &kind.order()).first(),
            }
        };
        self.thing(kind, found)
    }

    fn people(&self, item: Option<&Item<'_>>, field: &str, arguments: &Arguments) -> Result<Produced, String> {
        let listed = item.map(|item| item.fact(field)).unwrap_or_default();
        let ids = listed.as_array().into_iter().flatten().filter_map(|person| person["id"].as_u64());
        let people = ids.filter_map(|id| id.checked_sub(1)).filter(|slot| self.store.exists(Kind::User, *slot));
        let page = Page::chosen(people.map(|slot| (Kind::User, slot)).collect(), arguments)?;
        Ok(Produced::Thing(Thing::Page(Rc::new(page))))
    }

    fn labels(
        &self,
        item: Option<&Item<'_>>,
        (of, slot): (Kind, u64),
        arguments: &Arguments,
    ) -> Result<Produced, String> {
        let store = self.store;
        let names = item.map(|item| item.fact("labels")).unwrap_or_default();
        let scope = store.ancestor(of, slot, Kind::Project).map(|at| Scope::Within(Kind::Project, vec![at]));
        let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
        let labels = names.filter_map(|name| store.find(Kind::ProjectLabel, scope.as_ref()?, "name", name));
        let page = Page::chosen(labels.map(|slot| (Kind::ProjectLabel, slot)).collect(), arguments)?;
        Ok(Produced::Thing(Thing::Page(Rc::new(page))))
    }

    /// A thing of the instance by its id or path.
    fn by_key(&self, kind: Kind, arguments: &Arguments) -> Produced {
        let slot = match text(arguments, "id").map(|id| last_part(id).parse::<u64>()) {
            Some(id) => id.ok().and_then(|id| id.checked_sub(1)),
            None => text(arguments, "fullPath").or(text(arguments, "username")).and_then(|name| self.find(kind, name)),
        };
        self.thing(kind, slot)
    }

    fn namespace(&self, arguments: &Arguments) -> Produced {
        let path = text(arguments, "fullPath").unwrap_or_default();
        match self.find(Kind::Group, path) {
            Some(slot) => self.thing(Kind::Group, Some(slot)),
            None => self.thing(Kind::User, self.find(Kind::User, path)),
        }
    }

    fn echo(&self, arguments: &Arguments) -> Produced {
        let name = self.request.caller.map(|caller| self.store.item(Kind::User, caller.user).fact("username"));
        let name = name.map_or_else(|| "nil".to_owned(), |name| name.to_string());
        Produced::Leaf(format!("{name} says: {}", text(arguments, "text").unwrap_or_default()).into())
    }

    fn sees(&self, kind: Kind, slot: u64) -> bool {
        let admin = self.request.caller.is_some_and(Identity::is_admin);
        let visible = Filter::VisibleTo(self.request.caller.map(|caller| caller.user));
        self.store.exists(kind, slot) && (admin || visible.passes(&self.store.item(kind, slot)))
    }

    fn thing(&self, kind: Kind, slot: Option<u64>) -> Produced {
        match slot.filter(|slot| self.sees(kind, *slot)) {
            Some(slot) => Produced::Thing(Thing::Item(kind, slot)),
            None => Produced::Null,
        }
    }

    /// The thing at a path.
    fn find(&self, kind: Kind, name: &str) -> Option<u64> {
        let list = match kind {
            Kind::User => "/users",
            Kind::Group => "/groups",
            _ => "/projects",
        };
        // Whole numbers are ids in REST, but paths in GraphQL.
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.store.named(&RESOURCES[resource::at(list)?], None, name)
    }
}

fn text<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a str> {
    arguments.get(name).and_then(Value::as_str)
}

/// The number of a global id, `42` of `gid://gitlab/Issue/42`.
fn last_part(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// The slot of the thing whose id is in a field.
fn slot_in(item: Option<&Item<'_>>, field: &str) -> Option<u64> {
    item?.fact(field).as_u64()?.checked_sub(1)
}
