//! Measures what the builder costs: `cargo run --release -p glabflow-document --example measure`.

use glabflow_document::{Document, Query, Schema, var};
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

const ROUNDS: u32 = 1000;

fn build() -> Option<Document> {
    let query = Query::new("Issues").variable("path", "ID!").variable("after", "String").field("project", |project| {
        project.arg("fullPath", var("path")).fields(["id", "name"]).field("issues", |issues| {
            issues
                .arg("first", 50)
                .arg("after", var("after"))
                .field("nodes", |issue| {
                    issue
                        .fields(["id", "iid", "title", "state", "webUrl", "createdAt"])
                        .field("author", |author| author.fields(["id", "username"]))
                        .field("labels", |labels| labels.field("nodes", |label| label.fields(["title"])))
                })
                .field("pageInfo", |page| page.fields(["endCursor", "hasNextPage"]))
        })
    });
    query.build().ok()
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let start = Instant::now();
    let types = Schema::get().types().len();
    writeln!(out, "reading the schema, {types} types: {:?}", start.elapsed())?;
    let Some(document) = build() else { return writeln!(out, "the document is not valid") };
    let mut measure = |what: &str, work: &dyn Fn()| {
        let start = Instant::now();
        (0..ROUNDS).for_each(|_| work());
        writeln!(out, "{what}: {:?}", start.elapsed() / ROUNDS)
    };
    measure("building", &|| drop(black_box(build())))?;
    measure("parsing and checking", &|| drop(black_box(Document::parse(document.text()))))?;
    measure("estimating", &|| drop(black_box(document.estimate(&serde_json::Map::new()))))
}
