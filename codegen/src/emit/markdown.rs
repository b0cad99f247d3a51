//! Descriptions of a schema as doc comments.
//!
//! Who writes a description thinks of a web page, or of nothing. As a doc comment it must not become a test that fails, an
//! image or HTML that comes along, a link to nowhere, or a warning of rustdoc. Code, emphasis, lists and links to web
//! pages stay; everything else is shown as it is written.

use crate::ingest::graphql::is_hidden;

/// A description as Markdown that holds no surprises.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut fence = None;
    for line in text.trim().lines() {
        let line: String = line.chars().filter(|letter| !is_hidden(*letter)).collect();
        match (fence, fence_of(&line)) {
            (None, None) => prose(&mut out, &line),
            (None, opening @ Some(sign)) => {
                fence = opening;
                out.extend([sign; FENCE]);
                // Code that says no language would be tried out by `cargo test`.
                out.push_str("text");
            }
            (Some(sign), Some(closing)) if sign == closing => {
                fence = None;
                out.extend([sign; FENCE]);
            }
            (Some(_), _) => out.push_str(line.trim_end()),
        }
        out.push('\n');
    }
    if let Some(sign) = fence {
        out.extend([sign; FENCE]);
    }
    out.truncate(out.trim_end().len());
    out
}

/// How many signs begin and end a block of code.
const FENCE: usize = 3;

/// The sign of a line that begins or ends a block of code.
fn fence_of(line: &str) -> Option<char> {
    let line = line.trim_start();
    let sign = line.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let after = line.trim_start_matches(sign);
    // What has such a sign further on is code within a line.
    (line.len() - after.len() >= FENCE && !(sign == '`' && after.contains(sign))).then_some(sign)
}

/// A line outside of blocks of code.
fn prose(out: &mut String, line: &str) {
    // More than three spaces would make it code, and so would more than one behind the sign of a list.
    let body = line.trim_start();
    let indent = line[..line.len() - body.len()].chars().count().min(3);
    let words = body.split_whitespace().collect::<Vec<_>>().join(" ");
    out.extend(std::iter::repeat_n(' ', indent));
    let underlines = words.chars().all(|sign| matches!(sign, '-' | '=' | ':' | '|' | ' '));
    if underlines && !words.is_empty() {
        out.push('\\');
    }
    let mut rest = words.as_str();
    while let Some(letter) = rest.chars().next() {
        let taken = span(out, rest).unwrap_or_else(|| {
            let is_sign = matches!(letter, '<' | '>' | '[' | ']' | '|' | '`' | '\\' | '~');
            if is_sign
                || rest.starts_with("![")
                || (begins_heading(rest) && !out.ends_with(|c: char| c.is_alphanumeric()))
            {
                out.push('\\');
            }
            out.push(letter);
            letter.len_utf8()
        });
        rest = &rest[taken..];
    }
}

/// Whether a text begins with a sign of headings that stands alone, be it within a list.
fn begins_heading(text: &str) -> bool {
    text.split(' ').next().is_some_and(|word| !word.is_empty() && word.bytes().all(|byte| byte == b'#'))
}

/// Writes what stands at the beginning of a text and is more than letters; how long it is.
fn span(out: &mut String, text: &str) -> Option<usize> {
    let (shown, length) = escape(text)
        .or_else(|| code(text))
        .or_else(|| link(text))
        .map(|shown| (shown.to_owned(), shown.len()))
        .or_else(|| address(text).map(|address| (format!("<{address}>"), address.len())))?;
    out.push_str(&shown);
    Some(length)
}

/// A sign that is escaped already.
fn escape(text: &str) -> Option<&str> {
    let sign = text.strip_prefix('\\')?.chars().next()?;
    sign.is_ascii_punctuation().then(|| &text[..2])
}

/// Code between backticks on one line.
fn code(text: &str) -> Option<&str> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let mut at = ticks;
    while let Some(next) = text[at..].find('`').filter(|_| ticks > 0) {
        let run = text[at + next..].len() - text[at + next..].trim_start_matches('`').len();
        at += next + run;
        if run == ticks {
            return Some(&text[..at]);
        }
    }
    None
}

/// A link to a web page, if its text is plain.
fn link(text: &str) -> Option<&str> {
    let (shown, after) = text.strip_prefix('[')?.split_once("](")?;
    let is_plain = !shown.trim().is_empty() && !shown.contains(['[', ']', '<', '>', '`', '\\', '|', '~', '!']);
    let target = address(after)?;
    let is_whole = after[target.len()..].starts_with(')') && !shown.contains("://");
    (is_plain && is_whole).then(|| &text[..1 + shown.len() + 2 + target.len() + 1])
}

/// The address of a web page, without the sentence's end.
fn address(text: &str) -> Option<&str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/?#@!$&*+,;=%".contains(letter);
    let host = host.split(|letter| !fits(letter)).next()?.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
    let start = text.find("//")? + 2;
    host.starts_with(|first: char| first.is_ascii_alphanumeric()).then(|| &text[..start + host.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, Options, Parser, Tag};

    /// What rustdoc reads doc comments with.
    fn options() -> Options {
        Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_SMART_PUNCTUATION
    }

    /// The first surprise in a doc comment.
    fn surprise(markdown: &str) -> Option<String> {
        // What could be the name of an item is a link for rustdoc.
        let mut to_items = Vec::new();
        let resolve = |link: BrokenLink<'_>| {
            to_items.push(link.reference.to_string());
            Some((CowStr::Borrowed("item"), CowStr::Borrowed("")))
        };
        let mut within = 0;
        let mut found = None;
        for event in Parser::new_with_broken_link_callback(markdown, options(), Some(resolve)) {
            let is_surprise = match &event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    within += 1;
                    !matches!(kind, CodeBlockKind::Fenced(language) if &**language == "text")
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    within += 1;
                    !dest_url.starts_with("http://") && !dest_url.starts_with("https://")
                }
                Event::End(end) => {
                    use pulldown_cmark::TagEnd;
                    within -= i32::from(matches!(end, TagEnd::CodeBlock | TagEnd::Link));
                    false
                }
                Event::Start(Tag::Image { .. } | Tag::Table(_) | Tag::FootnoteDefinition(_) | Tag::Heading { .. })
                | Event::Html(_)
                | Event::InlineHtml(_)
                | Event::FootnoteReference(_)
                | Event::TaskListMarker(_) => true,
                Event::Text(text) if within == 0 => text.match_indices("://").any(|(at, _)| {
                    (text[..at].ends_with("http") || text[..at].ends_with("https"))
                        && text[at + 3..].starts_with(|first: char| first.is_ascii_alphanumeric())
                }),
                _ => false,
            };
            if is_surprise {
                found.get_or_insert(format!("{event:?}"));
            }
        }
        found.or(to_items.pop())
    }

    /// Pieces that mean something to Markdown, to rustdoc or to Rust.
    const PIECES: &[&str] = &[
        "`",
        "``",
        "```",
        "````",
        "```rust",
        "~~~",
        "<",
        ">",
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "<br/>",
        "<script>",
        "[",
        "]",
        "(",
        ")",
        "](",
        "![",
        "[x](",
        "[ ]",
        "[^1]",
        "[^1]: x",
        "[a]: b",
        "[`Vec`]",
        "[Foo::bar]",
        "http://",
        "https://",
        "https://a.example/x",
        "https://a.b_c",
        "\\",
        "\\\\",
        "\\[",
        "\\`",
        "|",
        "---",
        "===",
        "|-|-|",
        "a|b",
        ":-:",
        "#",
        "# ",
        "- ",
        "1. ",
        "* ",
        "+",
        "\n",
        "\n\n",
        "\r",
        "\t",
        " ",
        "    ",
        "*",
        "**",
        "_",
        "&lt;",
        "&",
        "!",
        "\"",
        "'",
        "*/",
        "/*",
        "//",
        "\u{202e}",
        "\u{0}",
        "\u{a0}",
        "\u{3000}",
        "\u{2028}",
        "é",
        "word",
        "$x$",
        "://",
        "www.a.b",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn descriptions_never_contain_active_markup(
            pieces in prop::collection::vec(prop_oneof![
                4 => prop::sample::select(PIECES).prop_map(str::to_owned),
                1 => any::<char>().prop_map(String::from),
            ], 0..24),
        ) {
            let text = pieces.concat();
            let shown = markdown(&text);
            prop_assert_eq!(surprise(&shown), None, "{:?} becomes {:?}", text, shown);
        }
    }

    #[test]
    fn harmless_markdown_is_kept() {
        for text in [
            "Plain words, **bold** and _slanted_; `code <T>` and ``code ` too``.",
            "See [the docs](https://docs.gitlab.com/ee/api/#x).",
            "- one\n- two\n  - below two\n\n1. three",
            "A\nB\n\nC",
            "Escaped \\[ and \\`.",
            "```text\n<b>   [x]\n```",
        ] {
            assert_eq!(markdown(text), text);
        }
    }

    #[test]
    fn active_markup_is_escaped() {
        for (text, shown) in [
            ("See https://docs.gitlab.com/x.", "See <https://docs.gitlab.com/x>."),
            ("(https://a.example)", "(<https://a.example>)"),
            ("<b>, List<T>, [`Vec`] and [x](../y.md)", "\\<b\\>, List\\<T\\>, \\[`Vec`\\] and \\[x\\](../y.md)"),
            ("![x](https://a.example/x.png)", "\\![x](https://a.example/x.png)"),
            ("[https://a.example](https://b.example)", "\\[<https://a.example>\\](<https://b.example>)"),
            ("    code by indent\n\ttoo", "code by indent\n too"),
            ("-     code", "- code"),
            ("```ruby\nx  =  1", "```text\nx  =  1\n```"),
            ("~~~\n```\n~~~", "~~~text\n```\n~~~"),
            ("- ```\nx", "- \\`\\`\\`\nx"),
            ("# Title\nOther\n===", "\\# Title\nOther\n\\==="),
            ("a | b\n--|--", "a \\| b\n\\--\\|--"),
            ("one ` tick", "one \\` tick"),
            ("back\\slash\\", "back\\\\slash\\\\"),
            ("bidi \u{202e}x\u{7}\r\nnext", "bidi x\nnext"),
        ] {
            assert_eq!(markdown(text), shown);
            assert_eq!(surprise(shown), None, "{shown}");
        }
    }

    #[test]
    fn test_helper_detects_active_markup() {
        for text in [
            "<b>x",
            "[Vec]",
            "[x](y)",
            "    let x",
            "```\nx\n```",
            "https://a.example",
            "![x](https://a.example)",
            "# x",
            "a|b\n-|-",
            "`a|`<b>`",
        ] {
            assert!(surprise(text).is_some(), "{text}");
        }
    }
}
