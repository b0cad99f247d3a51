//! `gl graphql operations` and `gl graphql show`: the generated operations, from the index.

use super::source;
use crate::args::{Format, GraphqlCommand};
use crate::console;
use crate::failure::Failure;
use crate::output::{self, Output, table::Table};
use glabflow_contract::graphql::cost::LIMITS;
use glabflow_contract::graphql::{Edition, Kind};
use glabflow_contract::index::graphql::{Operation, Output as Shape, TypeRef, Variable};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Runs the command.
pub(crate) fn run(command: GraphqlCommand, out: &mut Output) -> Result<(), Failure> {
    match command {
        GraphqlCommand::Operations { search, kind, format } => list(&search, kind.map(Into::into), format, out),
        GraphqlCommand::Show { id, format } => show(&id, format, out),
    }
}

fn list(search: &[String], kind: Option<Kind>, format: Format, out: &mut Output) -> Result<(), Failure> {
    let words: Vec<String> = search.iter().flat_map(|words| words.split_whitespace()).map(str::to_lowercase).collect();
    let is_kind = |operation: &&Operation| kind.is_none_or(|kind| operation.kind == kind);
    let all = &glabflow_index::GRAPHQL.get().operations;
    let found = all.iter().filter(is_kind).filter(|operation| matches(operation, &words));
    let rows: Vec<Value> = found.map(summary).collect();
    if rows.is_empty() {
        console::note(format_args!("no operation contains all of: {}", words.join(" ")));
    }
    output::rows(out, format, &["id", "kind", "path", "complexity", "edition"], rows)
}

/// Whether every word occurs in the id, kind, path or area.
fn matches(operation: &Operation, words: &[String]) -> bool {
    let path = operation.path.join(".");
    let text = format!("{} {} {path} {}", operation.id, operation.kind.as_str(), operation.area).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn summary(operation: &Operation) -> Value {
    json!({
        "id": operation.id,
        "kind": operation.kind.as_str(),
        "path": operation.path.join("."),
        "area": operation.area,
        "connection": operation.page_size > 0,
        "complexity": operation.complexity,
        "depth": operation.depth,
        "edition": edition(operation.edition),
        "deprecated": operation.deprecated.is_some(),
        "experiment": operation.experiment.is_some(),
    })
}

fn edition(edition: Edition) -> &'static str {
    match edition {
        Edition::Community => "community",
        Edition::Enterprise => "enterprise",
    }
}

fn show(id: &str, format: Format, out: &mut Output) -> Result<(), Failure> {
    let operation = source::operation(id)?;
    let as_json = || serde_json::to_value(operation).unwrap_or_default();
    match format {
        Format::Table => describe(operation, out),
        Format::Ndjson => writeln!(out, "{}", as_json()),
        Format::Json => writeln!(out, "{:#}", as_json()),
    }
    .map_err(Failure::stdout)
}

fn describe(operation: &Operation, out: &mut Output) -> io::Result<()> {
    writeln!(out, "{}", operation.id)?;
    writeln!(out, "  {:<10}{}", operation.kind.as_str(), operation.path.join("."))?;
    writeln!(out, "  rust      {}", call(operation))?;
    let response = match &operation.output {
        Shape::One(ty) => type_name(ty),
        Shape::Connection(item) => format!("connection of {}, {} on a page", type_name(item), operation.page_size),
        Shape::Payload(ty) => type_name(ty),
    };
    writeln!(out, "  response  {response}")?;
    let since = operation.since.as_ref().map_or_else(String::new, |version| format!(", for example in {version}"));
    let edition = match operation.edition {
        Edition::Community => "every edition",
        Edition::Enterprise => "Enterprise edition",
    };
    writeln!(out, "  edition   {edition}{since}")?;
    writeln!(
        out,
        "  cost      complexity {} of {}, depth {} of {}",
        operation.complexity, LIMITS.complexity, operation.depth, LIMITS.depth
    )?;
    for (mark, since) in [("deprecated by GitLab", &operation.deprecated), ("experimental", &operation.experiment)] {
        if let Some(since) = since {
            writeln!(out, "  note      {}", marked(mark, since))?;
        }
    }
    if operation.input {
        writeln!(out, "  input     the variables are the fields of `$input`")?;
    }
    if !operation.variables.is_empty() {
        writeln!(out)?;
        let rows: Vec<Value> = operation.variables.iter().map(variable).collect();
        let columns = ["variable", "type", "notes"].map(str::to_owned).to_vec();
        // Nothing is cut, because all of it matters.
        Table::new(columns, None).rows(out, &rows)?;
    }
    writeln!(out, "\n{}", operation.document.trim_end())
}

/// The typed operation in Rust, with its required arguments.
fn call(operation: &Operation) -> String {
    let required = operation.variables.iter().filter(|variable| variable.required);
    let names: Vec<&str> = required.map(|variable| variable.rust_name.as_str()).collect();
    format!("graphql::operations::{}::{}::new({})", operation.area, operation.rust_type, names.join(", "))
}

fn variable(variable: &Variable) -> Value {
    let mut notes = Vec::new();
    if variable.required {
        notes.push("required".to_owned());
    }
    if variable.nullable {
        notes.push("null clears".to_owned());
    }
    if let Some(default) = &variable.default {
        notes.push(format!("default {default}"));
    }
    if let Some(since) = &variable.deprecated {
        notes.push(marked("deprecated", since));
    }
    if let Some(since) = &variable.experiment {
        notes.push(marked("experimental", since));
    }
    if variable.ee.is_some() {
        notes.push("Enterprise edition".to_owned());
    }
    json!({ "variable": variable.name, "type": variable.graphql, "notes": notes })
}

/// A mark with its version, if that is known.
fn marked(mark: &str, since: &str) -> String {
    if since.is_empty() { mark.to_owned() } else { format!("{mark} since {}", since.replace('_', " ")) }
}

/// A type in words.
fn type_name(ty: &TypeRef) -> String {
    match ty {
        TypeRef::Bool => "boolean".to_owned(),
        TypeRef::Int => "integer".to_owned(),
        TypeRef::Float => "number".to_owned(),
        TypeRef::String => "text".to_owned(),
        TypeRef::Secret => "secret text".to_owned(),
        TypeRef::DateTime => "time".to_owned(),
        TypeRef::Date => "day".to_owned(),
        TypeRef::Any => "any JSON".to_owned(),
        TypeRef::AnyId => "global id".to_owned(),
        TypeRef::Id(kind) => format!("global id of {kind}"),
        TypeRef::List(item) => format!("list of {}", type_name(item)),
        TypeRef::Connection(item) => format!("connection of {}", type_name(item)),
        TypeRef::Named(name) => name.clone(),
    }
}
