//! Every public method of an asynchronous type has a blocking counterpart, or a reason why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A type of the asynchronous client, its counterpart, and the methods without one.
type Pair = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const NEXT: (&str, &str) = ("next", "`Iterator::next`");
const COLLECT: (&str, &str) = ("try_collect", "`Iterator::collect` into a `Result`");
const WAIT: &str = "`Client::wait` runs its futures";
const ITER: &str = "`Client::iter` runs its stream";

const PAIRS: &[Pair] = &[
    ("Client", "Client", &[("builder", "`ClientBuilder::build_blocking` creates the client")]),
    ("Raw", "Raw<Client>", &[]),
    ("Pages<T>", "Pages<T>", &[NEXT]),
    ("Items<T>", "Items<T>", &[NEXT, COLLECT, ("fanout", "its work is asynchronous")]),
    ("Nodes<T>", "Nodes<T>", &[NEXT, COLLECT]),
    ("Download", "Download", &[NEXT]),
    (
        "Graphql",
        "Graphql",
        &[
            ("batch", WAIT),
            ("checked", WAIT),
            ("loader", WAIT),
            ("loaders", WAIT),
            ("watch", ITER),
            ("watch_list", ITER),
        ],
    ),
    ("Document", "Document", &[]),
];

/// The public methods of each type, by the type's name in `impl` blocks.
type Methods = BTreeMap<String, BTreeSet<String>>;

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// The name of a public method that a line declares.
fn method(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub async fn "))?;
    rest.split(['(', '<']).next()
}

/// The type of an inherent `impl` block.
fn implemented(line: &str) -> Option<&str> {
    let mut rest = line.strip_prefix("impl")?;
    if rest.starts_with('<') {
        let mut depth = 0;
        let end = rest.find(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth == 0
        })?;
        rest = &rest[end + 1..];
    }
    let name = rest.trim().trim_end_matches('{').trim();
    (!name.contains(" for ")).then_some(name)
}

/// The methods that each arm of `list_options!` declares.
fn options(text: &str) -> Methods {
    let mut methods = Methods::new();
    let mut arm = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("    (").and_then(|line| line.strip_suffix(") => {")) {
            arm = name.to_owned();
        }
        methods.entry(arm.clone()).or_default().extend(method(line).map(str::to_owned));
    }
    methods
}

fn methods(files: &[PathBuf], options: &Methods) -> Methods {
    let mut methods = Methods::new();
    for file in files {
        let text = fs::read_to_string(file).expect("a source file");
        let mut current = None;
        for line in text.lines() {
            match implemented(line) {
                Some(name) => current = Some(name.to_owned()),
                None if line == "}" => current = None,
                None => {}
            }
            let Some(name) = &current else { continue };
            let known = methods.entry(name.clone()).or_default();
            known.extend(method(line).map(str::to_owned));
            let arm = line.trim().strip_prefix("list_options!(").and_then(|line| line.strip_suffix(");"));
            known.extend(arm.into_iter().flat_map(|arm| options[arm].clone()));
        }
    }
    methods
}

#[test]
fn every_public_method_has_a_blocking_counterpart() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let (blocking, asynchronous): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| file.starts_with(root.join("blocking")));
    let options = options(&fs::read_to_string(root.join("paging/options.rs")).expect("the options"));
    let (asynchronous, blocking) = (methods(&asynchronous, &options), methods(&blocking, &options));

    let mut problems = Vec::new();
    for (of, counterpart, exceptions) in PAIRS {
        let (known, have) = (&asynchronous[*of], &blocking[*counterpart]);
        let excepted = |name: &str| exceptions.iter().any(|(exception, _)| *exception == name);
        assert!(!known.is_empty(), "no methods of {of} were found");
        problems.extend(
            known
                .iter()
                .filter(|name| !have.contains(*name) && !excepted(name))
                .map(|name| format!("blocking::{counterpart} lacks `{name}`")),
        );
        problems.extend(
            exceptions
                .iter()
                .filter(|(name, _)| have.contains(*name) || !known.contains(*name))
                .map(|(name, _)| format!("the exception `{name}` of {of} is not needed")),
        );
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn methods_are_found_in_impl_blocks_and_macros() {
    let options = options("    (all) => {\n        pub fn limit(self) {\n    };\n");
    assert_eq!(options["all"], BTreeSet::from(["limit".to_owned()]));
    assert_eq!(implemented("impl<T: Iterator<Item = u8> + 'static> Items<T> {"), Some("Items<T>"));
    assert_eq!(implemented("impl<T> Stream for Items<T> {"), None);
    assert_eq!(method("    pub async fn next<T>(&mut self) {"), Some("next"));
    assert_eq!(method("    fn private(&self) {"), None);
}
