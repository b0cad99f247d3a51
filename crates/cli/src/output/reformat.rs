//! Changes the white space of JSON texts and nothing else.
//!
//! Member order, digits of numbers and escapes stay exactly as GitLab sent them. Parsed values would not guarantee
//! this.

use std::io::{self, Write};

/// Writes a JSON text on one line.
pub(crate) fn compact(out: &mut impl Write, json: &str) -> io::Result<()> {
    for token in tokens(json) {
        out.write_all(token.as_bytes())?;
    }
    Ok(())
}

/// Writes a JSON text with two spaces for each level; `level` is that of the text itself.
pub(crate) fn indent(out: &mut impl Write, json: &str, level: usize) -> io::Result<()> {
    let mut level = level;
    let mut opened = false;
    for token in tokens(json) {
        match token {
            "}" | "]" => {
                level = level.saturating_sub(1);
                // An empty object or list stays on one line.
                if !opened {
                    line(out, level)?;
                }
                opened = false;
            }
            _ if opened => {
                line(out, level)?;
                opened = false;
            }
            _ => {}
        }
        out.write_all(token.as_bytes())?;
        match token {
            "{" | "[" => {
                level += 1;
                opened = true;
            }
            "," => line(out, level)?,
            ":" => out.write_all(b" ")?,
            _ => {}
        }
    }
    Ok(())
}

/// Begins a line at a level.
pub(crate) fn line(out: &mut impl Write, level: usize) -> io::Result<()> {
    out.write_all(b"\n")?;
    (0..level).try_for_each(|_| out.write_all(b"  "))
}

/// The tokens of a valid JSON text, without the white space between them.
fn tokens(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let bytes = rest.as_bytes();
        let length = match bytes.first()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => {
                let mut at = 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                (at + 1).min(bytes.len())
            }
            _ => rest.find([' ', '\t', '\r', '\n', ',', ':', '}', ']']).unwrap_or(rest.len()).max(1),
        };
        // All searched bytes are ASCII, so this is a character boundary. An invalid text ends the tokens.
        let (token, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn output_is_indented_like_serde_json() {
        let texts = [
            r#"{"a":[1,{"b":null},[]],"c":{},"d":"x,:{}[]\" \\","é":"\u00e9"}"#,
            "[]",
            "\"text\"",
            "12",
            "[[],[[]],{}]",
        ];
        for text in texts {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let mut expected = serde_json::to_string_pretty(&value).unwrap();
            if text.contains("u00e9") {
                // The escape is kept. The members of `Value` are in alphabetical order, as here.
                expected = expected.replace("\"é\": \"é\"", "\"é\": \"\\u00e9\"");
            }
            assert_eq!(written(|out| indent(out, text, 0)), expected);
            // Indenting twice changes nothing.
            assert_eq!(written(|out| indent(out, &expected, 0)), expected);
        }
    }

    #[test]
    fn compacting_does_not_change_values() {
        let text = "{ \"b\" : 1.0 ,\r\n\t\"a\": [ 12345678901234567890123, \"two  words\\n\" ] }\n";
        let expected = r#"{"b":1.0,"a":[12345678901234567890123,"two  words\n"]}"#;
        assert_eq!(written(|out| compact(out, text)), expected);
    }

    #[test]
    fn invalid_texts_do_not_panic() {
        for text in ["\"", "\"\\", "{", "\"é", "]", ",,", "\"\\é"] {
            written(|out| compact(out, text));
            written(|out| indent(out, text, 0));
        }
    }
}
