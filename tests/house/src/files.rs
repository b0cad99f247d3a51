//! The files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders without files of the repository. Hidden folders are left out too, except those of CI.
const LEFT_OUT: [&str; 3] = ["node_modules", "target", "tmp"];
const HIDDEN: [&str; 2] = [".ci", ".github"];

/// The folder of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.ancestors().nth(2).unwrap_or(&package).to_owned()
}

/// All files below a folder, in order.
#[must_use]
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !path.is_dir() {
            found.push(path);
        } else if HIDDEN.contains(&name.as_str()) || !name.starts_with('.') && !LEFT_OUT.contains(&name.as_str()) {
            collect(&path, found);
        }
    }
}

/// The entries of a folder, in order.
#[must_use]
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .map_or_else(|_| Vec::new(), |entries| entries.flatten().map(|entry| entry.path()).collect());
    found.sort();
    found
}

/// The text of a file; `None` if it is not text.
#[must_use]
pub fn text(path: &Path) -> Option<String> {
    fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// A path as the rules print it: relative to the root, with slashes.
#[must_use]
pub fn name(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Whether a file is Rust source.
#[must_use]
pub fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}
