//! Types, fields and arguments of a schema, as far as building and checking documents needs them.

use glabflow_contract::graphql::Kind;
use std::fmt;

/// A schema: types and directives by name.
#[derive(Debug)]
pub struct Schema {
    /// The names of the query, mutation and subscription types.
    pub(super) roots: [Option<&'static str>; 3],
    pub(super) types: Vec<Type>,
    pub(super) directives: Vec<Directive>,
    /// `__typename` of every composite type, then `__schema` and `__type` of the query type.
    pub(super) meta: [Field; 3],
}

/// A type.
#[derive(Debug)]
#[non_exhaustive]
pub struct Type {
    /// Its name.
    pub name: &'static str,
    /// Its kind and members.
    pub shape: Shape,
    /// The interfaces that an object or interface implements.
    pub interfaces: Vec<&'static str>,
    /// The objects that a value of an interface or union can be; for an object, the object itself. Sorted.
    pub possible: Vec<&'static str>,
}

/// The kind of a type, with its members sorted by name.
#[derive(Debug)]
#[non_exhaustive]
pub enum Shape {
    /// A scalar.
    Scalar,
    /// An object.
    Object(Vec<Field>),
    /// An interface.
    Interface(Vec<Field>),
    /// A union.
    Union,
    /// An enum.
    Enum(Vec<EnumValue>),
    /// An input object.
    Input(Vec<Input>),
}

/// A field.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: TypeRef<'static>,
    /// Its arguments, sorted by name.
    pub arguments: Vec<Input>,
    /// Its marks in the schema.
    pub marks: Marks,
}

/// An argument or a field of an input object.
#[derive(Debug)]
#[non_exhaustive]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: TypeRef<'static>,
    /// Whether GitLab has a default value for it.
    pub has_default: bool,
    /// Its marks in the schema.
    pub marks: Marks,
}

impl Input {
    /// Whether a document must give it a value.
    pub fn is_required(&self) -> bool {
        self.ty.is_required() && !self.has_default
    }
}

/// A value of an enum.
#[derive(Debug)]
#[non_exhaustive]
pub struct EnumValue {
    /// Its name.
    pub name: &'static str,
    /// Its marks in the schema.
    pub marks: Marks,
}

/// A directive that documents may use.
#[derive(Debug)]
#[non_exhaustive]
pub struct Directive {
    /// Its name.
    pub name: &'static str,
    /// Where it is allowed, in the terms of the specification: `FIELD`.
    pub locations: Vec<&'static str>,
    /// Its arguments, sorted by name.
    pub arguments: Vec<Input>,
}

/// What the schema says about an element besides its type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Marks {
    /// Since when it is deprecated.
    pub deprecated: Option<&'static str>,
    /// Since when it is an experiment; empty when the version is not known.
    pub experiment: Option<&'static str>,
    /// The version whose Enterprise edition is known to have it; empty when the version is not known.
    pub enterprise: Option<&'static str>,
}

/// A reference to a type as documents and the schema write it, `[String!]!`. Its parts are slices of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeRef<'a>(&'a str);

impl<'a> TypeRef<'a> {
    /// A type from its text without spaces.
    pub const fn new(text: &'a str) -> Self {
        TypeRef(text)
    }

    /// The text.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether it is never `null`.
    pub fn is_required(self) -> bool {
        self.0.ends_with('!')
    }

    /// The same type, but nullable.
    #[must_use]
    pub fn nullable(self) -> Self {
        TypeRef(self.0.strip_suffix('!').unwrap_or(self.0))
    }

    /// The type of a list's items.
    pub fn item(self) -> Option<Self> {
        self.nullable().0.strip_prefix('[')?.strip_suffix(']').map(TypeRef)
    }

    /// The name without list and `!`.
    pub fn name(self) -> &'a str {
        self.0.trim_start_matches('[').trim_end_matches([']', '!'])
    }
}

impl fmt::Display for TypeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Type {
    /// The fields of an object or interface.
    pub fn fields(&self) -> &[Field] {
        match &self.shape {
            Shape::Object(fields) | Shape::Interface(fields) => fields,
            _ => &[],
        }
    }

    /// A field of an object or interface.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let fields = self.fields();
        fields.binary_search_by(|field| field.name.cmp(name)).ok().map(|at| &fields[at])
    }

    /// Whether documents select fields from it.
    pub fn is_composite(&self) -> bool {
        matches!(self.shape, Shape::Object(_) | Shape::Interface(_) | Shape::Union)
    }

    /// Whether a variable can have this type.
    pub fn is_input(&self) -> bool {
        matches!(self.shape, Shape::Scalar | Shape::Enum(_) | Shape::Input(_))
    }

    /// Whether a value can be of both types.
    pub fn overlaps(&self, other: &Type) -> bool {
        self.possible.iter().any(|name| other.possible.binary_search(name).is_ok())
    }
}

impl Schema {
    /// The type with this name.
    pub fn ty(&self, name: &str) -> Option<&Type> {
        self.types.binary_search_by(|ty| ty.name.cmp(name)).ok().map(|at| &self.types[at])
    }

    /// All types, sorted by name.
    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// The root type of an operation.
    pub fn root(&self, kind: Kind) -> Option<&Type> {
        let root = match kind {
            Kind::Query => self.roots[0],
            Kind::Mutation => self.roots[1],
            Kind::Subscription => self.roots[2],
        };
        root.and_then(|name| self.ty(name))
    }

    /// The directives of the schema.
    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }

    /// A field of a type. This includes those that no schema lists: `__typename`, `__schema` and `__type`.
    pub fn field<'a>(&'a self, ty: &'a Type, name: &str) -> Option<&'a Field> {
        let is_query = self.roots[0] == Some(ty.name);
        match name {
            "__typename" if ty.is_composite() => Some(&self.meta[0]),
            "__schema" if is_query => Some(&self.meta[1]),
            "__type" if is_query => Some(&self.meta[2]),
            _ => ty.field(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_references_have_parts() {
        let ty = TypeRef::new("[String!]!");
        assert!(ty.is_required());
        assert_eq!(ty.name(), "String");
        assert_eq!(ty.nullable().as_str(), "[String!]");
        assert_eq!(ty.item().map(TypeRef::as_str), Some("String!"));
        assert_eq!(ty.item().and_then(TypeRef::item), None);
    }
}
