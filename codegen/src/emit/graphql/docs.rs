//! What doc comments say: facts in short sentences.

use crate::emit::docs::{code, description, tag_words};
use glabflow_contract::graphql::Edition;
use glabflow_contract::index::graphql::{Field, Index, Operation, Output, Shape, TypeDef, TypeRef, Variable};

/// Enums with more values than this are linked to and not spelled out; of longer lists of names only so many are.
const SPELLED_OUT: usize = 8;

/// The doc comment of an operation.
pub(super) fn operation(operation: &Operation) -> Vec<String> {
    let path = operation.path.join(".");
    let gives = match &operation.output {
        Output::Connection(_) => "Gives a connection, read page by page.",
        Output::Payload(_) => "Gives a payload, whose `errors` say why nothing was done.",
        Output::One(TypeRef::List(_)) => "Gives a list, all of it at once.",
        Output::One(_) => "Gives one value.",
    };
    let mut lines = vec![
        format!("The {} {}.", operation.kind.as_str(), code(&path)),
        format!("\n{gives} Costs {} points by GitLab's rules.", operation.complexity),
    ];
    lines.extend(edition(operation).map(|text| format!("\n{text}")));
    if let Some(since) = &operation.experiment {
        lines.push(format!("\nAn experiment{}: GitLab may change or remove it at any time.", version(since)));
    }
    if let Some(since) = &operation.deprecated {
        lines.push(format!("\nDeprecated by GitLab{}.", version(since)));
    }
    lines.extend(description(operation.description.as_deref()));
    lines
}

fn version(since: &str) -> String {
    if since.is_empty() || since == "unknown" { String::new() } else { format!(" since {since}") }
}

fn edition(operation: &Operation) -> Option<String> {
    let since = operation.since.as_deref().unwrap_or_default();
    (operation.edition == Edition::Enterprise).then(|| match since {
        "" => "Enterprise edition.".to_owned(),
        since => format!("Enterprise edition; known to be in {since}."),
    })
}

/// The doc comment of a setter.
pub(super) fn variable(index: &Index, variable: &Variable) -> Vec<String> {
    let mut line = format!("{} ({})", code(&variable.name), code(&variable.graphql));
    if let Some(values) = values(index, &variable.ty) {
        line.push_str(&format!(": {values}"));
    }
    if let Some(default) = variable.default.as_deref().filter(|default| *default != "null") {
        line.push_str(&format!("; the default is {}", code(default)));
    }
    line.push('.');
    let mut lines = vec![line];
    if variable.nullable {
        lines.push("[`Null`](glabflow_contract::Null) clears it.".to_owned());
    }
    if variable.ee.is_some() {
        lines.push("Enterprise edition.".to_owned());
    }
    if let Some(since) = &variable.experiment {
        lines.push(format!("An experiment{}.", version(since)));
    }
    lines.extend(description(variable.description.as_deref()));
    lines
}

fn values(index: &Index, ty: &TypeRef) -> Option<String> {
    match &index.types.get(ty.named()?)?.shape {
        Shape::Enum(values) if values.len() <= SPELLED_OUT => {
            Some(values.iter().map(|value| code(&value.name)).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

/// The doc comment of a type.
pub(super) fn type_def(name: &str, definition: &TypeDef) -> Vec<String> {
    let shown: Vec<String> = definition.graphql.iter().take(SPELLED_OUT).map(|name| code(name)).collect();
    let mut names = shown.join(", ");
    match definition.graphql.len() {
        0 => names = tag_words(name),
        all if all > SPELLED_OUT => names.push_str(&format!(" and {} more", all - SPELLED_OUT)),
        _ => {}
    }
    let what = match &definition.shape {
        Shape::Object(_) if name.ends_with("Ref") => format!("What tells which {names} it is."),
        Shape::Payload(_) => format!("What mutations answer with: {names}."),
        Shape::OneOf(_) => format!("One of the objects that a {names} can be."),
        _ => format!("GitLab's {names}."),
    };
    [what].into_iter().chain(description(definition.description.as_deref())).collect()
}

/// The doc comment of a field.
pub(super) fn field(field: &Field) -> Vec<String> {
    let name = format!("{}.", code(&field.name));
    [name].into_iter().chain(description(field.description.as_deref())).collect()
}

/// The doc comment of a constructor; what it takes has no other place to be described.
pub(super) fn constructor<'a>(what: &str, required: impl Iterator<Item = &'a Variable>) -> Vec<String> {
    let mut lines = vec![what.to_owned()];
    for variable in required {
        if let Some(about) = description(variable.description.as_deref()) {
            lines.push(format!("\n{} ({}):{about}", code(&variable.rust_name), code(&variable.graphql)));
        }
    }
    lines
}
