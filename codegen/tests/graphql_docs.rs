//! Descriptions of a GraphQL schema, from the introspection of a server to doc comments.

use glabflow_codegen::diff::source::Source;
use glabflow_codegen::emit::SchemaInfo;
use glabflow_codegen::ingest::graphql;
use glabflow_codegen::output::{Generated, GraphqlSchema};
use glabflow_codegen::schema_dir::layout;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use syn::visit_mut::VisitMut;

/// An introspection whose descriptions contain syntax of GraphQL, Markdown, rustdoc or Rust.
fn response() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ingest/graphql/described.json");
    fs::read_to_string(path).expect("the fixture is there")
}

fn sdl(response: &str, keep_docs: bool) -> String {
    let (schema, _) = graphql::documents(&[("response".to_owned(), response.to_owned())], keep_docs).expect("a schema");
    graphql::print(&schema)
}

fn generated(sdl: &str) -> BTreeMap<String, String> {
    let rules = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("selection.toml")).expect("the rules");
    let texts = GraphqlSchema { schema: sdl.to_owned(), selection: format!("missing = \"ignore\"\n{rules}") };
    let manifest = ("manifest.json".to_owned(), "{}".to_owned());
    let mut generated = Generated { files: BTreeMap::from([manifest]), features: String::new() };
    generated.add_graphql(&texts, &SchemaInfo::default()).expect("generated");
    generated.files
}

/// Removes doc comments.
struct Bare;

impl VisitMut for Bare {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
        attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    }
}

/// The tokens of a file without its doc comments.
fn bare(name: &str, source: &str) -> String {
    let mut file = syn::parse_file(source).unwrap_or_else(|error| panic!("{name}: {error}\n{source}"));
    Bare.visit_file_mut(&mut file);
    quote::quote!(#file).to_string()
}

#[test]
fn descriptions_become_doc_comments() {
    let sdl = sdl(&response(), true);
    insta::assert_snapshot!("sdl", sdl);
    apollo_compiler::Schema::parse_and_validate(sdl.as_str(), "described.graphql").expect("a valid schema");
    let files = generated(&sdl);
    let rust = files.iter().filter(|(path, _)| path.ends_with(".rs") && path.starts_with("graphql/src/"));
    let rust = rust.filter(|(_, source)| source.contains("Project") || source.contains("Visibility"));
    let shown: Vec<String> = rust.map(|(path, source)| format!("===== {path}\n{source}")).collect();
    insta::assert_snapshot!("rust", shown.concat());
}

#[test]
fn schemas_without_docs_have_no_descriptions() {
    let facts = sdl(&response(), false);
    assert!(!facts.contains('"'), "{facts}");
    assert_eq!(sdl(&sdl(&response(), true), false), facts, "descriptions can be removed");
}

#[test]
fn changed_descriptions_are_no_differences() {
    let (described, facts) = (sdl(&response(), true), sdl(&response(), false));
    let other = described.replace("Changes a project.", "Does something else.");
    assert_ne!(other, described);
    for (old, new) in [(&described, &facts), (&facts, &described), (&described, &other)] {
        let source = |text: &str| Source::of_texts("schema", None, Some(text));
        let report = glabflow_codegen::diff::compare(&source(old), &source(new), None, None).expect("compared");
        assert!(report.changes.is_empty(), "{:?}", report.changes);
    }
}

/// The code does not depend on the descriptions.
#[test]
fn descriptions_do_not_change_the_code() {
    let without = generated(&sdl(&response(), false));
    let response: serde_json::Value = serde_json::from_str(&response()).expect("JSON");
    let check = |text: String| {
        let mut response = response.clone();
        describe(&mut response, &text);
        let with = generated(&sdl(&response.to_string(), true));
        prop_assert_eq!(with.len(), without.len());
        for ((path, with), without) in with.iter().zip(without.values()) {
            if path.ends_with(".rs") {
                prop_assert_eq!(bare(path, with), bare(path, without), "{}", path);
            } else if !path.ends_with(".json") {
                prop_assert_eq!(with, without, "{}", path);
            }
        }
        Ok(())
    };
    let texts = r#"([ -~]|["\\\n\r\t/*#`]|\PC|\p{C}|"""|\*/|\r\n){0,30}"#;
    let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&texts, check).expect("it holds");
}

/// Sets all descriptions in an introspection to the same text.
fn describe(value: &mut serde_json::Value, text: &str) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "description" => *member = text.into(),
                    _ => describe(member, text),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| describe(item, text)),
        _ => {}
    }
}

#[test]
fn checked_in_schema_has_no_descriptions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema").join(layout::GRAPHQL_SCHEMA);
    let text = fs::read_to_string(folder).expect("the schema is there");
    let mut schema = graphql::parse(&text).expect("understood");
    let before = schema.clone();
    schema.drop_docs();
    assert_eq!(schema, before);
}
