//! Placeholders in the documents: a line with a single word in capitals, such as a note that something is to be written.

use crate::files;
use crate::markdown::prose;
use std::path::Path;

/// The placeholders of one document, each with its line. Headings and code blocks are left out.
#[must_use]
pub fn in_document(root: &Path, document: &Path) -> Vec<String> {
    let Some(text) = files::text(document) else { return Vec::new() };
    let name = files::name(root, document);
    let placeholders = prose(&text).filter(|(_, line)| is_placeholder(line));
    placeholders.map(|(line, text)| format!("{name}:{line}: {}: a placeholder", text.trim())).collect()
}

fn is_placeholder(line: &str) -> bool {
    let word = line.trim().trim_matches(|c: char| !c.is_alphanumeric());
    !line.starts_with('#') && word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
