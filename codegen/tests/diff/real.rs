//! The checked-in schemas, in all the forms in which they can be given.

use crate::changes;
use glabflow_codegen::diff::change::{Area, Level};
use glabflow_codegen::diff::compare;
use glabflow_codegen::diff::source::Source;
use std::collections::BTreeSet;

/// A path below the repository's root.
fn root(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Source {
    Source::read(&root(path)).expect("it is a schema")
}

#[test]
fn a_folder_is_what_its_files_are() {
    let folder = read("schema");
    for file in ["schema/rest/openapi.json", "schema/graphql/schema.graphql"] {
        assert_eq!(changes(&folder, &read(file)), [], "{file}");
        assert_eq!(changes(&read(file), &folder), [], "{file}");
    }
}

#[test]
fn an_upgrade_over_years_is_told_with_stable_and_unique_ids() {
    let (old, new) = (read("schema/graphql/versions/16.3-ee.graphql"), read("schema/graphql/schema.graphql"));
    let found = changes(&old, &new);
    let ids: BTreeSet<&str> = found.iter().map(|change| change.id.as_str()).collect();
    assert_eq!(ids.len(), found.len(), "an id stands for two differences");
    assert_eq!(changes(&old, &new), found, "the same schemas give another report");
    let count = |level: Level| found.iter().filter(|change| change.level == level).count();
    assert!(count(Level::Breaking) > 100 && count(Level::Dangerous) > 100 && count(Level::Safe) > 1000);
    // GitLab announced in 15.x what it removed in 16.x and later.
    let announced = found.iter().filter(|change| change.id.starts_with("graphql-field-removed:"));
    assert!(announced.filter_map(|change| change.deprecation.as_ref()?.since.as_deref()).count() > 10);
}

#[test]
fn what_is_not_on_both_sides_is_said() {
    let report = compare(&read("schema"), &read("schema/graphql/schema.graphql"), None, None).expect("GraphQL is");
    assert_eq!(report.areas, [Area::Graphql]);
    assert!(report.notes[0].contains("REST is not compared"), "{:?}", report.notes);
    let error = compare(&read("schema/rest/openapi.json"), &read("schema/graphql/schema.graphql"), None, None);
    assert!(format!("{:#}", error.unwrap_err()).contains("nothing to compare"));
    let error = compare(&read("schema"), &read("schema/graphql/schema.graphql"), Some(Area::Rest), None);
    assert!(format!("{:#}", error.unwrap_err()).contains("REST"));
}
