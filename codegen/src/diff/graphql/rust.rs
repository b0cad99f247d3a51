//! Effects on the generated operations and types.

use super::indexed::Graphql;
use super::values::argument;
use crate::diff::change::Effect;
use crate::diff::collect::Collector;
use crate::diff::rust::{Argument, GRAPHQL, signature, signatures, text};
use crate::emit::rust_type::Rust;
use crate::emit::tokens::ident;
use crate::ingest::graphql::schema::Schema;
use glabflow_contract::graphql::Kind as OperationKind;
use glabflow_contract::index::graphql::{
    EnumValue, Field, Index, Operation, Output, Shape, TypeDef, TypeRef, Variable, Variant,
};
use std::collections::{BTreeMap, BTreeSet};

/// Adds every effect of the difference between two schemas on the generated code.
pub(super) fn effects(old: &Graphql, new: &Graphql, found: &mut Collector) {
    let renamed = renamed_types(&old.index, &new.index);
    let mut compare = Compare {
        old,
        new,
        renamed: &renamed,
        old_rust: Rust { index: &old.index, in_types: true },
        new_rust: Rust { index: &new.index, in_types: true },
        found,
    };
    compare.operations();
    compare.types();
}

/// The new names of renamed types, by the old name.
fn renamed_types(old: &Index, new: &Index) -> BTreeMap<String, String> {
    let is_alike = |before: &TypeDef, after: &TypeDef| {
        std::mem::discriminant(&before.shape) == std::mem::discriminant(&after.shape)
            && before.graphql.iter().any(|name| after.graphql.contains(name))
    };
    let mut taken = BTreeSet::new();
    let mut renamed = BTreeMap::new();
    for (name, before) in old.types.iter().filter(|(name, _)| !new.types.contains_key(*name)) {
        let mut fresh = new.types.iter().filter(|(name, _)| !old.types.contains_key(*name));
        if let Some((other, _)) = fresh.find(|(other, after)| is_alike(before, after) && !taken.contains(*other)) {
            taken.insert(other.clone());
            renamed.insert(name.clone(), other.clone());
        }
    }
    renamed
}

struct Compare<'a> {
    old: &'a Graphql,
    new: &'a Graphql,
    renamed: &'a BTreeMap<String, String>,
    old_rust: Rust<'a, Index>,
    new_rust: Rust<'a, Index>,
    found: &'a mut Collector,
}

fn path(operation: &Operation) -> String {
    format!("{GRAPHQL}::{}::{}", operation.area, operation.rust_type)
}

fn type_path(name: &str) -> String {
    format!("{GRAPHQL}::types::{name}")
}

impl Compare<'_> {
    /// Whether two types are the same, apart from renamed types.
    fn agrees(&self, old: &TypeRef, new: &TypeRef) -> bool {
        match (old, new) {
            (TypeRef::List(old), TypeRef::List(new)) | (TypeRef::Connection(old), TypeRef::Connection(new)) => {
                self.agrees(old, new)
            }
            (TypeRef::Named(old), TypeRef::Named(new)) => self.renamed.get(old).unwrap_or(old) == new,
            (old, new) => old == new,
        }
    }

    fn operations(&mut self) {
        let (old, new) = (self.old, self.new);
        let key = |operation: &Operation| (operation.kind, operation.path.clone());
        let after: BTreeMap<_, _> = new.index.operations.iter().map(|operation| (key(operation), operation)).collect();
        let before: BTreeMap<_, _> = old.index.operations.iter().map(|operation| (key(operation), operation)).collect();
        for (key, operation) in &before {
            let coordinates = route(&old.schema, operation);
            match after.get(key) {
                None => self.found.effect(coordinates, Effect::Removed { item: path(operation) }),
                Some(now) => self.operation(coordinates, operation, now),
            }
        }
        for (_, operation) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
            self.found.effect(route(&new.schema, operation), Effect::Added { item: path(operation) });
        }
    }

    fn operation(&mut self, coordinates: Vec<String>, old: &Operation, new: &Operation) {
        let (item, to) = (path(old), path(new));
        if item != to {
            self.found.effect(coordinates.clone(), Effect::Renamed { item: item.clone(), to: to.clone() });
        }
        let same = match (&old.output, &new.output) {
            (Output::One(old), Output::One(new))
            | (Output::Connection(old), Output::Connection(new))
            | (Output::Payload(old), Output::Payload(new)) => self.agrees(old, new),
            _ => false,
        };
        if !same {
            let (from, to) = (output(&self.old_rust, &old.output), output(&self.new_rust, &new.output));
            let effect = Effect::Changed { item: format!("{item}::Output"), from, to };
            self.found.effect(coordinates.clone(), effect);
        }
        self.deprecation(&coordinates, &item, old.deprecated.is_some(), new.deprecated.is_some());
        let places = |schema: &Schema, operation: &Operation, variable: &Variable| {
            let mut places = variable_places(schema, operation, &variable.name);
            places.extend(route(schema, operation));
            places
        };
        let (old_schema, new_schema) = (&self.old.schema, &self.new.schema);
        let olds: Vec<_> = old.variables.iter().map(|it| (it, places(old_schema, old, it))).collect();
        let news: Vec<_> = new.variables.iter().map(|it| (it, places(new_schema, new, it))).collect();
        self.variables(&item, &coordinates, &olds, &news);
    }

    /// Compares the constructors and setters of an operation or an input object. Each variable comes with its coordinates.
    fn variables(
        &mut self,
        item: &str,
        coordinates: &[String],
        old: &[(&Variable, Vec<String>)],
        new: &[(&Variable, Vec<String>)],
    ) {
        let arguments = |rust: &Rust<'_, Index>, variables: &[(&Variable, Vec<String>)]| -> Vec<Argument> {
            let required = variables.iter().filter(|(variable, _)| variable.required);
            required.map(|(variable, _)| (variable.rust_name.clone(), takes(rust, variable))).collect()
        };
        let required = |variables: &[(&Variable, Vec<String>)]| -> Vec<(String, TypeRef)> {
            let required = variables.iter().filter(|(variable, _)| variable.required);
            required.map(|(variable, _)| (variable.name.clone(), variable.ty.clone())).collect()
        };
        let (before, after) = (required(old), required(new));
        let same = before.len() == after.len()
            && before.iter().zip(&after).all(|(old, new)| old.0 == new.0 && self.agrees(&old.1, &new.1));
        if !same {
            // The cause: variables that are required on one side only, or changed their type.
            let culprits = old.iter().chain(new).filter(|(variable, _)| {
                let find = |side: &[(String, TypeRef)]| side.iter().find(|(name, _)| *name == variable.name).cloned();
                match (find(&before), find(&after)) {
                    (Some(old), Some(new)) => !self.agrees(&old.1, &new.1),
                    (None, None) => false,
                    _ => true,
                }
            });
            let mut places: Vec<String> = culprits.flat_map(|(_, places)| places.clone()).collect();
            // If none of them explains it, their order changed.
            places.extend_from_slice(coordinates);
            let (from, to) = signatures(&arguments(&self.old_rust, old), &arguments(&self.new_rust, new));
            self.found.effect(places, Effect::Changed { item: format!("{item}::new"), from, to });
        }
        for (variable, places) in old {
            let setter = format!("{item}::{}", variable.rust_name);
            let now = new.iter().find(|(other, _)| other.name == variable.name);
            match now {
                // Required variables are arguments of the constructor, and reported there.
                _ if variable.required => {}
                Some((now, _)) if !now.required => {
                    if now.rust_name != variable.rust_name {
                        let to = format!("{item}::{}", now.rust_name);
                        self.found.effect(places.clone(), Effect::Renamed { item: setter.clone(), to });
                    }
                    if !self.agrees(&variable.ty, &now.ty) || variable.nullable != now.nullable {
                        let from = signature(&[takes(&self.old_rust, variable)]);
                        let to = signature(&[takes(&self.new_rust, now)]);
                        self.found.effect(places.clone(), Effect::Changed { item: setter.clone(), from, to });
                    }
                    self.deprecation(places, &setter, variable.deprecated.is_some(), now.deprecated.is_some());
                }
                _ => self.found.effect(places.clone(), Effect::Removed { item: setter }),
            }
        }
        for (variable, places) in new.iter().filter(|(variable, _)| !variable.required) {
            let was_setter = old.iter().any(|(other, _)| other.name == variable.name && !other.required);
            if !was_setter {
                let item = format!("{item}::{}", variable.rust_name);
                self.found.effect(places.clone(), Effect::Added { item });
            }
        }
    }

    fn deprecation(&mut self, coordinates: &[String], item: &str, old: bool, new: bool) {
        let item = item.to_owned();
        let effect = match (old, new) {
            (false, true) => Effect::Deprecated { item },
            (true, false) => Effect::Undeprecated { item },
            _ => return,
        };
        self.found.effect(coordinates.to_vec(), effect);
    }

    fn types(&mut self) {
        let (old, new) = (&self.old.index.types, &self.new.index.types);
        let renamed = self.renamed;
        for (name, before) in old {
            let item = type_path(name);
            let to = renamed.get(name).unwrap_or(name);
            let Some(after) = new.get(to) else {
                self.found.effect(before.graphql.clone(), Effect::Removed { item });
                continue;
            };
            if to != name {
                let effect = Effect::Renamed { item: item.clone(), to: type_path(to) };
                self.found.effect(before.graphql.clone(), effect);
            }
            self.type_def(&item, before, after);
        }
        let old_names: BTreeSet<&String> = renamed.values().collect();
        for (name, definition) in new.iter().filter(|(name, _)| !old.contains_key(*name) && !old_names.contains(name)) {
            self.found.effect(definition.graphql.clone(), Effect::Added { item: type_path(name) });
        }
    }

    fn type_def(&mut self, item: &str, old: &TypeDef, new: &TypeDef) {
        match (&old.shape, &new.shape) {
            (Shape::Object(before) | Shape::Payload(before), Shape::Object(after) | Shape::Payload(after)) => {
                self.fields(item, (old, before), (new, after));
            }
            (Shape::OneOf(before), Shape::OneOf(after)) => self.variants(item, (old, before), (new, after)),
            (Shape::Enum(before), Shape::Enum(after)) => self.values(item, (old, before), (new, after)),
            (Shape::Input(before), Shape::Input(after)) => {
                let (olds, news) = (inputs(old, before), inputs(new, after));
                self.variables(item, &old.graphql, &olds, &news);
            }
            (before, after) => {
                let effect = Effect::Changed {
                    item: item.to_owned(),
                    from: shape_name(before).to_owned(),
                    to: shape_name(after).to_owned(),
                };
                self.found.effect(old.graphql.clone(), effect);
            }
        }
    }

    fn fields(&mut self, item: &str, (old, before): (&TypeDef, &[Field]), (new, after): (&TypeDef, &[Field])) {
        for field in before {
            let (places, path) = (members(old, &field.name), format!("{item}::{}", field.rust_name));
            let Some(now) = after.iter().find(|now| now.name == field.name) else {
                self.found.effect(places, Effect::Removed { item: path });
                continue;
            };
            if now.rust_name != field.rust_name {
                let to = format!("{item}::{}", now.rust_name);
                self.found.effect(places.clone(), Effect::Renamed { item: path.clone(), to });
            }
            if !self.agrees(&field.ty, &now.ty) {
                let from = text(&self.old_rust.response_field(&field.ty));
                let to = text(&self.new_rust.response_field(&now.ty));
                self.found.effect(places, Effect::Changed { item: path, from, to });
            }
        }
        for field in after.iter().filter(|field| before.iter().all(|old| old.name != field.name)) {
            let item = format!("{item}::{}", field.rust_name);
            self.found.effect(members(new, &field.name), Effect::Added { item });
        }
    }

    fn variants(&mut self, item: &str, (old, before): (&TypeDef, &[Variant]), (new, after): (&TypeDef, &[Variant])) {
        let places = |definition: &TypeDef, typename: &str| {
            let mut places = members(definition, typename);
            places.extend(definition.graphql.iter().map(|name| format!("{typename} implements {name}")));
            places.push(typename.to_owned());
            places
        };
        for variant in before {
            let (places, item) = (places(old, &variant.typename), format!("{item}::{}", variant.rust_name));
            match after.iter().find(|now| now.typename == variant.typename) {
                None => self.found.effect(places, Effect::Removed { item }),
                Some(now) if self.renamed.get(&variant.ty).unwrap_or(&variant.ty) != &now.ty => {
                    let (from, to) = (variant.ty.clone(), now.ty.clone());
                    self.found.effect(places, Effect::Changed { item, from, to });
                }
                Some(_) => {}
            }
        }
        for variant in after.iter().filter(|now| before.iter().all(|old| old.typename != now.typename)) {
            let item = format!("{item}::{}", variant.rust_name);
            self.found.effect(places(new, &variant.typename), Effect::NewVariant { item });
        }
    }

    fn values(&mut self, item: &str, (old, before): (&TypeDef, &[EnumValue]), (new, after): (&TypeDef, &[EnumValue])) {
        for value in before {
            let (places, path) = (members(old, &value.name), format!("{item}::{}", value.rust_name));
            match after.iter().find(|now| now.name == value.name) {
                None => self.found.effect(places, Effect::Removed { item: path }),
                Some(now) if now.rust_name != value.rust_name => {
                    let to = format!("{item}::{}", now.rust_name);
                    self.found.effect(places, Effect::Renamed { item: path, to });
                }
                Some(_) => {}
            }
        }
        for value in after.iter().filter(|now| before.iter().all(|old| old.name != now.name)) {
            let item = format!("{item}::{}", value.rust_name);
            self.found.effect(members(new, &value.name), Effect::NewVariant { item });
        }
    }
}

/// The coordinates of a member, one for each type of the schema that the definition represents.
fn members(definition: &TypeDef, member: &str) -> Vec<String> {
    definition.graphql.iter().map(|name| format!("{name}.{member}")).collect()
}

/// The fields of a request's object, with their coordinates.
fn inputs<'a>(definition: &TypeDef, variables: &'a [Variable]) -> Vec<(&'a Variable, Vec<String>)> {
    variables.iter().map(|variable| (variable, members(definition, &variable.name))).collect()
}

/// The kind of a generated type.
fn shape_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Object(_) => "struct",
        Shape::Payload(_) => "struct with errors",
        Shape::OneOf(_) | Shape::Enum(_) => "enum",
        Shape::Input(_) => "struct of a request",
    }
}

/// The argument type of a constructor or setter for a variable.
fn takes(rust: &Rust<'_, Index>, variable: &Variable) -> proc_macro2::TokenStream {
    let nullable = variable.nullable && !variable.required;
    rust.argument(&ident("value"), &variable.ty, nullable).0
}

fn output(rust: &Rust<'_, Index>, output: &Output) -> String {
    match output {
        Output::One(ty) | Output::Payload(ty) => text(&rust.plain(ty)),
        Output::Connection(node) => format!("Connection<{}>", text(&rust.plain(node))),
    }
}

fn root(schema: &Schema, kind: OperationKind) -> &str {
    match kind {
        OperationKind::Query => &schema.query,
        OperationKind::Mutation => schema.mutation.as_deref().unwrap_or_default(),
        OperationKind::Subscription => schema.subscription.as_deref().unwrap_or_default(),
    }
}

/// The fields from the root to an operation's output, with the types that have them.
fn steps<'a>(schema: &'a Schema, operation: &'a Operation) -> Vec<(&'a str, &'a str)> {
    let mut owner = root(schema, operation.kind);
    let mut steps = Vec::new();
    for field in &operation.path {
        steps.push((owner, field.as_str()));
        owner = schema.fields(owner).and_then(|fields| fields.get(field)).map_or("", |field| field.ty.name());
    }
    steps
}

/// The coordinates that an operation depends on, the field of its output first.
fn route(schema: &Schema, operation: &Operation) -> Vec<String> {
    let mut steps = steps(schema, operation);
    steps.reverse();
    let mut places: Vec<String> = steps.iter().map(|(owner, field)| format!("{owner}.{field}")).collect();
    places.extend(steps.iter().map(|(owner, _)| (*owner).to_owned()));
    places
}

/// The possible coordinates of a variable.
fn variable_places(schema: &Schema, operation: &Operation, variable: &str) -> Vec<String> {
    let steps = steps(schema, operation);
    if operation.input {
        let input = steps.last().and_then(|(owner, field)| schema.fields(owner)?.get(*field)?.args.get("input"));
        return input.map(|input| format!("{}.{variable}", input.ty.name())).into_iter().collect();
    }
    let mut places = Vec::new();
    for (owner, field) in steps.into_iter().rev() {
        let Some(args) = schema.fields(owner).and_then(|fields| fields.get(field)).map(|field| &field.args) else {
            continue;
        };
        let is_it = |argument: &&String| {
            // Of two arguments with one name, the later one has the name of its field added.
            let joined = variable.strip_prefix(field).is_some_and(|rest| rest.eq_ignore_ascii_case(argument));
            argument.as_str() == variable || joined
        };
        let at = format!("{owner}.{field}");
        places.extend(args.keys().filter(is_it).map(|name| argument(&at, name)));
    }
    places
}
