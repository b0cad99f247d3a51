//! The command `ingest rest`: a small document for each repair, overlays, errors, and the checked-in schema.

use clap::Parser;
use glabflow_codegen::ingest::rest::{RestArgs, normal_form, repairs, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: RestArgs,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ingest")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs the command with arguments. Gives the summary, or the error with its causes.
fn ingest<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Result<String, String> {
    let command =
        Command::try_parse_from(std::iter::once("rest").chain(arguments)).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    run(&command.args, &mut out).map_err(|error| format!("{error:#}"))?;
    Ok(String::from_utf8(out).expect("the summary is text"))
}

/// The result of an ingest.
struct Outcome {
    document: String,
    report: Value,
}

fn ingest_file(file: &Path, more: &[&str]) -> Result<Outcome, String> {
    let folder = tempfile::tempdir().unwrap();
    let (out, report) = (folder.path().join("out.json"), folder.path().join("report.json"));
    let mut arguments =
        vec![file.to_str().unwrap(), "--out", out.to_str().unwrap(), "--report", report.to_str().unwrap()];
    arguments.extend(more);
    ingest(arguments)?;
    Ok(Outcome {
        document: std::fs::read_to_string(out).unwrap(),
        report: serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap(),
    })
}

fn ingest_text(text: &str, more: &[&str]) -> Result<Outcome, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("given.txt");
    std::fs::write(&file, text).unwrap();
    ingest_file(&file, more)
}

/// Writes an overlay and applies it to a small document.
fn with_overlay(overlay: &str) -> Result<Value, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("overlay.toml");
    std::fs::write(&file, overlay).unwrap();
    let outcome = ingest_file(&fixtures().join("overlay-base.yaml"), &["--overlay", file.to_str().unwrap()])?;
    Ok(serde_json::from_str(&outcome.document).unwrap())
}

/// The part of a document that differs between fixtures.
fn body(document: &str) -> &str {
    let start = document.find(" \"paths\": ").unwrap();
    &document[start..document.find("  \"securitySchemes\": ").unwrap()]
}

#[test]
fn each_repair_has_a_fixture_that_needs_it() {
    for (id, _) in repairs() {
        let outcome =
            ingest_file(&fixtures().join(format!("{id}.yaml")), &[]).unwrap_or_else(|error| panic!("{id}: {error}"));
        let applied = outcome.report["fixups"].as_array().unwrap();
        let applied =
            applied.iter().find(|applied| applied["id"] == id).unwrap_or_else(|| panic!("{id} was not needed"));
        let mut examples = String::new();
        for example in applied["examples"].as_array().unwrap() {
            examples.push_str(&format!("\n- {}", example.as_str().unwrap()));
        }
        let text = format!("{} times:{examples}\n\n{}", applied["count"], body(&outcome.document));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("fixtures/ingest/snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| insta::assert_snapshot!(id, text));
    }
}

#[test]
fn real_documents_are_ingested_without_exclusions() {
    for (name, operations) in [("real-swagger", 13), ("real-openapi", 5)] {
        let outcome = ingest_file(&fixtures().join(format!("{name}.yaml")), &[]).unwrap();
        assert_eq!(outcome.report["output"]["operations"], operations, "{name}");
        assert_eq!(outcome.report["exclusions"].as_array().unwrap().len(), 0, "{name}");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("fixtures/ingest/snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| insta::assert_snapshot!(name, body(&outcome.document)));
    }
}

#[test]
fn ingest_is_idempotent() {
    let mut files: Vec<PathBuf> = repairs().map(|(id, _)| fixtures().join(format!("{id}.yaml"))).collect();
    files.extend(["real-swagger.yaml", "real-openapi.yaml"].map(|name| fixtures().join(name)));
    let mut documents: Vec<String> = files.iter().map(|file| ingest_file(file, &[]).unwrap().document).collect();
    documents.push(std::fs::read_to_string(root().join("schema/rest/openapi.json")).unwrap());
    for document in documents {
        let again = ingest_text(&document, &[]).unwrap();
        assert_eq!(again.report["fixups"].as_array().unwrap().len(), 0, "{}", again.report["fixups"]);
        assert!(again.document == document, "the second run changes the document");
    }
}

#[test]
fn first_file_wins_and_later_files_add() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.json");
    std::fs::write(
        &other,
        r#"{"openapi": "3.0.0", "paths": {
            "/api/v4/projects/{project_id}/deploy_tokens": {"get": {"operationId": "other", "responses": {}}},
            "/api/v4/extra": {"get": {"responses": {}}}},
            "components": {"schemas": {"APIEntitiesDeployToken": {"type": "object", "properties": {"x": {"type": "string"}}}}}}"#,
    )
    .unwrap();
    let outcome = ingest_file(&fixtures().join("real-openapi.yaml"), &[other.to_str().unwrap()]).unwrap();
    assert_eq!(outcome.report["inputs"][1]["known_before"], 1);
    let exclusions = outcome.report["exclusions"].to_string();
    assert!(exclusions.contains("schema APIEntitiesDeployToken"), "{exclusions}");
    let document: Value = serde_json::from_str(&outcome.document).unwrap();
    assert_eq!(
        document["paths"]["/api/v4/projects/{id}/deploy_tokens"]["get"]["operationId"],
        "list_project_deploy_tokens"
    );
    assert_eq!(document["paths"]["/api/v4/extra"]["get"]["operationId"], "get_extra");
    assert!(document["paths"].get("/api/v4/projects/{project_id}/deploy_tokens").is_none());
}

#[test]
fn descriptions_are_kept_only_with_keep_docs() {
    let text = r##"{"openapi": "3.0.0", "info": {"description": "PROSE"}, "components": {"schemas": {
        "T": {"description": "PROSE", "title": "PROSE", "properties": {"title": {"type": "string", "example": "PROSE"}, "f": {"description": "Field text", "type": "string"}}}}},
        "paths": {"/api/v4/a": {"get": {"summary": "PROSE", "description": "Operation text",
        "parameters": [{"name": "q", "in": "query", "description": "Parameter text", "schema": {"type": "string"}}],
        "responses": {"200": {"description": "PROSE", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}}}}}}}"##;
    let plain = ingest_text(text, &[]).unwrap().document;
    assert!(!plain.contains("text\"") && !plain.contains("PROSE"), "{plain}");
    // A field may have the name of a member that holds prose.
    assert!(plain.contains("\"title\": {\"type\": \"string\"}"), "{plain}");
    let documented = ingest_text(text, &["--keep-docs"]).unwrap().document;
    for kept in ["Operation text", "Parameter text", "Field text"] {
        assert!(documented.contains(kept), "{kept}");
    }
}

#[test]
fn exclusions_have_reasons() {
    let text = r##"{"openapi": "3.0.0", "paths": {
        "/api/v4/a": {"get": {"responses": {}, "callbacks": {}}, "options": {"responses": {}}, "put": 3},
        "/api/v4/b/{}": {"get": {"responses": {}}},
        "/api/v4/c/{x}/{x}": {"get": {"responses": {}}},
        "/api/v4/d": {"get": {"responses": {}, "parameters": [{"name": "s", "in": "cookie"}, {"$ref": "#/nowhere"}]}},
        "/api/v4/(-/)e": {"get": {"responses": {}}}, "/api/v4/-/e": {"get": {"responses": {}}},
        "/api/v4/f": null}}"##;
    let report = ingest_text(text, &[]).unwrap().report;
    let exclusions: Vec<String> = report["exclusions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|exclusion| format!("{}: {}", exclusion["what"].as_str().unwrap(), exclusion["reason"].as_str().unwrap()))
        .collect();
    insta::assert_snapshot!(exclusions.join("\n"), @"
    /api/v4/f: the path's value is not an object
    GET /api/v4/-/e: the document has this call in two spellings; one is kept
    GET /api/v4/b/{}: the path has a parameter without a name, or a duplicate name
    GET /api/v4/c/{x}/{x}: the path has a parameter without a name, or a duplicate name
    GET /api/v4/d, a parameter: no name, or a reference to nothing
    GET /api/v4/d, cookie s: GitLab's API has no cookie parameters
    member `callbacks`: 1 places; not part of the normal form
    options /api/v4/a: not a method of GitLab's REST API
    put /api/v4/a: the operation is not an object
    ");
}

#[test]
fn errors_name_the_file_and_the_cause() {
    let error = |text: &str| ingest_text(text, &[]).err().expect("this is not a document");
    for (text, expected) in [
        (r#"{"openapi": "3.0.0", "paths": {"#, "truncated"),
        (r#"{"openapi": 3.0.0}"#, "line 1"),
        ("openapi: 3.0.0\npaths: [", "not valid YAML"),
        ("title: something else", "neither `openapi` nor `swagger`"),
        (r#"{"data": {"__schema": {}}}"#, "ingest graphql"),
        (r#"{"openapi": "3.1.0", "paths": {}}"#, "3.1.0 is not supported"),
        (r#"{"swagger": "1.2"}"#, "1.2 is not supported"),
        (r#"{"openapi": "3.0.0", "paths": {}}"#, "no operations"),
        ("", "empty"),
    ] {
        let message = error(text);
        assert!(message.contains(expected) && message.contains("given.txt"), "{text}: {message}");
    }
    let missing = ingest(["/nowhere/openapi.json"]).unwrap_err();
    assert!(missing.contains("cannot read /nowhere/openapi.json"), "{missing}");
}

#[test]
fn overlay_entries_change_their_targets() {
    let document = with_overlay(include_str!("fixtures/ingest/overlay-good.toml")).unwrap();
    let paths = &document["paths"];
    let list = &paths["/api/v4/things"]["get"];
    assert_eq!(
        list["x-gitlab-keyset"],
        serde_json::json!({"orders": ["id"], "sorts": ["asc"], "anonymous_only": true})
    );
    assert_eq!(list["x-gitlab-paginated"], true);
    assert_eq!(list["parameters"][0]["schema"]["enum"], serde_json::json!(["id", "name"]));
    let create = &paths["/api/v4/things"]["post"];
    assert_eq!(create["x-gitlab-idempotent"], true);
    assert_eq!(create["operationId"], "make_thing");
    assert_eq!(create["tags"], serde_json::json!(["widgets"]));
    assert_eq!(create["x-rust-method"], "make");
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["UpdateThingBody"]["properties"]["due_date"]["nullable"], true);
    assert_eq!(schemas["UpdateThingBody"]["properties"]["owner"]["allOf"][0]["$ref"], "#/components/schemas/Owner");
    assert_eq!(schemas["Thing"]["properties"]["id"], serde_json::json!({"type": "integer", "format": "int64"}));
    assert_eq!(
        paths["/api/v4/things/{id}"]["put"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/Thing"
    );
    let added = &paths["/api/v4/things/{id}/close"]["post"];
    assert_eq!(added["operationId"], "close_thing");
    assert_eq!(added["parameters"][0]["name"], "id");
    assert_eq!(
        added["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/CloseThingBody"
    );
    let alias = &paths["/api/v4/stuff"]["get"];
    assert_eq!(alias["x-gitlab-alias-of"], "/api/v4/things");
    assert_eq!(alias["parameters"], list["parameters"]);
}

#[test]
fn inapplicable_overlay_entry_is_an_error_that_names_it() {
    for (overlay, expected) in [
        (
            "[[keyset]]\nreason = 'r'\noperation = 'GET /gone'\norders = []\nsorts = []",
            "keyset 1 (GET /gone): the document has no such operation",
        ),
        ("[[keyset]]\nreason = ''\noperation = 'GET /things'\norders = []\nsorts = []", "it has no reason"),
        ("[[keyset]]\noperation = 'GET /things'\norders = []\nsorts = []", "missing field `reason`"),
        ("[[keyset]]\nreason = 'r'\noperation = 'GET /things'\norder = []\nsorts = []", "unknown field `order`"),
        ("[[clearable]]\nreason = 'r'\noperations = ['PUT /things/{id}']\nfields = ['title']", "changes nothing"),
        (
            "[[clearable]]\nreason = 'r'\noperations = ['PUT /things/{id}']\nfields = ['due_date', 'gone']",
            "the field gone",
        ),
        (
            "[[clearable]]\nreason = 'r'\noperations = ['PUT /gone/*']\nfields = ['due_date']",
            "no operation with a body matches",
        ),
        ("[[add]]\nreason = 'r'\noperation = 'GET /things'\nid = 'again'", "already has this operation"),
        (
            "[[add]]\nreason = 'r'\noperation = 'GET /new'\nid = 'list_things'\ntag = 't'",
            "has the id `list_things`, too",
        ),
        ("[[add]]\nreason = 'r'\noperation = 'GET /new/{x}'\nid = 'new'\ntag = 't'", "the path has {\"x\"}"),
        (
            "[[add]]\nreason = 'r'\noperation = 'GET /new'\nid = 'new'\ntag = 't'\nresponse = { '$ref' = '#/components/schemas/No' }",
            "there is no schema No",
        ),
        ("[[rename]]\nreason = 'r'\noperation = 'GET /things'\nid = 'list_things'", "already has this value"),
        ("[[rename]]\nreason = 'r'\noperation = 'GET /things'", "it sets no name"),
        (
            "[[enum]]\nreason = 'r'\ntarget = { operation = 'GET /things', parameter = 'no' }\nvalues = ['a']",
            "no parameter no",
        ),
        ("[[enum]]\nreason = 'r'\ntarget = { component = 'Thing', field = 'owner' }\nvalues = ['a']", "not a string"),
        (
            "[[type]]\nreason = 'r'\ntarget = { component = 'Thing', field = 'id' }\nschema = { type = 'string' }",
            "already has this value",
        ),
        ("[[response]]\nreason = 'r'\noperation = 'POST /things'", "already has this value"),
        ("[[idempotent]]\nreason = 'r'\noperations = ['POST things']\nvalue = true", "no such operation"),
        ("[[idempotent]]\nreason = 'r'\noperations = ['SEND /things']\nvalue = true", "`SEND` is not a method"),
    ] {
        let message = with_overlay(overlay).err().unwrap_or_else(|| panic!("{overlay} applied"));
        assert!(message.contains(expected), "{overlay}\n{message}");
    }
}

#[test]
fn manifest_describes_the_checked_in_schema() {
    let text = std::fs::read_to_string(root().join("schema/rest/openapi.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, manifest) = (folder.path().join("openapi.json"), folder.path().join("schema.toml"));
    std::fs::write(&file, &text).unwrap();
    std::fs::write(&manifest, "[graphql]\nversion = \"kept\"\n").unwrap();
    let (file, manifest_path) = (file.to_str().unwrap(), manifest.to_str().unwrap());
    ingest([file, "--out", file, "--manifest", manifest_path, "--gitlab-version", "18.x"]).unwrap();
    let fresh: toml::Table = std::fs::read_to_string(&manifest).unwrap().parse().unwrap();
    let checked_in: toml::Table = std::fs::read_to_string(root().join("schema/schema.toml")).unwrap().parse().unwrap();
    assert_eq!(fresh["rest"], checked_in["rest"]);
    assert_eq!(fresh["graphql"]["version"].as_str(), Some("kept"));
}

#[test]
fn keyset_lists_are_the_documented_ones() {
    let text = std::fs::read_to_string(root().join("schema/rest/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter.get("x-gitlab-keyset").is_none(), "{method} {path}");
            }
            if operation.get("x-gitlab-keyset").is_some() {
                found.insert(format!("{method} {path}"));
            }
        }
    }
    let expected = [
        "/audit_events",
        "/groups",
        "/groups/{id}/audit_events",
        "/projects",
        "/projects/{id}/audit_events",
        "/projects/{id}/issues",
        "/projects/{id}/jobs",
        "/projects/{id}/packages/{package_id}/pipelines",
        "/projects/{id}/registry/repositories/{repository_id}/tags",
        "/projects/{id}/repository/tree",
        "/users",
    ];
    assert_eq!(found, expected.iter().map(|path| format!("get /api/v4{path}")).collect());
}

#[test]
fn schema_referenced_by_an_unknown_member_only_is_dropped() {
    let golden = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/openapi.json"));
    let golden = golden.expect("the sample schema is there");
    let (before, after) = golden.split_once("\"assignees\"").expect("a list");
    let odd = format!("{before}\"assignees\"{}", after.replacen("\"items\"", "\"ittems\"", 1));
    let once = normal_form(odd.as_bytes()).expect("a document");
    assert!(!once.contains("\"Assignee\""), "{once}");
    assert_eq!(normal_form(once.as_bytes()).expect("a document"), once);
}
