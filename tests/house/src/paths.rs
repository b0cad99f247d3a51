//! Paths of the repository in the documents, such as `src/lib.rs` between backticks: each must exist.
//!
//! `{a,b}` is either word, `*` is any part of a name, and a slash at the end is a folder. A path may have a line number.

use crate::files;
use crate::markdown::{prose, spans};
use std::path::{Path, PathBuf};

/// Folders of the repository. A word that starts with one of them and a slash is a path.
const ROOTS: [&str; 14] = [
    ".ci",
    ".github",
    "bench",
    "benches",
    "codegen",
    "contract",
    "crates",
    "docs",
    "examples",
    "generated",
    "schema",
    "scripts",
    "src",
    "tests",
];

/// The paths of one document that do not exist, each with its line.
#[must_use]
pub fn missing(root: &Path, document: &Path) -> Vec<String> {
    let Some(text) = files::text(document) else { return Vec::new() };
    let name = files::name(root, document);
    let words = prose(&text)
        .flat_map(|(line, words)| spans(words).flat_map(str::split_whitespace).map(move |word| (line, word)))
        .filter_map(|(line, word)| Some((line, path(word)?)));
    words
        .flat_map(|(line, word)| alternatives(word).into_iter().map(move |path| (line, path)))
        .filter(|(_, path)| !exists(root, path))
        .map(|(line, path)| format!("{name}:{line}: {path}: no such file"))
        .collect()
}

/// The path in a word of a code span; `None` if it is something else. Variables and placeholders are not paths.
fn path(word: &str) -> Option<&str> {
    let word = word.trim_end_matches([',', ';', ')', '"', '\'']).trim_start_matches(['(', '"', '\'']);
    let word = match word.split_once(':') {
        Some((path, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => path,
        _ => word,
    };
    let (folder, _) = word.split_once('/')?;
    let is_path = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-{},*".contains(c));
    (is_path && ROOTS.contains(&folder)).then_some(word)
}

/// The paths that `{a,b}` groups describe.
fn alternatives(path: &str) -> Vec<String> {
    let group = path.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    let Some((before, (words, after))) = group else { return vec![path.to_owned()] };
    words.split(',').flat_map(|word| alternatives(&format!("{before}{word}{after}"))).collect()
}

fn exists(root: &Path, path: &str) -> bool {
    let mut reached = vec![root.to_owned()];
    for part in path.trim_end_matches('/').split('/') {
        reached = match part.split_once('*') {
            None => reached.iter().map(|folder| folder.join(part)).filter(|path| path.exists()).collect(),
            Some((start, end)) => reached.iter().flat_map(|folder| matching(folder, start, end)).collect(),
        };
    }
    reached.iter().any(|reached| !path.ends_with('/') || reached.is_dir())
}

/// The entries of a folder whose names start and end with these texts. A second `*` in the end is any text too.
fn matching(folder: &Path, start: &str, end: &str) -> Vec<PathBuf> {
    let end = end.rsplit('*').next().unwrap_or(end);
    let mut entries = files::entries(folder);
    entries.retain(|entry| {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        name.strip_prefix(start).is_some_and(|rest| rest.ends_with(end))
    });
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_repository_are_paths() {
        assert_eq!(path("src/lib.rs:12"), Some("src/lib.rs"));
        assert_eq!(path("tests/{a,b}/*,"), Some("tests/{a,b}/*"));
        for other in ["docs.rs/serde", "projects/1", "src", "src/$NAME", "src/…"] {
            assert_eq!(path(other), None, "{other}");
        }
    }

    #[test]
    fn groups_are_alternatives() {
        assert_eq!(alternatives("src/{a,b}/{c,d}.rs"), ["src/a/c.rs", "src/a/d.rs", "src/b/c.rs", "src/b/d.rs"]);
    }
}
