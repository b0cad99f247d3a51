//! A document as a tree. The parser and the builder make it; checks, prices and the printer walk it.

use crate::value::Value;
use glabflow_contract::graphql::Kind;
use std::fmt;

/// A position in a text, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The character in the line.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A document of operations and fragments.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Executable {
    /// The operations.
    pub operations: Vec<Operation>,
    /// The fragments.
    pub fragments: Vec<Fragment>,
}

impl Executable {
    /// The fragment with this name.
    pub fn fragment(&self, name: &str) -> Option<&Fragment> {
        self.fragments.iter().find(|fragment| fragment.name == name)
    }
}

/// An operation: a query, mutation or subscription.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Operation {
    /// Query, mutation or subscription.
    pub kind: Kind,
    /// Its name.
    pub name: Option<String>,
    /// The variables that it declares.
    pub variables: Vec<VariableDefinition>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// The root fields.
    pub selections: Vec<Selection>,
    /// Its position in the text; `None` if it was built.
    pub at: Option<Position>,
}

impl Operation {
    /// The selections at a path of response keys. Fields in fragments are not found.
    pub fn selections_at(&self, path: &[&str]) -> Option<&[Selection]> {
        path.iter().try_fold(&self.selections[..], |selections, key| {
            selections.iter().find_map(|selection| match selection {
                Selection::Field(field) if field.key() == *key => Some(&field.selections[..]),
                _ => None,
            })
        })
    }
}

/// A declared variable.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VariableDefinition {
    /// Its name, without `$`.
    pub name: String,
    /// Its type, without spaces: `[ID!]!`.
    pub ty: String,
    /// Its value if the request has none.
    pub default: Option<Value>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Its position in the text; `None` if it was built.
    pub at: Option<Position>,
}

/// A fragment definition.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Fragment {
    /// Its name.
    pub name: String,
    /// The type it selects from.
    pub on: String,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it selects.
    pub selections: Vec<Selection>,
    /// Its position in the text; `None` if it was built.
    pub at: Option<Position>,
}

/// One part of a selection.
#[derive(Debug, Clone)]
pub enum Selection {
    /// A field.
    Field(Field),
    /// A fragment by its name, `...Name`.
    Spread(Spread),
    /// A fragment that is written in place, `... on Type { }`.
    Inline(Inline),
}

/// A selected field.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Field {
    /// Its alias.
    pub alias: Option<String>,
    /// Its name in the schema.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What is selected of its value; empty for a scalar.
    pub selections: Vec<Selection>,
    /// Its position in the text; `None` if it was built.
    pub at: Option<Position>,
}

impl Field {
    /// The key of the field in the response.
    pub fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// A use of a fragment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Spread {
    /// The fragment's name.
    pub fragment: String,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Its position in the text; `None` if it was built.
    pub at: Option<Position>,
}

/// An inline fragment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inline {
    /// The type it selects from; `None` for the type around it.
    pub on: Option<String>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it selects.
    pub selections: Vec<Selection>,
    /// Its position in the text; `None` if it was built.
    pub at: Option<Position>,
}

/// A directive, `@include(if: $details)`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Directive {
    /// Its name, without `@`.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Its position in the text; `None` if it was built.
    pub at: Option<Position>,
}

/// An argument with its value.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Its position in the text; `None` if it was built.
    pub at: Option<Position>,
}
