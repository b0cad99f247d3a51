//! Descriptions: their normal form, and block strings in SDL.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// The spaces for a tab at the beginning of a line.
const TAB: &str = "    ";

/// A description in a form that a block string can represent: lines without hidden characters and trailing spaces, the
/// first and the last line not blank. None if nothing is left.
pub(super) fn normal(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = text.split('\n').map(line).collect();
    let normal = lines.join("\n").trim().to_owned();
    (!normal.is_empty()).then_some(normal)
}

/// A line of a description. Its indentation becomes spaces, since block strings support nothing else.
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

/// Whether a character is hidden or misleading within a line: control characters, Unicode line separators, and characters
/// that change the text direction.
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
    // A quote or backslash before the closing quotes would change their meaning.
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

/// SDL whose lines are indented with ASCII only. The parser counts the indentation of block strings in characters, and
/// removes bytes.
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
