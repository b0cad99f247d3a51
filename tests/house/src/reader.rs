//! Reads the modules and the paths of a source file from its tokens.

use crate::lexer::{self, Kind, Token};
use std::collections::BTreeSet;

/// The path of a module from the root of its crate.
pub(crate) type ModulePath = Vec<String>;

/// The facts of a file.
#[derive(Default)]
pub(crate) struct Facts {
    /// All paths in code.
    pub(crate) paths: Vec<Written>,
    /// Modules in other files: where they are declared, their name, and `#[path]`.
    pub(crate) declared: Vec<(ModulePath, String, Option<String>)>,
    /// Modules within the file.
    pub(crate) inline: BTreeSet<ModulePath>,
    /// Exported macros.
    pub(crate) macros: Vec<String>,
}

/// A path in a file.
pub(crate) struct Written {
    /// The module that contains it.
    pub(crate) module: ModulePath,
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// The name that a `use` binds.
    pub(crate) alias: Option<String>,
}

/// Reads a file whose module has this path.
pub(crate) fn read(source: &str, module: ModulePath) -> Facts {
    Reader::read(source, module)
}

/// The tokens of a file and the position in them.
struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    facts: Facts,
    module: ModulePath,
    depth: usize,
    /// The depths at which inline modules end.
    ends: Vec<usize>,
}

/// The attributes of an item.
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

    /// Reads an item or a token.
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
