//! The layout of source folders.

use crate::files;
use std::path::Path;

/// The maximum number of entries at the root of `src/`.
pub const ROOT_ENTRIES: usize = 20;

/// The error if the root of `src/` has too many entries.
#[must_use]
pub fn crowded(src: &Path) -> Option<String> {
    let count = files::entries(src).len();
    (count > ROOT_ENTRIES).then(|| format!("src/ has {count} entries; at most {ROOT_ENTRIES} are allowed: use folders"))
}

/// Modules in the style `x.rs` beside `x/`. The workspace's style is `x/mod.rs`.
#[must_use]
pub fn two_styles(root: &Path) -> Vec<String> {
    let all = files::below(root);
    let beside = all.iter().filter(|path| files::is_rust(path)).filter(|path| {
        let folder = path.with_extension("");
        folder.is_dir() && files::entries(&folder).iter().any(|entry| files::is_rust(entry))
    });
    beside
        .map(|path| {
            let file = files::name(root, path);
            let folder = file.trim_end_matches(".rs");
            format!("{file} lies beside the folder {folder}/: move it to {folder}/mod.rs")
        })
        .collect()
}
