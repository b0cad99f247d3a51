//! `gl operations`: the operations of the index.

use crate::args::{Format, OperationsArgs, OperationsCommand};
use crate::console;
use crate::failure::Failure;
use crate::output::{self, Output, table::Table};
use crate::suggest;
use crate::values;
use glabflow_contract::index::{self, Body, LazyIndex, Operation, Paging, Parameter};
use serde_json::{Value, json};
use std::io::Write;

/// Runs the command.
pub(crate) fn run(index: &'static LazyIndex, args: OperationsArgs, out: &mut Output) -> Result<(), Failure> {
    match args.command {
        Some(OperationsCommand::Show { id, format }) => show(index, &id, format, out),
        None => list(index, &args, out),
    }
}

fn list(index: &'static LazyIndex, args: &OperationsArgs, out: &mut Output) -> Result<(), Failure> {
    if let Some(tag) = &args.tag {
        let tags = || index.operations().iter().map(|operation| operation.tag.as_str());
        if !tags().any(|known| known == tag) {
            return Err(Failure::usage(format!("there is no tag `{tag}`{}", suggest::question(tag, tags()))));
        }
    }
    let has_tag = |operation: &&Operation| args.tag.as_ref().is_none_or(|tag| operation.tag == *tag);
    let words: Vec<String> =
        args.search.iter().flat_map(|words| words.split_whitespace()).map(str::to_lowercase).collect();
    let found = index.operations().iter().filter(has_tag).filter(|operation| matches(operation, &words));
    let rows: Vec<Value> = found.map(summary).collect();
    if rows.is_empty() {
        console::note(format_args!("no operation contains all of: {}", words.join(" ")));
    }
    output::rows(out, args.format, &["id", "method", "path", "paging", "call"], rows)
}

/// Whether every word occurs in the id, method, path or tag.
fn matches(operation: &Operation, words: &[String]) -> bool {
    let text = format!("{} {} {} {}", operation.id, operation.method, operation.path, operation.tag).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn summary(operation: &Operation) -> Value {
    json!({
        "id": operation.id,
        "method": operation.method.as_str(),
        "path": operation.path,
        "tag": operation.tag,
        "paging": paging(operation),
        "call": call(operation),
        "deprecated": operation.deprecated,
    })
}

fn paging(operation: &Operation) -> &'static str {
    match operation.paging {
        Paging::None => "none",
        Paging::Link => "link",
        Paging::Offset => "offset",
        Paging::Keyset(_) => "keyset",
    }
}

/// The typed call of the operation in Rust, with its required arguments.
fn call(operation: &Operation) -> String {
    let required = operation.params.iter().filter(|param| param.required).map(|param| param.rust_name.as_str());
    format!("gl.{}().{}({})", operation.tag, operation.name, required.collect::<Vec<_>>().join(", "))
}

fn show(index: &'static LazyIndex, id: &str, format: Format, out: &mut Output) -> Result<(), Failure> {
    let operations = index.operations();
    let Some(operation) = operations.iter().find(|operation| operation.id == id) else {
        let question = suggest::question(id, operations.iter().map(|operation| operation.id.as_str()));
        return Err(Failure::usage(format!("there is no operation `{id}`{question}"))
            .hint(format!("`gl operations {id}` searches in ids and paths")));
    };
    let as_json = || serde_json::to_value(operation).unwrap_or_default();
    match format {
        Format::Table => describe(index, operation, out),
        Format::Ndjson => writeln!(out, "{}", as_json()),
        Format::Json => writeln!(out, "{:#}", as_json()),
    }
    .map_err(Failure::stdout)
}

fn describe(index: &'static LazyIndex, operation: &Operation, out: &mut Output) -> std::io::Result<()> {
    writeln!(out, "{}", operation.id)?;
    writeln!(out, "  request   {} {}", operation.method, operation.path)?;
    writeln!(out, "  rust      {}", call(operation))?;
    let response = match &operation.output {
        index::Output::Empty => "nothing".to_owned(),
        index::Output::Json(ty) => values::describe(index, ty),
        index::Output::List(item) => format!("list of {}", values::describe(index, item)),
        index::Output::File(content_type) => format!("a file, {content_type}"),
    };
    writeln!(out, "  response  {response}")?;
    let paging = match &operation.paging {
        Paging::None => None,
        Paging::Link => Some("by links, if the server sends them".to_owned()),
        Paging::Offset => Some("by page number".to_owned()),
        Paging::Keyset(keyset) if keyset.orders.is_empty() => Some("by keyset".to_owned()),
        Paging::Keyset(keyset) => Some(format!(
            "by keyset if ordered by {} ({}), otherwise by page number",
            keyset.orders.join(", "),
            keyset.sorts.join(", ")
        )),
    };
    if let Some(paging) = paging {
        writeln!(out, "  paging    {paging}")?;
    }
    let body = match &operation.body {
        Body::None => None,
        Body::Json => Some("JSON; multipart if it contains a file"),
        Body::Multipart => Some("multipart"),
        Body::Raw(_) => Some("one file, from --input"),
    };
    if let Some(body) = body {
        writeln!(out, "  body      {body}")?;
    }
    if operation.deprecated {
        writeln!(out, "  note      deprecated by GitLab")?;
    }
    if let Some(newer) = &operation.alias_of {
        writeln!(out, "  note      an older spelling of {newer}")?;
    }
    if let Some(docs) = &operation.docs {
        writeln!(out, "  docs      {docs}")?;
    }
    if operation.params.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let rows: Vec<Value> = operation.params.iter().map(|param| parameter(index, param)).collect();
    let columns = ["parameter", "in", "notes", "type"].map(str::to_owned).to_vec();
    // Nothing is cut: the values of a type are at the end of a line, and they matter most.
    Table::new(columns, None).rows(out, &rows)
}

fn parameter(index: &'static LazyIndex, param: &Parameter) -> Value {
    let mut notes = Vec::new();
    if param.required {
        notes.push("required".to_owned());
    }
    if let Some(default) = &param.default {
        notes.push(format!("default {default}"));
    }
    if param.nullable {
        notes.push("null clears".to_owned());
    }
    if param.wildcard {
        notes.push("may contain slashes".to_owned());
    }
    if param.deprecated {
        notes.push("deprecated".to_owned());
    }
    json!({
        "parameter": param.name,
        "in": param.location,
        "type": values::describe(index, &param.ty),
        "notes": notes.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_index::INDEX;

    fn found(search: &str) -> Vec<&'static str> {
        let words: Vec<String> = search.split(' ').map(str::to_owned).collect();
        INDEX
            .operations()
            .iter()
            .filter(|operation| matches(operation, &words))
            .map(|operation| operation.id.as_str())
            .collect()
    }

    #[test]
    fn search_requires_all_words() {
        assert_eq!(found("issues list"), ["list_project_issues"]);
        assert_eq!(found("post"), ["create_project"]);
        assert_eq!(found("issues nothing"), Vec::<&str>::new());
    }

    #[test]
    fn call_shows_required_arguments() {
        let call_of = |id| call(INDEX.find(id).unwrap().0);
        assert_eq!(call_of("list_projects"), "gl.projects().list()");
        assert_eq!(call_of("get_project_issue"), "gl.issues().get(id, issue_iid)");
    }
}
