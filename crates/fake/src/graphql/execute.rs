//! Executes a document: walks its selections and writes the response.

use super::connection::Page;
use super::made;
use super::relation;
use super::request::Request;
use super::resolve::{Produced, Resolver};
use super::schema::schema;
use super::select::{Step, steps};
use super::thing::{Done, Form, Thing};
use crate::random::mix;
use crate::store::{Item, Store};
use apollo_compiler::ast::Type;
use apollo_compiler::executable::SelectionSet;
use apollo_compiler::schema::{ExtendedType, ObjectType};
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// A value that must not be `null` is `null`, so its parent becomes `null`.
pub(super) struct Nothing;

enum Location<'d> {
    Key(&'d str),
    At(u64),
}

/// One execution.
pub(super) struct Run<'d> {
    resolver: Resolver<'d>,
    path: Vec<Location<'d>>,
    pub(super) out: Vec<u8>,
    pub(super) errors: Vec<Value>,
}

impl<'d> Run<'d> {
    pub(super) fn new(request: &'d Request<'d>, store: &'d Store) -> Self {
        Run {
            resolver: Resolver { request, store },
            path: Vec::new(),
            out: Vec::with_capacity(4096),
            errors: Vec::new(),
        }
    }

    /// Writes the fields of a root type.
    pub(super) fn root(
        &mut self,
        set: &'d SelectionSet,
        done: &[(&str, Result<Rc<Done>, String>)],
    ) -> Result<(), Nothing> {
        let steps = steps(self.resolver.request, self.resolver.store, &[set], set.ty.as_str(), Form::Root);
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
            .map(|location| match location {
                Location::Key(key) => (*key).into(),
                Location::At(at) => (*at).into(),
            })
            .collect();
        let mut error = json!({ "message": message, "path": path });
        let sources = &self.resolver.request.document.sources;
        if let Some(at) = step.field.name.location().and_then(|span| span.line_column_range(sources)) {
            error["locations"] = json!([{ "line": at.start.line, "column": at.start.column }]);
        }
        self.errors.push(error);
    }

    /// Whether a fault is set for the current path.
    fn is_broken(&self) -> bool {
        !self.resolver.request.broken.is_empty() && {
            let keys = self.path.iter().filter_map(|location| match location {
                Location::Key(key) => Some(*key),
                Location::At(_) => None,
            });
            let keys: Vec<&str> = keys.collect();
            self.resolver.request.broken.iter().any(|broken| broken.split('.').eq(keys.iter().copied()))
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
        self.path.push(Location::Key(step.key));
        let produced = match mutated {
            _ if self.is_broken() => Err("an injected error".to_owned()),
            Some(Ok(done)) => Ok(Produced::Thing(Thing::Done(done.clone()))),
            Some(Err(message)) => Err(message.clone()),
            None => self.resolver.produce(step, thing, item),
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

    /// Writes a value of a type. If that fails, it writes nothing.
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
            self.path.push(Location::At(at as u64));
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
            let steps = steps(self.resolver.request, self.resolver.store, &step.sets, object.name.as_str(), form);
            step.below.borrow_mut().push((object.name.as_str(), form, steps.clone()));
            steps
        });
        let item = match thing {
            Thing::Item(kind, slot) => Some(self.resolver.store.part(*kind, *slot, &steps.wanted)),
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
        let value = made::leaf(ty, step.object, step.name, seed, &self.resolver.store.world.origin);
        self.json(&value);
    }

    fn json(&mut self, value: &Value) {
        // Writing to memory does not fail.
        drop(serde_json::to_writer(&mut self.out, value));
    }
}

/// The object type of a thing where another type is expected.
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

/// A value of REST as a scalar or enum of the schema, if it is one.
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
