//! Making a valid schema of one with gaps. Every change is reported.

use super::report::{Missing, Notes};
use super::schema::{Composite, InputValue, Kind, Schema, TypeExpr};
use std::collections::{BTreeMap, BTreeSet};

/// Repairs what would make the schema invalid, until nothing is left to repair.
pub(super) fn repair(schema: &mut Schema, missing: &Missing, notes: &mut Notes) {
    for name in &missing.enum_values {
        if let Some(ty) = schema.types.get_mut(name) {
            ty.kind = Kind::Scalar;
            notes.add("enums whose values no file has became scalars", name);
        }
    }
    while drop_dangling(schema, notes) || drop_empty(schema, notes) {}
    drop_unfulfilled_interfaces(schema, notes);
    for name in [&mut schema.mutation, &mut schema.subscription] {
        if name.as_ref().is_some_and(|name| !schema.types.contains_key(name)) {
            notes.add("root types that do not exist were dropped", name.take().unwrap_or_default());
        }
    }
}

/// Drops what refers to types that do not exist; `true` when there was something.
fn drop_dangling(schema: &mut Schema, notes: &mut Notes) -> bool {
    let names: BTreeSet<String> = schema.types.keys().cloned().collect();
    let exists = |ty: &TypeExpr| names.contains(ty.name()) || super::schema::BUILT_IN.contains(&ty.name());
    let mut changed = false;
    let mut dangling = |values: &mut BTreeMap<String, InputValue>, owner: &str, notes: &mut Notes| {
        values.retain(|name, value| {
            let keep = exists(&value.ty);
            if !keep {
                changed = true;
                notes.add("arguments of unknown types were dropped", format_args!("{owner}({name}: {})", value.ty));
            }
            keep
        });
    };
    let mut dropped_field = false;
    for (name, ty) in &mut schema.types {
        match &mut ty.kind {
            Kind::Object(object) | Kind::Interface(object) => {
                object.fields.retain(|field, value| {
                    let keep = exists(&value.ty);
                    if !keep {
                        dropped_field = true;
                        notes.add("fields of unknown types were dropped", format_args!("{name}.{field}: {}", value.ty));
                    }
                    keep
                });
                for (field, value) in &mut object.fields {
                    dangling(&mut value.args, &format!("{name}.{field}"), notes);
                }
                object.interfaces.retain(|interface| names.contains(interface));
            }
            Kind::Input(fields) => dangling(fields, name, notes),
            Kind::Union(members) => members.retain(|member| names.contains(member)),
            Kind::Scalar | Kind::Enum(_) => {}
        }
    }
    changed || dropped_field
}

/// Drops types without members; `true` when there was one.
fn drop_empty(schema: &mut Schema, notes: &mut Notes) -> bool {
    let before = schema.types.len();
    schema.types.retain(|name, ty| {
        let is_empty = match &ty.kind {
            Kind::Scalar => false,
            Kind::Object(object) | Kind::Interface(object) => object.fields.is_empty(),
            Kind::Union(members) => members.is_empty(),
            Kind::Enum(values) => values.is_empty(),
            Kind::Input(fields) => fields.is_empty(),
        };
        if is_empty {
            notes.add("types without members were dropped", name);
        }
        !is_empty
    });
    schema.types.len() < before
}

/// An object that lacks a field of an interface does not implement it.
fn drop_unfulfilled_interfaces(schema: &mut Schema, notes: &mut Notes) {
    let interfaces: BTreeMap<String, Composite> = schema
        .types
        .iter()
        .filter_map(|(name, ty)| match &ty.kind {
            Kind::Interface(interface) => Some((name.clone(), interface.clone())),
            _ => None,
        })
        .collect();
    for (name, ty) in &mut schema.types {
        let (Kind::Object(object) | Kind::Interface(object)) = &mut ty.kind else { continue };
        let fields = &object.fields;
        object.interfaces.retain(|interface| {
            let keep = interfaces
                .get(interface)
                .is_some_and(|interface| interface.fields.keys().all(|field| fields.contains_key(field)));
            if !keep {
                notes.add(
                    "claims to implement an interface were dropped",
                    format_args!("{name} implements {interface}"),
                );
            }
            keep
        });
    }
}
