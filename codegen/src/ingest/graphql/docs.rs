//! Descriptions: their one form, and how SDL holds it.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// The columns that a tab stands for at the beginning of a line.
const TAB: &str = "    ";

/// A description in the form that a block string can hold: lines without hidden characters and without spaces at their
/// ends, the first and the last of them not blank. None when nothing is left.
pub(super) fn normal(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = text.split('\n').map(line).collect();
    let normal = lines.join("\n").trim().to_owned();
    (!normal.is_empty()).then_some(normal)
}

/// A line of a description. What it is indented by becomes spaces, which are all that block strings know of.
fn line(text: &str) -> String {
    let body = text.trim_start_matches(|letter: char| letter.is_whitespace() || is_hidden(letter));
    let mut line = String::with_capacity(text.len());
    for letter in text[..text.len() - body.len()].chars() {
        match letter {
            '\t' => line.push_str(TAB),
            letter if is_hidden(letter) => {}
            _ => line.push(' '),
        }
    }
    line.extend(body.chars().filter(|letter| !is_hidden(*letter)));
    line.truncate(line.trim_end().len());
    line
}

/// Whether a compiler or reader stumbles over a letter within a line: control characters, separators of lines that are
/// none, and what turns the direction in which the text is read.
pub(crate) fn is_hidden(letter: char) -> bool {
    match letter {
        '\t' => false,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => true,
        letter => letter.is_control(),
    }
}

/// Writes a description in its [`normal`] form as a block string on lines of its own.
pub(super) fn write(out: &mut String, indent: &str, description: Option<&str>) -> fmt::Result {
    let Some(text) = description else { return Ok(()) };
    let text = text.replace(r#"""""#, r#"\""""#);
    // A quote or backslash before the closing quotes would become one with them.
    if !text.contains('\n') && !text.ends_with(['"', '\\']) {
        return writeln!(out, r#"{indent}"""{text}""""#);
    }
    writeln!(out, r#"{indent}""""#)?;
    for line in text.split('\n') {
        match line {
            "" => writeln!(out)?,
            line => writeln!(out, "{indent}{line}")?,
        }
    }
    writeln!(out, r#"{indent}""""#)
}

/// SDL whose lines are indented by ASCII alone. The parser counts what block strings are indented by in characters of any
/// kind and cuts off bytes.
pub(super) fn ascii_indented(sdl: &str) -> Cow<'_, str> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    if sdl.lines().all(|line| line[..indent(line)].is_ascii()) {
        return Cow::Borrowed(sdl);
    }
    let mut out = String::with_capacity(sdl.len());
    for line in sdl.split_inclusive('\n') {
        let (before, after) = line.split_at(indent(line));
        out.extend(before.chars().map(|letter| if letter.is_ascii() { letter } else { ' ' }));
        out.push_str(after);
    }
    Cow::Owned(out)
}
