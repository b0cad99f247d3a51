//! Which files of a crate import which.
//!
//! Source is read as tokens, without a compiler. An *import* is a path that leads into the crate itself: in a `use`
//! (`pub use` included) or anywhere else in code, such as `crate::clock::now()`. It points to the file of the last
//! module that the path names:
//!
//! - `crate::a::b::Item` points to the file of the module `a::b`, `crate::a::b` too if `b` is a module.
//! - `crate::a::Item` points to the file of `a`, no matter whether `a/mod.rs` defines the item or re-exports it: a facade
//!   counts as what it is, a file that depends on everything it re-exports. Import from the file that defines the item
//!   instead.
//! - `pub use child::Item` in `mod.rs` is an import of the child by the parent, like any other `use`. So a child that
//!   takes something from its parent (`super::Item`) closes a circle as soon as the parent imports from the child. Move
//!   what both need into a file of its own.
//! - `mod child;` alone is no import: Rust demands the line in the parent. An `impl` of a type of the parent may hence be
//!   spread over its children, as long as the parent names nothing of theirs.
//! - `lib.rs` and `main.rs` follow the same rule as every `mod.rs`. They may declare and re-export everything, for as long
//!   as no other file takes from them what they define or re-export.
//! - `crate::name!` of an exported macro points to the file with its `macro_rules!`, and `$crate::...` in a macro counts
//!   as an import by the file that defines the macro.
//!
//! Left out: what stands under `#[cfg(test)]`, files named `tests.rs` or `test_*.rs`, paths in attributes and comments.

use crate::files;
use crate::lexer::{self, Kind, Token};
use std::collections::{BTreeMap, BTreeSet};
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

/// The path of a module from the root of its crate.
type ModulePath = Vec<String>;

/// The modules of a crate.
#[derive(Default)]
struct Modules {
    /// The file of each module.
    files: BTreeMap<ModulePath, String>,
    /// What each file says.
    facts: BTreeMap<String, Facts>,
    /// The files of exported macros.
    macros: BTreeMap<String, String>,
}

/// What is read from a file.
#[derive(Default)]
struct Facts {
    paths: Vec<Written>,
    /// Modules in other files: where they are declared, their name, and `#[path]`.
    declared: Vec<(ModulePath, String, Option<String>)>,
    inline: BTreeSet<ModulePath>,
    macros: Vec<String>,
}

/// A path in a file.
struct Written {
    /// The module that it stands in.
    module: ModulePath,
    segments: Vec<String>,
    line: usize,
    /// The name under which a `use` makes it known.
    alias: Option<String>,
}

impl Modules {
    /// Reads a file and the files of its modules; they lie in `folder`.
    fn read(&mut self, root: &Path, file: &Path, folder: &Path, module: ModulePath) {
        let Some(source) = files::text(file) else { return };
        let name = files::name(root, file);
        let facts = Reader::read(&source, module.clone());
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

    /// The module that a path leads to, and what is left of the path; nothing if it leads out of the crate.
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

/// Reads the tokens of a file.
struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    facts: Facts,
    module: ModulePath,
    depth: usize,
    /// The depths at which inline modules end.
    ends: Vec<usize>,
}

/// What the attributes before an item say.
#[derive(Default)]
struct Attributes {
    test: bool,
    exported: bool,
    path: Option<String>,
}

impl<'a> Reader<'a> {
    fn read(source: &'a str, module: ModulePath) -> Facts {
        let tokens = lexer::code(source);
        let mut reader = Reader { tokens, at: 0, facts: Facts::default(), module, depth: 0, ends: Vec::new() };
        while reader.at < reader.tokens.len() {
            reader.item();
        }
        reader.facts
    }

    fn token(&self, ahead: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.at + ahead)
    }

    fn is_punct(&self, ahead: usize, character: &str) -> bool {
        self.token(ahead).is_some_and(|token| token.is_punct(character))
    }

    fn is_path(&self, ahead: usize) -> bool {
        self.is_punct(ahead, ":") && self.is_punct(ahead + 1, ":")
    }

    fn word(&self, ahead: usize) -> Option<&'a str> {
        self.token(ahead).filter(|token| token.kind == Kind::Word).map(|token| token.text)
    }

    /// Reads on by an item or by one token.
    fn item(&mut self) {
        let attributes = self.attributes();
        if attributes.test {
            return self.skip_item();
        }
        while self.word(0) == Some("pub") {
            self.at += 1;
            self.skip_visibility();
        }
        match self.word(0) {
            Some("mod") if self.word(1).is_some() => self.module(attributes.path),
            Some("use") => {
                self.at += 1;
                self.use_tree(Vec::new());
            }
            Some("macro_rules") if self.is_punct(1, "!") => {
                if let Some(name) = self.word(2).filter(|_| attributes.exported) {
                    self.facts.macros.push(name.to_owned());
                }
                self.at += 3;
            }
            Some(_) if self.is_path(1) => self.path(),
            _ => self.one(),
        }
    }

    fn one(&mut self) {
        if self.is_punct(0, "{") {
            self.depth += 1;
        } else if self.is_punct(0, "}") {
            self.depth = self.depth.saturating_sub(1);
            if self.ends.last() == Some(&self.depth) {
                self.ends.pop();
                self.module.pop();
            }
        } else if self.is_path(0) {
            // A path that starts outside of the crate, or goes on after generic arguments.
            self.at += if self.word(2).is_some() { 3 } else { 2 };
            while self.is_path(0) && self.word(2).is_some() {
                self.at += 3;
            }
            return;
        }
        self.at += 1;
    }

    fn attributes(&mut self) -> Attributes {
        let mut found = Attributes::default();
        while self.is_punct(0, "#") && (self.is_punct(1, "[") || self.is_punct(1, "!") && self.is_punct(2, "[")) {
            self.at += if self.is_punct(1, "[") { 1 } else { 2 };
            let start = self.at;
            self.skip_group();
            let inside = &self.tokens[start + 1..self.at.saturating_sub(1).max(start + 1)];
            let first = inside.first().map_or("", |token| token.text);
            found.exported |= first == "macro_export";
            if first == "path" {
                found.path = inside.iter().find(|token| token.kind == Kind::Text).map(|token| token.text.to_owned());
            }
            let condition = inside.get(2).map_or("", |token| token.text);
            let only_tests =
                condition == "test" || condition == "all" && inside.iter().any(|token| token.is_word("test"));
            found.test |= first == "cfg" && only_tests;
        }
        found
    }

    /// Skips `(crate)`, `(super)` or `(in path)`.
    fn skip_visibility(&mut self) {
        let restricted = match self.word(1) {
            Some("in") => true,
            Some("crate" | "self" | "super") => self.is_punct(2, ")"),
            _ => false,
        };
        if self.is_punct(0, "(") && restricted {
            self.skip_group();
        }
    }

    /// Skips a group in brackets of any kind.
    fn skip_group(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.token(0) {
            match token.text {
                "(" | "[" | "{" if token.kind == Kind::Punct => depth += 1,
                ")" | "]" | "}" if token.kind == Kind::Punct => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Skips an item, a field or an arm of a `match`.
    fn skip_item(&mut self) {
        const ITEMS: [&str; 15] = [
            "async",
            "const",
            "enum",
            "extern",
            "fn",
            "impl",
            "macro_rules",
            "mod",
            "pub",
            "static",
            "struct",
            "trait",
            "type",
            "unsafe",
            "use",
        ];
        let is_item = self.word(0).is_some_and(|word| ITEMS.contains(&word));
        while let Some(token) = self.token(0).copied() {
            match token.text {
                "}" if token.kind == Kind::Punct => return,
                "(" | "[" if token.kind == Kind::Punct => self.skip_group(),
                "{" if token.kind == Kind::Punct => {
                    self.skip_group();
                    if is_item {
                        return;
                    }
                }
                text => {
                    self.at += 1;
                    if token.kind == Kind::Punct && (text == ";" || text == "," && !is_item) {
                        return;
                    }
                }
            }
        }
    }

    fn module(&mut self, path: Option<String>) {
        let name = self.word(1).unwrap_or_default().to_owned();
        self.at += 2;
        if self.is_punct(0, ";") {
            self.facts.declared.push((self.module.clone(), name, path));
        } else if self.is_punct(0, "{") {
            self.module.push(name);
            self.facts.inline.insert(self.module.clone());
            self.ends.push(self.depth);
        }
    }

    /// A path in code.
    fn path(&mut self) {
        let line = self.token(0).map_or(0, |token| token.line);
        let mut segments = Vec::new();
        while let Some(word) = self.word(0) {
            segments.push(word.to_owned());
            self.at += 1;
            if !self.is_path(0) {
                break;
            }
            self.at += 2;
        }
        // A single segment is a function with generic arguments: `parse::<u64>()`.
        if segments.len() > 1 {
            self.facts.paths.push(Written { module: self.module.clone(), segments, line, alias: None });
        }
    }

    /// The tree of a `use` from a prefix on, up to a comma, a closing brace or the semicolon.
    fn use_tree(&mut self, mut segments: Vec<String>) {
        if self.is_path(0) {
            // `::name` leads out of the crate.
            segments.push(String::new());
            self.at += 2;
        }
        let line = self.token(0).map_or(0, |token| token.line);
        let mut glob = false;
        loop {
            if self.is_punct(0, "{") {
                self.at += 1;
                while self.at < self.tokens.len() && !self.is_punct(0, "}") {
                    self.use_tree(segments.clone());
                    if self.is_punct(0, ",") {
                        self.at += 1;
                    }
                }
                self.at += 1;
                return;
            }
            if self.is_punct(0, "*") {
                self.at += 1;
                glob = true;
                break;
            }
            if self.is_punct(0, "$") {
                self.at += 1;
            }
            let Some(word) = self.word(0) else {
                self.at += 1;
                return;
            };
            if word != "self" || segments.is_empty() {
                segments.push(word.to_owned());
            }
            self.at += 1;
            if !self.is_path(0) {
                break;
            }
            self.at += 2;
        }
        let mut alias = segments.last().filter(|_| !glob).cloned();
        if self.word(0) == Some("as") {
            alias = self.word(1).map(str::to_owned);
            self.at += 2;
        }
        self.facts.paths.push(Written { module: self.module.clone(), segments, line, alias });
    }
}
