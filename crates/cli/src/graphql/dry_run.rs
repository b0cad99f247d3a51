//! `gl graphql --dry-run`: the document, the variables and the estimated cost.

use crate::args::Format;
use crate::failure::Failure;
use crate::output::Output;
use glabflow_contract::graphql::cost::LIMITS;
use glabflow_document::{Document, Estimate};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Writes them. Fails if GitLab would probably reject the document because of its cost.
pub(crate) fn write(
    out: &mut Output,
    format: Option<Format>,
    document: &Document,
    variables: &Map<String, Value>,
    estimate: &Estimate,
) -> Result<(), Failure> {
    match format {
        Some(Format::Json) => writeln!(out, "{:#}", as_json(document, variables, estimate)),
        Some(Format::Ndjson) => writeln!(out, "{}", as_json(document, variables, estimate)),
        Some(Format::Table) | None => as_text(out, document, variables, estimate),
    }
    .and_then(|()| out.flush())
    .map_err(Failure::stdout)?;
    estimate
        .within(&LIMITS)
        .map_err(|_| Failure::Response("the estimated cost of the document exceeds GitLab's limits"))
}

/// The document, followed by everything else in comments, so that the output is still a document.
fn as_text(
    out: &mut Output,
    document: &Document,
    variables: &Map<String, Value>,
    estimate: &Estimate,
) -> io::Result<()> {
    writeln!(out, "{}\n", document.text().trim_end())?;
    if !variables.is_empty() {
        writeln!(out, "# variables")?;
        for line in format!("{:#}", Value::Object(variables.clone())).lines() {
            writeln!(out, "#   {line}")?;
        }
    }
    writeln!(out, "# estimated cost")?;
    let rows = [
        ("complexity", estimate.complexity as usize, LIMITS.complexity as usize),
        ("depth", estimate.depth as usize, LIMITS.depth as usize),
        ("characters", estimate.characters, LIMITS.characters),
    ];
    for (name, value, limit) in rows {
        let verdict = if value > limit { ", exceeds the limit" } else { "" };
        writeln!(out, "#   {name:10}  {value:>5} of {limit}{verdict}")?;
    }
    if !estimate.parts.is_empty() {
        writeln!(out, "# most expensive parts, each including everything below it")?;
        for line in estimate.explain().lines().skip(1) {
            writeln!(out, "# {line}")?;
        }
    }
    Ok(())
}

fn as_json(document: &Document, variables: &Map<String, Value>, estimate: &Estimate) -> Value {
    let parts = estimate
        .parts
        .iter()
        .map(|part| json!({ "path": part.path, "complexity": part.score, "own": part.own, "page": part.page }));
    json!({
        "kind": document.kind().as_str(),
        "name": document.name(),
        "document": document.text(),
        "variables": variables,
        "complexity": estimate.complexity,
        "depth": estimate.depth,
        "characters": estimate.characters,
        "limits": {
            "complexity": LIMITS.complexity,
            "depth": LIMITS.depth,
            "characters": LIMITS.characters,
        },
        "parts": parts.collect::<Vec<_>>(),
    })
}
