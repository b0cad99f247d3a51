//! Queries in a folder.

use glabflow_document::{Document, Saved, SavedError, SavedQuery};
use serde_json::{Map, json};
use std::fs;

fn query() -> SavedQuery {
    let text = "query Issues($path: ID!, $n: Int) { project(fullPath: $path) { issues(first: $n) { count } } }";
    let variables = json!({"n": 5}).as_object().cloned().unwrap_or_default();
    SavedQuery { document: Document::parse(text).expect("valid"), variables }
}

#[test]
fn queries_are_saved_listed_loaded_and_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = Saved::new(folder.path().join("queries"));
    assert_eq!(saved.list().expect("a missing folder has no queries"), Vec::<String>::new());
    saved.save("issues", &query()).expect("saved");
    saved.save("another-1", &query()).expect("saved");
    assert_eq!(saved.list().expect("listed"), ["another-1", "issues"]);
    assert_eq!(saved.load("issues").expect("loaded"), query());
    let replaced = SavedQuery { variables: Map::new(), ..query() };
    saved.save("issues", &replaced).expect("replaced");
    assert_eq!(saved.load("issues").expect("loaded"), replaced);
    saved.delete("issues").expect("deleted");
    assert!(matches!(saved.load("issues"), Err(SavedError::Missing { .. })));
    assert!(matches!(saved.delete("issues"), Err(SavedError::Missing { .. })));
    let files: Vec<_> = fs::read_dir(folder.path().join("queries")).expect("a folder").collect();
    assert_eq!(files.len(), 2, "no temporary files are left");
}

#[test]
fn names_cannot_leave_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = Saved::new(folder.path());
    for name in ["", "..", "../x", "a/b", "a\\b", "/etc/x", "x.y", "-x", "é", "a\0", &"x".repeat(101)] {
        assert!(matches!(saved.save(name, &query()), Err(SavedError::Name { .. })), "{name:?}");
        assert!(matches!(saved.load(name), Err(SavedError::Name { .. })), "{name:?}");
        assert!(matches!(saved.delete(name), Err(SavedError::Name { .. })), "{name:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn invalid_queries_are_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = Saved::new(folder.path());
    let mut wrong = query();
    wrong.variables.insert("n".to_owned(), json!("many"));
    assert!(matches!(saved.save("a", &wrong), Err(SavedError::Invalid { .. })));
    wrong.variables = json!({"unknown": 1}).as_object().cloned().unwrap_or_default();
    assert!(matches!(saved.save("a", &wrong), Err(SavedError::Invalid { .. })));

    saved.save("a", &query()).expect("saved");
    fs::write(folder.path().join("a.json"), "[]").expect("written");
    assert!(matches!(saved.load("a"), Err(SavedError::Variables { .. })));
    fs::write(folder.path().join("a.json"), "{\"n\": true}").expect("written");
    assert!(matches!(saved.load("a"), Err(SavedError::Invalid { .. })));
    fs::remove_file(folder.path().join("a.json")).expect("removed");
    assert!(saved.load("a").expect("values are optional").variables.is_empty());
    fs::write(folder.path().join("a.graphql"), "{ gone }").expect("written");
    let error = saved.load("a").expect_err("not valid");
    let source = std::error::Error::source(&error).expect("the source").to_string();
    assert!(source.contains("`Query` has no field `gone`"), "{source}");
}
