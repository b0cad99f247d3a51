//! Where the value of a field comes from: the world that REST serves, or made up.

use super::connection::Page;
use super::made;
use super::relation::Relation;
use super::request::Request;
use super::select::{Source, Step};
use super::thing::Thing;
use crate::filter::Filter;
use crate::identity::Identity;
use crate::random::mix;
use crate::resource::{self, RESOURCES};
use crate::seed::Kind;
use crate::special::REVISION;
use crate::store::{Item, Scope, Store};
use serde_json::{Map, Value};
use std::rc::Rc;

/// What a field gives before its type and selection are looked at.
pub(super) enum Produced {
    Null,
    Raw(Value),
    Leaf(Value),
    Thing(Thing),
    Things(Vec<Thing>),
    Made(u64, Option<Rc<str>>),
}

/// Finds values for one request.
#[derive(Clone, Copy)]
pub(super) struct Resolver<'d> {
    pub(super) request: &'d Request<'d>,
    pub(super) store: &'d Store,
}

impl<'d> Resolver<'d> {
    /// The value of a field, or what is wrong with its arguments.
    pub(super) fn produce(&self, step: &Step<'d>, thing: &Thing, item: Option<&Item<'_>>) -> Result<Produced, String> {
        let arguments = step.arguments.as_ref().map_err(|problem| problem.clone())?;
        let seed = || mix(thing.seed(), &[step.dice]);
        Ok(match &step.source {
            Source::Typename(name) => Produced::Leaf((*name).into()),
            Source::Introspection => {
                Produced::Raw(self.request.introspection.get(step.key).cloned().unwrap_or_default())
            }
            Source::Related(relation) => return self.related(*relation, thing, item, arguments),
            Source::Fact(path) => match item.map(|item| item.fact(path)) {
                None | Some(Value::Null) => Produced::Null,
                Some(_) if self.is_hidden(step.name, thing) => Produced::Null,
                Some(value) => Produced::Leaf(value),
            },
            Source::Id(class) => match item {
                Some(item) => Produced::Leaf(format!("gid://gitlab/{class}/{}", item.slot + 1).into()),
                None => Produced::Null,
            },
            Source::WebPath => {
                let url = item.map(|item| item.fact("web_url")).unwrap_or_default();
                let path = url.as_str().map(|url| url.strip_prefix(&*self.store.world.origin).unwrap_or(url));
                path.map_or(Produced::Null, |path| Produced::Leaf(path.into()))
            }
            Source::Own => self.own(step, thing).unwrap_or_else(|| Produced::Made(seed(), None)),
            Source::Made => match (thing, step.name) {
                (Thing::Made(_, Some(id)), "id" | "fullPath" | "iid") => Produced::Leaf((**id).into()),
                (Thing::Root, _) => {
                    let key = ["id", "fullPath"].iter().find_map(|name| arguments.get(*name)?.as_str());
                    let asked = made::name(&Value::Object(arguments.clone()).to_string());
                    Produced::Made(mix(step.dice, &[asked]), key.map(Rc::from))
                }
                _ => Produced::Made(seed(), None),
            },
        })
    }

    /// What only administrators and users themselves see.
    fn is_hidden(&self, field: &str, thing: &Thing) -> bool {
        let private = matches!(field, "email" | "commitEmail" | "lastActivityOn");
        private
            && matches!(thing, Thing::Item(Kind::User, user)
                if !self.request.caller.is_some_and(|caller| caller.is_admin() || caller.user == *user))
    }

    /// The fields of pages, edges, payloads and such.
    fn own(&self, step: &Step<'d>, thing: &Thing) -> Option<Produced> {
        let cursor = |page: &Page, at: Option<u64>| match at {
            Some(at) if page.start < page.end => Produced::Leaf(page.cursor(self.store, at).into()),
            _ => Produced::Null,
        };
        Some(match (thing, step.name) {
            (Thing::Page(page), "nodes") => {
                Produced::Things((page.start..page.end).map(|at| page.at(at).into()).collect())
            }
            (Thing::Page(page), "edges") => {
                Produced::Things((page.start..page.end).map(|at| Thing::Edge(page.clone(), at)).collect())
            }
            (Thing::Page(page), "pageInfo") => Produced::Thing(Thing::Info(page.clone())),
            (Thing::Page(page), "count") => Produced::Leaf(page.total.into()),
            (Thing::Edge(page, at), "node") => Produced::Thing(page.at(*at).into()),
            (Thing::Edge(page, at), "cursor") => cursor(page, Some(*at)),
            (Thing::Info(page), "startCursor") => cursor(page, Some(page.start)),
            (Thing::Info(page), "endCursor") => cursor(page, page.end.checked_sub(1)),
            (Thing::Info(page), "hasNextPage") => Produced::Leaf((page.end < page.total).into()),
            (Thing::Info(page), "hasPreviousPage") => Produced::Leaf((page.start > 0).into()),
            (Thing::Access(level), name) => {
                let (value, human) = match level {
                    50.. => ("OWNER", "Owner"),
                    40.. => ("MAINTAINER", "Maintainer"),
                    30.. => ("DEVELOPER", "Developer"),
                    20.. => ("REPORTER", "Reporter"),
                    _ => ("GUEST", "Guest"),
                };
                Produced::Leaf(match name {
                    "integerValue" => (*level).into(),
                    "stringValue" => value.into(),
                    _ => human.into(),
                })
            }
            (Thing::Complexity, "score") => Produced::Leaf(self.request.size.score.into()),
            (Thing::Complexity, "limit") => Produced::Leaf(self.request.limit.into()),
            (Thing::Metadata, "version") => Produced::Leaf(self.store.world.version.clone().into()),
            (Thing::Metadata, "enterprise") => Produced::Leaf(self.store.world.is_enterprise().into()),
            (Thing::Metadata, "revision") => Produced::Leaf(REVISION.into()),
            (Thing::Done(done), "errors") => Produced::Leaf(done.errors.clone().into()),
            (Thing::Done(done), "clientMutationId") => match &done.client_id {
                Value::Null => Produced::Null,
                id => Produced::Leaf(id.clone()),
            },
            (Thing::Done(done), name) => match done.shown {
                Some((field, kind, slot)) if field == name => Produced::Thing(Thing::Item(kind, slot)),
                None if done.errors.is_empty() => return None,
                _ => Produced::Null,
            },
            _ => return None,
        })
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

    fn related(
        &self,
        relation: Relation,
        thing: &Thing,
        item: Option<&Item<'_>>,
        arguments: &Map<String, Value>,
    ) -> Result<Produced, String> {
        let (store, caller) = (self.store, self.request.caller);
        let here = match thing {
            Thing::Item(kind, slot) => Some((*kind, *slot)),
            _ => None,
        };
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        let page = |kind: Kind, scope: Scope, filters: Vec<Filter>| {
            let page = Page::listed(store, caller, kind, &scope, filters, arguments)?;
            Ok(Produced::Thing(Thing::Page(Rc::new(page))))
        };
        let number = |field: &str| item.and_then(|item| item.fact(field).as_u64()).and_then(|id| id.checked_sub(1));
        Ok(match (relation, here) {
            (Relation::All(Kind::Job | Kind::Runner), _) if !caller.is_some_and(Identity::is_admin) => Produced::Null,
            (Relation::All(kind), _) => return page(kind, Scope::All, Vec::new()),
            (Relation::Within(kind), Some((above, slot))) => {
                let deep = arguments.get("includeSubgroups") == Some(&Value::Bool(true));
                let places = if deep && above == Kind::Group { store.group_and_below(slot) } else { vec![slot] };
                return page(kind, Scope::Within(above, places), Vec::new());
            }
            (Relation::Below(kind), Some((above, slot))) => {
                return page(kind, Scope::Within(above, store.group_and_below(slot)), Vec::new());
            }
            (Relation::Descendants, Some((_, slot))) => {
                let path = store.item(Kind::Group, slot).fact("full_path");
                let below = Filter::StartsWith("full_path", format!("{}/", path.as_str().unwrap_or_default()));
                return page(Kind::Group, Scope::All, vec![below]);
            }
            (Relation::Whose(kind, field), Some((_, slot))) => {
                return page(kind, Scope::All, vec![Filter::Is(field.to_owned(), (slot + 1).to_string())]);
            }
            (Relation::Named(kind), Some((above, slot))) => {
                let scope = Scope::Within(above, vec![slot]);
                let by = |field: &str, text: &str| store.find(kind, &scope, field, text);
                let found = if let Some(iid) = text("iid") {
                    match iid.parse() {
                        Ok(iid) if above == Kind::Project => store.find_iid(kind, slot, iid),
                        _ => None,
                    }
                } else if let Some(id) = text("id") {
                    by("id", id.rsplit('/').next().unwrap_or(id))
                } else {
                    let keys = [("sha", "sha"), ("tagName", "tag_name"), ("title", "name"), ("name", "name")];
                    match keys.iter().find_map(|(argument, field)| Some((field, text(argument)?))) {
                        Some((field, text)) => by(field, text),
                        None => store.select(kind, &scope, &[], &kind.order()).first(),
                    }
                };
                self.thing(kind, found)
            }
            (Relation::Owner(kind), Some((of, slot))) => self.thing(kind, store.ancestor(of, slot, kind)),
            (Relation::One(kind, field), Some(_)) => self.thing(kind, number(field)),
            (Relation::People(field), Some(_)) => {
                let listed = item.map(|item| item.fact(field)).unwrap_or_default();
                let ids = listed.as_array().into_iter().flatten().filter_map(|person| person["id"].as_u64());
                let people = ids.filter_map(|id| id.checked_sub(1)).filter(|slot| store.exists(Kind::User, *slot));
                let page = Page::chosen(people.map(|slot| (Kind::User, slot)).collect(), arguments)?;
                Produced::Thing(Thing::Page(Rc::new(page)))
            }
            (Relation::Labels, Some((of, slot))) => {
                let names = item.map(|item| item.fact("labels")).unwrap_or_default();
                let scope = store.ancestor(of, slot, Kind::Project).map(|at| Scope::Within(Kind::Project, vec![at]));
                let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
                let labels = names.filter_map(|name| store.find(Kind::ProjectLabel, scope.as_ref()?, "name", name));
                let page = Page::chosen(labels.map(|slot| (Kind::ProjectLabel, slot)).collect(), arguments)?;
                Produced::Thing(Thing::Page(Rc::new(page)))
            }
            (Relation::Access, Some(_)) => {
                let level = item.and_then(|item| item.fact("access_level").as_u64());
                Produced::Thing(Thing::Access(level.unwrap_or_default()))
            }
            (Relation::Key(kind), _) => {
                let id = text("id").map(|id| id.rsplit('/').next().unwrap_or(id).parse::<u64>());
                let slot = match id {
                    Some(id) => id.ok().and_then(|id| id.checked_sub(1)),
                    None => text("fullPath").or(text("username")).and_then(|name| self.find(kind, name)),
                };
                self.thing(kind, slot)
            }
            (Relation::Namespace, _) => {
                let path = text("fullPath").unwrap_or_default();
                match self.find(Kind::Group, path) {
                    Some(slot) => self.thing(Kind::Group, Some(slot)),
                    None => self.thing(Kind::User, self.find(Kind::User, path)),
                }
            }
            (Relation::Caller, _) => self.thing(Kind::User, caller.map(|caller| caller.user)),
            (Relation::Metadata, _) => match caller {
                Some(_) => Produced::Thing(Thing::Metadata),
                None => Produced::Null,
            },
            (Relation::Complexity, _) => Produced::Thing(Thing::Complexity),
            (Relation::Echo, _) => {
                let name = caller.map(|caller| store.item(Kind::User, caller.user).fact("username"));
                let name = name.map_or_else(|| "nil".to_owned(), |name| name.to_string());
                Produced::Leaf(format!("{name} says: {}", text("text").unwrap_or_default()).into())
            }
            (_, None) => Produced::Null,
        })
    }

    /// The thing at a path.
    fn find(&self, kind: Kind, name: &str) -> Option<u64> {
        let list = match kind {
            Kind::User => "/users",
            Kind::Group => "/groups",
            _ => "/projects",
        };
        // Whole numbers are ids to REST, but paths here.
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.store.named(&RESOURCES[resource::at(list)?], None, name)
    }
}
