//! From the GraphQL index to files: Rust and documents for `generated/graphql`, JSON for `generated/index`.
//!
//! - `operations` writes one module for each area, `types` the types that they use, `krate` what holds them together.
//! - `rust` says which Rust type a schema type is; doc comments and layout are those of the REST half.

mod docs;
mod krate;
mod operations;
pub(crate) mod rust;
mod types;

use super::{Facts, Files, Job, run};
use anyhow::Result;
use glabflow_contract::index::graphql::{Index, Operation};
use std::collections::BTreeMap;
use std::fmt::Write;

/// All generated files of an index.
///
/// # Errors
/// When what is emitted is not Rust, which is a defect of the generator.
pub fn files(index: &Index, facts: &Facts) -> Result<Files> {
    let areas = areas(index);
    let mut jobs: Vec<Job<'_>> = vec![
        Box::new(|| json(index)),
        Box::new(|| Ok(documents(index))),
        Box::new(|| krate::files(index, &areas, facts)),
        Box::new(|| types::files(index, &areas)),
    ];
    for (area, operations) in &areas {
        jobs.push(Box::new(move || operations::file(index, area, operations)));
    }
    run(jobs)
}

type Areas<'a> = BTreeMap<&'a str, Vec<&'a Operation>>;

/// The operations of each area, both in the index's order.
fn areas(index: &Index) -> Areas<'_> {
    let mut areas = Areas::new();
    for operation in &index.operations {
        areas.entry(&operation.area).or_default().push(operation);
    }
    areas
}

/// Where an operation's document stands, below the crate's folder.
fn document_path(operation: &Operation) -> String {
    format!("documents/{}/{}.graphql", operation.area, operation.id)
}

fn documents(index: &Index) -> Files {
    let file = |operation: &Operation| (format!("graphql/{}", document_path(operation)), operation.document.clone());
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
