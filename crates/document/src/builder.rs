//! Builds documents.

use crate::ast::{self, Executable, Selection};
use crate::document::Document;
use crate::parse::type_text;
use crate::problem::Invalid;
use crate::value::Value;
use glabflow_contract::graphql::Kind;

/// A document under construction. [`build`](Query::build) checks it and reports all mistakes at once.
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
#[must_use = "call `build` to create the document"]
pub struct Query {
    operation: ast::Operation,
    fragments: Vec<ast::Fragment>,
}

/// A field under construction: its arguments and its selections.
#[derive(Debug, Clone)]
#[must_use = "return the field from the closure"]
pub struct Field(ast::Field);

/// The selections of a fragment under construction.
#[derive(Debug, Clone)]
#[must_use = "return the fragment from the closure"]
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

/// The methods that select. Queries, fields and fragments have them.
macro_rules! selects {
    ($type:ident, $this:ident => $selections:expr) => {
        impl $type {
            fn select(mut self, selection: Selection) -> Self {
                let $this = &mut self;
                $selections.push(selection);
                self
            }

            /// Selects fields without arguments or selections.
            pub fn fields<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
                names.into_iter().fold(self, |this, name| this.field(name, |field| field))
            }

            /// Selects a field. `build` adds its arguments and selections.
            pub fn field(self, name: impl Into<String>, build: impl FnOnce(Field) -> Field) -> Self {
                let field = build(Field::new(name.into()));
                self.select(Selection::Field(field.0))
            }

            /// Selects what a [`fragment`](Query::fragment) selects.
            pub fn spread(self, fragment: impl Into<String>) -> Self {
                self.select(Selection::Spread(ast::Spread {
                    fragment: fragment.into(),
                    directives: Vec::new(),
                    at: None,
                }))
            }

            /// Selects from values of one type only: an inline fragment.
            pub fn on(self, ty: impl Into<String>, build: impl FnOnce(Fragment) -> Fragment) -> Self {
                let Fragment { directives, selections } = build(Fragment::new());
                let inline = ast::Inline { on: Some(ty.into()), directives, selections, at: None };
                self.select(Selection::Inline(inline))
            }

            /// Selects several fields under common directives: an inline fragment without a type.
            pub fn together(self, build: impl FnOnce(Fragment) -> Fragment) -> Self {
                let Fragment { directives, selections } = build(Fragment::new());
                self.select(Selection::Inline(ast::Inline { on: None, directives, selections, at: None }))
            }
        }
    };
}

/// The methods that add directives. Fields and fragments have them.
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

            /// Includes this only if the variable is true.
            pub fn include_if(self, variable: impl Into<String>) -> Self {
                self.directive("include", [("if", var(variable))])
            }

            /// Leaves this out if the variable is true.
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

    /// A query with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Query::of(Kind::Query, name.into())
    }

    /// A mutation with this name.
    pub fn mutation(name: impl Into<String>) -> Self {
        Query::of(Kind::Mutation, name.into())
    }

    /// A subscription with this name.
    pub fn subscription(name: impl Into<String>) -> Self {
        Query::of(Kind::Subscription, name.into())
    }

    /// Declares a variable with its type, `[ID!]!`.
    pub fn variable(self, name: impl Into<String>, ty: impl Into<String>) -> Self {
        self.declare(name.into(), ty.into(), None)
    }

    /// Declares a variable with its type and a default value.
    pub fn variable_or(self, name: impl Into<String>, ty: impl Into<String>, default: impl Into<Value>) -> Self {
        self.declare(name.into(), ty.into(), Some(default.into()))
    }

    fn declare(mut self, name: String, ty: String, default: Option<Value>) -> Self {
        // The check reports what is not a type, with this text.
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
    /// If GitLab would reject it.
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

    /// Sets the response key of the field.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.0.alias = Some(alias.into());
        self
    }

    /// Sets an argument.
    pub fn arg(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.0.arguments.push(argument((name, value)));
        self
    }

    /// Sets several arguments.
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
