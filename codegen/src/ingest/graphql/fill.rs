//! Filling in what one document does not say from another.

use super::report::{Missing, Notes};
use super::schema::{InputValue, Kind, Marks, Schema};
use std::collections::BTreeMap;

/// Takes from `other` what `schema` was not asked for; what exists is for `schema` alone to say.
pub(super) fn fill(schema: &mut Schema, missing: &mut Missing, other: &Schema, notes: &mut Notes) {
    for (name, known) in &other.types {
        let Some(ty) = schema.types.get_mut(name) else { continue };
        fill_marks(&mut ty.marks, &known.marks, missing, notes, || name.clone());
        match (&mut ty.kind, &known.kind) {
            (Kind::Enum(values), Kind::Enum(known)) if missing.enum_values.remove(name) => {
                values.clone_from(known);
                notes.add("values of enums", name);
            }
            (Kind::Union(members), Kind::Union(known)) if missing.members.remove(name) => {
                members.clone_from(known);
                notes.add("members of unions", name);
            }
            (Kind::Input(fields), Kind::Input(known)) => fill_inputs(fields, known, missing, notes, name),
            (Kind::Object(object), Kind::Object(known)) | (Kind::Interface(object), Kind::Interface(known)) => {
                if missing.interfaces.remove(name) && !known.interfaces.is_empty() {
                    object.interfaces.clone_from(&known.interfaces);
                    notes.add("interfaces of objects", name);
                }
                for (field, known) in &known.fields {
                    let Some(value) = object.fields.get_mut(field) else { continue };
                    let at = format!("{name}.{field}");
                    fill_marks(&mut value.marks, &known.marks, missing, notes, || at.clone());
                    fill_inputs(&mut value.args, &known.args, missing, notes, &at);
                }
            }
            _ => {}
        }
    }
}

fn fill_inputs(
    values: &mut BTreeMap<String, InputValue>,
    known: &BTreeMap<String, InputValue>,
    missing: &Missing,
    notes: &mut Notes,
    owner: &str,
) {
    for (name, known) in known {
        let Some(value) = values.get_mut(name) else { continue };
        // Of another type, the default is another one too.
        if missing.defaults > 0 && value.default.is_none() && known.default.is_some() && value.ty == known.ty {
            value.default.clone_from(&known.default);
            notes.add("defaults", format_args!("{owner}({name}:)"));
        }
        fill_marks(&mut value.marks, &known.marks, missing, notes, || format!("{owner}({name}:)"));
    }
}

fn fill_marks(marks: &mut Marks, known: &Marks, missing: &Missing, notes: &mut Notes, at: impl Fn() -> String) {
    if missing.deprecations > 0 && marks.deprecated.is_none() && known.deprecated.is_some() {
        marks.deprecated.clone_from(&known.deprecated);
        notes.add("deprecations", at());
    }
    if marks.description.is_none() && known.description.is_some() {
        marks.description.clone_from(&known.description);
        notes.add("descriptions", at());
    }
    if marks.ee.is_none() && known.ee.is_some() {
        marks.ee.clone_from(&known.ee);
        notes.add("marks of the Enterprise edition", at());
    }
}
