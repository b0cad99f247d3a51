//! Reads string literals: `"text"` and `"""block"""`.

use std::borrow::Cow;

const NO_END: &str = "the string has no end";
const UNKNOWN_ESCAPE: &str = "the string has an unknown escape";

type Read<T> = Result<T, &'static str>;

/// Reads the string at the start of a text that starts with a quote: its value, and its length in the text.
pub(super) fn read(text: &str) -> Read<(Cow<'_, str>, usize)> {
    if let Some(block) = text.strip_prefix(QUOTES) {
        let end = block_end(block).ok_or(NO_END)?;
        let value = unindented(&block[..end].replace(ESCAPED_QUOTES, QUOTES));
        return Ok((value.into(), end + 2 * QUOTES.len()));
    }
    let mut value = String::new();
    let mut rest = &text[1..];
    loop {
        let stop = rest.find(['"', '\\', '\n', '\r']).ok_or(NO_END)?;
        let (plain, from) = rest.split_at(stop);
        if let Some(after) = from.strip_prefix('"') {
            let length = text.len() - after.len();
            if value.is_empty() {
                return Ok((plain.into(), length));
            }
            value.push_str(plain);
            return Ok((value.into(), length));
        }
        let (char, after) = escape(from.strip_prefix('\\').ok_or(NO_END)?)?;
        value.push_str(plain);
        value.push(char);
        rest = after;
    }
}

/// Reads what follows a backslash; the second value is the rest of the text.
fn escape(text: &str) -> Read<(char, &str)> {
    let mut chars = text.chars();
    let char = match chars.next() {
        Some(char @ ('"' | '\\' | '/')) => char,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode(chars.as_str()),
        _ => return Err(UNKNOWN_ESCAPE),
    };
    Ok((char, chars.as_str()))
}

/// Reads what follows `\u`: four digits, a pair of surrogates, or any number of digits in braces.
fn unicode(text: &str) -> Read<(char, &str)> {
    let (mut code, mut rest) = match text.strip_prefix('{') {
        Some(braced) => {
            let (digits, rest) = braced.split_once('}').ok_or(UNKNOWN_ESCAPE)?;
            (hexadecimal(digits)?, rest)
        }
        None => four_digits(text)?,
    };
    if (0xd800..0xdc00).contains(&code) {
        let (low, after) = four_digits(rest.strip_prefix("\\u").ok_or(UNKNOWN_ESCAPE)?)?;
        if !(0xdc00..0xe000).contains(&low) {
            return Err(UNKNOWN_ESCAPE);
        }
        code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        rest = after;
    }
    Ok((char::from_u32(code).ok_or(UNKNOWN_ESCAPE)?, rest))
}

fn four_digits(text: &str) -> Read<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4).ok_or(UNKNOWN_ESCAPE)?;
    Ok((hexadecimal(digits)?, rest))
}

fn hexadecimal(digits: &str) -> Read<u32> {
    // `from_str_radix` would also accept a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(UNKNOWN_ESCAPE);
    }
    u32::from_str_radix(digits, 16).map_err(|_| UNKNOWN_ESCAPE)
}

/// Begins and ends a block string.
const QUOTES: &str = "\"\"\"";
/// The same three quotes inside a block string.
const ESCAPED_QUOTES: &str = "\\\"\"\"";

/// The length of a block string's content.
fn block_end(block: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let end = from + block[from..].find(QUOTES)?;
        if !block[..end].ends_with('\\') {
            return Some(end);
        }
        from = end + QUOTES.len();
    }
}

/// A block string without the indentation that its lines share, and without the blank lines around it.
fn unindented(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let is_blank = |line: &str| line.trim_matches([' ', '\t']).is_empty();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let shared = lines.iter().skip(1).filter(|line| !is_blank(line)).map(|line| indent(line)).min().unwrap_or(0);
    let cut = |(index, line): (usize, &&'_ str)| match index {
        0 => (*line).to_owned(),
        _ => line.get(shared..).unwrap_or_default().to_owned(),
    };
    let lines: Vec<String> = lines.iter().enumerate().map(cut).collect();
    let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !is_blank(line)).map_or(first, |last| last + 1);
    lines[first..last].join("\n")
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_value_ends_at_the_closing_quote() {
        for (text, value, length) in [
            (r#""""#, "", 2),
            (r#""a" b"#, "a", 3),
            (r#""é\"b" c"#, "é\"b", 7),
            (r#""""a""""#, "a", 7),
            (r#""""a\""""""b"#, "a\"\"\"", 11),
            (r#""""""" x"#, "", 6),
        ] {
            let read = read(text).expect(text);
            assert_eq!((&*read.0, read.1), (value, length), "{text}");
        }
        for text in [r#"""#, r#""a"#, "\"a\nb\"", r#""a\""#, r#""""a"""#, r#""\u12"#, r#""\u{110000}""#, r#""\u+123""#]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn escapes_are_characters() {
        assert_eq!(read(r#""\u00e9\u{1F600}\uD83D\uDE00\n\/""#).expect("a string").0, "é😀😀\n/");
        for text in [r#""\uD83D""#, r#""\uD83D\u0041""#, r#""\uDE00""#, r#""\x""#, r#""\u{}""#, r#""\u{D83D}""#] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn block_strings_lose_shared_indentation() {
        let text = "\"\"\"\n    one\n      two \\\"\"\"\n\n  \"\"\"";
        assert_eq!(read(text).expect("a string").0, "one\n  two \"\"\"");
    }
}
