//! From the GraphQL index to files: Rust and documents for `generated/graphql`, JSON for `generated/index`.
//!
//! - `operations` writes one module for each area, `types` the types that they use, `package` what holds them together.
//! - `rust_type` says which Rust type a schema type is; doc comments and layout are those of the REST half.

mod areas;
mod docs;
mod operations;
mod package;
mod rust_type;
pub mod schema_table;
mod types;

use crate::emit::facts::Facts;
use crate::emit::files::{Files, Job, run};
use anyhow::Result;
use glabflow_contract::index::graphql::{Index, Operation};
use std::fmt::Write;

/// All generated files of an index.
///
/// # Errors
/// When what is emitted is not Rust, which is a defect of the generator.
pub fn files(index: &Index, facts: &Facts) -> Result<Files> {
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

/// What the index crate's root module has besides the REST half.
pub const INDEX_LIBRARY: &str = r#"
/// The operations and types of GitLab's GraphQL API, parsed when they are first asked for.
///
/// ```
/// let index = glabflow_index::GRAPHQL.get();
/// let operation = index.operation("project_pipelines").expect("it is in the index");
/// assert_eq!(operation.path, ["project", "pipelines"]);
/// ```
pub static GRAPHQL: glabflow_contract::index::graphql::Lazy =
    glabflow_contract::index::graphql::Lazy::new(include_str!("../graphql.json"));
"#;

/// The index as JSON, one operation and one type on a line, so that a change of the schema is a readable diff.
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
