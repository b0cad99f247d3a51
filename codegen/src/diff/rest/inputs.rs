//! Parameters of operations, and fields of objects in requests.

use super::coordinates::{parameter, place, type_coordinate, value_name};
use super::documented::Documented;
use super::numbers::ITEM;
use super::pairs::Direction;
use super::walk::{Walk, removal};
use crate::diff::change::Change;
use crate::diff::kind::Kind;
use crate::diff::relation::Relation;
use glabflow_contract::Location;
use glabflow_contract::index::{Field, Index, Operation, Parameter, TypeDef, TypeRef};

/// A parameter's name without the brackets of a list.
pub(super) fn bare(name: &str) -> &str {
    name.strip_suffix("[]").unwrap_or(name)
}

/// The parameter of the new operation that corresponds to one of the old operation. In a path it is the one at the same
/// position. Otherwise it has the same name, with or without brackets: in the same place if possible, else in another.
pub(super) fn counterpart<'a>(old: &Operation, param: &Parameter, new: &'a Operation) -> Option<&'a Parameter> {
    if param.location == Location::Path {
        let in_path = |params: &'a [Parameter]| params.iter().filter(|other| other.location == Location::Path);
        let position = old.params.iter().filter(|other| other.location == Location::Path).position(|it| it == param)?;
        return in_path(&new.params).nth(position);
    }
    let is_at = |other: &Parameter, place: &Parameter| other.name == place.name && other.location == place.location;
    let is_free = |place: &Parameter| !old.params.iter().any(|other| is_at(other, place));
    let named = || new.params.iter().filter(|other| bare(&other.name) == bare(&param.name) && is_free(other));
    let exact = new.params.iter().find(|other| is_at(other, param));
    exact
        .or_else(|| named().find(|other| other.location == param.location))
        .or_else(|| named().find(|other| other.location != Location::Path))
}

/// The types by which two parameters are compared. If only one of them joins its values with commas, that one is a text.
fn on_the_wire<'a>(old: &'a Parameter, new: &'a Parameter) -> (&'a TypeRef, &'a TypeRef) {
    let value = |param: &'a Parameter| match &param.ty {
        TypeRef::List(value) if param.comma => value.as_ref(),
        ty => ty,
    };
    let text = |param: &'a Parameter| if param.comma { &TypeRef::String } else { &param.ty };
    match (&old.ty, &new.ty) {
        (TypeRef::List(_), TypeRef::List(_)) => (&old.ty, &new.ty),
        _ if old.comma && new.comma => (value(old), value(new)),
        _ => (text(old), text(new)),
    }
}

impl Walk<'_> {
    pub(super) fn inputs(&mut self, at: &str, old: &Operation, new: &Operation) {
        let mut met = Vec::new();
        for param in &old.params {
            let place = parameter(at, param);
            match counterpart(old, param, new) {
                None => {
                    let removed = Change::new(Kind::RestInputRemoved, place).was(value_name(&param.ty));
                    self.add(removed.deprecation(removal(param.deprecated)));
                }
                Some(now) => {
                    met.push((now.location, now.name.as_str()));
                    self.parameter(&place, param, now);
                    self.numbers(&place, (old, param), (new, now));
                }
            }
        }
        for param in new.params.iter().filter(|param| !met.contains(&(param.location, param.name.as_str()))) {
            let kind = if param.required { Kind::RestRequiredInputAdded } else { Kind::RestInputAdded };
            self.add(Change::new(kind, parameter(at, param)).now(value_name(&param.ty)));
        }
    }

    fn parameter(&mut self, at: &str, old: &Parameter, new: &Parameter) {
        if old.location != new.location {
            self.add(Change::new(Kind::RestInputMoved, at).values(place(old.location), place(new.location)));
        } else if old.location == Location::Path && old.name != new.name {
            self.add(Change::new(Kind::RestPathParameterRenamed, at).values(&old.name, &new.name));
        }
        let is_list = |ty: &TypeRef| matches!(ty, TypeRef::List(_));
        let is_renamed = old.location != Location::Path && old.location == new.location && old.name != new.name;
        let (lists, kept) = (is_list(&old.ty) && is_list(&new.ty), is_list(&old.ty) == is_list(&new.ty));
        if old.wildcard != new.wildcard || (old.comma != new.comma && lists) || (is_renamed && kept) {
            let how = |param: &Parameter| match (param.wildcard, param.comma) {
                (true, _) => "slashes not escaped".to_owned(),
                (_, true) => "joined with commas".to_owned(),
                _ if param.location == Location::Path => "slashes escaped".to_owned(),
                _ if is_list(&param.ty) => "one parameter for each value".to_owned(),
                _ => format!("as `{}`", param.name),
            };
            self.add(Change::new(Kind::RestInputEncodingChanged, at).values(how(old), how(new)));
        }
        let (before, after) = on_the_wire(old, new);
        self.value(at, before, after, Direction::Request);
        if old.default != new.default {
            let shown = |default: &Option<serde_json::Value>| match default {
                Some(default) => default.to_string(),
                None => "no default".to_owned(),
            };
            let change = Change::new(Kind::RestInputDefaultChanged, at);
            self.add(change.values(shown(&old.default), shown(&new.default)));
        }
        self.need(at, (old.required, new.required), (old.nullable, new.nullable));
        self.deprecation(at, old.deprecated, new.deprecated);
    }

    /// Compares the numbers that a parameter and its members accept. If only one side is a number, the types differ already.
    fn numbers(&mut self, at: &str, old: (&Operation, &Parameter), new: (&Operation, &Parameter)) {
        let (documents, index) = (self.documented, self.old);
        let of = |documented: &'_ Documented, (operation, parameter): (&Operation, &Parameter)| {
            documented.operation(operation).and_then(|said| said.numbers(parameter)).cloned()
        };
        let (Some(olds), Some(news)) = (of(documents.0, old), of(documents.1, new)) else { return };
        for (way, before) in &olds {
            let Some(after) = news.get(way) else { continue };
            let kind = match (after.exclude_some_of(before), before.exclude_some_of(after)) {
                (true, _) => Kind::RestInputNarrowed,
                (false, true) => Kind::RestInputWidened,
                (false, false) => continue,
            };
            self.add(Change::new(kind, number_coordinate(index, at, &old.1.ty, way)).values(before, after));
        }
    }

    /// Compares a field of objects in requests.
    pub(super) fn request_field(&mut self, at: &str, old: Option<&Field>, new: Option<&Field>) {
        match (old, new) {
            (Some(old), None) => {
                let removed = Change::new(Kind::RestInputRemoved, at).was(value_name(&old.ty));
                self.add(removed.deprecation(removal(old.deprecated)));
            }
            (None, Some(new)) => {
                let kind = if new.required { Kind::RestRequiredInputAdded } else { Kind::RestInputAdded };
                self.add(Change::new(kind, at).now(value_name(&new.ty)));
            }
            (Some(old), Some(new)) => {
                self.value(at, &old.ty, &new.ty, Direction::Request);
                self.need(at, (old.required, new.required), (old.nullable, new.nullable));
                self.deprecation(at, old.deprecated, new.deprecated);
            }
            (None, None) => {}
        }
    }

    /// Compares whether a value is required, and whether null is one.
    fn need(&mut self, at: &str, required: (bool, bool), nullable: (bool, bool)) {
        match required {
            (false, true) => self.add(Change::new(Kind::RestInputRequired, at)),
            (true, false) => self.add(Change::new(Kind::RestInputOptional, at)),
            _ => {}
        }
        match nullable {
            (false, true) => self.add(Change::new(Kind::RestInputNullAccepted, at)),
            (true, false) => self.add(Change::new(Kind::RestInputNullRejected, at)),
            _ => {}
        }
    }

    /// Compares two types, and reports their relation in this direction.
    pub(super) fn value(&mut self, at: &str, old: &TypeRef, new: &TypeRef, direction: Direction) {
        let relation = self.pairs.relate((self.old, old), (self.new, new), direction);
        let kind = match (direction, relation) {
            (_, Relation::Same) => return,
            (Direction::Request, Relation::Wider) => Kind::RestInputWidened,
            (Direction::Request, Relation::Narrower) => Kind::RestInputNarrowed,
            (Direction::Request, Relation::Other) => Kind::RestInputTypeChanged,
            (Direction::Response, Relation::Wider) => Kind::RestOutputWidened,
            (Direction::Response, Relation::Narrower) => Kind::RestOutputNarrowed,
            (Direction::Response, Relation::Other) => Kind::RestOutputTypeChanged,
        };
        self.add(Change::new(kind, at).values(value_name(old), value_name(new)));
    }
}

/// The coordinate of a number: a parameter, or a field of the type that has it.
fn number_coordinate(index: &Index, at: &str, ty: &TypeRef, way: &[String]) -> String {
    let (mut at, mut ty) = (at.to_owned(), ty);
    for step in way {
        let field = match ty {
            TypeRef::List(inner) | TypeRef::Map(inner) if step == ITEM => {
                ty = inner;
                continue;
            }
            TypeRef::Named(name) => index.types.get(name).and_then(|definition| match definition {
                TypeDef::Object(object) => {
                    let field = object.fields.iter().find(|field| field.name == *step)?;
                    Some((format!("{}.{step}", type_coordinate(name, definition)), &field.ty))
                }
                TypeDef::Enum(_) | TypeDef::IntEnum(_) => None,
            }),
            _ => None,
        };
        // Nothing is generated for deeper members.
        let Some(field) = field else { break };
        (at, ty) = field;
    }
    at
}
