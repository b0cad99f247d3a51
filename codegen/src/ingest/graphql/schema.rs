//! The facts of a GraphQL schema: elements, types and marks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A schema, sorted by name throughout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// The type of queries.
    pub query: String,
    /// The type of mutations.
    pub mutation: Option<String>,
    /// The type of subscriptions.
    pub subscription: Option<String>,
    /// Directives that the schema defines, except those of the specification.
    pub directives: BTreeMap<String, Directive>,
    /// All types, except built-in scalars and introspection types.
    pub types: BTreeMap<String, Type>,
}

/// A directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Its arguments.
    pub args: BTreeMap<String, InputValue>,
    /// Where it is allowed, in the words of the specification (`FIELD_DEFINITION`).
    pub locations: BTreeSet<String>,
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// The marks of the type.
    pub marks: Marks,
    /// The kind with its members.
    pub kind: Kind,
}

/// The kind of a type with its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A scalar.
    Scalar,
    /// An object.
    Object(Composite),
    /// An interface.
    Interface(Composite),
    /// A union of these objects.
    Union(BTreeSet<String>),
    /// An enum of these values.
    Enum(BTreeMap<String, Marks>),
    /// An input object.
    Input(BTreeMap<String, InputValue>),
}

/// The members of an object or interface.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Composite {
    /// The interfaces it implements.
    pub interfaces: BTreeSet<String>,
    /// Its fields.
    pub fields: BTreeMap<String, Field>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its type.
    pub ty: TypeExpr,
    /// Its arguments.
    pub args: BTreeMap<String, InputValue>,
    /// Its marks.
    pub marks: Marks,
}

/// An argument or a field of an input object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputValue {
    /// Its type.
    pub ty: TypeExpr,
    /// Its default as a GraphQL literal.
    pub default: Option<String>,
    /// Its marks.
    pub marks: Marks,
}

impl InputValue {
    /// Whether documents must have a value for it.
    pub fn is_required(&self) -> bool {
        matches!(self.ty, TypeExpr::NonNull(_)) && self.default.is_none()
    }
}

/// Facts about an element besides its type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// The description. Facts-only schemas have none.
    pub description: Option<String>,
    /// Since when it is deprecated, such as `16.3`, or `experiment 16.3` for an experiment.
    pub deprecated: Option<String>,
    /// A version that has it in the Enterprise edition only.
    pub ee: Option<String>,
}

impl Marks {
    /// Since when it is an experiment.
    pub fn experiment(&self) -> Option<&str> {
        self.deprecated.as_deref()?.strip_prefix("experiment").map(str::trim_start)
    }

    /// Since when it is deprecated; none for experiments.
    pub fn retired(&self) -> Option<&str> {
        self.deprecated.as_deref().filter(|reason| !reason.starts_with("experiment"))
    }
}

/// A reference to a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeExpr {
    /// A named type.
    Named(String),
    /// A list.
    List(Box<TypeExpr>),
    /// Never `null`.
    NonNull(Box<TypeExpr>),
}

impl TypeExpr {
    /// The name of the innermost type.
    pub fn name(&self) -> &str {
        match self {
            TypeExpr::Named(name) => name,
            TypeExpr::List(inner) | TypeExpr::NonNull(inner) => inner.name(),
        }
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        match self {
            TypeExpr::Named(_) => false,
            TypeExpr::List(_) => true,
            TypeExpr::NonNull(inner) => inner.is_list(),
        }
    }

    /// Whether it is never `null`.
    pub fn is_non_null(&self) -> bool {
        matches!(self, TypeExpr::NonNull(_))
    }
}

impl fmt::Display for TypeExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TypeExpr::Named(name) => f.write_str(name),
            TypeExpr::List(inner) => write!(f, "[{inner}]"),
            TypeExpr::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

/// The built-in scalars.
pub const BUILT_IN: &[&str] = &["Boolean", "Float", "ID", "Int", "String"];

impl Schema {
    /// Whether a type of this name exists.
    pub fn has(&self, name: &str) -> bool {
        BUILT_IN.contains(&name) || self.types.contains_key(name)
    }

    /// The fields of an object or interface.
    pub fn fields(&self, name: &str) -> Option<&BTreeMap<String, Field>> {
        match &self.types.get(name)?.kind {
            Kind::Object(composite) | Kind::Interface(composite) => Some(&composite.fields),
            _ => None,
        }
    }

    /// Whether the type has no selection: a scalar or an enum.
    pub fn is_leaf(&self, name: &str) -> bool {
        match self.types.get(name) {
            Some(ty) => matches!(ty.kind, Kind::Scalar | Kind::Enum(_)),
            None => BUILT_IN.contains(&name),
        }
    }

    /// Whether the type is an interface or a union.
    pub fn is_abstract(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|ty| matches!(ty.kind, Kind::Interface(_) | Kind::Union(_)))
    }

    /// The possible objects of an interface or union; for an object, itself.
    pub fn possible(&self, name: &str) -> Vec<&str> {
        match self.types.get(name).map(|ty| &ty.kind) {
            Some(Kind::Union(members)) => members.iter().map(String::as_str).collect(),
            Some(Kind::Interface(_)) => self
                .types
                .iter()
                .filter(|(_, ty)| matches!(&ty.kind, Kind::Object(object) if object.interfaces.contains(name)))
                .map(|(name, _)| name.as_str())
                .collect(),
            Some(Kind::Object(_)) => {
                self.types.get_key_value(name).map(|(name, _)| name.as_str()).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Removes the descriptions.
    pub fn drop_docs(&mut self) {
        fn inputs(values: &mut BTreeMap<String, InputValue>) {
            values.values_mut().for_each(|value| value.marks.description = None);
        }
        self.directives.values_mut().for_each(|directive| inputs(&mut directive.args));
        for ty in self.types.values_mut() {
            ty.marks.description = None;
            match &mut ty.kind {
                Kind::Object(object) | Kind::Interface(object) => {
                    for field in object.fields.values_mut() {
                        field.marks.description = None;
                        inputs(&mut field.args);
                    }
                }
                Kind::Enum(values) => values.values_mut().for_each(|marks| marks.description = None),
                Kind::Input(fields) => inputs(fields),
                Kind::Scalar | Kind::Union(_) => {}
            }
        }
    }

    /// The schema without Enterprise elements.
    #[must_use]
    pub fn community(&self) -> Schema {
        let is_common = |marks: &Marks| marks.ee.is_none();
        let mut schema = self.clone();
        schema.types.retain(|_, ty| is_common(&ty.marks));
        let names: BTreeSet<String> = schema.types.keys().cloned().collect();
        let stays = |name: &str| names.contains(name) || BUILT_IN.contains(&name);
        let keep = |inputs: &mut BTreeMap<String, InputValue>| {
            inputs.retain(|_, input| is_common(&input.marks) && stays(input.ty.name()));
        };
        for ty in schema.types.values_mut() {
            match &mut ty.kind {
                Kind::Object(object) | Kind::Interface(object) => {
                    object.fields.retain(|_, field| is_common(&field.marks) && stays(field.ty.name()));
                    object.fields.values_mut().for_each(|field| keep(&mut field.args));
                    object.interfaces.retain(|interface| stays(interface));
                }
                Kind::Union(members) => members.retain(|member| stays(member)),
                Kind::Enum(values) => values.retain(|_, marks| is_common(marks)),
                Kind::Input(fields) => keep(fields),
                Kind::Scalar => {}
            }
        }
        // An object that lost a field of an interface no longer implements it.
        let interfaces: BTreeMap<String, Composite> = schema
            .types
            .iter()
            .filter_map(|(name, ty)| match &ty.kind {
                Kind::Interface(interface) => Some((name.clone(), interface.clone())),
                _ => None,
            })
            .collect();
        for ty in schema.types.values_mut() {
            if let Kind::Object(object) | Kind::Interface(object) = &mut ty.kind {
                let Composite { interfaces: claimed, fields } = object;
                claimed.retain(|claim| interfaces[claim].fields.keys().all(|field| fields.contains_key(field)));
            }
        }
        schema
    }

    /// The counts for reports.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { types: self.types.len(), ..Counts::default() };
        for ty in self.types.values() {
            match &ty.kind {
                Kind::Scalar => counts.scalars += 1,
                Kind::Object(object) => {
                    counts.objects += 1;
                    counts.fields += object.fields.len();
                    counts.arguments += object.fields.values().map(|field| field.args.len()).sum::<usize>();
                }
                Kind::Interface(object) => {
                    counts.interfaces += 1;
                    counts.fields += object.fields.len();
                    counts.arguments += object.fields.values().map(|field| field.args.len()).sum::<usize>();
                }
                Kind::Union(_) => counts.unions += 1,
                Kind::Enum(values) => {
                    counts.enums += 1;
                    counts.enum_values += values.len();
                }
                Kind::Input(fields) => {
                    counts.inputs += 1;
                    counts.input_fields += fields.len();
                }
            }
        }
        counts
    }
}

/// Sizes of a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the names are enough")]
pub struct Counts {
    pub types: usize,
    pub objects: usize,
    pub interfaces: usize,
    pub unions: usize,
    pub enums: usize,
    pub inputs: usize,
    pub scalars: usize,
    pub fields: usize,
    pub arguments: usize,
    pub enum_values: usize,
    pub input_fields: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} types ({} objects, {} interfaces, {} unions, {} enums, {} inputs, {} scalars), {} fields, {} arguments",
            self.types,
            self.objects,
            self.interfaces,
            self.unions,
            self.enums,
            self.inputs,
            self.scalars,
            self.fields,
            self.arguments
        )
    }
}
