//! Rust source as tokens with their lines. It keeps comments and string literals, which prose is read from.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or a keyword.
    Word,
    /// One punctuation character.
    Punct,
    /// The contents of a string literal, escapes as written.
    Text,
    /// A line comment or a block comment with its markers.
    Comment,
    /// A number, a character or a lifetime.
    Other,
}

/// A part of a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: &'a str,
    /// The line it starts on, from 1.
    pub line: usize,
}

impl Token<'_> {
    /// Whether it is this identifier or keyword.
    #[must_use]
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    /// Whether it is this character.
    #[must_use]
    pub fn is_punct(&self, character: &str) -> bool {
        self.kind == Kind::Punct && self.text == character
    }
}

/// Splits source text into tokens. Text that is not Rust gives some tokens, too; it never panics.
#[must_use]
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, bytes: source.as_bytes(), at: 0, line: 1 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    tokens
}

/// The same without comments.
#[must_use]
pub fn code(source: &str) -> Vec<Token<'_>> {
    tokens(source).into_iter().filter(|token| token.kind != Kind::Comment).collect()
}

struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        while self.byte(0).is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.advance(1);
        }
        let (start, line) = (self.at, self.line);
        let first = self.byte(0)?;
        if first == b'/' && matches!(self.byte(1), Some(b'/' | b'*')) {
            self.comment();
            return Some(Token { kind: Kind::Comment, text: self.since(start), line });
        }
        if let Some((prefix, hashes)) = self.string_start() {
            let text = self.string(prefix, hashes);
            return Some(Token { kind: Kind::Text, text, line });
        }
        let kind = match first {
            b'\'' => {
                self.quote();
                Kind::Other
            }
            b'0'..=b'9' => {
                self.while_word();
                Kind::Other
            }
            _ if is_word(first) => {
                self.while_word();
                if self.since(start) == "r" && self.byte(0) == Some(b'#') && self.byte(1).is_some_and(is_word) {
                    self.advance(1);
                    let start = self.at;
                    self.while_word();
                    return Some(Token { kind: Kind::Word, text: self.since(start), line });
                }
                Kind::Word
            }
            _ => {
                self.advance(1);
                Kind::Punct
            }
        };
        Some(Token { kind, text: self.since(start), line })
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn since(&self, start: usize) -> &'a str {
        self.source.get(start..self.at).unwrap_or_default()
    }

    fn advance(&mut self, by: usize) {
        let end = (self.at + by).min(self.bytes.len());
        self.line += self.bytes[self.at..end].iter().filter(|byte| **byte == b'\n').count();
        self.at = end;
    }

    fn while_word(&mut self) {
        while self.byte(0).is_some_and(is_word) {
            self.at += 1;
        }
    }

    fn comment(&mut self) {
        if self.byte(1) == Some(b'/') {
            while self.byte(0).is_some_and(|byte| byte != b'\n') {
                self.at += 1;
            }
            return;
        }
        let mut depth = 0_usize;
        loop {
            match (self.byte(0), self.byte(1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    self.advance(2);
                }
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    self.advance(2);
                    if depth == 0 {
                        return;
                    }
                }
                (Some(_), _) => self.advance(1),
                (None, _) => return,
            }
        }
    }

    /// The length of what precedes the opening quote, and the hashes of a raw string.
    fn string_start(&self) -> Option<(usize, Option<usize>)> {
        let rest = &self.bytes[self.at..];
        let letters = rest.iter().take(2).take_while(|byte| matches!(byte, b'b' | b'c' | b'r')).count();
        let raw = rest[..letters].ends_with(b"r");
        if letters == 2 && !raw {
            return None;
        }
        let hashes = if raw { rest[letters..].iter().take_while(|byte| **byte == b'#').count() } else { 0 };
        (rest.get(letters + hashes) == Some(&b'"')).then_some((letters + hashes, raw.then_some(hashes)))
    }

    fn string(&mut self, prefix: usize, hashes: Option<usize>) -> &'a str {
        self.advance(prefix + 1);
        let start = self.at;
        while let Some(byte) = self.byte(0) {
            match (byte, hashes) {
                (b'\\', None) => self.advance(2),
                (b'"', _) => {
                    let hashes = hashes.unwrap_or(0);
                    let closing = &self.bytes[self.at + 1..];
                    if closing.iter().take(hashes).filter(|byte| **byte == b'#').count() == hashes {
                        let text = self.since(start);
                        self.advance(1 + hashes);
                        return text;
                    }
                    self.advance(1);
                }
                _ => self.advance(1),
            }
        }
        self.since(start)
    }

    /// A character or a lifetime.
    fn quote(&mut self) {
        let mut characters = self.source[self.at + 1..].chars();
        match (characters.next(), characters.next()) {
            (Some('\\'), _) => {
                self.advance(3);
                while self.byte(0).is_some_and(|byte| byte != b'\'' && byte != b'\n') {
                    self.at += 1;
                }
                self.advance(1);
            }
            (Some(character), Some('\'')) => self.advance(2 + character.len_utf8()),
            _ => {
                self.advance(1);
                self.while_word();
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<(Kind, &str)> {
        tokens(source).into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn strings_and_comments_are_kept_whole() {
        assert_eq!(
            texts("a /* b /* c */ */ \"d\\\"e\" r#\"f\"g\"# // h"),
            [
                (Kind::Word, "a"),
                (Kind::Comment, "/* b /* c */ */"),
                (Kind::Text, "d\\\"e"),
                (Kind::Text, "f\"g"),
                (Kind::Comment, "// h"),
            ]
        );
    }

    #[test]
    fn characters_and_lifetimes_are_distinguished() {
        let found = texts(r"'a' '\'' 'b: '\u{1F600}' '“'");
        let kinds: Vec<_> = found.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [Kind::Other, Kind::Other, Kind::Other, Kind::Punct, Kind::Other, Kind::Other]);
    }

    #[test]
    fn raw_identifiers_lose_their_marker() {
        assert_eq!(texts("r#type b'x'"), [(Kind::Word, "type"), (Kind::Word, "b"), (Kind::Other, "'x'")]);
    }

    #[test]
    fn lines_are_counted_within_strings_and_comments() {
        let found = tokens("a\n\"b\nc\"\n/* d\n*/ e");
        let lines: Vec<_> = found.iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 4, 5]);
    }
}
