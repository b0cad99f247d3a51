//! Executes a document: walks its selections and writes the answer as it goes.

use super::connection::{Node, Page};
use super::input;
use super::made;
use super::price::Size;
use super::relation::{self, Relation};
use super::schema::schema;
use crate::filter::Filter;
use crate::identity::Identity;
use crate::random::mix;
use crate::resource::{self, RESOURCES};
use crate::rest;
use crate::seed::Kind;
use crate::store::{Item, Scope, Store};
use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::schema::{ExtendedType, ObjectType};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::rc::Rc;

/// What is known of a request while it is executed.
pub(super) struct Request<'d> {
    pub(super) document: &'d ExecutableDocument,
    pub(super) variables: &'d Map<String, Value>,
    pub(super) caller: Option<Identity>,
    /// Places in the answer that fail on purpose.
    pub(super) broken: &'d [String],
    pub(super) size: Size,
    pub(super) limit: u32,
    /// What introspection gives, by response key.
    pub(super) introspection: &'d Map<String, Value>,
}

/// What a mutation did.
#[derive(Default)]
pub(super) struct Done {
    /// The field of the payload that shows a thing, and the thing.
    pub(super) shown: Option<(&'static str, Kind, u64)>,
    pub(super) errors: Vec<String>,
    pub(super) client_id: Value,
}

/// Something that fields are selected on.
#[derive(Clone)]
pub(super) enum Thing {
    Root,
    Item(Kind, u64),
    /// Made up from a number; the text is the id that it was asked for by.
    Made(u64, Option<Rc<str>>),
    Page(Rc<Page>),
    Edge(Rc<Page>, u64),
    Info(Rc<Page>),
    Access(u64),
    Done(Rc<Done>),
    Complexity,
}

impl Thing {
    fn form(&self) -> Form {
        match self {
            Thing::Root => Form::Root,
            Thing::Item(kind, _) => Form::Item(*kind),
            Thing::Made(..) => Form::Made,
            _ => Form::Own,
        }
    }

    fn seed(&self) -> u64 {
        match self {
            Thing::Item(kind, slot) => mix(*kind as u64, &[*slot]),
            Thing::Made(seed, _) => *seed,
            Thing::Edge(_, at) => *at,
            _ => 0,
        }
    }
}

impl From<Node> for Thing {
    fn from(node: Node) -> Self {
        match node {
            Node::Item(kind, slot) => Thing::Item(kind, slot),
            Node::Made(seed) => Thing::Made(seed, None),
        }
    }
}

/// What decides how the fields of a thing are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Root,
    Item(Kind),
    Made,
    Own,
}

/// Where the value of a field comes from.
enum Source {
    Typename(&'static str),
    Introspection,
    Related(Relation),
    /// A field of the thing as REST shows it.
    Fact(String),
    /// The global id, by class.
    Id(&'static str),
    /// The address without the host.
    WebPath,
    /// The fields of pages and such, by name.
    Own,
    Made,
}

impl Source {
    /// What it needs of the thing as REST shows it.
    fn fact(&self) -> Option<&str> {
        match self {
            Source::Fact(path) => Some(path),
            Source::WebPath => Some("web_url"),
            Source::Related(Relation::One(_, path) | Relation::People(path)) => Some(path),
            Source::Related(Relation::Labels) => Some("labels"),
            Source::Related(Relation::Access) => Some("access_level"),
            _ => None,
        }
    }
}

/// A field that is selected on an object type, with everything that is the same for all objects.
pub(super) struct Step<'d> {
    /// `"key":`
    label: Vec<u8>,
    pub(super) key: &'d str,
    pub(super) name: &'d str,
    field: &'d Field,
    ty: &'d Type,
    object: &'static str,
    sets: Vec<&'d SelectionSet>,
    /// The arguments, or what is wrong with them.
    pub(super) arguments: Result<Map<String, Value>, String>,
    source: Source,
    dice: u64,
    below: Below<'d>,
}

/// The fields selected below a field, for each type and form that came up.
type Below<'d> = RefCell<Vec<(&'static str, Form, Steps<'d>)>>;
type Steps<'d> = Rc<Selected<'d>>;

/// The fields that are selected on an object type.
pub(super) struct Selected<'d> {
    pub(super) steps: Vec<Step<'d>>,
    /// The fields of the thing as REST shows it that are needed for them.
    wanted: Vec<String>,
}

/// What a field gives before its type and selection are looked at.
enum Produced {
    Null,
    Raw(Value),
    Leaf(Value),
    Thing(Thing),
    Things(Vec<Thing>),
    Made(u64, Option<Rc<str>>),
}

/// A value that must not be `null` is; what it is in becomes `null`.
pub(super) struct Nothing;

enum Place<'d> {
    Key(&'d str),
    At(u64),
}

/// One execution.
pub(super) struct Run<'d> {
    request: &'d Request<'d>,
    store: &'d Store,
    path: Vec<Place<'d>>,
    pub(super) out: Vec<u8>,
    pub(super) errors: Vec<Value>,
}

impl<'d> Run<'d> {
    pub(super) fn new(request: &'d Request<'d>, store: &'d Store) -> Self {
        Run { request, store, path: Vec::new(), out: Vec::with_capacity(4096), errors: Vec::new() }
    }

    /// Writes the fields of a root type.
    pub(super) fn root(
        &mut self,
        set: &'d SelectionSet,
        done: &[(&str, Result<Rc<Done>, String>)],
    ) -> Result<(), Nothing> {
        let steps = steps(self.request, self.store, &[set], set.ty.as_str(), Form::Root);
        self.out.push(b'{');
        for (at, step) in steps.steps.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            let mutated = done.iter().find(|(key, _)| *key == step.key).map(|(_, done)| done);
            self.field(step, &Thing::Root, None, mutated)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn error(&mut self, step: &Step<'d>, message: &str) {
        let path: Vec<Value> = self
            .path
            .iter()
            .map(|place| match place {
                Place::Key(key) => (*key).into(),
                Place::At(at) => (*at).into(),
            })
            .collect();
        let mut error = json!({ "message": message, "path": path });
        let sources = &self.request.document.sources;
        if let Some(at) = step.field.name.location().and_then(|span| span.line_column_range(sources)) {
            error["locations"] = json!([{ "line": at.start.line, "column": at.start.column }]);
        }
        self.errors.push(error);
    }

    /// Whether the place where the execution is fails on purpose.
    fn is_broken(&self) -> bool {
        !self.request.broken.is_empty() && {
            let keys = self.path.iter().filter_map(|place| match place {
                Place::Key(key) => Some(*key),
                Place::At(_) => None,
            });
            let keys: Vec<&str> = keys.collect();
            self.request.broken.iter().any(|broken| broken.split('.').eq(keys.iter().copied()))
        }
    }

    fn field(
        &mut self,
        step: &Step<'d>,
        thing: &Thing,
        item: Option<&Item<'_>>,
        mutated: Option<&Result<Rc<Done>, String>>,
    ) -> Result<(), Nothing> {
        self.out.extend_from_slice(&step.label);
        self.path.push(Place::Key(step.key));
        let produced = match mutated {
            _ if self.is_broken() => Err("an error on purpose".to_owned()),
            Some(Ok(done)) => Ok(Produced::Thing(Thing::Done(done.clone()))),
            Some(Err(message)) => Err(message.clone()),
            None => self.produce(step, thing, item),
        };
        let result = match produced {
            Ok(produced) => self.complete(step, step.ty, produced),
            Err(message) => {
                self.error(step, &message);
                if step.ty.is_non_null() {
                    Err(Nothing)
                } else {
                    self.out.extend_from_slice(b"null");
                    Ok(())
                }
            }
        };
        self.path.pop();
        result
    }

    /// Writes a value of a type; leaves nothing behind where it cannot.
    fn complete(&mut self, step: &Step<'d>, ty: &'d Type, produced: Produced) -> Result<(), Nothing> {
        let start = self.out.len();
        let depth = self.path.len();
        let produced = match produced {
            Produced::Null if ty.is_non_null() => Produced::Made(step.dice, None),
            produced => produced,
        };
        let result = match (ty, produced) {
            (_, Produced::Null) => {
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            (_, Produced::Raw(value)) => {
                self.json(&value);
                Ok(())
            }
            (Type::List(inner) | Type::NonNullList(inner), produced) => self.list(step, inner, produced),
            (Type::Named(name) | Type::NonNullNamed(name), produced) => self.named(step, name.as_str(), produced),
        };
        match result {
            Err(Nothing) if !ty.is_non_null() => {
                self.path.truncate(depth);
                self.out.truncate(start);
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            result => result,
        }
    }

    fn list(&mut self, step: &Step<'d>, inner: &'d Type, produced: Produced) -> Result<(), Nothing> {
        let items: Vec<Produced> = match produced {
            Produced::Things(things) => things.into_iter().map(Produced::Thing).collect(),
            Produced::Leaf(Value::Array(items)) => items.into_iter().map(Produced::Leaf).collect(),
            Produced::Made(seed, _) => (0..2).map(|at| Produced::Made(mix(seed, &[at]), None)).collect(),
            one => vec![one],
        };
        self.out.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.path.push(Place::At(at as u64));
            self.complete(step, inner, item)?;
            self.path.pop();
        }
        self.out.push(b']');
        Ok(())
    }

    fn named(&mut self, step: &Step<'d>, name: &str, produced: Produced) -> Result<(), Nothing> {
        let composite = !matches!(schema().named(name), Some(ExtendedType::Scalar(_) | ExtendedType::Enum(_)) | None);
        let thing = match produced {
            Produced::Leaf(value) if !composite => {
                match fit(name, value) {
                    Some(value) => self.json(&value),
                    None => self.made(step, name, step.dice),
                }
                return Ok(());
            }
            Produced::Made(seed, _) if !composite => {
                self.made(step, name, seed);
                return Ok(());
            }
            Produced::Thing(thing) if composite => thing,
            Produced::Made(seed, _) if name.ends_with("Connection") => {
                let none = Map::new();
                match Page::made(seed, step.arguments.as_ref().unwrap_or(&none)) {
                    Ok(page) => Thing::Page(Rc::new(page)),
                    Err(message) => {
                        self.error(step, &message);
                        return Err(Nothing);
                    }
                }
            }
            Produced::Made(seed, id) => Thing::Made(seed, id),
            _ => Thing::Made(step.dice, None),
        };
        self.object(step, name, &thing)
    }

    fn object(&mut self, step: &Step<'d>, name: &str, thing: &Thing) -> Result<(), Nothing> {
        let Some(object) = concrete(name, thing) else { return Err(Nothing) };
        let form = thing.form();
        let known = step
            .below
            .borrow()
            .iter()
            .find(|(of, at, _)| *of == object.name.as_str() && *at == form)
            .map(|found| found.2.clone());
        let steps = known.unwrap_or_else(|| {
            let steps = steps(self.request, self.store, &step.sets, object.name.as_str(), form);
            step.below.borrow_mut().push((object.name.as_str(), form, steps.clone()));
            steps
        });
        let item = match thing {
            Thing::Item(kind, slot) => Some(self.store.part(*kind, *slot, &steps.wanted)),
            _ => None,
        };
        self.out.push(b'{');
        for (at, step) in steps.steps.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.field(step, thing, item.as_ref(), None)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn made(&mut self, step: &Step<'d>, ty: &str, seed: u64) {
        let value = made::leaf(ty, step.object, step.name, seed, &self.store.world.origin);
        self.json(&value);
    }

    fn json(&mut self, value: &Value) {
        // Writing to memory does not fail.
        drop(serde_json::to_writer(&mut self.out, value));
    }

    fn produce(&self, step: &Step<'d>, thing: &Thing, item: Option<&Item<'_>>) -> Result<Produced, String> {
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
        rest::find(self.store, &RESOURCES[resource::at(list)?], None, name)
    }
}

/// The object type that a thing is of where a type is expected.
fn concrete(expected: &str, thing: &Thing) -> Option<&'static ObjectType> {
    if let Some(ExtendedType::Object(object)) = schema().named(expected) {
        return Some(object);
    }
    let possible = schema().possible(expected);
    match thing {
        Thing::Item(kind, _) => {
            let usual = relation::shown_as(*kind);
            let found = usual.iter().find_map(|name| possible.iter().find(|object| object.name.as_str() == *name));
            found.or(possible.first()).copied()
        }
        _ if possible.len() > 1 => possible.get((thing.seed() % possible.len() as u64) as usize).copied(),
        _ => possible.first().copied(),
    }
}

/// A value of REST as a scalar or enum of the schema, where it can be one.
fn fit(ty: &str, value: Value) -> Option<Value> {
    if let Some(ExtendedType::Enum(of)) = schema().named(ty) {
        let text = value.as_str()?.replace('-', "_");
        return of.values.keys().find(|name| name.eq_ignore_ascii_case(&text)).map(|name| name.as_str().into());
    }
    match (ty, &value) {
        ("Boolean", Value::Bool(_)) | ("Float" | "Duration", Value::Number(_)) | ("JSON", _) => Some(value),
        ("Int", Value::Number(number)) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => Some(value),
        ("Boolean" | "Float" | "Duration" | "Int", _) => None,
        (_, Value::String(_)) => Some(value),
        ("ID" | "String" | "BigInt", Value::Number(number)) => Some(number.to_string().into()),
        _ => None,
    }
}

/// The fields that are selected on an object type.
fn steps<'d>(
    request: &'d Request<'d>,
    store: &Store,
    sets: &[&'d SelectionSet],
    object: &str,
    form: Form,
) -> Steps<'d> {
    let mut steps = Vec::new();
    if let Some(ExtendedType::Object(object)) = schema().named(object) {
        for set in sets {
            collect(request, store, set, object, form, &mut steps);
        }
    }
    let wanted = steps.iter().filter_map(|step| step.source.fact());
    let wanted = wanted.map(|path| path.split('.').next().unwrap_or(path).to_owned()).collect();
    Rc::new(Selected { steps, wanted })
}

fn collect<'d>(
    request: &'d Request<'d>,
    store: &Store,
    set: &'d SelectionSet,
    object: &'static ObjectType,
    form: Form,
    steps: &mut Vec<Step<'d>>,
) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => {
                if !input::included(&field.directives, request.variables) {
                    continue;
                }
                let key = field.response_key().as_str();
                if let Some(known) = steps.iter_mut().find(|step| step.key == key) {
                    known.sets.push(&field.selection_set);
                } else {
                    steps.push(Step::new(request, store, field, object, form));
                }
            }
            Selection::FragmentSpread(spread) => {
                let fragment = request.document.fragments.get(&spread.fragment_name);
                if let Some(fragment) = fragment
                    && input::included(&spread.directives, request.variables)
                    && schema().applies(fragment.selection_set.ty.as_str(), object.name.as_str())
                {
                    collect(request, store, &fragment.selection_set, object, form, steps);
                }
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.type_condition.as_ref();
                if input::included(&fragment.directives, request.variables)
                    && condition.is_none_or(|name| schema().applies(name.as_str(), object.name.as_str()))
                {
                    collect(request, store, &fragment.selection_set, object, form, steps);
                }
            }
        }
    }
}

impl<'d> Step<'d> {
    fn new(request: &'d Request<'d>, store: &Store, field: &'d Field, object: &'static ObjectType, form: Form) -> Self {
        let (key, name) = (field.response_key().as_str(), field.name.as_str());
        let definition = object.fields.get(name);
        let ty = definition.map_or(&field.definition.ty, |definition| &definition.ty);
        let source = match (name, form) {
            ("__typename", _) => Source::Typename(object.name.as_str()),
            ("__schema" | "__type", _) => Source::Introspection,
            (_, Form::Root) if object.name == "Query" => relation::of_root(name).map_or(Source::Made, Source::Related),
            (_, Form::Root | Form::Made) => Source::Made,
            (_, Form::Own) => Source::Own,
            ("id", Form::Item(kind)) => Source::Id(relation::class(kind, &object.name)),
            ("webPath", Form::Item(_)) => Source::WebPath,
            (_, Form::Item(kind)) => match relation::of(kind, name) {
                Some(relation) => Source::Related(relation),
                None => {
                    let fact = relation::fact(kind, &object.name, name);
                    if store.shapes.has(kind, &fact) { Source::Fact(fact) } else { Source::Made }
                }
            },
        };
        let defined = definition.map_or(&field.definition.arguments, |definition| &definition.arguments);
        Step {
            label: format!("\"{key}\":").into_bytes(),
            key,
            name,
            field,
            ty,
            object: object.name.as_str(),
            sets: vec![&field.selection_set],
            arguments: input::arguments(&field.arguments, defined, request.variables),
            source,
            dice: made::name(name),
            below: RefCell::default(),
        }
    }
}

/// The fields of a mutation with their arguments, in order.
pub(super) fn mutations<'d>(request: &'d Request<'d>, store: &Store, set: &'d SelectionSet) -> Steps<'d> {
    steps(request, store, &[set], set.ty.as_str(), Form::Root)
}
