//! Builds documents step by step.

use crate::ast::{self, Executable, Selection};
use crate::document::Document;
use crate::parse::type_text;
use crate::problem::Invalid;
use crate::value::Value;
use glabflow_contract::graphql::Kind;

/// A document under construction. Mistakes are found by [`build`](Query::build), all of them at once.
///
/// ```
/// use glabflow_document::{Query, enum_value, var};
///
/// let document = Query::new("Open")
///     .variable("path", "ID!")
///     .variable("details", "Boolean!")
///     .field("project", |project| {
///         project.arg("fullPath", var("path")).field("mergeRequests", |requests| {
///             requests
///                 .alias("open")
///                 .args([("state", enum_value("opened")), ("first", 10.into())])
///                 .field("nodes", |request| request.spread("Request").field("webUrl", |url| url.include_if("details")))
///         })
///     })
///     .fragment("Request", "MergeRequest", |request| request.fields(["iid", "title"]))
///     .build()?;
/// assert!(document.text().contains("open: mergeRequests(state: opened, first: 10)"));
/// # Ok::<(), glabflow_document::Invalid>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is checked before `build`"]
pub struct Query {
    operation: ast::Operation,
    fragments: Vec<ast::Fragment>,
}

/// A field under construction: its arguments, and what is selected of it.
#[derive(Debug, Clone)]
#[must_use = "the field belongs to the selection that asked for it"]
pub struct Field(ast::Field);

/// What is selected by a fragment.
#[derive(Debug, Clone)]
#[must_use = "the fragment belongs to the selection that asked for it"]
pub struct Fragment {
    directives: Vec<ast::Directive>,
    selections: Vec<Selection>,
}

/// A variable as a value.
pub fn var(name: impl Into<String>) -> Value {
    Value::Variable(name.into())
}

/// A value of an enum, `opened`.
pub fn enum_value(name: impl Into<String>) -> Value {
    Value::Enum(name.into())
}

/// An input object.
pub fn object<N: Into<String>, V: Into<Value>>(fields: impl IntoIterator<Item = (N, V)>) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
}

fn directive<N: Into<String>, V: Into<Value>>(
    name: impl Into<String>,
    arguments: impl IntoIterator<Item = (N, V)>,
) -> ast::Directive {
    ast::Directive { name: name.into(), arguments: arguments.into_iter().map(argument).collect(), at: None }
}

fn argument<N: Into<String>, V: Into<Value>>((name, value): (N, V)) -> ast::Argument {
    ast::Argument { name: name.into(), value: value.into(), at: None }
}

/// The ways to select, the same everywhere.
macro_rules! selects {
    ($type:ident, $this:ident => $selections:expr) => {
        impl $type {
            fn select(mut self, selection: Selection) -> Self {
                let $this = &mut self;
                $selections.push(selection);
                self
            }

            /// Selects fields that need nothing else.
            pub fn fields<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
                names.into_iter().fold(self, |this, name| this.field(name, |field| field))
            }

            /// Selects a field, with its arguments and what is selected of it.
            pub fn field(self, name: impl Into<String>, build: impl FnOnce(Field) -> Field) -> Self {
                let field = build(Field::new(name.into()));
                self.select(Selection::Field(field.0))
            }

            /// Selects what a fragment selects.
            pub fn spread(self, fragment: impl Into<String>) -> Self {
                self.select(Selection::Spread(ast::Spread {
                    fragment: fragment.into(),
                    directives: Vec::new(),
                    at: None,
                }))
            }

            /// Selects this only where the value is of a type: an inline fragment.
            pub fn on(self, ty: impl Into<String>, build: impl FnOnce(Fragment) -> Fragment) -> Self {
                let Fragment { directives, selections } = build(Fragment::new());
                let inline = ast::Inline { on: Some(ty.into()), directives, selections, at: None };
                self.select(Selection::Inline(inline))
            }

            /// Selects this together, under directives of its own: an inline fragment on no type.
            pub fn together(self, build: impl FnOnce(Fragment) -> Fragment) -> Self {
                let Fragment { directives, selections } = build(Fragment::new());
                self.select(Selection::Inline(ast::Inline { on: None, directives, selections, at: None }))
            }
        }
    };
}

/// The ways to put directives on something.
macro_rules! directs {
    ($type:ident, $this:ident => $directives:expr) => {
        impl $type {
            /// Adds a directive.
            pub fn directive<N: Into<String>, V: Into<Value>>(
                mut self,
                name: impl Into<String>,
                arguments: impl IntoIterator<Item = (N, V)>,
            ) -> Self {
                let $this = &mut self;
                $directives.push(directive(name, arguments));
                self
            }

            /// Leaves this out unless the variable is true.
            pub fn include_if(self, variable: impl Into<String>) -> Self {
                self.directive("include", [("if", var(variable))])
            }

            /// Leaves this out when the variable is true.
            pub fn skip_if(self, variable: impl Into<String>) -> Self {
                self.directive("skip", [("if", var(variable))])
            }
        }
    };
}

selects!(Query, this => this.operation.selections);
selects!(Field, this => this.0.selections);
selects!(Fragment, this => this.selections);
directs!(Field, this => this.0.directives);
directs!(Fragment, this => this.directives);

impl Query {
    fn of(kind: Kind, name: String) -> Self {
        let operation = ast::Operation {
            kind,
            name: Some(name),
            variables: Vec::new(),
            directives: Vec::new(),
            selections: Vec::new(),
            at: None,
        };
        Query { operation, fragments: Vec::new() }
    }

    /// A query of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Query::of(Kind::Query, name.into())
    }

    /// A mutation of this name.
    pub fn mutation(name: impl Into<String>) -> Self {
        Query::of(Kind::Mutation, name.into())
    }

    /// A subscription of this name.
    pub fn subscription(name: impl Into<String>) -> Self {
        Query::of(Kind::Subscription, name.into())
    }

    /// Declares a variable of a type, `[ID!]!`.
    pub fn variable(self, name: impl Into<String>, ty: impl Into<String>) -> Self {
        self.declare(name.into(), ty.into(), None)
    }

    /// Declares a variable of a type, with the value that it has when none is given.
    pub fn variable_or(self, name: impl Into<String>, ty: impl Into<String>, default: impl Into<Value>) -> Self {
        self.declare(name.into(), ty.into(), Some(default.into()))
    }

    fn declare(mut self, name: String, ty: String, default: Option<Value>) -> Self {
        // What is not a type stays as it is, for the check to name it.
        let ty = type_text(&ty).unwrap_or(ty);
        self.operation.variables.push(ast::VariableDefinition { name, ty, default, directives: Vec::new(), at: None });
        self
    }

    /// Defines a fragment on a type, for [`spread`](Query::spread).
    pub fn fragment(
        mut self,
        name: impl Into<String>,
        on: impl Into<String>,
        build: impl FnOnce(Fragment) -> Fragment,
    ) -> Self {
        let Fragment { directives, selections } = build(Fragment::new());
        self.fragments.push(ast::Fragment { name: name.into(), on: on.into(), directives, selections, at: None });
        self
    }

    /// Checks the document against the schema.
    ///
    /// # Errors
    /// When GitLab would refuse it.
    pub fn build(self) -> Result<Document, Invalid> {
        Document::of(Executable { operations: vec![self.operation], fragments: self.fragments })
    }
}

impl Field {
    fn new(name: String) -> Self {
        Field(ast::Field {
            alias: None,
            name,
            arguments: Vec::new(),
            directives: Vec::new(),
            selections: Vec::new(),
            at: None,
        })
    }

    /// Gives the field another name in the answer.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.0.alias = Some(alias.into());
        self
    }

    /// Gives an argument a value.
    pub fn arg(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.arguments.push(argument((name, value)));
        self
    }

    /// Gives arguments values.
    pub fn args<N: Into<String>>(mut self, arguments: impl IntoIterator<Item = (N, Value)>) -> Self {
        self.0.arguments.extend(arguments.into_iter().map(argument));
        self
    }
}

impl Fragment {
    fn new() -> Self {
        Fragment { directives: Vec::new(), selections: Vec::new() }
    }
}
