//! Every GraphQL operation that the forerunner claims and whose root field GitLab has is an operation of ours.
//!
//! `tests/fixtures/peer/graphql-operations.json` lists them all. Those with a counterpart name our operation, the one for
//! the connection where theirs reads one; the others say why there is none.

use glabflow_codegen::ingest::graphql;
use glabflow_codegen::output::Folders;
use glabflow_codegen::schema_dir::layout::GRAPHQL_SCHEMA;
use serde::Deserialize;
use std::path::Path;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    name: String,
    kind: String,
    root: String,
    operation: Option<String>,
    unknown: Option<String>,
}

#[test]
fn each_known_operation_of_the_peer_has_a_counterpart() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = Folders { schema: root.join("schema"), out: root.join("generated") };
    let index = folders.graphql_model().expect("the schema is understood");
    let schema = std::fs::read_to_string(folders.schema.join(GRAPHQL_SCHEMA)).expect("the schema is there");
    let schema = graphql::parse(&schema).expect("the schema is understood");
    let fixture = std::fs::read_to_string(root.join("tests/fixtures/peer/graphql-operations.json"))
        .expect("the fixture is there");
    let claims: Vec<Claim> = serde_json::from_str(&fixture).expect("the fixture is a list of claims");

    let mut known = 0;
    for claim in &claims {
        let root = match claim.kind.as_str() {
            "query" => Some(&schema.query),
            "mutation" => schema.mutation.as_ref(),
            other => panic!("{}: a {other}", claim.name),
        };
        let exists =
            schema.fields(root.expect("the root exists")).is_some_and(|fields| fields.contains_key(&claim.root));
        match (&claim.operation, &claim.unknown) {
            (Some(id), None) => {
                let operation = index.operation(id).unwrap_or_else(|| panic!("{}: we have no {id}", claim.name));
                assert!(exists, "{}: the schema has no {}", claim.name, claim.root);
                assert_eq!(operation.path[0], claim.root, "{}", claim.name);
                assert_eq!(operation.kind.as_str(), claim.kind, "{}", claim.name);
                known += 1;
            }
            (None, Some(why)) => {
                assert!(!exists, "{}: {} is in the schema now", claim.name, claim.root);
                assert!(!why.is_empty(), "{}", claim.name);
            }
            _ => panic!("{}: either our operation or why there is none", claim.name),
        }
    }
    assert_eq!((claims.len(), known), (581, 546), "all claims, and those with a counterpart");
}
