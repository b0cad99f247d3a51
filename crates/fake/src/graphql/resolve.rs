//! The values of fields: from the data that REST serves, or generated.

use super::connection::Page;
use super::made;
use super::request::Request;
use super::select::{Source, Step};
use super::thing::Thing;
use crate::random::mix;
use crate::seed::Kind;
use crate::special::REVISION;
use crate::store::{Item, Store};
use serde_json::Value;
use std::rc::Rc;

/// The value of a field before its type and selection are applied.
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
    /// The value of a field, or the problem with its arguments.
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
                    let hash = made::name(&Value::Object(arguments.clone()).to_string());
                    Produced::Made(mix(step.dice, &[hash]), key.map(Rc::from))
                }
                _ => Produced::Made(seed(), None),
            },
        })
    }

    /// Fields that are visible only to administrators and to the user.
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
}
