//! Parsing, printing, checking and pricing GraphQL documents never panics, whatever the text is.

use glabflow_document::{Document, on_one_line, parse_document, parse_selections, untyped_score};
use glabflow_fuzz::{Near, fuzz};
use serde_json::{Map, Value, json};

const SEEDS: &[&str] = &[
    "query Q($path: ID!, $first: Int = 20) { project(fullPath: $path) { id ...F issues(first: $first) { nodes { iid } } } }
     fragment F on Project { name namespace { fullPath } }",
    "mutation { createIssue(input: {projectPath: \"a\", title: \"b\", labels: [\"x\", \"y\"]}) { issue { id } errors } }",
    "{ a: users(usernames: [\"x\"], first: 5) { nodes { ... on User @include(if: true) { id username } } pageInfo { endCursor } } }",
    "subscription S($id: IssuableID!) { issuableTitleUpdated(issuableId: $id) { ... on Issue { title } } }",
    "id namespace { id } issues(first: 20, labels: [\"x\"]) { nodes { iid ... on Issue @skip(if: false) { title } } }",
    "query { __schema { types { name } } __typename currentUser { id } queryComplexity { score limit } }",
];

const WORDS: &[&str] = &[
    "query ",
    "mutation ",
    "subscription ",
    "fragment F on Project ",
    "...F",
    "... on User ",
    "@include(if: $a)",
    "@skip(if: true)",
    "{ ",
    " }",
    "(",
    ")",
    "$a",
    ": ",
    "= ",
    "[",
    "]",
    "!",
    "\"",
    "\"\"\"",
    "\\\"\"\"",
    "\\u{1F600}",
    "\\ud83d",
    "\\u0000",
    "#",
    ",",
    "null",
    "true",
    "1e400",
    "-0",
    "9223372036854775808",
    "0.1",
    "first: 100",
    "fullPath: \"a\"",
    "project",
    "issues",
    "nodes",
    "id",
    "{ nodes { id } }",
    "{ project(fullPath: \"a\") ",
    "a: ",
    "opened",
    "\u{feff}",
    "\r\n",
    "\u{e9}",
    "$path: ID!",
    "[[[",
    "{a: {a: ",
    "{a ",
    "...{",
];

fn document(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    selections(&text);
    let tree = parse_document(&text).map(|tree| tree.to_string());
    if let Ok(printed) = &tree {
        let again = parse_document(printed).map(|tree| tree.to_string());
        assert_eq!(again.as_ref(), Ok(printed));
    }
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(invalid) => {
            assert!(!invalid.to_string().is_empty());
            return;
        }
    };
    assert!(tree.is_ok(), "a valid document is GraphQL");
    let values: Map<String, Value> = document.variables().map(|(name, _)| (name.to_owned(), json!("a"))).collect();
    let _ = document.check_variables(&values);
    let _ = document.check_variables(&Map::new());
    let estimate = document.estimate(&values);
    assert!(document.depth() >= 1 && !format!("{estimate:?}{document:?}").is_empty());
    // Printing and parsing gives the same document. The question for the score has a price.
    if let Some(asking) = document.asking_score() {
        let again = Document::parse(asking.text()).expect("a printed document is valid");
        assert_eq!(again.text(), asking.text());
        assert_eq!(again.estimate(&values).complexity, asking.estimate(&values).complexity);
    }
}

fn selections(text: &str) {
    if let Ok(selections) = parse_selections(text) {
        let line = on_one_line(&selections);
        let again = parse_selections(&line).expect("printed selections are selections");
        assert_eq!(on_one_line(&again), line);
        assert_eq!(untyped_score(&again), untyped_score(&selections));
    }
}

#[test]
fn graphql_documents() {
    fuzz!(Near::texts(SEEDS.iter().copied()).words(WORDS.iter().copied()), document);
}

#[test]
fn values_of_variables() {
    let document = Document::parse(SEEDS[0]).expect("a document");
    let json = ["{\"path\": \"a/b\", \"first\": 3}", "{\"path\": 1, \"first\": null}"];
    let words = ["null", "\"path\": ", "\"first\": ", "1e9", "-1", "[", "{", "\"", ":", ",", "2147483648", "1.0"];
    fuzz!(Near::texts(json).words(words), |bytes: &[u8]| {
        if let Ok(values) = serde_json::from_slice::<Map<String, Value>>(bytes) {
            let _ = document.check_variables(&values);
            let estimate = document.estimate(&values);
            assert!(estimate.complexity >= 1);
        }
    });
}
