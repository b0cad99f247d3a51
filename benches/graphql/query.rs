//! Building documents, checking them against the schema, and estimating their cost.

use divan::Bencher;
use glabflow::graphql::builder::{Document, Query, var};
use serde_json::Map;

fn build() -> Document {
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
    query.build().expect("a valid document")
}

#[divan::bench]
fn build_and_check() -> Document {
    build()
}

#[divan::bench]
fn parse_and_check(bencher: Bencher<'_, '_>) {
    let document = build();
    bencher.bench(|| Document::parse(divan::black_box(document.text())).expect("a valid document"));
}

#[divan::bench]
fn estimate(bencher: Bencher<'_, '_>) {
    let (document, variables) = (build(), Map::new());
    bencher.bench(|| document.estimate(divan::black_box(&variables)));
}
