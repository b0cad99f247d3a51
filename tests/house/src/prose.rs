//! Banned phrases in the prose of the repository.
//!
//! Prose is: Markdown, TOML and scripts as a whole; in Rust comments, string literals, and names of functions, types and
//! modules, generated code included. Code spans in Markdown and comments, and values in format strings, are not prose.

use crate::files;
use crate::lexer::{self, Kind};
use crate::phrases::{Phrases, Word, add_words, without_code};
use std::path::Path;

/// Kinds of files that are read as a whole.
const WHOLE: [&str; 6] = ["html", "mjs", "py", "sh", "yaml", "yml"];
/// Keywords before the names that are read.
const DEFINES: [&str; 6] = ["enum", "fn", "mod", "struct", "trait", "type"];
/// Files without an ending that are read as a whole.
const SCRIPTS: [&str; 3] = [".ci", "justfile", "scripts"];

/// A banned phrase and its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, from the root.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The phrase.
    pub phrase: String,
    /// What to write instead.
    pub better: String,
}

/// What is checked in Rust and TOML files. Other files are checked as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Comments, string literals and names of functions, types and modules in Rust; TOML as a whole.
    Everything,
    /// Comments only.
    Comments,
}

/// Banned phrases in the prose below a folder.
#[must_use]
pub fn findings(root: &Path, phrases: &Phrases, scope: Scope) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in files::below(root) {
        let file = files::name(root, &path);
        let Some(read) = reader(&file) else { continue };
        let Some(text) = files::text(&path) else { continue };
        for words in read(&text, scope) {
            found.extend(phrases.find(&words).map(|(line, phrase)| Finding {
                file: file.clone(),
                line,
                phrase: phrase.text.clone(),
                better: phrase.better.clone(),
            }));
        }
    }
    found
}

type Read = fn(&str, Scope) -> Vec<Vec<Word>>;

/// How to read a file; `None` if it contains no prose.
fn reader(file: &str) -> Option<Read> {
    let name = file.rsplit('/').next().unwrap_or(file);
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("rs") => Some(of_rust),
        Some("md") => Some(of_markdown),
        Some("toml") => Some(of_toml),
        Some(ending) if WHOLE.contains(&ending) => Some(of_text),
        None if SCRIPTS.contains(&file.split('/').next().unwrap_or(file)) => Some(of_text),
        _ => None,
    }
}

fn of_text(text: &str, _: Scope) -> Vec<Vec<Word>> {
    let mut words = Vec::new();
    add_words(&mut words, text, 1, false);
    vec![words]
}

fn of_markdown(text: &str, scope: Scope) -> Vec<Vec<Word>> {
    of_text(&without_code(text, '`', '`'), scope)
}

fn of_toml(text: &str, scope: Scope) -> Vec<Vec<Word>> {
    if scope == Scope::Everything {
        return of_text(text, scope);
    }
    let comments: Vec<&str> =
        text.lines().map(|line| line.split_once('#').map_or("", |(_, comment)| comment)).collect();
    of_text(&comments.join("\n"), scope)
}

/// A name as words: `PageMark` becomes `Page Mark`.
fn words_of_name(name: &str) -> String {
    let spaced = name.chars().flat_map(|c| [c.is_uppercase().then_some(' '), Some(c)]);
    spaced.flatten().collect()
}

/// The prose of a Rust file. Consecutive comments are one text; each string and each name is a text.
#[must_use]
pub fn of_rust(source: &str, scope: Scope) -> Vec<Vec<Word>> {
    let tokens = lexer::tokens(source);
    let mut texts: Vec<Vec<Word>> = Vec::new();
    let mut comment: Vec<Word> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Comment {
            let text = token.text.trim_start_matches(['/', '!', '*']);
            if text.trim().is_empty() {
                texts.push(std::mem::take(&mut comment));
            }
            add_words(&mut comment, &without_code(text, '`', '`'), token.line, false);
            continue;
        }
        if !comment.is_empty() {
            texts.push(std::mem::take(&mut comment));
        }
        if scope == Scope::Comments {
            continue;
        }
        let is_name = at > 0 && DEFINES.iter().any(|keyword| tokens[at - 1].is_word(keyword));
        let text = match token.kind {
            Kind::Text => without_code(token.text, '{', '}'),
            Kind::Word if is_name => words_of_name(token.text),
            _ => continue,
        };
        let mut words = Vec::new();
        add_words(&mut words, &text, token.line, true);
        texts.push(words);
    }
    texts.push(comment);
    texts
}

/// Phrases that are allowed in some files.
#[derive(Debug, Default)]
pub struct Exceptions(Vec<(String, String)>);

impl Exceptions {
    /// Reads a list: path, tab, phrase, tab, reason. A path that ends with a slash covers a folder. Lines that start with
    /// `#` are comments.
    ///
    /// # Errors
    ///
    /// If a line lacks a part.
    pub fn parse(list: &str) -> Result<Self, String> {
        let lines = list.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let parse = |(at, line): (usize, &str)| {
            let parts: Vec<&str> = line.split('\t').map(str::trim).collect();
            match parts[..] {
                [path, phrase, reason] if !reason.is_empty() => Ok((path.to_owned(), phrase.to_owned())),
                _ => Err(format!("line {}: path, phrase and reason are needed, separated by tabs", at + 1)),
            }
        };
        lines.map(parse).collect::<Result<_, _>>().map(Exceptions)
    }

    /// Splits off the findings that are allowed. Returns the rest, and the exceptions that were not needed.
    #[must_use]
    pub fn apply(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<String>) {
        let mut needed = vec![false; self.0.len()];
        let left = findings.into_iter().filter(|finding| {
            let at = self.0.iter().position(|(path, phrase)| {
                let covered = finding.file == *path || path.ends_with('/') && finding.file.starts_with(path.as_str());
                covered && finding.phrase == *phrase
            });
            if let Some(at) = at {
                needed[at] = true;
            }
            at.is_none()
        });
        let left = left.collect();
        let unneeded = self.0.iter().zip(needed).filter(|(_, needed)| !needed);
        (left, unneeded.map(|((path, phrase), _)| format!("{path}: {phrase}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str, scope: Scope) -> Vec<String> {
        let texts = of_rust(source, scope).into_iter().filter(|words| !words.is_empty());
        texts.map(|words| words.into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn prose_of_rust_is_comments_strings_and_names() {
        let source = "//! One\n//! text.\n//!\n//! Another.\nstruct PageMark;\nfn gives_up(code: u8) { send(\"so \\\n    long\") }\n";
        assert_eq!(texts(source, Scope::Everything), ["one text", "another", "page mark", "gives up", "so long"]);
        assert_eq!(texts(source, Scope::Comments), ["one text", "another"]);
    }

    #[test]
    fn comments_of_toml_keep_their_lines() {
        let words = of_toml("red = 1\ngreen = 2 # fox\n", Scope::Comments).concat();
        assert_eq!(words.iter().map(|word| (word.line, word.text.as_str())).collect::<Vec<_>>(), [(2, "fox")]);
    }

    #[test]
    fn code_in_prose_is_no_prose() {
        let source = "// The `red fox`.\nconst TEXT: &str = \"is {fox:?}\";\n";
        assert_eq!(texts(source, Scope::Everything), ["the 0", "is 0"]);
    }

    #[test]
    fn unneeded_exceptions_are_reported() {
        let finding =
            |file: &str| Finding { file: file.to_owned(), line: 1, phrase: "fox".to_owned(), better: "cat".to_owned() };
        let list = "docs/\tfox\tquoted\nsrc/a.rs\tfox\tquoted\n";
        let exceptions = Exceptions::parse(list).unwrap();
        let (left, unneeded) = exceptions.apply(vec![finding("docs/a.md"), finding("src/b.rs")]);
        assert_eq!(left, [finding("src/b.rs")]);
        assert_eq!(unneeded, ["src/a.rs: fox"]);
        assert!(Exceptions::parse("docs/\tfox").is_err());
    }
}
