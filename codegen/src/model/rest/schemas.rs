//! Converts schemas to types, before these have their final names.
//!
//! Objects and enums are collected as drafts. Their keys are not names yet: responses and requests use a schema differently,
//! so an object in both has two drafts. The key of an inline enum is made of its values, so that equal values under the same
//! kind of field are one type.

use crate::names;
use anyhow::{Context, Result, bail};
use glabflow_contract::index::{Enum, EnumValue, Field, IntEnum, Object, TypeDef, TypeRef};
use openapiv3::{
    AdditionalProperties, ObjectType, OpenAPI, ReferenceOr, Schema, SchemaKind, StringFormat, StringType, Type,
    VariantOrUnknownOrEmpty,
};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a type is part of a request or of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Request,
    Response,
}

/// The use of a schema: the owner and the field that have it, and the direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct SchemaUse<'a> {
    pub(super) owner: &'a str,
    pub(super) field: &'a str,
    pub(super) direction: Direction,
}

/// A type without a name.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The type. References in it are keys of other drafts.
    pub(super) definition: TypeDef,
    /// The name of the schema; none for inline enums and objects.
    pub(super) schema: Option<String>,
    /// Its uses: owner and field.
    pub(super) uses: Vec<(String, String)>,
}

/// All drafts by key.
pub(super) type Drafts = BTreeMap<String, Draft>;

/// The key and the schema name of GitLab's access levels.
pub(crate) const ACCESS_LEVEL: &str = "AccessLevelValue";

/// GitLab's access levels: numbers with documented names.
const ACCESS_LEVELS: &[(i64, &str)] = &[
    (0, "NO_ACCESS"),
    (5, "MINIMAL"),
    (10, "GUEST"),
    (15, "PLANNER"),
    (20, "REPORTER"),
    (25, "SECURITY_MANAGER"),
    (30, "DEVELOPER"),
    (40, "MAINTAINER"),
    (50, "OWNER"),
    (60, "ADMIN"),
];

/// Reads schemas of a document.
pub(super) struct Schemas<'a> {
    document: &'a OpenAPI,
    drafts: Drafts,
    /// Schemas other than objects that are being read, to detect infinite recursion.
    open: Vec<&'a str>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(document: &'a OpenAPI) -> Self {
        Schemas { document, drafts: Drafts::new(), open: Vec::new() }
    }

    pub(super) fn into_drafts(self) -> Drafts {
        self.drafts
    }

    /// The component schema behind a reference, with its name.
    pub(super) fn component(&self, reference: &'a str) -> Result<(&'a str, &'a Schema)> {
        let components = self.document.components.as_ref().context("the document does not have components")?;
        let mut next = reference;
        for _ in 0..=components.schemas.len() {
            let name = next
                .strip_prefix("#/components/schemas/")
                .with_context(|| format!("`{next}` does not refer to a component schema"))?;
            match components.schemas.get(name) {
                Some(ReferenceOr::Item(schema)) => return Ok((name, schema)),
                Some(ReferenceOr::Reference { reference }) => next = reference,
                None => bail!("the document has no schema `{name}`"),
            }
        }
        bail!("`{reference}` refers to itself")
    }

    /// The object of a schema, with the name of the schema if it has one.
    pub(super) fn object(&self, schema: &'a ReferenceOr<Schema>) -> Result<Option<(Option<&'a str>, &'a ObjectType)>> {
        let (name, schema) = match schema {
            ReferenceOr::Item(schema) => (None, schema),
            ReferenceOr::Reference { reference } => {
                let (name, schema) = self.component(reference)?;
                (Some(name), schema)
            }
        };
        match &schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) => Ok(Some((name, object))),
            _ => Ok(None),
        }
    }

    /// The type of a schema in its at.
    pub(super) fn type_of(&mut self, schema: &'a ReferenceOr<Schema>, at: SchemaUse<'_>) -> Result<TypeRef> {
        match schema {
            ReferenceOr::Item(schema) => self.inline(schema, at),
            ReferenceOr::Reference { reference } => {
                let (name, schema) = self.component(reference)?;
                self.named(name, schema, at)
            }
        }
    }

    /// The same for schemas that openapiv3 keeps in a box.
    pub(super) fn type_of_boxed(&mut self, schema: &'a ReferenceOr<Box<Schema>>, at: SchemaUse<'_>) -> Result<TypeRef> {
        match schema {
            ReferenceOr::Item(schema) => self.inline(schema, at),
            ReferenceOr::Reference { reference } => {
                let (name, schema) = self.component(reference)?;
                self.named(name, schema, at)
            }
        }
    }

    fn named(&mut self, name: &'a str, schema: &'a Schema, at: SchemaUse<'_>) -> Result<TypeRef> {
        match &schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) if !object.properties.is_empty() => {
                let key = match at.direction {
                    Direction::Request => format!("{name}#request"),
                    Direction::Response => name.to_owned(),
                };
                // An object has a name, so it may contain itself.
                let open = std::mem::take(&mut self.open);
                let ty = self.add_object(key, Some(name), object, at);
                self.open = open;
                ty
            }
            SchemaKind::Type(Type::String(text)) if !values(text).is_empty() => {
                Ok(self.add_enum(name.to_owned(), Some(name), &values(text), at))
            }
            SchemaKind::Type(Type::Integer(integer)) if !integer.enumeration.is_empty() => {
                Ok(self.add_numbers(name.to_owned(), &integer.enumeration))
            }
            // A list of itself has no finite type.
            _ if self.open.contains(&name) => Ok(TypeRef::Any),
            _ => {
                self.open.push(name);
                let ty = self.inline(schema, at);
                self.open.pop();
                ty
            }
        }
    }

    fn inline(&mut self, schema: &'a Schema, at: SchemaUse<'_>) -> Result<TypeRef> {
        let lenient = schema.schema_data.extensions.contains_key("x-gitlab-lenient");
        Ok(match &schema.schema_kind {
            SchemaKind::AllOf { all_of } => match all_of.as_slice() {
                [only] => self.type_of(only, at)?,
                _ => TypeRef::Any,
            },
            SchemaKind::Type(Type::Boolean(_)) => TypeRef::Bool,
            SchemaKind::Type(Type::Number(_)) => TypeRef::Float,
            SchemaKind::Type(Type::Integer(integer)) if is_access_level(&integer.enumeration) => {
                self.add_numbers(ACCESS_LEVEL.to_owned(), &[])
            }
            // Ids of issues in external trackers are strings.
            SchemaKind::Type(Type::Integer(_)) if lenient && at.direction == Direction::Response => TypeRef::IdOrName,
            SchemaKind::Type(Type::Integer(_)) => TypeRef::Int,
            SchemaKind::Type(Type::String(text)) => self.text(text, at),
            SchemaKind::Type(Type::Array(array)) => {
                let item = array.items.as_ref().map(|items| self.type_of_boxed(items, at)).transpose()?;
                TypeRef::List(Box::new(item.unwrap_or(TypeRef::Any)))
            }
            SchemaKind::Type(Type::Object(object)) => match &object.additional_properties {
                _ if !object.properties.is_empty() => {
                    let key = format!("{}.{}#{:?}", at.owner, at.field, at.direction);
                    self.add_object(key, None, object, at)?
                }
                Some(AdditionalProperties::Schema(value)) => TypeRef::Map(Box::new(self.type_of(value, at)?)),
                Some(AdditionalProperties::Any(_)) | None => TypeRef::Any,
            },
            SchemaKind::OneOf { .. } | SchemaKind::AnyOf { .. } | SchemaKind::Not { .. } | SchemaKind::Any(_) => {
                TypeRef::Any
            }
        })
    }

    fn text(&mut self, text: &StringType, at: SchemaUse<'_>) -> TypeRef {
        let values = values(text);
        if !values.is_empty() {
            let mut sorted: Vec<&str> = values.iter().map(String::as_str).collect();
            sorted.sort_unstable();
            let kind = names::words(at.field).pop().unwrap_or_default();
            return self.add_enum(format!("{kind}={}", sorted.join("|")), None, &values, at);
        }
        match &text.format {
            VariantOrUnknownOrEmpty::Item(StringFormat::DateTime) => TypeRef::DateTime,
            VariantOrUnknownOrEmpty::Item(StringFormat::Date) => TypeRef::Date,
            VariantOrUnknownOrEmpty::Item(StringFormat::Binary) if at.direction == Direction::Request => TypeRef::File,
            _ if names::is_secret(at.field) => TypeRef::Secret,
            _ => TypeRef::String,
        }
    }

    fn add_object(
        &mut self,
        key: String,
        schema: Option<&str>,
        object: &'a ObjectType,
        at: SchemaUse<'_>,
    ) -> Result<TypeRef> {
        if let Some(draft) = self.drafts.get_mut(&key) {
            draft.uses.push((at.owner.to_owned(), at.field.to_owned()));
            return Ok(TypeRef::Named(key));
        }
        // The key is reserved before the fields are read, since a type may contain itself.
        let empty = TypeDef::Object(Object::default());
        let uses = vec![(at.owner.to_owned(), at.field.to_owned())];
        let draft = Draft { definition: empty, schema: schema.map(str::to_owned), uses };
        self.drafts.insert(key.clone(), draft);
        let owner = schema.map_or_else(|| format!("{}_{}", at.owner, at.field), str::to_owned);
        let fields = self.fields(&owner, object, at.direction)?;
        let definition = Object {
            schema: schema.unwrap_or_default().to_owned(),
            input: at.direction == Direction::Request,
            output: at.direction == Direction::Response,
            fields,
            ..Object::default()
        };
        if let Some(draft) = self.drafts.get_mut(&key) {
            draft.definition = TypeDef::Object(definition);
        }
        Ok(TypeRef::Named(key))
    }

    fn fields(&mut self, owner: &str, object: &'a ObjectType, direction: Direction) -> Result<Vec<Field>> {
        let mut scope = names::Scope::new();
        let mut fields = Vec::with_capacity(object.properties.len());
        for (name, schema) in &object.properties {
            let ty = self.type_of_boxed(schema, SchemaUse { owner, field: name, direction })?;
            // Only direct members of a body can be files.
            let ty = if ty == TypeRef::File { TypeRef::String } else { ty };
            let facts = SchemaFacts::of(schema);
            let wanted = facts.rust_name.unwrap_or_else(|| names::snake(name));
            let wanted = if names::is_keyword(&wanted) { format!("{wanted}_") } else { wanted };
            fields.push(Field {
                name: name.clone(),
                rust_name: scope.settle([wanted]),
                ty,
                required: object.required.contains(name),
                nullable: facts.nullable,
                deprecated: facts.deprecated,
                description: facts.description,
            });
        }
        Ok(fields)
    }

    fn add_enum(&mut self, key: String, schema: Option<&str>, values: &[String], at: SchemaUse<'_>) -> TypeRef {
        let used = (at.owner.to_owned(), at.field.to_owned());
        self.drafts
            .entry(key.clone())
            .or_insert_with(|| Draft {
                definition: TypeDef::Enum(Enum { tags: Vec::new(), values: variants(values) }),
                schema: schema.map(str::to_owned),
                uses: Vec::new(),
            })
            .uses
            .push(used);
        TypeRef::Named(key)
    }

    fn add_numbers(&mut self, key: String, values: &[Option<i64>]) -> TypeRef {
        let mut values: Vec<i64> = values.iter().copied().flatten().collect();
        let mut names = Vec::new();
        if key == ACCESS_LEVEL {
            values = ACCESS_LEVELS.iter().map(|(value, _)| *value).collect();
            names = ACCESS_LEVELS.iter().map(|(_, name)| (*name).to_owned()).collect();
        }
        let definition = TypeDef::IntEnum(IntEnum { tags: Vec::new(), values, names });
        self.drafts.entry(key.clone()).or_insert_with(|| Draft {
            definition,
            schema: Some(key.clone()),
            uses: Vec::new(),
        });
        TypeRef::Named(key)
    }
}

/// Facts of a schema besides its type.
#[derive(Default)]
pub(super) struct SchemaFacts {
    pub(super) rust_name: Option<String>,
    pub(super) nullable: bool,
    pub(super) deprecated: bool,
    pub(super) minimum: Option<serde_json::Number>,
    pub(super) maximum: Option<serde_json::Number>,
    pub(super) default: Option<serde_json::Value>,
    pub(super) description: Option<String>,
}

impl SchemaFacts {
    pub(super) fn of(schema: &ReferenceOr<Box<Schema>>) -> Self {
        match schema {
            ReferenceOr::Item(schema) => SchemaFacts::of_schema(schema),
            ReferenceOr::Reference { .. } => SchemaFacts::default(),
        }
    }

    pub(super) fn of_schema(schema: &Schema) -> Self {
        let data = &schema.schema_data;
        let (minimum, maximum) = match &schema.schema_kind {
            SchemaKind::Type(Type::Integer(whole)) => (whole.minimum.map(Into::into), whole.maximum.map(Into::into)),
            SchemaKind::Type(Type::Number(number)) => {
                let number_of = |limit: Option<f64>| limit.and_then(serde_json::Number::from_f64);
                (number_of(number.minimum), number_of(number.maximum))
            }
            _ => (None, None),
        };
        SchemaFacts {
            rust_name: data.extensions.get("x-rust-name").and_then(|name| name.as_str()).map(str::to_owned),
            nullable: data.nullable,
            deprecated: data.deprecated,
            minimum,
            maximum,
            default: data.default.clone(),
            description: data.description.clone(),
        }
    }
}

fn values(text: &StringType) -> Vec<String> {
    let mut seen = BTreeSet::new();
    text.enumeration.iter().flatten().filter(|value| seen.insert(value.as_str())).cloned().collect()
}

/// Whether a set of numbers is a set of access levels. A single number, or a set without a role above guest, is not.
fn is_access_level(values: &[Option<i64>]) -> bool {
    let values: Vec<i64> = values.iter().copied().flatten().collect();
    let known = |value: &i64| ACCESS_LEVELS.iter().any(|(level, _)| level == value);
    values.len() > 1 && values.iter().all(known) && values.iter().any(|value| *value >= 20)
}

/// The variants of an enum, one for each value. None of them has the name of the fallback.
fn variants(values: &[String]) -> Vec<EnumValue> {
    let mut scope = names::Scope::with_taken(&["Other", "Self"]);
    values
        .iter()
        .map(|value| {
            let plain = names::pascal(value);
            let rust_name = scope.settle([plain.clone(), format!("{plain}Value")]);
            EnumValue { name: value.clone(), rust_name }
        })
        .collect()
}
