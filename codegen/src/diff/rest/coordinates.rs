//! How operations, parameters and types are named in reports.

use glabflow_contract::Location;
use glabflow_contract::index::{Operation, Parameter, TypeDef, TypeRef};

/// An operation's coordinate: `GET /projects/{id}`.
pub(crate) fn coordinate(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

/// A type's coordinate: the schema's name for it, or the generated one where the schema has none.
pub(crate) fn type_coordinate<'a>(name: &'a str, definition: &'a TypeDef) -> &'a str {
    match definition {
        TypeDef::Object(object) if !object.schema.is_empty() => &object.schema,
        _ => name,
    }
}

/// A parameter's coordinate: `GET /projects query:archived`.
pub(super) fn parameter(at: &str, param: &Parameter) -> String {
    format!("{at} {}:{}", place(param.location), param.name)
}

/// Where a parameter travels, in the words of the document.
pub(super) fn place(location: Location) -> &'static str {
    match location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Body => "body",
    }
}

/// A type as the schema language would say it.
pub(super) fn value_name(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Bool => "boolean".to_owned(),
        TypeRef::Int => "integer".to_owned(),
        TypeRef::Float => "number".to_owned(),
        TypeRef::String | TypeRef::Secret => "string".to_owned(),
        TypeRef::DateTime => "date-time".to_owned(),
        TypeRef::Date => "date".to_owned(),
        TypeRef::Any => "any".to_owned(),
        TypeRef::IdOrName => "integer or string".to_owned(),
        TypeRef::File => "file".to_owned(),
        TypeRef::List(inner) => format!("array of {}", value_name(inner)),
        TypeRef::Map(inner) => format!("map of {}", value_name(inner)),
        TypeRef::Named(name) => name.clone(),
    }
}
