//! Descriptions survive the way into SDL and back.

use super::docs::normal;
use super::print::print;
use super::schema::{Composite, Field, InputValue, Kind, Marks, Schema, Type, TypeExpr};
use super::sdl::parse;
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
    let composite = Composite { interfaces: BTreeSet::new(), fields: BTreeMap::from([("field".to_owned(), field)]) };
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
fn what_is_hard_to_quote_comes_back() {
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
    fn any_description_comes_back(text in r#"([ -~]|["\\\n\r\t ]|\PC|\p{C}|"""|\\"""){0,40}"#) {
        round(&text);
        let once = normal(&text);
        prop_assert_eq!(once.as_deref().and_then(normal), once);
    }
}

#[test]
fn servers_indent_by_whatever_they_like() {
    let sdl = "\"\"\"\n  a\n\u{3000}\n\u{3000}b\n\"\"\"\ntype Query {\n\u{a0} id: ID\n}\n";
    let schema = parse(sdl).expect("understood");
    assert_eq!(schema.types["Query"].marks.description.as_deref(), Some("a\n\nb"));
}
