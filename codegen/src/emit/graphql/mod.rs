//! Writes the GraphQL index as files: Rust and documents for `generated/graphql`, JSON for `generated/index`.
//!
//! - `operations` writes a module for each area, `types` their types, `package` the manifest and the root module.
//! - `rust_type` maps types of the schema to Rust, `docs` writes doc comments.
//! - `schema_table` writes the schema as a table for programs.

mod areas;
mod docs;
mod operations;
mod package;
mod rust_type;
pub mod schema_table;
mod types;

use crate::emit::facts::SchemaInfo;
use crate::emit::files::{Files, Job, run};
use anyhow::Result;
use glabflow_contract::index::graphql::{Index, Operation};
use std::fmt::Write;

/// All generated files of an index.
///
/// # Errors
/// If the generated code is not valid Rust, which is a bug of the generator.
pub fn files(index: &Index, facts: &SchemaInfo) -> Result<Files> {
    let areas = areas::of(index);
    let mut jobs: Vec<Job<'_>> = vec![
        Box::new(|| json(index)),
        Box::new(|| Ok(documents(index))),
        Box::new(|| package::files(index, &areas, facts)),
        Box::new(|| types::files(index, &areas)),
    ];
    for (area, operations) in &areas {
        jobs.push(Box::new(move || operations::file(index, area, operations)));
    }
    run(jobs)
}

fn documents(index: &Index) -> Files {
    let file = |operation: &Operation| {
        (format!("graphql/{}", operations::document_path(operation)), operation.document.clone())
    };
    index.operations.iter().map(file).collect()
}

/// The GraphQL half of the root module of the index crate.
pub const INDEX_LIBRARY: &str = r#"
/// The operations and types of GitLab's GraphQL API. They are parsed on first use.
///
/// ```
/// let index = glabflow_index::GRAPHQL.get();
/// let operation = index.operation("project_pipelines").expect("it is in the index");
/// assert_eq!(operation.path, ["project", "pipelines"]);
/// ```
pub static GRAPHQL: glabflow_contract::index::graphql::Lazy =
    glabflow_contract::index::graphql::Lazy::new(include_str!("../graphql.json"));
"#;

/// The index as JSON, one operation or type on each line, so that diffs are readable.
fn json(index: &Index) -> Result<Files> {
    let mut out = "{\"operations\":[\n".to_owned();
    let operations = index.operations.iter().map(serde_json::to_string).collect::<serde_json::Result<Vec<_>>>()?;
    write!(out, "{}\n],\"types\":{{\n", operations.join(",\n"))?;
    let mut types = Vec::new();
    for (name, definition) in &index.types {
        types.push(format!("{}:{}", serde_json::to_string(name)?, serde_json::to_string(definition)?));
    }
    write!(out, "{}\n}},\"ids\":{}}}\n", types.join(",\n"), serde_json::to_string(&index.ids)?)?;
    Ok(Files::from([("index/graphql.json".to_owned(), out)]))
}
