//! Sets the fields of a command line in a request.

use super::draft::{Draft, plain, takes_query};
use crate::failure::Failure;
use crate::files;
use crate::values;
use glabflow_contract::descriptor::{Body, Param};
use glabflow_contract::index::{Parameter, TypeRef};
use glabflow_contract::{Arg, Location};
use std::collections::BTreeMap;
use std::path::Path;

impl Draft {
    /// A value in the path.
    pub(super) fn set_path(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let at = self.parameters().iter().position(|param| param.location == Location::Path && param.name == name);
        let Some(at) = at else { return Err(self.unknown_name(name)) };
        let param = &self.parameters()[at];
        let value = values::from_text(self.index, &param.ty, value).map_err(|problem| self.wrong(name, problem))?;
        self.values.insert(at, value);
        Ok(())
    }

    /// A field of the command line. `@` begins the name of a file.
    pub(super) fn set_field(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let Some(path) = value.strip_prefix('@') else { return self.set(name, value) };
        let path = Path::new(path);
        let ty = match self.find(name) {
            Some((at, param)) if is_file(&param.ty) => {
                let value = Arg::File(files::upload(path)?);
                return self.insert(at, param, value);
            }
            Some((_, param)) => Some(&param.ty),
            // It can still be a member of an object.
            None if name.ends_with(']') => None,
            None => return Err(self.unknown_name(name)),
        };
        let text = files::text(path)?;
        // Editors end a file with a line break. Only texts keep it.
        let is_text = ty.is_none_or(|ty| *ty == TypeRef::String);
        self.set(name, if is_text { &text } else { text.trim_end_matches(['\r', '\n']) })
    }

    pub(super) fn set(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        let Some((at, param)) = self.find(name) else {
            // Names of parameters may contain brackets, as in `not[labels]`.
            let member = name.strip_suffix(']').and_then(|name| name.split_once('['));
            return match member.and_then(|(base, member)| Some((self.find(base)?, member))) {
                Some(((at, param), member)) => self.set_member(at, param, member, text),
                None => Err(self.unknown_name(name)),
            };
        };
        let value = if param.nullable && text == "null" {
            Arg::Null
        } else if let (TypeRef::List(item), true) = (&param.ty, param.comma && !text.starts_with('[')) {
            let items = text.split(',').map(|text| values::from_text(self.index, item, text));
            Arg::List(items.collect::<Result<_, _>>().map_err(|problem| self.wrong(name, problem))?)
        } else {
            values::from_text(self.index, &param.ty, text).map_err(|problem| self.wrong(name, problem))?
        };
        self.insert(at, param, value)
    }

    /// `name[member]=value`.
    pub(super) fn set_member(&mut self, at: usize, param: &Parameter, member: &str, text: &str) -> Result<(), Failure> {
        let name = format!("{}[{member}]", plain(&param.name));
        let value = values::member_type(self.index, &param.ty, member)
            .and_then(|ty| values::from_text(self.index, &ty, text))
            .map_err(|problem| self.wrong(&name, problem))?;
        match self.values.entry(at).or_insert_with(|| Arg::Map(BTreeMap::new())) {
            Arg::Map(members) => {
                members.insert(member.to_owned(), value);
                Ok(())
            }
            _ => Err(self.wrong(&name, "is set both as a whole and by member".to_owned())),
        }
    }

    /// Sets a value. Lists grow, other values can be set only once.
    pub(super) fn insert(&mut self, at: usize, param: &Parameter, value: Arg) -> Result<(), Failure> {
        match (self.values.get_mut(&at), value) {
            (None, value) => {
                self.values.insert(at, value);
            }
            (Some(Arg::List(items)), Arg::List(more)) => items.extend(more),
            _ => return Err(self.wrong(&param.name, "is set twice".to_owned())),
        }
        Ok(())
    }

    /// A value without checks, for a parameter that the schema may not know.
    pub(super) fn set_raw(&mut self, name: &str, value: Arg) -> Result<(), Failure> {
        if let Some((at, param)) = self.find(name) {
            let value = if matches!(param.ty, TypeRef::List(_)) { Arg::List(vec![value]) } else { value };
            return self.insert(at, param, value);
        }
        let in_path = self.extra.iter().any(|param| param.location == Location::Path && param.name == name);
        let location = match self.descriptor.body {
            _ if in_path => Location::Path,
            Body::Json | Body::Multipart if !takes_query(self.descriptor.method) => Location::Body,
            Body::None if !takes_query(self.descriptor.method) => {
                self.descriptor.body = Body::Json;
                Location::Body
            }
            _ => Location::Query,
        };
        self.set_unknown(name, value, location);
        Ok(())
    }

    pub(super) fn set_unknown(&mut self, name: &str, value: Arg, location: Location) {
        let same = |param: &Param| param.location == location && plain(param.name) == plain(name);
        let at = match self.extra.iter().position(same) {
            Some(at) => at,
            None => {
                let name = name.to_owned().leak();
                self.extra.push(match location {
                    Location::Body => Param::body(plain(name)),
                    _ => Param::query(name),
                });
                self.extra.len() - 1
            }
        };
        let position = self.parameters().len() + at;
        let value = match (self.values.remove(&position), value) {
            (Some(Arg::List(mut items)), value) => {
                items.push(value);
                Arg::List(items)
            }
            (Some(first), value) => Arg::List(vec![first, value]),
            (None, value) if name.ends_with("[]") => Arg::List(vec![value]),
            (None, value) => value,
        };
        self.values.insert(position, value);
    }
}

fn is_file(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::File => true,
        TypeRef::List(item) => is_file(item),
        _ => false,
    }
}
