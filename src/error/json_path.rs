//! Finds where decoding failed in a JSON text: the path of the value, and an excerpt without secrets.
//!
//! To be fast, decoding does not keep the path. If it fails, the text is read once more.

use crate::redact;
use std::fmt::Write;

/// Maximum bytes of an excerpt.
const EXCERPT: usize = 256;
/// Maximum bytes of an excerpt before the error.
const BEFORE: usize = 96;

/// A position in a JSON text, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// The path of the value, `[3].author.id` for example; empty for the whole document.
    pub(crate) path: String,
    /// The text around the position, with secrets masked.
    pub(crate) excerpt: String,
}

/// The offset that `serde_json` means by a line and a column, both counted from 1.
pub(crate) fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match bytes[start..].iter().position(|byte| *byte == b'\n') {
            Some(end) => start += end + 1,
            None => break,
        }
    }
    (start + column).min(bytes.len())
}

enum Level {
    Object(Option<String>),
    Array(usize),
}

/// Reads the text up to `offset` and returns the value there. `prefix` is the path of the text itself.
pub(crate) fn locate(bytes: &[u8], offset: usize, prefix: &str) -> Position {
    let mut levels: Vec<Level> = Vec::new();
    // The path at `offset`.
    let mut path = None;
    let mut masked = String::new();
    let mut mark = 0;
    let mut at = 0;
    while at < bytes.len() && at < offset + EXCERPT {
        if path.is_none() && at >= offset {
            path = Some(render(prefix, &levels));
            mark = masked.len();
        }
        let byte = bytes[at];
        match byte {
            b'"' => {
                let end = string_end(bytes, at);
                let text = String::from_utf8_lossy(&bytes[at..end]);
                if is_key(bytes, end)
                    && let Some(Level::Object(key)) = levels.last_mut()
                {
                    *key = Some(text.trim_matches('"').to_owned());
                    masked.push_str(&text);
                } else if is_secret(&levels) {
                    let _ = write!(masked, "\"{}\"", redact::MASK);
                } else {
                    masked.push_str(&redact::text(&text));
                }
                if path.is_none() && end > offset {
                    path = Some(render(prefix, &levels));
                    mark = masked.len();
                }
                at = end;
                continue;
            }
            b'{' => levels.push(Level::Object(None)),
            b'[' => levels.push(Level::Array(0)),
            b'}' | b']' => drop(levels.pop()),
            b',' => match levels.last_mut() {
                Some(Level::Array(index)) => *index += 1,
                Some(Level::Object(key)) => *key = None,
                None => {}
            },
            _ => {}
        }
        // A number under a secret name is secret too.
        if byte.is_ascii_digit() && is_secret(&levels) {
            masked.push('*');
        } else {
            masked.push(if byte.is_ascii() { char::from(byte) } else { '?' });
        }
        at += 1;
    }
    if path.is_none() {
        path = Some(render(prefix, &levels));
        mark = masked.len();
    }
    Position { path: path.unwrap_or_default(), excerpt: window(&masked, mark) }
}

/// The end of the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn is_key(bytes: &[u8], end: usize) -> bool {
    bytes[end..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

fn is_secret(levels: &[Level]) -> bool {
    levels.iter().any(|level| matches!(level, Level::Object(Some(key)) if redact::is_secret_name(key)))
}

fn render(prefix: &str, levels: &[Level]) -> String {
    let mut path = prefix.to_owned();
    for level in levels {
        match level {
            Level::Object(Some(key)) if path.is_empty() => path.push_str(key),
            Level::Object(Some(key)) => {
                path.push('.');
                path.push_str(key);
            }
            Level::Object(None) => {}
            Level::Array(index) => {
                let _ = write!(path, "[{index}]");
            }
        }
    }
    path
}

/// Up to [`EXCERPT`] bytes of `text` around `mark`.
fn window(text: &str, mark: usize) -> String {
    let mut start = mark.saturating_sub(BEFORE);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = (start + EXCERPT).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[start..end].to_owned()
}

/// The beginning of a response that is not JSON, for people.
pub(crate) fn beginning(bytes: &[u8]) -> String {
    // Cutting before masking could leave half of a token.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * EXCERPT)]);
    let masked = redact::text(&text);
    let mut end = EXCERPT.min(masked.len());
    while !masked.is_char_boundary(end) {
        end -= 1;
    }
    masked[..end].trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use glabflow_contract::decode;
    use std::collections::BTreeMap;

    fn failure<T: glabflow_contract::Decode>(text: &str) -> Position {
        let error = decode::from_slice::<T>(text.as_bytes()).err().expect("it cannot be decoded");
        locate(text.as_bytes(), offset(text.as_bytes(), error.line(), error.column()), "")
    }

    #[test]
    fn the_path_of_the_undecodable_value_is_found() {
        assert_eq!(failure::<Vec<i64>>(r#"[1, 2, {"a": 1}]"#).path, "[2]");
        assert_eq!(failure::<BTreeMap<String, i64>>("{\"a\": 1,\n \"b\": \"x\"}").path, "b");
        assert_eq!(failure::<BTreeMap<String, Vec<i64>>>(r#"{"a": [1], "b": [1, "x"]}"#).path, "b[1]");
        assert_eq!(failure::<i64>(r#""x""#).path, "");
        assert_eq!(failure::<Vec<i64>>("[1, 2").path, "[1]");
    }

    #[test]
    fn an_excerpt_is_short_and_hides_secrets() {
        let text = format!(
            r#"{{"token": "abc", "n": {{"api_key": 12345}}, "s": "glpat-{0}", "b": "x", "c": "{0}"}}"#,
            "y".repeat(600)
        );
        let position = failure::<BTreeMap<String, i64>>(&text);
        assert!(position.excerpt.len() <= EXCERPT, "{}", position.excerpt.len());
        assert!(!position.excerpt.contains("abc") && !position.excerpt.contains("12345"), "{}", position.excerpt);
        // Half of a secret would be as bad, wherever the window begins.
        for cut in 0..text.len() {
            let excerpt = super::locate(text.as_bytes(), cut, "").excerpt;
            assert!(!excerpt.contains("abc") && !excerpt.contains("123"), "{cut}: {excerpt}");
            assert!(!excerpt.contains("glpat-"), "{cut}: {excerpt}");
        }
    }

    #[test]
    fn broken_text_does_not_panic() {
        for text in ["", "\"", "{\"a\\", "[[[[", "}}]],,", "\"\\\"", "{\"é\": \"é", "\u{0}"] {
            for offset in 0..=text.len() + 2 {
                let _ = locate(text.as_bytes(), offset, "[0]");
            }
        }
        assert_eq!(offset(b"a\nb", 9, 9), 3);
    }
}
