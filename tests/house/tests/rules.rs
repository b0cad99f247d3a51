//! Checks the rules on the repository, and on fixtures that break them.

use glabflow_house_tests::phrases::Phrases;
use glabflow_house_tests::prose::{self, Exceptions, Scope};
use glabflow_house_tests::{circles, files, ignored, imports, layout, links, paths, placeholders};
use std::path::Path;

const PHRASES: &str = include_str!("../banned-phrases.txt");
const WORDS: &str = include_str!("../banned-words.txt");
const EXCEPTIONS: &str = include_str!("../banned-phrases-exceptions.txt");

fn circles_of(fixture: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
    circles::circles(&imports::of_crate(&root, &root.join("src")))
}

fn expect_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{} {what}:\n\n{}\n", found.len(), found.join("\n"));
}

/// The `src` folders of hand-written crates.
fn hand_written() -> Vec<std::path::PathBuf> {
    let root = files::repository();
    let manifests = files::below(&root).into_iter().filter(|path| path.ends_with("Cargo.toml"));
    let sources = manifests.map(|manifest| manifest.with_file_name("src"));
    let generated = root.join("generated");
    sources.filter(|src| src.is_dir() && !src.starts_with(&generated)).collect()
}

#[test]
fn no_crate_has_an_import_circle() {
    let root = files::repository();
    let sources = hand_written();
    assert!(sources.len() > 10, "{sources:?}");
    let found: Vec<String> = sources.iter().flat_map(|src| circles::circles(&imports::of_crate(&root, src))).collect();
    expect_none("import circles", &found);
}

#[test]
fn a_circle_through_a_facade_is_found_and_printed() {
    assert_eq!(
        circles_of("circle"),
        ["src/paging/mod.rs -> src/paging/pager.rs -> src/send.rs -> src/paging/mod.rs
    src/paging/mod.rs:7 imports pager::Start (src/paging/pager.rs)
    src/paging/pager.rs:5 imports crate::send (src/send.rs)
    src/send.rs:6 imports crate::paging::Pages::first (src/paging/mod.rs)"]
    );
}

#[test]
fn a_circle_between_parent_and_child_is_found() {
    assert_eq!(
        circles_of("parent-and-child"),
        ["src/child.rs -> src/lib.rs -> src/child.rs
    src/child.rs:3 imports super::Root (src/lib.rs)
    src/lib.rs:6 imports child::Child (src/child.rs)"]
    );
}

#[test]
fn facades_macros_and_tests_make_no_circle() {
    assert_eq!(circles_of("no-circle"), [""; 0]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/no-circle");
    let arrows: Vec<String> = imports::of_crate(&root, &root.join("src"))
        .into_iter()
        .map(|import| format!("{}:{} -> {}", import.from, import.line, import.to))
        .collect();
    assert_eq!(
        arrows,
        [
            "src/clock.rs:3 -> src/macros.rs",
            "src/lib.rs:7 -> src/paging/mod.rs",
            "src/paging/items.rs:3 -> src/paging/pager.rs",
            "src/paging/items.rs:3 -> src/paging/pager.rs",
            "src/paging/mod.rs:7 -> src/paging/items.rs",
            "src/paging/mod.rs:8 -> src/paging/pager.rs",
            "src/paging/pager.rs:4 -> src/clock.rs",
            "src/paging/pager.rs:3 -> src/paging/first.rs",
        ]
    );
}

#[test]
fn the_root_of_src_is_not_crowded() {
    expect_none("crowded folder", &Vec::from_iter(layout::crowded(&files::repository().join("src"))));
}

#[test]
fn modules_have_one_style() {
    expect_none("modules in the other style", &layout::two_styles(&files::repository()));
}

#[test]
fn prose_contains_no_banned_phrase() {
    let exceptions = Exceptions::parse(EXCEPTIONS).unwrap();
    let lists = [(PHRASES, Scope::Everything), (WORDS, Scope::Comments)];
    let findings = lists
        .into_iter()
        .flat_map(|(list, scope)| prose::findings(&files::repository(), &Phrases::parse(list).unwrap(), scope));
    let (left, unneeded) = exceptions.apply(findings.collect());
    let lines: Vec<String> = left
        .iter()
        .map(|found| format!("{}:{}: \"{}\"; better: {}", found.file, found.line, found.phrase, found.better))
        .collect();
    expect_none("banned phrases", &lines);
    expect_none("unneeded exceptions", &unneeded);
}

#[test]
fn every_ignored_test_has_a_reason() {
    let root = files::repository();
    let sources = files::below(&root).into_iter().filter(|path| files::is_rust(path));
    let found: Vec<String> = sources
        .filter_map(|path| Some((files::name(&root, &path), files::text(&path)?)))
        .flat_map(|(file, text)| ignored::without_reason(&text).into_iter().map(move |line| format!("{file}:{line}")))
        .collect();
    expect_none("ignored tests without a reason: write #[ignore = \"reason\"]", &found);
}

/// The findings of a rule in all documents, except those of fixtures.
fn in_documents(rule: impl Fn(&Path, &Path) -> Vec<String>) -> Vec<String> {
    let root = files::repository();
    let fixtures = root.join("tests/house/fixtures");
    let is_document = |path: &std::path::PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let documents: Vec<_> =
        files::below(&root).into_iter().filter(is_document).filter(|path| !path.starts_with(&fixtures)).collect();
    assert!(documents.len() > 20, "{documents:?}");
    documents.iter().flat_map(|document| rule(&root, document)).collect()
}

#[test]
fn links_between_documents_work() {
    expect_none("broken links", &in_documents(links::broken));
}

#[test]
fn paths_in_documents_exist() {
    expect_none("missing paths", &in_documents(paths::missing));
}

#[test]
fn documents_contain_no_placeholders() {
    expect_none("placeholders", &in_documents(placeholders::in_document));
}

#[test]
fn links_without_a_target_are_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/links");
    assert_eq!(
        links::broken(&root, &root.join("page.md")),
        [
            "page.md:9: missing.md: no such file",
            "page.md:9: other.md#nothing: no such heading",
            "page.md:9: #nothing: no such heading",
        ]
    );
}

#[test]
fn missing_paths_are_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/paths");
    assert_eq!(
        paths::missing(&root, &root.join("page.md")),
        [
            "page.md:9: src/missing.rs: no such file",
            "page.md:9: src/other/lib.rs: no such file",
            "page.md:9: src/lib.rs/: no such file",
            "page.md:10: src/*.md: no such file",
        ]
    );
}

#[test]
fn placeholders_are_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/placeholders");
    assert_eq!(
        placeholders::in_document(&root, &root.join("page.md")),
        ["page.md:7: TODO: a placeholder", "page.md:13: *MEASURED*: a placeholder"]
    );
}
