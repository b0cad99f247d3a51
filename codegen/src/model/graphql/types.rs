//! From selections and schema types to the named types of the index.

use super::operations::{Argument, Draft, declared_type};
use super::rules::Rules;
use super::shapes::{Below, Key, Level, Selected, Shape as Selection, TYPENAME, node_type};
use crate::ingest::graphql::schema::{self, InputValue, Kind, Marks, Schema, TypeExpr};
use crate::names;
use glabflow_contract::index::graphql::{EnumValue, Field, Output, Shape, TypeDef, TypeRef, Variable, Variant};
use std::collections::{BTreeMap, BTreeSet};

/// Names of the generated crate's own items, besides those that every generated module knows.
const TAKEN: &[&str] =
    &["Answer", "Connection", "GlobalId", "Input", "List", "Other", "PageInfo", "Payload", "Variables", "Variable"];

/// Everything that operations mention, by name.
pub(super) struct Types<'a> {
    schema: &'a Schema,
    rules: &'a Rules,
    selections: &'a BTreeMap<Key, Selection>,
    /// The Rust names of selections.
    selected: BTreeMap<Key, String>,
    /// The Rust names of enums and inputs.
    named: BTreeMap<String, String>,
    pub(super) ids: BTreeMap<String, Option<String>>,
    pub(super) types: BTreeMap<String, TypeDef>,
}

impl<'a> Types<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        rules: &'a Rules,
        selections: &'a BTreeMap<Key, Selection>,
        drafts: &[Draft],
    ) -> Self {
        let mut scope = names::Scope::with_taken(names::TAKEN_TYPES);
        for name in TAKEN {
            scope.settle([(*name).to_owned()]);
        }
        let mut types = Types {
            schema,
            rules,
            selections,
            selected: BTreeMap::new(),
            named: BTreeMap::new(),
            ids: BTreeMap::new(),
            types: BTreeMap::new(),
        };
        types.name_selections(&mut scope, drafts);
        for (name, ty) in &schema.types {
            if matches!(ty.kind, Kind::Enum(_) | Kind::Input(_)) {
                let plain = names::pascal(name);
                let ending = if matches!(ty.kind, Kind::Enum(_)) { "Kind" } else { "Value" };
                types.named.insert(name.clone(), scope.settle([plain.clone(), format!("{plain}{ending}")]));
            }
        }
        types.define_selections();
        types
    }

    /// Details take the name of their type, references that name and `Ref`, unless both are the same.
    fn name_selections(&mut self, scope: &mut names::Scope, drafts: &[Draft]) {
        let by_level = |level: Level| self.selections.iter().filter(move |(key, _)| key.1 == level);
        let mut selected = BTreeMap::new();
        for (key, _) in by_level(Level::Detail) {
            let plain = names::pascal(&key.0);
            selected.insert(key.clone(), scope.settle([plain.clone(), format!("{plain}Object")]));
        }
        for (key, shape) in by_level(Level::Reference) {
            let detail = (key.0.clone(), Level::Detail);
            let name = match self.selections.get(&detail) {
                Some(same) if same == shape => selected[&detail].clone(),
                _ => scope
                    .settle([format!("{}Ref", names::pascal(&key.0)), format!("{}Reference", names::pascal(&key.0))]),
            };
            selected.insert(key.clone(), name);
        }
        // Payloads of one shape are one type. The one that most mutations share would be named after any of them.
        let mut same: BTreeMap<String, Vec<&Key>> = BTreeMap::new();
        for (key, shape) in by_level(Level::Payload) {
            let Selection::Object(fields) = shape else { continue };
            let described = fields.iter().map(|field| format!("{}:{:?}", self.field_shape(&key.0, field), field.below));
            same.entry(described.collect::<Vec<_>>().join(",")).or_default().push(key);
        }
        let mut groups: Vec<Vec<&Key>> = same.into_values().collect();
        groups.sort_by_key(|keys| (std::cmp::Reverse(keys.len()), keys.first().map(|key| key.0.clone())));
        for keys in groups {
            let Some(first) = keys.first() else { continue };
            let own = names::pascal(&first.0);
            let fields: Vec<String> = match &self.selections[*first] {
                Selection::Object(fields) => fields
                    .iter()
                    .filter(|field| field.name != "errors")
                    .flat_map(|field| names::words(&field.name))
                    .collect(),
                Selection::OneOf(_) => Vec::new(),
            };
            let shared = if fields.is_empty() { "Done".to_owned() } else { names::pascal_words(&fields) + "Payload" };
            let candidates = if keys.len() > 1 { vec![shared, own] } else { vec![own] };
            let name = scope.settle(candidates);
            for key in keys {
                selected.insert(key.clone(), name.clone());
            }
        }
        debug_assert!(drafts.iter().filter_map(|draft| draft.selected.as_ref()).all(|key| selected.contains_key(key)));
        self.selected = selected;
    }

    fn field_shape(&self, owner: &str, field: &Selected) -> String {
        let ty = self.schema.fields(owner).and_then(|fields| fields.get(&field.name)).map(|field| &field.ty);
        // What may be null is decoded as what may not.
        let ty = ty.map(ToString::to_string).unwrap_or_default().replace('!', "");
        format!("{}:{ty}", field.name)
    }

    fn define_selections(&mut self) {
        let selections = self.selections;
        for (key, selection) in selections {
            let name = self.selected[key].clone();
            let description = self.description(&key.0);
            if let Some(known) = self.types.get_mut(&name) {
                if !known.graphql.contains(&key.0) {
                    known.graphql.push(key.0.clone());
                    keep_common_docs(known, description, self.schema.fields(&key.0));
                }
                continue;
            }
            let shape = match selection {
                Selection::Object(fields) => {
                    let mut scope = names::Scope::new();
                    let fields: Vec<Field> = fields.iter().map(|field| self.field(&mut scope, &key.0, field)).collect();
                    let has_errors = fields.iter().any(|field| field.name == "errors" && field.ty == strings());
                    if key.1 == Level::Payload && has_errors { Shape::Payload(fields) } else { Shape::Object(fields) }
                }
                Selection::OneOf(variants) => {
                    let mut scope = names::Scope::with_taken(&["Other", "Self"]);
                    let variant = |(typename, key): (&String, &Key)| {
                        let plain = names::pascal(typename);
                        Variant {
                            typename: typename.clone(),
                            rust_name: scope.settle([plain.clone(), format!("{plain}Object")]),
                            ty: self.selected[key].clone(),
                        }
                    };
                    Shape::OneOf(variants.iter().map(variant).collect())
                }
            };
            self.types.insert(name, TypeDef { graphql: vec![key.0.clone()], areas: Vec::new(), description, shape });
        }
    }

    fn description(&self, ty: &str) -> Option<String> {
        self.schema.types.get(ty)?.marks.description.clone()
    }

    fn field(&mut self, scope: &mut names::Scope, owner: &str, field: &Selected) -> Field {
        let plain = names::snake(&field.name);
        let rust_name = scope.settle([names::escape(plain.clone()), format!("{plain}_field")]);
        let known = self.schema.fields(owner).and_then(|fields| fields.get(&field.name));
        let ty = match known {
            None => TypeRef::String,
            Some(known) => self.selected_type(&known.ty.clone(), Some((owner, &field.name)), &field.below),
        };
        let rust_name = if field.name == TYPENAME { "typename".to_owned() } else { rust_name };
        let description = known.and_then(|known| known.marks.description.clone());
        Field { name: field.name.clone(), rust_name, ty, description }
    }

    /// The type of something selected.
    fn selected_type(&mut self, ty: &TypeExpr, field: Option<(&str, &str)>, below: &Below) -> TypeRef {
        match (ty, below) {
            (TypeExpr::NonNull(inner), _) => self.selected_type(inner, field, below),
            (TypeExpr::List(inner), _) => TypeRef::List(Box::new(self.selected_type(inner, field, below))),
            (TypeExpr::Named(name), Below::Nothing) => self.leaf(name, field),
            (TypeExpr::Named(_), Below::Object(key)) => TypeRef::Named(self.selected[key].clone()),
            (TypeExpr::Named(_), Below::Connection(Some(key))) => {
                TypeRef::Connection(Box::new(TypeRef::Named(self.selected[key].clone())))
            }
            (TypeExpr::Named(name), Below::Connection(None)) => {
                let node = node_type(self.schema, name).unwrap_or("String").to_owned();
                TypeRef::Connection(Box::new(self.leaf(&node, None)))
            }
        }
    }

    /// The output of an operation.
    pub(super) fn output(&mut self, draft: &Draft) -> Output {
        let below = match &draft.selected {
            Some(key) => Below::Object(key.clone()),
            None => Below::Nothing,
        };
        if draft.page_size > 0 {
            let node = match &draft.selected {
                Some(key) => TypeRef::Named(self.selected[key].clone()),
                None => {
                    let node = node_type(self.schema, draft.output.name()).unwrap_or("String").to_owned();
                    self.leaf(&node, None)
                }
            };
            return Output::Connection(node);
        }
        let ty = self.selected_type(&draft.output, None, &below);
        match ty.named().and_then(|name| self.types.get(name)).map(|definition| &definition.shape) {
            Some(Shape::Payload(_)) => Output::Payload(ty),
            _ => Output::One(ty),
        }
    }

    /// A scalar or enum. `field` says where it is: the `id` of an object is of the object's kind.
    fn leaf(&mut self, name: &str, field: Option<(&str, &str)>) -> TypeRef {
        match name {
            "Boolean" => TypeRef::Bool,
            "Int" | "BigInt" => TypeRef::Int,
            "Float" | "Duration" => TypeRef::Float,
            "Time" | "ISO8601DateTime" => TypeRef::DateTime,
            "Date" | "ISO8601Date" => TypeRef::Date,
            "JSON" | "CiInputsValue" | "PayloadAlertFieldPathSegment" | "Upload" => TypeRef::Any,
            "ID" => match field {
                Some((owner, "id")) => self.id_of(owner),
                _ => TypeRef::String,
            },
            "String" => match field {
                Some((_, field)) if names::is_secret(&names::snake(field)) => TypeRef::Secret,
                _ => TypeRef::String,
            },
            "GlobalID" => TypeRef::AnyId,
            _ => match self.schema.types.get(name).map(|ty| &ty.kind) {
                Some(Kind::Enum(values)) => self.enumeration(name, values),
                _ => match name.strip_suffix("ID") {
                    Some(kind) if !kind.is_empty() => self.id(kind),
                    _ => TypeRef::String,
                },
            },
        }
    }

    /// The kind of the `id` of an object whose scalar does not say it.
    fn id_of(&mut self, owner: &str) -> TypeRef {
        if let Some(kind) = self.rules.ids.of.get(owner) {
            let kind = kind.clone();
            return self.id(&kind);
        }
        if self.schema.types.contains_key(&format!("{owner}ID")) { self.id(owner) } else { TypeRef::AnyId }
    }

    fn id(&mut self, kind: &str) -> TypeRef {
        let rules = self.rules;
        self.ids.entry(kind.to_owned()).or_insert_with(|| rules.ids.class(kind));
        TypeRef::Id(kind.to_owned())
    }

    fn enumeration(&mut self, name: &str, values: &BTreeMap<String, Marks>) -> TypeRef {
        let rust_name = self.named[name].clone();
        if !self.types.contains_key(&rust_name) {
            let mut scope = names::Scope::with_taken(&["Other", "Self"]);
            let value = |(value, marks): (&String, &Marks)| {
                let plain = names::pascal(value);
                // Values that differ only in case come sorted, the upper case ones first.
                let rust_name = scope.settle([plain.clone(), format!("{plain}Value")]);
                EnumValue {
                    name: value.clone(),
                    rust_name,
                    deprecated: marks.deprecated.clone(),
                    description: marks.description.clone(),
                }
            };
            let shape = Shape::Enum(values.iter().map(value).collect());
            self.define(name, &rust_name, shape);
        }
        TypeRef::Named(rust_name)
    }

    /// Defines the one type of a schema type.
    fn define(&mut self, name: &str, rust_name: &str, shape: Shape) {
        let description = self.description(name);
        let definition = TypeDef { graphql: vec![name.to_owned()], areas: Vec::new(), description, shape };
        self.types.insert(rust_name.to_owned(), definition);
    }

    /// The variables of an operation.
    pub(super) fn variables(&mut self, draft: &Draft) -> Vec<Variable> {
        let mut scope = names::Scope::new();
        draft.arguments.iter().map(|argument| self.variable(&mut scope, argument, draft.input)).collect()
    }

    fn variable(&mut self, scope: &mut names::Scope, argument: &Argument, in_object: bool) -> Variable {
        let Argument { name, value, declared } = argument;
        let ty = self.input_type(&value.ty, name);
        let plain = names::snake(name);
        Variable {
            name: name.clone(),
            rust_name: scope.settle([escape(&plain), format!("{plain}_value")]),
            graphql: declared_type(value),
            ty,
            required: value.is_required(),
            nullable: in_object && !value.ty.is_non_null(),
            deprecated: value.marks.retired().map(str::to_owned),
            experiment: value.marks.experiment().map(str::to_owned),
            ee: value.marks.ee.clone(),
            default: declared.clone().or_else(|| value.default.clone()),
            description: value.marks.description.clone(),
        }
    }

    /// The type of an argument or of a field of an input object.
    fn input_type(&mut self, ty: &TypeExpr, field: &str) -> TypeRef {
        match ty {
            TypeExpr::NonNull(inner) => self.input_type(inner, field),
            TypeExpr::List(inner) => TypeRef::List(Box::new(self.input_type(inner, field))),
            TypeExpr::Named(name) => match self.schema.types.get(name).map(|ty| &ty.kind) {
                Some(Kind::Input(fields)) => self.input_object(name, fields),
                _ => self.leaf(name, Some(("", field))),
            },
        }
    }

    fn input_object(&mut self, name: &str, fields: &BTreeMap<String, InputValue>) -> TypeRef {
        let rust_name = self.named[name].clone();
        if !self.types.contains_key(&rust_name) {
            // An input object may hold itself: it is there before its fields are.
            self.define(name, &rust_name, Shape::Input(Vec::new()));
            let mut scope = names::Scope::new();
            let mut variables: Vec<Variable> = fields
                .iter()
                .map(|(name, value)| Argument { name: name.clone(), value: value.clone(), declared: None })
                .map(|argument| self.variable(&mut scope, &argument, true))
                .collect();
            variables.sort_by_key(|variable| !variable.required);
            if let Some(definition) = self.types.get_mut(&rust_name) {
                definition.shape = Shape::Input(variables);
            }
        }
        TypeRef::Named(rust_name)
    }
}

/// Of a type that stands for several only what all of them say is kept.
fn keep_common_docs(
    definition: &mut TypeDef,
    description: Option<String>,
    described: Option<&BTreeMap<String, schema::Field>>,
) {
    if definition.description != description {
        definition.description = None;
    }
    if let Shape::Object(fields) | Shape::Payload(fields) = &mut definition.shape {
        for field in fields {
            let other = described.and_then(|fields| fields.get(&field.name));
            if field.description != other.and_then(|other| other.marks.description.clone()) {
                field.description = None;
            }
        }
    }
}

fn strings() -> TypeRef {
    TypeRef::List(Box::new(TypeRef::String))
}

/// A setter's name that hides no method which operations have.
fn escape(name: &str) -> String {
    const METHODS: &[&str] = &["after_cursor", "build_query", "into_arg", "into_variables", "page_size", "with"];
    if METHODS.contains(&name) { format!("{name}_") } else { names::escape(name.to_owned()) }
}

/// Says of each type which areas' operations use it, directly or through others.
pub(super) fn spread_areas(types: &mut BTreeMap<String, TypeDef>, uses: &[(String, Vec<String>)]) {
    let mut areas: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (area, mentioned) in uses {
        let mut open: Vec<String> = mentioned.clone();
        while let Some(name) = open.pop() {
            if !areas.entry(name.clone()).or_default().insert(area.clone()) {
                continue;
            }
            if let Some(definition) = types.get(&name) {
                open.extend(self::mentioned(definition));
            }
        }
    }
    for (name, definition) in types {
        definition.areas = areas.remove(name).into_iter().flatten().collect();
    }
}

/// The types that a type's definition mentions.
pub(crate) fn mentioned(definition: &TypeDef) -> Vec<String> {
    let named = |ty: &TypeRef| ty.named().map(str::to_owned);
    match &definition.shape {
        Shape::Object(fields) | Shape::Payload(fields) => fields.iter().filter_map(|field| named(&field.ty)).collect(),
        Shape::OneOf(variants) => variants.iter().map(|variant| variant.ty.clone()).collect(),
        Shape::Input(variables) => variables.iter().filter_map(|variable| named(&variable.ty)).collect(),
        Shape::Enum(_) => Vec::new(),
    }
}
