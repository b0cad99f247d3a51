//! The cases in `cases/`: two schemas each, and the difference that must be found between them.
//!
//! A case is a folder `cases/AREA/NAME` with the schemas `old` and `new`, as `.graphql` or `.yaml`, and `expected.toml`.

use crate::changes;
use glabflow_codegen::diff::change::Change;
use glabflow_codegen::diff::kind::Kind;
use glabflow_codegen::diff::level::Area;
use glabflow_codegen::diff::source::Source;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

struct Case {
    name: String,
    old: Source,
    new: Source,
    expected: Expected,
}

/// What must be found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The code of the kind of difference.
    kind: String,
    coordinate: String,
    /// The level on the wire.
    wire: String,
    /// The effects on Rust, without the crate's module before the item.
    #[serde(default)]
    rust: Vec<String>,
    /// The ids of all other differences between the two.
    #[serde(default)]
    also: Vec<String>,
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The entries of a folder, in order.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry of the folder").path()).collect();
    paths.sort();
    paths
}

/// All cases of an area. The folder must not be empty.
fn cases(area: Area) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff/cases").join(area.as_str());
    let cases: Vec<Case> = entries(&folder).iter().map(|folder| case(area, folder)).collect();
    assert!(!cases.is_empty(), "{} has no case", folder.display());
    cases
}

fn case(area: Area, folder: &Path) -> Case {
    let source = |side: &str| match area {
        Area::Rest => Source::of_texts(side, Some(&read(&folder.join(format!("{side}.yaml")))), None),
        Area::Graphql => Source::of_texts(side, None, Some(&read(&folder.join(format!("{side}.graphql"))))),
    };
    let file = folder.join("expected.toml");
    let expected = toml::from_str(&read(&file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(entries(folder).len(), 3, "{} has another file", folder.display());
    let name = folder.file_name().expect("a folder below another").to_string_lossy().into_owned();
    Case { name: format!("{}/{name}", area.as_str()), old: source("old"), new: source("new"), expected }
}

fn effects(change: &Change) -> Vec<String> {
    let short = |effect: String| effect.replace("glabflow::graphql::operations::", "").replace("glabflow::rest::", "");
    let mut effects: Vec<String> = change.effects.iter().map(|effect| short(effect.to_string())).collect();
    effects.sort();
    effects
}

/// What is wrong with a case: it must have its differences and no others, and no schema may differ from itself.
fn problems(case: &Case) -> Vec<String> {
    let mut problems = Vec::new();
    let expected = &case.expected;
    let id = format!("{}:{}", expected.kind, expected.coordinate);
    let found = changes(&case.old, &case.new);
    let ids: BTreeSet<&str> = found.iter().map(|change| change.id.as_str()).collect();
    let all: BTreeSet<&str> = expected.also.iter().map(String::as_str).chain([id.as_str()]).collect();
    if ids != all || found.len() != ids.len() {
        problems.push(format!("the differences are {ids:#?}, not {all:#?}"));
    }
    let Some(change) = found.iter().find(|change| change.id == id) else { return problems };
    let (mut rust, effects) = (expected.rust.clone(), effects(change));
    rust.sort();
    let wire = change.wire.to_string();
    if (&wire, &effects) != (&expected.wire, &rust) {
        problems.push(format!("it is {wire} with {effects:#?}, not {} with {rust:#?}", expected.wire));
    }
    if change.level != change.wire.max(change.rust) {
        problems.push("the level is neither impact".to_owned());
    }
    if [&case.old, &case.new].into_iter().any(|source| !changes(source, source).is_empty()) {
        problems.push("a schema differs from itself".to_owned());
    }
    problems
}

fn check(area: Area) {
    let failures: Vec<String> = cases(area)
        .iter()
        .flat_map(|case| problems(case).into_iter().map(|problem| format!("{}: {problem}", case.name)))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn graphql_changes_have_level_coordinate_and_effects() {
    check(Area::Graphql);
}

#[test]
fn rest_changes_have_level_coordinate_and_effects() {
    check(Area::Rest);
}

#[test]
fn each_kind_has_a_case() {
    let cases = [Area::Rest, Area::Graphql].map(cases);
    let mut covered: BTreeSet<&str> = cases.iter().flatten().map(|case| case.expected.kind.as_str()).collect();
    let missing: Vec<&str> =
        Kind::ALL.iter().map(|kind| kind.facts().code).filter(|code| !covered.remove(code)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    assert!(covered.is_empty(), "cases for unknown kinds: {covered:?}");
}
