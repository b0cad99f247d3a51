//! Differences between schemas: every kind, every form of report, every source, and what a code base uses of them.

mod command;
mod docs;
mod graphql;
mod real;
mod reports;
mod rest;

use glabflow_codegen::diff::change::Change;
use glabflow_codegen::diff::kind::Kind;
use glabflow_codegen::diff::level::Level;
use glabflow_codegen::diff::{compare, source::Source};
use std::collections::BTreeSet;

/// Two schemas, and the difference which they must be found to have.
struct Case {
    kind: Kind,
    coordinate: &'static str,
    old: Source,
    new: Source,
    wire: Level,
    /// The effects on Rust, without the crate's module before the item.
    rust: Vec<String>,
    /// The ids of all other differences between the two.
    also: &'static [&'static str],
}

impl Case {
    fn graphql(kind: Kind, coordinate: &'static str, old: &str, new: &str, wire: Level, rust: &[&str]) -> Self {
        let source = |name, text| Source::of_texts(name, None, Some(text));
        Case { kind, coordinate, old: source("old", old), new: source("new", new), wire, rust: owned(rust), also: &[] }
    }

    /// With these differences besides.
    fn also(self, also: &'static [&'static str]) -> Self {
        Case { also, ..self }
    }

    fn rest(kind: Kind, coordinate: &'static str, old: &str, new: &str, wire: Level, rust: &[&str]) -> Self {
        let source = |name, text| Source::of_texts(name, Some(text), None);
        Case { kind, coordinate, old: source("old", old), new: source("new", new), wire, rust: owned(rust), also: &[] }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn changes(old: &Source, new: &Source) -> Vec<Change> {
    compare(old, new, None, None).expect("both are schemas").changes
}

fn effects(change: &Change) -> Vec<String> {
    let short = |effect: String| effect.replace("glabflow::graphql::operations::", "").replace("glabflow::rest::", "");
    change.effects.iter().map(|effect| short(effect.to_string())).collect()
}

/// Finds the differences of each case and no others, and none between a schema and itself; says which cases fail, and how.
fn check(cases: &[Case]) {
    let mut failures = Vec::new();
    for case in cases {
        let id = format!("{}:{}", case.kind.facts().code, case.coordinate);
        let found = changes(&case.old, &case.new);
        let ids: BTreeSet<&str> = found.iter().map(|change| change.id.as_str()).collect();
        let all: BTreeSet<&str> = case.also.iter().copied().chain([id.as_str()]).collect();
        if ids != all || found.len() != ids.len() {
            failures.push(format!("the differences are {ids:#?}, not {all:#?}"));
        }
        let Some(change) = found.iter().find(|change| change.id == id) else { continue };
        let (mut expected, mut effects) = (case.rust.clone(), effects(change));
        expected.sort();
        effects.sort();
        if (change.wire, &effects) != (case.wire, &expected) {
            failures.push(format!("{id} is {} with {effects:#?}, not {} with {expected:#?}", change.wire, case.wire));
        }
        if change.level != change.wire.max(change.rust) {
            failures.push(format!("{id}: the level is neither impact"));
        }
        if [&case.old, &case.new].into_iter().any(|source| !changes(source, source).is_empty()) {
            failures.push(format!("{id}: a schema differs from itself"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_kind_has_a_case() {
    let covered: BTreeSet<Kind> = graphql::cases().iter().chain(&rest::cases()).map(|case| case.kind).collect();
    let missing: Vec<&str> =
        Kind::ALL.iter().filter(|kind| !covered.contains(kind)).map(|kind| kind.facts().code).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}
