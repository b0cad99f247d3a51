//! Every form of report on one small pair of schemas.

use glabflow_codegen::diff::compare;
use glabflow_codegen::diff::level::Level;
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
fn text_report_matches_snapshot() {
    insta::assert_snapshot!(write(Format::Text));
}

#[test]
fn json_report_matches_snapshot() {
    let text = write(Format::Json);
    insta::assert_snapshot!(text);
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(value["changes"].as_array().map(Vec::len), Some(report().changes.len()));
}

#[test]
fn markdown_report_matches_snapshot() {
    insta::assert_snapshot!(write(Format::Markdown));
}

/// How many rows the levels of a report list, and how many they leave out.
fn listed(text: &str) -> Vec<(usize, usize)> {
    let levels = text.split("\n## ").flat_map(|part| part.split("<details>")).skip(1);
    let more = |level: &str| level.lines().find_map(|line| line.split_once(" more; `--format html`")?.0.parse().ok());
    levels.map(|level| (level.matches("\n| `").count(), more(level).unwrap_or(0))).collect()
}

#[test]
fn markdown_report_is_shortened_to_fit_a_description() {
    let removed = |count: usize, name: &str| {
        let fields: String = (0..count).map(|at| format!("{name}{at}: Int ")).collect();
        let added: String = (0..count).map(|at| format!("new{name}{at}: Int ")).collect();
        let values: String = (0..count).map(|at| format!("V{at} ")).collect();
        let old = format!("type Query {{ a: Color {fields}}} enum Color {{ RED }}");
        let new = format!("type Query {{ a: Color {added}}} enum Color {{ RED {values}}}");
        let (old, new) = (Source::of_texts("old", None, Some(&old)), Source::of_texts("new", None, Some(&new)));
        compare(&old, &new, None, None).expect("both are schemas")
    };
    for (count, name) in [(2, "f"), (250, "f"), (2_000, "aFieldWithALongNameThatTakesSomeRoomInEachOfTheRows")] {
        let report = removed(count, name);
        let text = report.write(Format::Markdown).expect("it can be written");
        assert!(text.len() <= 60_000, "{}", text.len());
        let levels = listed(&text);
        assert_eq!(levels.len(), 3, "{levels:?}");
        for (at, (level, (rows, more))) in Level::ALL.into_iter().zip(&levels).enumerate() {
            assert_eq!(rows + more, report.count(level), "{level}: {levels:?}");
            assert!(*rows <= 200 && (at > 0 || *rows >= 100.min(count)), "{levels:?}");
        }
        assert!(
            text.ends_with("\n</details>\n") && (count == 2) == levels.iter().all(|(_, more)| *more == 0),
            "{text}"
        );
    }
    // Notes and rows without an end have no room, and the others keep theirs.
    let mut report = removed(20, "f");
    report.notes = vec!["A note. ".repeat(100); 100];
    report.changes[0].explanation = Box::leak("long ".repeat(20_000).into_boxed_str());
    let text = report.write(Format::Markdown).expect("it can be written");
    assert!(text.len() <= 60_000 && text.contains(" more notes; `--format html`"), "{text}");
    assert_eq!(listed(&text)[0], (19, 1));
}

#[test]
fn junit_report_matches_snapshot() {
    insta::assert_snapshot!(write(Format::Junit));
}

#[test]
fn html_report_matches_snapshot() {
    let page = write(Format::Html);
    insta::assert_snapshot!(page);
    assert!(
        !page.contains("{{") && !page.contains("<b>") && !page.contains("http"),
        "a place is left, or loads something"
    );
    assert_eq!(page.matches("<article").count(), report().changes.len());
}

#[test]
fn changelog_report_matches_snapshot() {
    insta::assert_snapshot!(write(Format::Changelog));
}

#[test]
fn report_without_differences_states_so() {
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
