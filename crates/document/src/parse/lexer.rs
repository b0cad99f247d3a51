//! Splits a text into tokens.

use super::strings;
use crate::ast::Position;
use crate::problem::Invalid;
use std::borrow::Cow;

/// Whether the text can name something.
#[cfg(feature = "schema")]
pub(crate) fn is_name(text: &str) -> bool {
    text.bytes().next().is_some_and(starts_name) && text.bytes().all(continues_name)
}

fn starts_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

fn continues_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    End,
    Sign(char),
    /// `...`
    Spread,
    Name(&'a str),
    Int(i64),
    Float(f64),
    String(Cow<'a, str>),
}

impl Token<'_> {
    pub(super) fn describe(&self) -> String {
        match self {
            Token::End => "the end of the document".to_owned(),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Spread => "`...`".to_owned(),
            Token::Name(name) => format!("`{name}`"),
            Token::Int(number) => format!("`{number}`"),
            Token::Float(number) => format!("`{number}`"),
            Token::String(_) => "a string".to_owned(),
        }
    }
}

/// Reads one token after the other.
pub(super) struct Lexer<'a> {
    /// The text that has not been read yet.
    rest: &'a str,
    /// Where it starts.
    here: Position,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        Lexer { rest, here: Position { line: 1, column: 1 } }
    }

    /// The next token and where it starts.
    pub(super) fn next(&mut self) -> Result<(Token<'a>, Position), Invalid> {
        self.skip_ignored();
        let at = self.here;
        let (token, length) = token(self.rest).map_err(|message| Invalid::one(message, Some(at)))?;
        match token {
            Token::String(_) => self.pass(length),
            // All other tokens are ASCII on one line.
            _ => {
                self.rest = &self.rest[length..];
                self.here.column = later(at.column, length);
            }
        }
        Ok((token, at))
    }

    /// Skips white space, commas and comments.
    fn skip_ignored(&mut self) {
        loop {
            let bytes = self.rest.as_bytes();
            let blank = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b',')).count();
            self.here.column = later(self.here.column, blank);
            let length = match bytes.get(blank) {
                Some(b'\n') => 1,
                Some(b'\r') => 1 + usize::from(bytes.get(blank + 1) == Some(&b'\n')),
                Some(b'#') => {
                    let comment = bytes[blank..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r'));
                    comment.count()
                }
                Some(0xEF) if self.rest[blank..].starts_with('\u{feff}') => '\u{feff}'.len_utf8(),
                _ => 0,
            };
            self.rest = &self.rest[blank..];
            if length == 0 {
                return;
            }
            self.pass(length);
        }
    }

    /// Moves past a text that may have several lines and any characters.
    fn pass(&mut self, length: usize) {
        let (passed, rest) = self.rest.split_at(length);
        self.rest = rest;
        let mut chars = passed.chars().peekable();
        while let Some(char) = chars.next() {
            if char == '\n' || (char == '\r' && chars.peek() != Some(&'\n')) {
                self.here = Position { line: later(self.here.line, 1), column: 1 };
            } else {
                self.here.column = later(self.here.column, 1);
            }
        }
    }
}

/// A line or column that is later by so much.
fn later(from: u32, by: usize) -> u32 {
    from.saturating_add(u32::try_from(by).unwrap_or(u32::MAX))
}

/// The token at the start of a text, and its length.
fn token(text: &str) -> Result<(Token<'_>, usize), String> {
    let Some(first) = text.bytes().next() else { return Ok((Token::End, 0)) };
    match first {
        b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}' => {
            Ok((Token::Sign(first.into()), 1))
        }
        b'.' if text.starts_with("...") => Ok((Token::Spread, 3)),
        b'.' => Err("expected `...`".to_owned()),
        b'"' => strings::read(text).map(|(value, length)| (Token::String(value), length)).map_err(str::to_owned),
        _ if starts_name(first) => {
            let length = text.bytes().take_while(|byte| continues_name(*byte)).count();
            Ok((Token::Name(&text[..length]), length))
        }
        b'-' | b'0'..=b'9' => number(text),
        _ => Err(format!("unexpected character `{}`", text.chars().take(1).collect::<String>().escape_default())),
    }
}

fn number(text: &str) -> Result<(Token<'_>, usize), String> {
    let bytes = text.as_bytes();
    let digits_from = |at: usize| bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole_at = usize::from(bytes[0] == b'-');
    let mut end = whole_at + digits_from(whole_at);
    let whole = &text[whole_at..end];
    let mut is_valid = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
    let mut is_whole = true;
    if bytes.get(end) == Some(&b'.') {
        is_whole = false;
        let digits = digits_from(end + 1);
        end += 1 + digits;
        is_valid &= digits > 0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        is_whole = false;
        end += 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let digits = digits_from(end);
        end += digits;
        is_valid &= digits > 0;
    }
    is_valid &= !bytes.get(end).is_some_and(|byte| continues_name(*byte) || *byte == b'.');
    let text = &text[..end];
    if !is_valid {
        return Err(format!("`{text}` is not a number"));
    }
    match (is_whole, text.parse(), text.parse::<f64>()) {
        (true, Ok(number), _) => Ok((Token::Int(number), end)),
        (false, _, Ok(number)) if number.is_finite() => Ok((Token::Float(number), end)),
        _ => Err(format!("`{text}` is too large")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens of a text, each with its position.
    fn tokens(text: &str) -> Vec<String> {
        let mut lexer = Lexer::new(text);
        let mut found = Vec::new();
        loop {
            match lexer.next() {
                Ok((Token::End, at)) => {
                    found.push(format!("{at} end"));
                    return found;
                }
                Ok((token, at)) => found.push(format!("{at} {}", token.describe())),
                Err(error) => {
                    found.push(error.to_string());
                    return found;
                }
            }
        }
    }

    #[test]
    fn positions_count_lines_and_characters() {
        assert_eq!(tokens("\u{feff}a\r\nb\rc\n\n d"), ["1:1 `a`", "2:1 `b`", "3:1 `c`", "5:2 `d`", "5:3 end"]);
        assert_eq!(tokens("\"é\" a # é\u{1F600}"), ["1:1 a string", "1:5 `a`", "1:11 end"]);
        assert_eq!(tokens("\"\"\"x\ny\"\"\"z"), ["1:1 a string", "2:5 `z`", "2:6 end"]);
        assert_eq!(tokens(", \u{feff}\tx#\ny"), ["1:5 `x`", "2:1 `y`", "2:2 end"]);
    }

    #[test]
    fn numbers_are_read() {
        assert_eq!(
            tokens("0 -1 1.5 1e3 -2.0E-1"),
            ["1:1 `0`", "1:3 `-1`", "1:6 `1.5`", "1:10 `1000`", "1:14 `-0.2`", "1:21 end"]
        );
        for text in ["01", "-", "1.", "1e", "1e+", "1a", "1.5.2", "-01"] {
            assert!(tokens(text)[0].ends_with("is not a number"), "{text}");
        }
        assert_eq!(tokens("9223372036854775808"), ["1:1: `9223372036854775808` is too large"]);
        assert_eq!(tokens("1e400"), ["1:1: `1e400` is too large"]);
    }

    #[test]
    fn invalid_tokens_are_errors() {
        assert_eq!(tokens("a .."), ["1:1 `a`", "1:3: expected `...`"]);
        assert_eq!(tokens("é"), ["1:1: unexpected character `\\u{e9}`"]);
        assert_eq!(tokens("\"a"), ["1:1: the string has no end"]);
    }
}
