//! Doc comments of GraphQL operations and their types.

use crate::emit::docs::{
    self as shared, Required, SPELLED_OUT, code, codes, one_of, spaced, value_facts, with_description,
};
use glabflow_contract::graphql::Edition;
use glabflow_contract::index::graphql::{Field, Index, Operation, Output, Shape, TypeDef, TypeRef, Variable};

/// The doc comment of an operation.
pub(super) fn operation(operation: &Operation) -> Vec<String> {
    let path = operation.path.join(".");
    let returned = match &operation.output {
        Output::Connection(_) => "Returns a connection, read page by page.",
        Output::Payload(_) => "Returns a payload. If the mutation fails, its `errors` say why.",
        Output::One(TypeRef::List(_)) => "Returns a list in one response.",
        Output::One(_) => "Returns one value.",
    };
    let mut lines = vec![
        format!("The {} {}.", operation.kind.as_str(), code(&path)),
        format!("\n{returned} Complexity: {} points.", operation.complexity),
    ];
    lines.extend(edition(operation).map(|text| format!("\n{text}")));
    if let Some(since) = &operation.experiment {
        lines.push(format!("\nAn experiment{}: GitLab may change or remove it at any time.", version(since)));
    }
    if let Some(since) = &operation.deprecated {
        lines.push(format!("\nDeprecated by GitLab{}.", version(since)));
    }
    with_description(lines, operation.description.as_deref())
}

fn version(since: &str) -> String {
    if since.is_empty() || since == "unknown" { String::new() } else { format!(" since {since}") }
}

fn edition(operation: &Operation) -> Option<String> {
    let since = operation.since.as_deref().unwrap_or_default();
    (operation.edition == Edition::Enterprise).then(|| match since {
        "" => "Enterprise edition.".to_owned(),
        since => format!("Enterprise edition. Seen in GitLab {since}."),
    })
}

/// The doc comment of a setter.
pub(super) fn variable(index: &Index, variable: &Variable) -> Vec<String> {
    with_description(facts(index, variable, "Optional "), variable.description.as_deref())
}

fn facts(index: &Index, variable: &Variable, before: &str) -> Vec<String> {
    let first = format!("{before}{}", declaration(variable));
    let values = values(index, &variable.ty);
    let default = variable.default.as_deref().filter(|default| *default != "null");
    let mut facts = value_facts(first, values, None, default, variable.nullable);
    if variable.ee.is_some() {
        facts.push("Enterprise edition.".to_owned());
    }
    if let Some(since) = &variable.experiment {
        facts.push(format!("An experiment{}.", version(since)));
    }
    facts
}

fn declaration(variable: &Variable) -> String {
    code(&format!("{}: {}", variable.name, variable.graphql))
}

fn values(index: &Index, ty: &TypeRef) -> Option<String> {
    match &index.types.get(ty.named()?)?.shape {
        Shape::Enum(values) => one_of(&values.iter().map(|value| value.name.as_str()).collect::<Vec<_>>()),
        _ => None,
    }
}

/// The doc comment of a type.
pub(super) fn type_def(name: &str, definition: &TypeDef) -> Vec<String> {
    let shown: Vec<&str> = definition.graphql.iter().take(SPELLED_OUT).map(String::as_str).collect();
    let names = match definition.graphql.len() {
        0 => spaced(name),
        all if all > SPELLED_OUT => format!("{} and {} more", codes(&shown), all - SPELLED_OUT),
        _ => codes(&shown),
    };
    let is_name = shown == [name];
    let fact = match &definition.shape {
        Shape::Object(_) if name.ends_with("Ref") => Some(format!("Identifies an object of the type {names}.")),
        Shape::OneOf(_) => Some(format!("One of the objects of {names}.")),
        Shape::Payload(_) if !is_name => Some(format!("Payload of mutations: {names}.")),
        _ if !is_name => Some(format!("GitLab's {names}.")),
        _ => None,
    };
    with_description(fact.into_iter().collect(), definition.description.as_deref())
}

/// The doc comment of a field.
pub(super) fn field(field: &Field) -> Vec<String> {
    with_description(Vec::new(), field.description.as_deref())
}

/// The doc comment of a constructor with its arguments.
pub(super) fn constructor(index: &Index, what: &str, all: &[Variable]) -> Vec<String> {
    let required = all.iter().filter(|variable| variable.required).map(|variable| {
        let lines = with_description(facts(index, variable, ""), variable.description.as_deref());
        Required { name: declaration(variable), lines }
    });
    let required: Vec<Required> = required.collect();
    let first = if required.is_empty() { format!("{what}. Nothing is required.") } else { format!("{what}.") };
    [vec![first], shared::required(required)].concat()
}
