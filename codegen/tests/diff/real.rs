//! The checked-in schemas, in each form that `diff` accepts.

use crate::changes;
use glabflow_codegen::diff::change::Change;
use glabflow_codegen::diff::compare;
use glabflow_codegen::diff::kind::Kind;
use glabflow_codegen::diff::level::{Area, Level};
use glabflow_codegen::diff::source::Source;
use std::time::{Duration, Instant};

/// A path below the repository's root.
fn root(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Source {
    Source::read(&root(path)).expect("it is a schema")
}

#[test]
fn folder_equals_its_files() {
    let folder = read("schema");
    for file in ["schema/rest/openapi.json", "schema/graphql/schema.graphql"] {
        assert_eq!(changes(&folder, &read(file)), [], "{file}");
        assert_eq!(changes(&read(file), &folder), [], "{file}");
    }
}

#[test]
fn large_upgrade_is_symmetric_deterministic_and_fast() {
    let (old, new) = (read("schema/graphql/versions/16.3-ee.graphql"), read("schema/graphql/schema.graphql"));
    let timed = || {
        let start = Instant::now();
        (changes(&old, &new), start.elapsed())
    };
    let ((found, first), (again, second)) = (timed(), timed());
    assert_eq!(again, found, "the same schemas give another report");
    // A release build takes a quarter of a second. A debug build on a busy machine gets more time, and a second attempt.
    let took = first.min(second);
    assert!(took < Duration::from_secs(20), "{took:?}");
    // What is added in one direction is removed in the other: nothing is reported twice or omitted.
    let back = changes(&new, &old);
    let places = |changes: &[Change], kind: Kind| -> Vec<String> {
        changes.iter().filter(|change| change.kind == kind).map(|change| change.coordinate.clone()).collect()
    };
    for (came, went) in [
        (Kind::GraphqlTypeAdded, Kind::GraphqlTypeRemoved),
        (Kind::GraphqlFieldAdded, Kind::GraphqlFieldRemoved),
        (Kind::GraphqlEnumValueAdded, Kind::GraphqlEnumValueRemoved),
        (Kind::GraphqlUnionMemberAdded, Kind::GraphqlUnionMemberRemoved),
        (Kind::GraphqlFieldNonNull, Kind::GraphqlFieldNullable),
    ] {
        for (one, other) in [(&found, &back), (&back, &found)] {
            let (mut came, mut went) = (places(one, came), places(other, went));
            came.sort();
            went.sort();
            assert_eq!(came, went);
        }
    }
    let count = |level: Level| found.iter().filter(|change| change.level == level).count();
    assert!(count(Level::Breaking) > 100 && count(Level::Dangerous) > 100 && count(Level::Safe) > 1000);
    // GitLab announced in 15.x the removals of 16.x and later.
    let announced = found.iter().filter(|change| change.id.starts_with("graphql-field-removed:"));
    assert!(announced.filter_map(|change| change.deprecation.as_ref()?.since.as_deref()).count() > 10);
}

#[test]
fn areas_on_one_side_only_are_noted_or_rejected() {
    let report = compare(&read("schema"), &read("schema/graphql/schema.graphql"), None, None).expect("GraphQL is");
    assert_eq!(report.areas, [Area::Graphql]);
    assert!(report.notes[0].contains("REST is not compared"), "{:?}", report.notes);
    let error = compare(&read("schema/rest/openapi.json"), &read("schema/graphql/schema.graphql"), None, None);
    assert!(format!("{:#}", error.unwrap_err()).contains("nothing to compare"));
    let error = compare(&read("schema"), &read("schema/graphql/schema.graphql"), Some(Area::Rest), None);
    assert!(format!("{:#}", error.unwrap_err()).contains("REST"));
}

/// A fixture with a change, as a file that `diff` reads.
fn changed(fixture: &str, ending: &str, change: impl FnOnce(&str) -> String) -> (String, tempfile::TempDir) {
    let path = root(&format!("codegen/tests/fixtures/ingest/{fixture}"));
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(&path).expect("the fixture is there");
    let changed = change(&text);
    assert_ne!(changed, text, "the fixture does not have what is changed");
    std::fs::write(folder.path().join(ending), changed).expect("the file can be written");
    (path, folder)
}

fn ids(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (Source::read(old).expect("a schema"), Source::read(new).expect("a schema"));
    assert_eq!(changes(&old, &old), [], "a schema differs from itself");
    changes(&old, &new).into_iter().map(|change| change.id).collect()
}

#[test]
fn raw_swagger_can_be_compared() {
    let (old, folder) = changed("real-swagger.yaml", "new.yaml", |text| {
        text.replacen("default: 20", "default: 50", 1).replacen("        '403': {}\n", "", 1)
    });
    let new = folder.path().join("new.yaml").display().to_string();
    let expected = [
        "rest-input-default-changed:GET /admin/ci/variables query:per_page",
        "rest-error-status-changed:GET /groups/{id}/-/packages/debian/dists/{distribution}/Release",
    ];
    assert_eq!(ids(&old, &new), expected);
}

#[test]
fn introspection_responses_can_be_compared() {
    let (old, folder) = changed("graphql/described.json", "new.json", |text| {
        let mut response: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        let types = response["data"]["__schema"]["types"].as_array_mut().expect("types");
        let project = types.iter_mut().find(|ty| ty["name"] == "Project").expect("there is a project");
        project["fields"].as_array_mut().expect("fields").pop();
        response.to_string()
    });
    let new = folder.path().join("new.json").display().to_string();
    assert_eq!(ids(&old, &new), ["graphql-field-removed:Project.blank"]);
}
