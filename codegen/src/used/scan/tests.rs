//! What the scan finds in source, and what it does not find.

use super::*;
use crate::diff::level::Area;
use crate::diff::source::Source;

const REST: &str = r#"{"openapi": "3.0.0", "paths": {
        "/api/v4/projects": {
            "get": {"operationId": "list_projects", "tags": ["projects"], "responses": {"200": {"description": ""}}},
            "post": {"operationId": "create_project", "tags": ["projects"], "responses": {"201": {"description": ""}}}},
        "/api/v4/projects/{id}": {
            "get": {"operationId": "get_project", "tags": ["projects"], "responses": {"200": {"description": ""}},
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}]}},
        "/api/v4/projects/all": {
            "get": {"operationId": "list_all_projects", "tags": ["projects"], "responses": {"200": {"description": ""}}}}
    }}"#;
const GRAPHQL: &str = "type Query { version: String, projectName: String }";

fn uses(source: &str) -> (Vec<String>, Vec<String>, usize) {
    let source_schema = Source::of_texts("test", Some(REST), Some(GRAPHQL));
    let schemas = source_schema.schemas(&[Area::Rest, Area::Graphql], None).unwrap();
    let found = Names::of(&schemas).rust(source).unwrap();
    let rest = &schemas.rest.as_ref().unwrap().operations;
    let graphql = &schemas.graphql.as_ref().unwrap().index.operations;
    (
        found.rest.iter().map(|at| rest[*at].id.clone()).collect(),
        found.graphql.iter().map(|at| graphql[*at].id.clone()).collect(),
        found.documents.len(),
    )
}

fn rest(source: &str) -> Vec<String> {
    uses(source).0
}

#[test]
fn operations_are_found_in_each_form_of_call() {
    for source in [
        "fn f() { gl.projects().list(); }",
        "fn f() { gl\n    .projects()\n    // here\n    .list()\n    .archived(true); }",
        "fn f() { println!(\"{}\", gl.projects().list().count()); }",
        "fn f() { let projects = gl.projects(); projects.list(); }",
        "fn f() { Projects::new(caller).list(); }",
        "use glabflow::rest::projects::ListProjects;",
        "fn f() { gl.get(\"/projects\"); }",
        "fn f() { gl.get(\"projects\"); }",
        "fn f() { gl.get(\"api/v4/projects/\"); }",
        "fn f() { gl.get(\"/api/v4/projects\"); }",
        "fn f() { gl.raw(Method::Get, \"/projects?archived=true\"); }",
        "fn f() { gl.raw(Method::Get, \"projects?archived=true\"); }",
        "fn f() { index.find(\"list_projects\"); }",
        "#!/usr/bin/env run\nfn f() { gl.projects().list(); }",
    ] {
        assert_eq!(rest(source), ["list_projects"], "{source}");
    }
}

#[test]
fn uncalled_operations_are_not_found() {
    assert!(rest("fn f() { // gl.projects().list()\n let projects = vec.projects; list(); }").is_empty());
    assert!(rest("fn f() { gl.issues().list(); x.get(\"list\"); map.get(\"/other\"); }").is_empty());
    assert!(
        rest("fn f() { map.get(&format!(\"{key}\")); map.get(\"{}/{}\"); gl.get(\"api/v4projects\"); }").is_empty()
    );
}

#[test]
fn literal_paths_win_over_parameters() {
    assert_eq!(rest("fn f() { gl.get(\"/projects/all\"); }"), ["list_all_projects"]);
    assert_eq!(rest("fn f() { gl.get(&format!(\"/projects/{}\", id)); }"), ["get_project"]);
    assert_eq!(rest("fn f() { gl.get(\"/projects/7\"); }"), ["get_project"]);
    assert_eq!(rest("fn f() { gl.get(\"projects/group%2Fproject\"); }"), ["get_project"]);
    assert_eq!(rest("fn f() { gl.get(format!(\"projects/{id}\")); }"), ["get_project"]);
}

#[test]
fn loaders_count_as_uses_of_their_operations() {
    let schema = "type Query { projects(fullPaths: [String!]): ProjectConnection project(fullPath: ID!): Project }
            type ProjectConnection { nodes: [Project], pageInfo: PageInfo! } type PageInfo { hasNextPage: Boolean! }
            type Project { id: ID!, issues: IssueConnection }
            type IssueConnection { nodes: [Issue], pageInfo: PageInfo! } type Issue { id: ID! }";
    let rest = REST.replace("list_projects", "list_issues").replace("projects", "issues");
    let schemas = Source::of_texts("test", Some(&rest), Some(schema));
    let schemas = schemas.schemas(&[Area::Rest, Area::Graphql], None).unwrap();
    let names = Names::of(&schemas);
    let operations = &schemas.graphql.as_ref().unwrap().index.operations;
    let found = |source: &str| -> Vec<&str> {
        names.rust(source).unwrap().graphql.iter().map(|at| operations[*at].id.as_str()).collect()
    };
    assert_eq!(found("fn f() { gl.graphql().loaders().projects_by_path().load(path); }"), ["projects"]);
    assert_eq!(found("fn f(loaders: &Loaders) { loaders.issues(); }"), ["project_issues"]);
    assert!(found("fn f() { gl.issues().list(); projects_by_path(); }").is_empty());
}

#[test]
fn all_loaders_of_the_client_are_known() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/graphql/loader/presets.rs");
    let source = std::fs::read_to_string(path).unwrap();
    let loaders: Vec<(&str, &str)> = source
        .split("pub fn ")
        .skip(1)
        .map(|text| (text.split_once('(').unwrap().0, text.split_once("of::<_, ").unwrap().1))
        .map(|(name, ty)| (name, ty.split_once('>').unwrap().0.rsplit_once("::").unwrap().1))
        .collect();
    assert_eq!(loaders, LOADERS);
}

#[test]
fn graphql_is_found_as_struct_text_and_builder() {
    assert_eq!(uses("fn f() { gl.execute(ProjectNameQuery::new()); }").1, ["project_name"]);
    assert_eq!(uses("const Q: &str = r#\"query Q { version }\"#;").2, 1);
    assert_eq!(uses("const Q: &str = \"{ version }\";").2, 1);
    assert_eq!(uses("fn f() { let q = Query::new(\"Q\").field(\"version\", |v| v).build()?; }").2, 1);
    assert_eq!(uses("const Q: &str = \"query this table\"; const R: &str = \"{\\\"a\\\": 1}\";").2, 0);
    assert!(Names::default().rust("fn f( {").unwrap_err().contains("not Rust"));
}

#[test]
fn graphql_files_are_recognised_as_documents_or_schemas() {
    assert_eq!(Scanned::document("query Q { version }".to_owned()).unwrap().documents.len(), 1);
    assert_eq!(Scanned::document(GRAPHQL.to_owned()).unwrap(), Scanned::default());
    assert!(Scanned::document("nonsense {".to_owned()).is_err());
}
