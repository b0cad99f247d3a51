//! Reads SDL.

use super::schema::{Composite, Directive, Field, InputValue, Kind, Marks, Schema, Type, TypeExpr};
use super::{docs, reason};
use anyhow::{Context, Result, bail};
use graphql_parser::query as common;
use graphql_parser::schema as ast;
use std::collections::BTreeMap;

/// Directives of the specification, which schemas need not define.
const OF_THE_SPECIFICATION: &[&str] = &["deprecated", "include", "oneOf", "skip", "specifiedBy"];

/// The schema in a text.
///
/// # Errors
/// If the text is not SDL, or has no query type.
pub fn parse(text: &str) -> Result<Schema> {
    let text = docs::ascii_indented(text);
    let document = graphql_parser::parse_schema::<String>(&text).context("not valid SDL")?;
    let mut schema = Schema { query: "Query".to_owned(), ..Schema::default() };
    let mut roots_are_named = false;
    for definition in document.definitions {
        match definition {
            ast::Definition::SchemaDefinition(roots) => {
                roots_are_named = true;
                schema.query = roots.query.context("the schema has no query type")?;
                schema.mutation = roots.mutation;
                schema.subscription = roots.subscription;
            }
            ast::Definition::TypeDefinition(definition) => {
                let (name, ty) = convert(definition);
                if schema.types.insert(name.clone(), ty).is_some() {
                    bail!("the type {name} is defined twice");
                }
            }
            ast::Definition::TypeExtension(extension) => {
                bail!("`extend` is not supported ({extension:.60?}...); give the merged schema")
            }
            ast::Definition::DirectiveDefinition(directive) => {
                if !OF_THE_SPECIFICATION.contains(&directive.name.as_str()) {
                    let locations = directive.locations.iter().map(|location| location.as_str().to_owned()).collect();
                    schema
                        .directives
                        .insert(directive.name, Directive { args: inputs(directive.arguments), locations });
                }
            }
        }
    }
    if !roots_are_named {
        let existing = |name: &str| schema.types.contains_key(name).then(|| name.to_owned());
        (schema.mutation, schema.subscription) = (existing("Mutation"), existing("Subscription"));
    }
    schema.types.retain(|name, _| !name.starts_with("__"));
    if !schema.types.contains_key(&schema.query) {
        bail!("not a schema: there is no type {}", schema.query);
    }
    Ok(schema)
}

fn convert(definition: ast::TypeDefinition<'_, String>) -> (String, Type) {
    use ast::TypeDefinition as Def;
    let (name, directives, description, kind) = match definition {
        Def::Scalar(scalar) => (scalar.name, scalar.directives, scalar.description, Kind::Scalar),
        Def::Object(object) => (
            object.name,
            object.directives,
            object.description,
            Kind::Object(Composite {
                interfaces: object.implements_interfaces.into_iter().collect(),
                fields: fields(object.fields),
            }),
        ),
        Def::Interface(object) => (
            object.name,
            object.directives,
            object.description,
            Kind::Interface(Composite {
                interfaces: object.implements_interfaces.into_iter().collect(),
                fields: fields(object.fields),
            }),
        ),
        Def::Union(union) => {
            (union.name, union.directives, union.description, Kind::Union(union.types.into_iter().collect()))
        }
        Def::Enum(def) => {
            let values = def.values.into_iter().map(|value| (value.name, marks(&value.directives, value.description)));
            (def.name, def.directives, def.description, Kind::Enum(values.collect()))
        }
        Def::InputObject(input) => (input.name, input.directives, input.description, Kind::Input(inputs(input.fields))),
    };
    (name, Type { marks: marks(&directives, description), kind })
}

fn fields(fields: Vec<ast::Field<'_, String>>) -> BTreeMap<String, Field> {
    let convert = |field: ast::Field<'_, String>| {
        let marks = marks(&field.directives, field.description);
        (field.name, Field { ty: type_expr(&field.field_type), args: inputs(field.arguments), marks })
    };
    fields.into_iter().map(convert).collect()
}

fn inputs(values: Vec<ast::InputValue<'_, String>>) -> BTreeMap<String, InputValue> {
    let convert = |value: ast::InputValue<'_, String>| {
        let input = InputValue {
            ty: type_expr(&value.value_type),
            default: value.default_value.as_ref().map(literal),
            marks: marks(&value.directives, value.description),
        };
        (value.name, input)
    };
    values.into_iter().map(convert).collect()
}

fn type_expr(ty: &common::Type<'_, String>) -> TypeExpr {
    match ty {
        common::Type::NamedType(name) => TypeExpr::Named(name.clone()),
        common::Type::ListType(inner) => TypeExpr::List(Box::new(type_expr(inner))),
        common::Type::NonNullType(inner) => TypeExpr::NonNull(Box::new(type_expr(inner))),
    }
}

/// A value in normal notation.
fn literal(value: &common::Value<'_, String>) -> String {
    use common::Value;
    match value {
        Value::Variable(name) => format!("${name}"),
        Value::Int(number) => number.as_i64().unwrap_or_default().to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        Value::Boolean(value) => value.to_string(),
        Value::Null => "null".to_owned(),
        Value::Enum(name) => name.clone(),
        Value::List(values) => format!("[{}]", values.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}: {}", literal(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A literal from an introspection response, in the same notation.
pub(super) fn normal_literal(text: &str) -> Result<String> {
    // The parser cannot read a single value, so it is read as the default of an argument.
    let document = format!("input I {{ a: A = {text} }}");
    let document = graphql_parser::parse_schema::<String>(&document)
        .with_context(|| format!("`{text}` is not a GraphQL value"))?;
    match document.definitions.into_iter().next() {
        Some(ast::Definition::TypeDefinition(ast::TypeDefinition::InputObject(input))) => {
            let value = input.fields.into_iter().next().and_then(|field| field.default_value);
            value.as_ref().map(literal).context("a default has no value")
        }
        _ => bail!("`{text}` is not a GraphQL value"),
    }
}

fn marks(directives: &[ast::Directive<'_, String>], description: Option<String>) -> Marks {
    let text = |directive: &ast::Directive<'_, String>, name: &str| -> Option<String> {
        directive.arguments.iter().find(|(argument, _)| argument == name).and_then(|(_, value)| match value {
            common::Value::String(text) => Some(text.clone()),
            _ => None,
        })
    };
    let find = |name: &str| directives.iter().find(|directive| directive.name == name);
    Marks {
        description: description.as_deref().and_then(docs::normal),
        deprecated: find("deprecated")
            .map(|directive| reason::from_reason(&text(directive, "reason").unwrap_or_default())),
        ee: find("ee").map(|directive| text(directive, "since").unwrap_or_default()),
    }
}
