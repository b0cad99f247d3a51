//! Which files of a crate import which.
//!
//! Source is read as tokens, without a compiler. An *import* is a path into the crate itself: in a `use` (including
//! `pub use`) or anywhere else in code, such as `crate::clock::now()`. It points to the file of the last module in the
//! path:
//!
//! - `crate::a::b::Item` points to the file of the module `a::b`, `crate::a::b` too if `b` is a module.
//! - `crate::a::Item` points to the file of `a`, whether `a/mod.rs` defines the item or re-exports it. A facade depends on
//!   everything that it re-exports. To avoid a circle, import from the file that defines the item.
//! - `pub use child::Item` in `mod.rs` is an import of the child by the parent, like any other `use`. So a child that imports
//!   something from its parent (`super::Item`) closes a circle if the parent imports from the child. Move what both need to
//!   a separate file.
//! - `mod child;` alone is not an import, because Rust requires the line in the parent. So the `impl` of a parent's type may
//!   be spread over its children, as long as the parent names nothing of theirs.
//! - `lib.rs` and `main.rs` follow the same rule as every `mod.rs`. They may declare and re-export everything, as long as no
//!   other file imports what they define or re-export.
//! - `crate::name!` of an exported macro points to the file with its `macro_rules!`, and `$crate::...` in a macro counts
//!   as an import by the file that defines the macro.
//!
//! Left out: code under `#[cfg(test)]`, files named `tests.rs` or `test_*.rs`, paths in attributes and comments.

use crate::files;
use crate::reader::{Facts, ModulePath, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One file uses another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The file that imports.
    pub from: String,
    /// The file that is imported.
    pub to: String,
    /// The line of the path.
    pub line: usize,
    /// The path, as written.
    pub path: String,
}

/// All imports between the files of a crate, whose roots are `lib.rs` and `main.rs` in `src`. Files are named from `root`.
#[must_use]
pub fn of_crate(root: &Path, src: &Path) -> Vec<Import> {
    let mut imports = Vec::new();
    for file in ["lib.rs", "main.rs"].map(|file| src.join(file)).iter().filter(|file| file.is_file()) {
        let mut modules = Modules::default();
        modules.read(root, file, src, Vec::new());
        imports.extend(modules.imports());
    }
    imports.sort();
    imports
}

/// The modules of a crate.
#[derive(Default)]
struct Modules {
    /// The file of each module.
    files: BTreeMap<ModulePath, String>,
    /// The facts of each file.
    facts: BTreeMap<String, Facts>,
    /// The files of exported macros.
    macros: BTreeMap<String, String>,
}

impl Modules {
    /// Reads a file and the files of its modules; they lie in `folder`.
    fn read(&mut self, root: &Path, file: &Path, folder: &Path, module: ModulePath) {
        let Some(source) = files::text(file) else { return };
        let name = files::name(root, file);
        let facts = read(&source, module.clone());
        self.files.insert(module.clone(), name.clone());
        for inline in &facts.inline {
            self.files.insert(inline.clone(), name.clone());
        }
        for exported in &facts.macros {
            self.macros.insert(exported.clone(), name.clone());
        }
        for (parent, child, path) in &facts.declared {
            let folder = parent[module.len()..].iter().fold(folder.to_owned(), |folder, part| folder.join(part));
            let path = match path {
                Some(path) => file.with_file_name(path),
                None => module_file(&folder, child),
            };
            if is_test(&path) {
                continue;
            }
            let below = if path.ends_with("mod.rs") { path.with_file_name("") } else { folder.join(child) };
            self.read(root, &path, &below, [parent.as_slice(), std::slice::from_ref(child)].concat());
        }
        self.facts.insert(name, facts);
    }

    fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (from, facts) in &self.facts {
            let aliases: BTreeMap<&str, ModulePath> = facts
                .paths
                .iter()
                .filter_map(|written| {
                    let alias = written.alias.as_deref()?;
                    let (module, rest) = self.resolve(&written.module, &written.segments, &BTreeMap::new())?;
                    rest.is_empty().then_some((alias, module))
                })
                .collect();
            for written in &facts.paths {
                let Some((module, rest)) = self.resolve(&written.module, &written.segments, &aliases) else { continue };
                let exported =
                    if module.is_empty() { rest.first().and_then(|name| self.macros.get(name)) } else { None };
                let Some(to) = exported.or_else(|| self.files.get(&module)) else { continue };
                if to != from {
                    let path = written.segments.join("::");
                    imports.push(Import { from: from.clone(), to: to.clone(), line: written.line, path });
                }
            }
        }
        imports
    }

    /// The module that a path leads to, and the rest of the path; `None` if it leads out of the crate.
    fn resolve<'a>(
        &self,
        module: &ModulePath,
        segments: &'a [String],
        aliases: &BTreeMap<&str, ModulePath>,
    ) -> Option<(ModulePath, &'a [String])> {
        let (first, mut rest) = segments.split_first()?;
        let mut reached = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module.split_last()?.1.to_vec(),
            name => {
                let child = [module.as_slice(), &[name.to_owned()]].concat();
                if self.files.contains_key(&child) { child } else { aliases.get(name)?.clone() }
            }
        };
        while let Some((next, after)) = rest.split_first() {
            if next == "super" {
                reached.pop()?;
            } else {
                reached.push(next.clone());
                if !self.files.contains_key(&reached) {
                    reached.pop();
                    break;
                }
            }
            rest = after;
        }
        Some((reached, rest))
    }
}

fn module_file(folder: &Path, name: &str) -> PathBuf {
    let flat = folder.join(format!("{name}.rs"));
    if flat.is_file() { flat } else { folder.join(name).join("mod.rs") }
}

fn is_test(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name == "tests.rs" || name.starts_with("test_")
}
