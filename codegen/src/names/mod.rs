//! Every name that the generated code has: how it is derived from GitLab's, and what happens on a collision.
//!
//! - [`snake`] and [`pascal`] make identifiers out of any text.
//! - [`escape`] steers clear of keywords and of methods that every operation has.
//! - [`Scope`] keeps the names of one scope apart.
//! - [`methods`] names the methods of a tag's handle.

pub mod methods;
#[cfg(test)]
mod tests;
pub(crate) mod verbs;

use std::collections::BTreeSet;

/// Acronyms that GitLab's names run together, so that `CIYMLTemplate` reads `CiYmlTemplate`.
const ACRONYMS: &[&str] = &[
    "API", "CI", "DORA", "EE", "GCP", "GPG", "ID", "IDE", "IID", "IP", "JSON", "KAS", "LDAP", "LFS", "ML", "MR",
    "SAML", "SCIM", "SHA", "SQL", "SSH", "SSL", "TLS", "URL", "UUID", "YML",
];

/// The words of a name: split at everything that is not a letter or digit, at humps and between known acronyms.
///
/// ```
/// use glabflow_codegen::names::words;
/// assert_eq!(words("CIYMLTemplate"), ["ci", "yml", "template"]);
/// assert_eq!(words("not[milestone_id]"), ["not", "milestone", "id"]);
/// ```
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for piece in text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|piece| !piece.is_empty()) {
        let bytes = piece.as_bytes();
        let mut start = 0;
        for at in 1..bytes.len() {
            let (before, here) = (bytes[at - 1], bytes[at]);
            let next_is_lower = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            let hump = here.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next_is_lower);
            // The plural of an acronym is one word: `IDs`.
            let plural = here.is_ascii_uppercase() && bytes.get(at + 1) == Some(&b's') && at + 2 == bytes.len();
            if hump && !(plural && before.is_ascii_uppercase()) {
                push_word(&mut words, &piece[start..at]);
                start = at;
            }
        }
        push_word(&mut words, &piece[start..]);
    }
    words
}

/// Adds a word, taking a run of capitals apart where it is made of known acronyms alone.
fn push_word(words: &mut Vec<String>, word: &str) {
    if word.len() > 3 && word.bytes().all(|letter| letter.is_ascii_uppercase()) {
        let mut parts = Vec::new();
        let mut rest = word;
        while let Some(acronym) =
            ACRONYMS.iter().filter(|acronym| rest.starts_with(**acronym)).max_by_key(|acronym| acronym.len())
        {
            parts.push(acronym.to_ascii_lowercase());
            rest = &rest[acronym.len()..];
        }
        if rest.is_empty() {
            words.append(&mut parts);
            return;
        }
    }
    words.push(word.to_ascii_lowercase());
}

/// The words of text that may have none, such as the values `""` and `*`.
fn words_or_symbol(text: &str) -> Vec<String> {
    let found = words(text);
    if !found.is_empty() {
        return found;
    }
    let names = text.chars().map(|letter| match letter {
        '*' => "star",
        '+' => "plus",
        '-' => "minus",
        '.' => "dot",
        '/' => "slash",
        '_' => "underscore",
        ' ' => "space",
        _ => "symbol",
    });
    let names: Vec<String> = names.map(str::to_owned).collect();
    if names.is_empty() { vec!["empty".to_owned()] } else { names }
}

/// A lower case identifier: `order_by`. It may still be a keyword; see [`escape`].
pub fn snake(text: &str) -> String {
    lead_with_letter(words_or_symbol(text).join("_"), 'n')
}

/// A camel case identifier: `ListProjects`.
pub fn pascal(text: &str) -> String {
    lead_with_letter(pascal_words(&words_or_symbol(text)), 'N')
}

/// Words as a camel case identifier.
pub fn pascal_words<S: AsRef<str>>(words: &[S]) -> String {
    let mut name = String::new();
    for word in words {
        let word = word.as_ref();
        // Without it `v1` and `5` would run together to the words of `v15`.
        let clash =
            name.ends_with(|last: char| last.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_digit());
        if clash {
            name.push('_');
        }
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// An upper case identifier: `LIST_PROJECTS`.
pub fn constant(text: &str) -> String {
    snake(text).to_ascii_uppercase()
}

fn lead_with_letter(name: String, letter: char) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) { format!("{letter}{name}") } else { name }
}

/// The struct of a tag's handle: `MergeRequests`.
pub fn handle(tag: &str) -> String {
    let name = pascal(tag);
    if TAKEN_TYPES.contains(&name.as_str()) { format!("{name}Handle") } else { name }
}

/// Words which Rust keeps for itself, in any edition.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Methods that operations and handles have besides the generated ones.
const METHODS: &[&str] = &["clone", "default", "into_request", "items", "new", "pages", "send"];

/// Whether Rust keeps the word for itself.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name) || name == "_"
}

/// Whether a setter or method of this name would hide one that every operation has.
pub fn is_method(name: &str) -> bool {
    METHODS.contains(&name)
}

/// The name itself, or with an underscore behind it where Rust or every operation has a use for the plain one.
pub fn escape(name: String) -> String {
    if is_keyword(&name) || is_method(&name) { name + "_" } else { name }
}

/// Type names that generated modules import or that the prelude has.
pub const TAKEN_TYPES: &[&str] = &[
    "Arg",
    "Atomic",
    "Body",
    "BTreeMap",
    "Box",
    "Call",
    "Caller",
    "Clone",
    "Copy",
    "Date",
    "DateTime",
    "Debug",
    "Decode",
    "Default",
    "Descriptor",
    "Display",
    "Drop",
    "Err",
    "Fields",
    "Fn",
    "From",
    "IdOrName",
    "Into",
    "IntoArg",
    "IntoIterator",
    "Item",
    "Iterator",
    "Keyset",
    "Location",
    "MapAccess",
    "Method",
    "None",
    "Null",
    "Nullable",
    "Object",
    "Ok",
    "OpenEnum",
    "Operation",
    "Option",
    "Ord",
    "Output",
    "Paging",
    "Param",
    "PartialEq",
    "Range",
    "RangeKey",
    "Request",
    "Result",
    "Secret",
    "Self",
    "Send",
    "Serialize",
    "Serializer",
    "Some",
    "String",
    "Sync",
    "ToString",
    "Unbound",
    "Upload",
    "Value",
    "Vec",
];

/// The names of one scope, each given once.
#[derive(Debug, Default)]
pub struct Scope(BTreeSet<String>);

impl Scope {
    /// An empty scope.
    pub fn new() -> Self {
        Scope::default()
    }

    /// A scope where some names are taken already.
    pub fn with_taken(names: &[&str]) -> Self {
        Scope(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Whether a name is still free.
    pub fn is_free(&self, name: &str) -> bool {
        !self.0.contains(name)
    }

    /// Takes the first of the names that is free; when none is, the last one with the lowest number that makes it so.
    pub fn settle<I: IntoIterator<Item = String>>(&mut self, candidates: I) -> String {
        let mut last = String::new();
        for name in candidates {
            if self.0.insert(name.clone()) {
                return name;
            }
            last = name;
        }
        let mut number = 2_u32;
        loop {
            let name = format!("{last}{number}");
            if self.0.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }
}

/// The singular of an English plural, as far as GitLab's resource names need it.
pub fn singular(word: &str) -> String {
    const UNCHANGED: &[&str] =
        &["alias", "analytics", "canvas", "dora", "kubernetes", "metadata", "series", "settings"];
    if UNCHANGED.contains(&word) || word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes", "uses", "ases"] {
        if word.ends_with(ending)
            && !word.ends_with("leases")
            && !word.ends_with("databases")
            && !word.ends_with("caches")
        {
            return word[..word.len() - 2].to_owned();
        }
    }
    word.strip_suffix('s').filter(|stem| stem.len() > 1).unwrap_or(word).to_owned()
}

/// A name with its last word in the singular: `merge_requests` to `merge_request`.
pub fn singular_name(name: &str) -> String {
    let mut words = words(name);
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words.join("_")
}

/// Whether text under this name is a token, password or key that must not be shown.
///
/// What merely describes one (`token_expires_at`, `password_authentication_enabled`, `token_name`) is not, nor is a
/// position in a list (`page_token`).
pub fn is_secret(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [.., "page", "token"] => false,
        [.., "token" | "password" | "passphrase" | "secret"] | ["password", "confirmation"] => true,
        [.., "private" | "secret" | "access" | "api" | "encryption" | "signing" | "shared" | "auth", "key"] => true,
        _ => false,
    }
}
