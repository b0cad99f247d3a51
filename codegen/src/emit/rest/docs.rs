//! Doc comments of REST operations and their types.

use crate::emit::docs::{self as shared, Required, SPELLED_OUT, code, codes, one_of, value_facts, with_description};
use glabflow_contract::Location;
use glabflow_contract::index::{Field, Index, Object, Operation, Output, Paging, Parameter, TypeDef, TypeRef};

/// The doc comment of an operation.
pub(super) fn operation(operation: &Operation) -> Vec<String> {
    let mut lines = vec![format!("{}.", call(operation))];
    let returned = match (&operation.output, &operation.paging) {
        (Output::Empty | Output::Json(_), _) => None,
        (Output::File(content_type), _) => Some(format!("Returns a file ({}), streamed.", code(content_type))),
        (Output::List(_), Paging::None) => Some("Returns a list in one response.".to_owned()),
        (Output::List(_), Paging::Link) => {
            Some("Returns a list. Further pages are read if the response links to them.".to_owned())
        }
        (Output::List(_), Paging::Offset | Paging::Keyset(_)) => Some("Returns a list in pages.".to_owned()),
    };
    lines.extend(returned.into_iter().flat_map(|returned| [String::new(), returned]));
    if let Paging::Keyset(keyset) = &operation.paging {
        let mut line = "Keyset pagination".to_owned();
        if keyset.anonymous_only {
            line.push_str(" for requests without a token");
        }
        if !keyset.orders.is_empty() {
            line.push_str(&format!(", ordered by {}", codes(&keyset.orders)));
        }
        if !keyset.sorts.is_empty() {
            line.push_str(&format!(" ({})", codes(&keyset.sorts)));
        }
        lines.push(format!("{line}."));
    }
    if let Some(range) = operation.ranges.first() {
        lines.push(format!("Can be read in parallel, in ranges of {}.", code(range.key.field())));
    }
    if operation.deprecated {
        lines.extend([String::new(), format!("Deprecated by GitLab{}.", instead(operation))]);
    }
    if let Some(docs) = &operation.docs {
        lines.extend([String::new(), format!("GitLab's documentation: <{docs}>")]);
    }
    lines
}

/// What to use instead of a deprecated operation, if that is known.
pub(super) fn instead(operation: &Operation) -> String {
    operation.alias_of.as_ref().map(|path| format!("; the newer path is {}", code(path))).unwrap_or_default()
}

fn call(operation: &Operation) -> String {
    code(&format!("{} {}", operation.method, operation.path))
}

/// The doc comment of the method that creates an operation, with its required parameters.
pub(super) fn method(index: &Index, operation: &Operation) -> Vec<String> {
    let mut lines = vec![format!("{}: [`{}`].", call(operation), operation.rust_type)];
    // The call shows the parameters in the path.
    let is_shown = |param: &&Parameter| {
        param.required && (param.location != Location::Path || has_facts(index, param) || is_renamed(param))
    };
    let required = operation.params.iter().filter(is_shown).map(|param| required_parameter(index, param)).collect();
    lines.extend(shared::required(required));
    lines
}

/// Whether the schema has further facts about a parameter.
fn has_facts(index: &Index, param: &Parameter) -> bool {
    let has_range = param.minimum.is_some() || param.maximum.is_some();
    has_range || param.nullable || param.description.is_some() || values(index, &param.ty).is_some()
}

/// Whether a path parameter has another name in Rust.
fn is_renamed(param: &Parameter) -> bool {
    param.location == Location::Path && param.name != "id" && param.name != param.rust_name
}

fn required_parameter(index: &Index, param: &Parameter) -> Required {
    let (name, place) = (code(&param.rust_name), place(param.location));
    let name = if param.rust_name == bare(&param.name) {
        format!("{name} ({place})")
    } else {
        format!("{name} ({place} {})", code(&param.name))
    };
    let lines = with_description(facts(index, param, name.clone()), param.description.as_deref());
    Required { name, lines }
}

/// The doc comment of a setter; empty if its name says everything that is known.
pub(super) fn setter(index: &Index, param: &Parameter) -> Vec<String> {
    let place = place(param.location);
    let lines = if param.rust_name == bare(&param.name) {
        let first = format!("Optional {place} parameter");
        let is_noise = format!("{first}.");
        let mut lines = facts(index, param, first);
        lines.retain(|line| *line != is_noise);
        lines
    } else {
        facts(index, param, format!("{} in the {place}", code(&param.name)))
    };
    with_description(lines, param.description.as_deref())
}

fn facts(index: &Index, param: &Parameter, first: String) -> Vec<String> {
    let default = param.default.as_ref();
    let default = default.map(|default| default.as_str().map_or_else(|| default.to_string(), str::to_owned));
    value_facts(first, values(index, &param.ty), range(param), default.as_deref(), param.nullable)
}

fn range(param: &Parameter) -> Option<String> {
    match (&param.minimum, &param.maximum) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (Some(least), None) => Some(format!("at least {least}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (None, None) => None,
    }
}

/// A name without the brackets of lists in queries.
fn bare(name: &str) -> &str {
    name.strip_suffix("[]").unwrap_or(name)
}

fn place(location: Location) -> &'static str {
    match location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Body => "body",
    }
}

/// The values of a parameter, if they are few.
fn values(index: &Index, ty: &TypeRef) -> Option<String> {
    let values = one_of(&enum_values(index, ty)?)?;
    Some(if matches!(ty, TypeRef::List(_)) { format!("each {values}") } else { values })
}

/// The values of an enum, or of the items of a list.
fn enum_values<'a>(index: &'a Index, ty: &TypeRef) -> Option<Vec<&'a str>> {
    match ty {
        TypeRef::List(item) => enum_values(index, item),
        TypeRef::Named(name) => match index.types.get(name)? {
            TypeDef::Enum(values) => Some(values.values.iter().map(|value| value.name.as_str()).collect()),
            TypeDef::Object(_) | TypeDef::IntEnum(_) => None,
        },
        _ => None,
    }
}

/// The doc comment of an object.
pub(super) fn object(name: &str, object: &Object) -> Vec<String> {
    let mut lines = Vec::new();
    if object.schema.is_empty() {
        lines.push("An object without a name in GitLab's schema.".to_owned());
    } else if object.schema != name {
        lines.push(format!("GitLab's {}.", code(&object.schema)));
    }
    if !object.aliases.is_empty() {
        lines.push(format!("Also used for GitLab's {}, with the same fields.", codes(&object.aliases)));
    }
    lines
}

/// The doc comment of a field in a response.
pub(super) fn response_field(field: &Field) -> Vec<String> {
    with_description(field_facts(field), field.description.as_deref())
}

/// The doc comment of a field in a request.
pub(super) fn request_field(index: &Index, field: &Field) -> Vec<String> {
    let mut facts = field_facts(field);
    if field.required {
        facts.push("Required.".to_owned());
    }
    if let Some(values) = enum_values(index, &field.ty).filter(|values| values.len() <= SPELLED_OUT) {
        facts.push(format!("Known values: {}.", codes(&values)));
    }
    if field.nullable {
        facts.push("[`Null`](glabflow_contract::Null) clears it.".to_owned());
    }
    with_description(facts, field.description.as_deref())
}

/// The facts that every field may have.
fn field_facts(field: &Field) -> Vec<String> {
    let name = (field.rust_name.trim_end_matches('_') != field.name).then(|| format!("{} in JSON.", code(&field.name)));
    let deprecated = field.deprecated.then(|| "Deprecated by GitLab.".to_owned());
    name.into_iter().chain(deprecated).collect()
}
