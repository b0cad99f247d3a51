//! Every form of report on one small pair of schemas.

use glabflow_codegen::diff::compare;
use glabflow_codegen::diff::report::{Format, Report};
use glabflow_codegen::diff::source::Source;

const OLD: &str = r#"
type Query { me: User, color(sort: Sort = ASC): Color }
type User { id: ID!, name: String!, age: Int @deprecated(reason: "Deprecated in GitLab 15.2."), email: String }
enum Color { RED GREEN }
enum Sort { ASC DESC }
"#;

const NEW: &str = r#"
type Query { me: User, color(sort: Sort = ASC, limit: Int!): Color }
type User { id: ID!, name: String, email: [String!] }
enum Color { RED GREEN BLUE }
enum Sort { ASC DESC }
"#;

fn rest(parameters: &str, extra: &str) -> String {
    format!(
        r#"{{"openapi": "3.0.0", "paths": {{"/api/v4/cars": {{"get": {{"operationId": "list_cars", "tags": ["cars"],
            "parameters": [{parameters}], "responses": {{"200": {{"description": ""}}}}}} {extra} }}}}}}"#
    )
}

fn report() -> Report {
    let color = r#"{"name": "color<b>|`x`", "in": "query", "schema": {"type": "string"}}"#;
    let delete =
        r#", "delete": {"operationId": "delete_cars", "tags": ["cars"], "responses": {"204": {"description": ""}}}"#;
    let old = Source::of_texts("18.8 <old>", Some(&rest(color, "")), Some(OLD));
    let new = Source::of_texts("18.9", Some(&rest("", delete)), Some(NEW));
    compare(&old, &new, None, None).expect("both are schemas")
}

fn write(format: Format) -> String {
    report().write(format).expect("it can be written")
}

#[test]
fn text() {
    insta::assert_snapshot!(write(Format::Text));
}

#[test]
fn json() {
    let text = write(Format::Json);
    insta::assert_snapshot!(text);
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(value["changes"].as_array().map(Vec::len), Some(report().changes.len()));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(write(Format::Markdown));
}

#[test]
fn junit() {
    insta::assert_snapshot!(write(Format::Junit));
}

#[test]
fn html() {
    let page = write(Format::Html);
    insta::assert_snapshot!(page);
    assert!(
        !page.contains("{{") && !page.contains("<b>") && !page.contains("http"),
        "a place is left, or loads something"
    );
    assert_eq!(page.matches("<article").count(), report().changes.len());
}

#[test]
fn changelog() {
    insta::assert_snapshot!(write(Format::Changelog));
}

#[test]
fn no_differences_are_a_report_too() {
    let same = Source::of_texts("same", None, Some(OLD));
    let report = compare(&same, &same, None, None).expect("it is a schema");
    for (format, expected) in [
        (Format::Text, "same -> same: no differences\n"),
        (Format::Markdown, "no differences"),
        (Format::Junit, "tests=\"0\" failures=\"0\""),
        (Format::Json, "\"changes\": []"),
        (Format::Html, "no differences"),
        (Format::Changelog, "Generated code, from same to same: nothing changes.\n"),
    ] {
        let text = report.write(format).expect("it can be written");
        assert!(text.contains(expected), "{format:?}: {text}");
        assert!(text.ends_with('\n'), "{format:?}");
    }
}
