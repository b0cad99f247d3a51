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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::graphql::schema::{Composite, Field, InputValue, Kind, Marks, Schema, Type, TypeExpr};
    use crate::ingest::graphql::{parse, print};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// A schema in which everything that can have a description has this one.
    fn described(text: &str) -> Schema {
        let marks = || Marks { description: normal(text), deprecated: Some("16.3".to_owned()), ee: None };
        let input = |name: &str| {
            let ty = TypeExpr::Named(name.to_owned());
            InputValue { ty, default: None, marks: marks() }
        };
        let inputs = || BTreeMap::from([("a".to_owned(), input("Int")), ("b".to_owned(), input("Filter"))]);
        let field = Field { ty: TypeExpr::Named("Color".to_owned()), args: inputs(), marks: marks() };
        let composite =
            Composite { interfaces: BTreeSet::new(), fields: BTreeMap::from([("field".to_owned(), field)]) };
        let kinds = [
            ("Any", Kind::Interface(composite.clone())),
            ("Color", Kind::Enum(BTreeMap::from([("RED".to_owned(), marks()), ("BLUE".to_owned(), marks())]))),
            ("Date", Kind::Scalar),
            ("Filter", Kind::Input(inputs())),
            ("Query", Kind::Object(composite)),
            ("Thing", Kind::Union(BTreeSet::from(["Query".to_owned()]))),
        ];
        let types = kinds.into_iter().map(|(name, kind)| (name.to_owned(), Type { marks: marks(), kind }));
        Schema { query: "Query".to_owned(), types: types.collect(), ..Schema::default() }
    }

    #[track_caller]
    fn round(text: &str) {
        let schema = described(text);
        let sdl = print(&schema);
        let again = parse(&sdl).unwrap_or_else(|error| panic!("{error:#}\n{sdl}"));
        assert_eq!(again, schema, "{sdl}");
    }

    #[test]
    fn descriptions_that_are_hard_to_quote_round_trip() {
        for text in [
            "",
            "Plain.",
            "Ends with \"",
            "\"Begins\" so",
            "\"\"\"",
            "four \"\"\"\" five \"\"\"\"\" six \"\"\"\"\"\"",
            "\\\"\"\"",
            "ends with \\",
            "a\r\nb\rc\n",
            "first\n  indented\n\n\n\tby a tab\n",
            "  indented\n  all the way",
            "\u{3000}wide\n\u{3000}space\n\u{a0}\nx",
            "bell \u{7} null \0 escape \u{1b}[31m delete \u{7f} next \u{85} line",
            "# no comment",
            "\u{feff}mark",
            "tab\tinside \u{2028}and separators",
            "\u{7}\u{3000}\u{7} x",
        ] {
            round(text);
        }
        assert_eq!(normal(" \r\n\u{7}\t"), None);
        assert_eq!(normal("a \r\n\tb\u{0}\n").as_deref(), Some("a\n    b"));
    }

    proptest! {
        #[test]
        fn arbitrary_descriptions_round_trip(text in r#"([ -~]|["\\\n\r\t ]|\PC|\p{C}|"""|\\"""){0,40}"#) {
            round(&text);
            let once = normal(&text);
            prop_assert_eq!(once.as_deref().and_then(normal), once);
        }
    }

    #[test]
    fn any_white_space_is_accepted_as_indentation() {
        let sdl = "\"\"\"\n  a\n\u{3000}\n\u{3000}b\n\"\"\"\ntype Query {\n\u{a0} id: ID\n}\n";
        let schema = parse(sdl).expect("understood");
        assert_eq!(schema.types["Query"].marks.description.as_deref(), Some("a\n\nb"));
    }
}
