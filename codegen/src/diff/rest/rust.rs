//! Effects on the generated operations and types.

use super::coordinates::{coordinate, parameter, type_coordinate};
use super::inputs::{bare, counterpart};
use super::pairing::Paired;
use super::pairs::Pairs;
use crate::diff::change::Effect;
use crate::diff::collect::Collector;
use crate::diff::rust::{Argument, REST, signature, signatures, text};
use crate::emit::rest::operations::is_for_runtime;
use crate::emit::rust_type::Rust;
use crate::emit::tokens::ident;
use crate::names;
use glabflow_contract::Location;
use glabflow_contract::index::{Field, Index, Object, Operation, Output, Parameter, TypeDef, TypeRef};
use std::collections::{BTreeMap, BTreeSet};

/// Adds every effect of the difference between two schemas on the generated code.
pub(super) fn effects(old: &Index, new: &Index, operations: &Paired<'_>, pairs: &Pairs, found: &mut Collector) {
    let renamed = renamed_types(old, new, pairs);
    let rust = |index| Rust { index, in_types: true };
    let mut compare = Compare { renamed: &renamed, old: rust(old), new: rust(new), found };
    for operation in operations {
        match *operation {
            (Some(before), Some(after)) => compare.operation(before, after),
            (Some(gone), None) => {
                for item in [struct_path(gone), method_path(gone)] {
                    compare.found.effect(vec![coordinate(gone)], Effect::Removed { item });
                }
            }
            (None, Some(fresh)) => {
                for item in [struct_path(fresh), method_path(fresh)] {
                    compare.found.effect(vec![coordinate(fresh)], Effect::Added { item });
                }
            }
            (None, None) => {}
        }
    }
    compare.types(old, new);
}

/// The new names of renamed types, by the old name.
fn renamed_types(old: &Index, new: &Index, pairs: &Pairs) -> BTreeMap<String, String> {
    let mut taken = BTreeSet::new();
    let mut renamed = BTreeMap::new();
    for name in old.types.keys().filter(|name| !new.types.contains_key(*name)) {
        let is_fresh = |other: &&str| !old.types.contains_key(*other) && !taken.contains(*other);
        if let Some(other) = pairs.new_of(name).find(is_fresh) {
            taken.insert(other);
            renamed.insert(name.clone(), other.to_owned());
        }
    }
    renamed
}

fn struct_path(operation: &Operation) -> String {
    format!("{REST}::{}::{}", operation.tag, operation.rust_type)
}

fn method_path(operation: &Operation) -> String {
    format!("{REST}::{}::{}::{}", operation.tag, names::handle(&operation.tag), operation.name)
}

fn type_path(name: &str) -> String {
    format!("{REST}::types::{name}")
}

/// The coordinates of a member in all schemas that share a type.
fn members(name: &str, definition: &TypeDef, member: &str) -> Vec<String> {
    let mut owners = vec![type_coordinate(name, definition)];
    if let TypeDef::Object(object) = definition {
        owners.extend(object.aliases.iter().map(String::as_str));
    }
    owners.into_iter().map(|owner| format!("{owner}{member}")).collect()
}

struct Compare<'a> {
    renamed: &'a BTreeMap<String, String>,
    old: Rust<'a, Index>,
    new: Rust<'a, Index>,
    found: &'a mut Collector,
}

impl Compare<'_> {
    /// Whether two types are the same, apart from renamed types.
    fn agrees(&self, old: &TypeRef, new: &TypeRef) -> bool {
        match (old, new) {
            (TypeRef::List(old), TypeRef::List(new)) | (TypeRef::Map(old), TypeRef::Map(new)) => self.agrees(old, new),
            (TypeRef::Named(old), TypeRef::Named(new)) => self.renamed.get(old).unwrap_or(old) == new,
            (old, new) => old == new,
        }
    }

    fn rename(&mut self, coordinates: &[String], item: String, to: String) {
        if item != to {
            self.found.effect(coordinates.to_vec(), Effect::Renamed { item, to });
        }
    }

    fn operation(&mut self, old: &Operation, new: &Operation) {
        let at = vec![coordinate(old)];
        self.rename(&at, struct_path(old), struct_path(new));
        self.rename(&at, method_path(old), method_path(new));
        let same = match (&old.output, &new.output) {
            (Output::Json(old), Output::Json(new)) | (Output::List(old), Output::List(new)) => self.agrees(old, new),
            (Output::File(_), Output::File(_)) | (Output::Empty, Output::Empty) => true,
            _ => false,
        };
        if !same {
            let item = format!("{}::Output", struct_path(old));
            let (from, to) = (output(&self.old, &old.output), output(&self.new, &new.output));
            self.found.effect(vec![format!("{} response", at[0]), at[0].clone()], Effect::Changed { item, from, to });
        }
        self.deprecation(&at, method_path(old), old.deprecated, new.deprecated);
        self.constructor(&at[0], old, new);
        self.setters(&at[0], old, new);
    }

    /// Compares the methods that create operations: required parameters are their arguments.
    fn constructor(&mut self, at: &str, old: &Operation, new: &Operation) {
        let required = |operation: &'_ Operation| -> Vec<Parameter> {
            operation.params.iter().filter(|param| param.required).cloned().collect()
        };
        let (before, after) = (required(old), required(new));
        // Path parameters correspond by position, all others by name: if two texts change places, the code still compiles.
        let is_same = |old: &Parameter, new: &Parameter| {
            self.agrees(&old.ty, &new.ty)
                && old.nullable == new.nullable
                && old.location == new.location
                && (old.location == Location::Path || bare(&old.name) == bare(&new.name))
        };
        let agree = |(index, old): (usize, &Parameter)| after.get(index).is_some_and(|new| is_same(old, new));
        if before.len() == after.len() && before.iter().enumerate().all(agree) {
            return;
        }
        let (from, to) = signatures(&arguments(&self.old, &before), &arguments(&self.new, &after));
        let mut places: Vec<String> = before
            .iter()
            .filter(|param| counterpart(old, param, new).is_none_or(|now| !now.required || !is_same(param, now)))
            .chain(after.iter().filter(|param| counterpart(new, param, old).is_none_or(|was| !was.required)))
            .map(|param| parameter(at, param))
            .collect();
        // If none of them explains it, their order changed.
        places.push(at.to_owned());
        self.found.effect(places, Effect::Changed { item: method_path(old), from, to });
    }

    fn setters(&mut self, at: &str, old: &Operation, new: &Operation) {
        let is_setter = |param: &Parameter| !param.required && !is_for_runtime(param);
        for param in old.params.iter().filter(|param| is_setter(param)) {
            let (places, item) = (vec![parameter(at, param)], format!("{}::{}", struct_path(old), param.rust_name));
            let Some(now) = counterpart(old, param, new).filter(|now| is_setter(now)) else {
                self.found.effect(places, Effect::Removed { item });
                continue;
            };
            if now.rust_name != param.rust_name {
                let to = format!("{}::{}", struct_path(new), now.rust_name);
                self.found.effect(places.clone(), Effect::Renamed { item: item.clone(), to });
            }
            if !self.agrees(&param.ty, &now.ty) || param.nullable != now.nullable {
                let from = signature(&[takes(&self.old, &param.ty, param.nullable)]);
                let to = signature(&[takes(&self.new, &now.ty, now.nullable)]);
                self.found.effect(places.clone(), Effect::Changed { item: item.clone(), from, to });
            }
            self.deprecation(&places, item, param.deprecated, now.deprecated);
        }
        for param in new.params.iter().filter(|param| is_setter(param)) {
            if !counterpart(new, param, old).is_some_and(is_setter) {
                let item = format!("{}::{}", struct_path(new), param.rust_name);
                self.found.effect(vec![parameter(at, param)], Effect::Added { item });
            }
        }
    }

    fn deprecation(&mut self, coordinates: &[String], item: String, old: bool, new: bool) {
        let effect = match (old, new) {
            (false, true) => Effect::Deprecated { item },
            (true, false) => Effect::Undeprecated { item },
            _ => return,
        };
        self.found.effect(coordinates.to_vec(), effect);
    }

    fn types(&mut self, old: &Index, new: &Index) {
        let renamed = self.renamed;
        for (name, before) in &old.types {
            let (places, item) = (members(name, before, ""), type_path(name));
            let to = renamed.get(name).unwrap_or(name);
            let Some(after) = new.types.get(to) else {
                self.found.effect(places, Effect::Removed { item });
                continue;
            };
            self.rename(&places, item.clone(), type_path(to));
            match (before, after) {
                (TypeDef::Object(was), TypeDef::Object(is)) if was.input == is.input => {
                    let places = |member: &str| members(name, before, member);
                    self.object(&item, &places, was, is);
                }
                (TypeDef::Enum(_), TypeDef::Enum(_)) | (TypeDef::IntEnum(_), TypeDef::IntEnum(_)) => {
                    self.variants(name, &item, &variants(before), &variants(after));
                }
                (before, after) => {
                    let (from, to) = (kind_of(before).to_owned(), kind_of(after).to_owned());
                    self.found.effect(places, Effect::Changed { item, from, to });
                }
            }
        }
        let taken: BTreeSet<&String> = renamed.values().collect();
        for (name, fresh) in
            new.types.iter().filter(|(name, _)| !old.types.contains_key(*name) && !taken.contains(name))
        {
            self.found.effect(members(name, fresh, ""), Effect::Added { item: type_path(name) });
        }
    }

    /// Compares two structs. `coordinates` returns those of a member, such as `.name`.
    fn object(&mut self, item: &str, coordinates: &dyn Fn(&str) -> Vec<String>, old: &Object, new: &Object) {
        let places = |field: &str| coordinates(&format!(".{field}"));
        for field in &old.fields {
            let (places, path) = (places(&field.name), format!("{item}::{}", field.rust_name));
            let Some(now) = new.fields.iter().find(|now| now.name == field.name) else {
                self.found.effect(places, Effect::Removed { item: path });
                continue;
            };
            self.rename(&places, path.clone(), format!("{item}::{}", now.rust_name));
            let same_need = !old.input || (field.required == now.required && field.nullable == now.nullable);
            if !self.agrees(&field.ty, &now.ty) || !same_need {
                let (from, to) = (field_type(&self.old, old, field), field_type(&self.new, new, now));
                self.found.effect(places, Effect::Changed { item: path, from, to });
            }
        }
        for field in new.fields.iter().filter(|field| old.fields.iter().all(|was| was.name != field.name)) {
            let path = format!("{item}::{}", field.rust_name);
            self.found.effect(places(&field.name), Effect::Added { item: path });
        }
        if old.input {
            self.new_of(item, coordinates, old, new);
        }
    }

    /// Compares the constructors of objects in requests: required fields are their arguments.
    fn new_of(&mut self, item: &str, coordinates: &dyn Fn(&str) -> Vec<String>, old: &Object, new: &Object) {
        let required =
            |object: &'_ Object| object.fields.iter().filter(|field| field.required).cloned().collect::<Vec<Field>>();
        let (before, after) = (required(old), required(new));
        let names = |fields: &'_ [Field]| fields.iter().map(|field| field.name.clone()).collect::<Vec<String>>();
        let (old_names, new_names) = (names(&before), names(&after));
        if old_names == new_names {
            return;
        }
        let arguments = |rust: &Rust<'_, Index>, fields: &'_ [Field]| -> Vec<Argument> {
            fields.iter().map(|field| (field.rust_name.clone(), takes(rust, &field.ty, field.nullable))).collect()
        };
        let (from, to) = signatures(&arguments(&self.old, &before), &arguments(&self.new, &after));
        let differs = |name: &&String| old_names.contains(name) != new_names.contains(name);
        let changed = old_names.iter().chain(&new_names).filter(differs);
        // If none of them was added or removed, their order changed.
        let places = changed.flat_map(|name| coordinates(&format!(".{name}"))).chain(coordinates("")).collect();
        self.found.effect(places, Effect::Changed { item: format!("{item}::new"), from, to });
    }

    fn variants(&mut self, name: &str, item: &str, old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) {
        for (value, variant) in old {
            let (places, path) = (vec![format!("{name}.{value}")], format!("{item}::{variant}"));
            match new.get(value) {
                None => self.found.effect(places, Effect::Removed { item: path }),
                Some(now) => self.rename(&places, path, format!("{item}::{now}")),
            }
        }
        for (value, variant) in new.iter().filter(|(value, _)| !old.contains_key(*value)) {
            let path = format!("{item}::{variant}");
            self.found.effect(vec![format!("{name}.{value}")], Effect::NewVariant { item: path });
        }
    }
}

/// The variants or constants of an enum, by value. Numbers without a constant are no items.
fn variants(definition: &TypeDef) -> BTreeMap<String, String> {
    match definition {
        TypeDef::Enum(values) => {
            values.values.iter().map(|value| (value.name.clone(), value.rust_name.clone())).collect()
        }
        TypeDef::IntEnum(values) => {
            values.values.iter().map(ToString::to_string).zip(values.names.iter().cloned()).collect()
        }
        TypeDef::Object(_) => BTreeMap::new(),
    }
}

/// The kind of a generated type.
fn kind_of(definition: &TypeDef) -> &'static str {
    match definition {
        TypeDef::Object(object) if object.input => "struct of a request",
        TypeDef::Object(_) => "struct",
        TypeDef::Enum(_) => "enum",
        TypeDef::IntEnum(_) => "numbers",
    }
}

fn field_type(rust: &Rust<'_, Index>, object: &Object, field: &Field) -> String {
    text(&if object.input { rust.request_field(field) } else { rust.response_field(&field.ty) })
}

/// The argument type of a constructor or setter for a value.
fn takes(rust: &Rust<'_, Index>, ty: &TypeRef, nullable: bool) -> proc_macro2::TokenStream {
    rust.argument(&ident("value"), ty, nullable).0
}

/// The arguments of a method, by name.
fn arguments(rust: &Rust<'_, Index>, params: &[Parameter]) -> Vec<Argument> {
    params.iter().map(|param| (param.rust_name.clone(), takes(rust, &param.ty, param.nullable))).collect()
}

fn output(rust: &Rust<'_, Index>, output: &Output) -> String {
    match output {
        Output::Empty => "()".to_owned(),
        Output::Json(ty) => text(&rust.plain(ty)),
        Output::List(ty) => format!("Vec<{}>", text(&rust.plain(ty))),
        Output::File(_) => "file".to_owned(),
    }
}
