//! Which documents are valid, and what errors say.

use glabflow_document::{Document, Query, Schema, enum_value, object, var};
use serde_json::{Map, Value, json};

/// The problems of a document.
#[track_caller]
fn rejected(text: &str) -> String {
    Document::parse(text).map(|_| ()).expect_err("it should be rejected").to_string()
}

#[track_caller]
fn valid(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn values(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(map) => map,
        other => panic!("{other} is not an object"),
    }
}

#[test]
fn invalid_fields_are_rejected() {
    assert_eq!(
        rejected("{ project(fullPath: \"a\") {\n  nam\n} }"),
        "2:3: project.nam: `Project` has no field `nam`; did you mean `name`?"
    );
    assert_eq!(
        rejected("{ project(fullPath: \"a\") }"),
        "1:3: project: `project` is of type `Project`: select fields from it"
    );
    assert_eq!(
        rejected("{ project(fullPath: \"a\") { name { x } } }"),
        "1:28: project.name: `name` is of type `String!`, which has no fields"
    );
    valid(
        "{ __typename __schema { queryType { name } } __type(name: \"Project\") { fields(includeDeprecated: true) { name } } }",
    );
    assert!(
        rejected("{ project(fullPath: \"a\") { __schema { queryType { name } } } }").contains("no field `__schema`")
    );
}

#[test]
fn invalid_arguments_are_rejected() {
    assert_eq!(
        rejected("{ project(full_path: \"a\") { id } }"),
        "1:3: project: `project` needs the argument `fullPath`: ID!\n\
         1:11: project: `project` has no argument `full_path`; did you mean `fullPath`?"
    );
    assert!(rejected("{ project(fullPath: \"a\", fullPath: \"a\") { id } }").contains("twice"));
    assert_eq!(
        rejected("{ project(fullPath: \"a\") { issues(first: \"x\") { count } } }"),
        "1:35: project.issues: the argument `first` is of type Int; `\"x\"` is not"
    );
    assert!(
        rejected("{ project(fullPath: \"a\") { issues(first: 3000000000) { count } } }")
            .contains("`3000000000` is not")
    );
    assert!(rejected("{ project(fullPath: null) { id } }").contains("cannot be null"));
    // A single value is accepted as a list of one.
    valid("{ project(fullPath: \"a\") { issues(iids: \"1\") { count } } }");
    assert_eq!(
        rejected("{ project(fullPath: \"a\") { issues(state: \"opened\") { count } } }"),
        "1:35: project.issues: the argument `state` is of the enum `IssuableState`, but \"opened\" is a string; \
         write opened as an enum value, without quotes"
    );
    assert!(
        rejected("{ project(fullPath: \"a\") { issues(state: opend) { count } } }").contains("did you mean `opened`?")
    );
}

#[test]
fn invalid_input_objects_are_rejected() {
    let text = |input: &str| format!("mutation {{ createIssue(input: {input}) {{ errors }} }}");
    valid(&text("{projectPath: \"a\", title: \"b\", labels: [\"x\"]}"));
    assert!(rejected(&text("{projectPath: \"a\"}")).contains("`CreateIssueInput` needs `title`: String!"));
    let unknown = rejected(&text("{projectPath: \"a\", titel: \"b\", title: \"c\"}"));
    assert!(unknown.contains("`CreateIssueInput` has no field `titel`; did you mean `title`?"), "{unknown}");
    assert!(rejected(&text("{projectPath: \"a\", title: \"b\", title: \"b\"}")).contains("twice"));
    assert!(rejected(&text("[]")).contains("is not"));
}

#[test]
fn invalid_variables_are_rejected() {
    let text = |declared: &str, used: &str| format!("query Q{declared} {{ project(fullPath: {used}) {{ id }} }}");
    valid(&text("($path: ID!)", "$path"));
    valid(&text("($path: ID = \"a\")", "$path"));
    assert!(rejected(&text("", "$path")).contains("`$path`, which is not declared"));
    assert!(rejected(&text("($path: ID!, $more: Int)", "$path")).contains("1:21: the variable `$more` is not used"));
    assert!(rejected(&text("($path: ID)", "$path")).contains("`fullPath` is ID!, the variable `$path` is ID"));
    assert!(rejected(&text("($path: String!)", "$path")).contains("the variable `$path` is String!"));
    assert!(rejected(&text("($path: Project)", "$path")).contains("cannot be a `Project`"));
    assert!(rejected(&text("($path: Sting!)", "$path")).contains("did you mean `String`?"));
    assert!(rejected(&text("($path: ID! = 1.5)", "$path")).contains("the default of `$path`"));
    assert!(rejected(&text("($path: ID!, $path: ID!)", "$path")).contains("declared twice"));
    valid("query($l: [String]) { project(fullPath: \"a\") { issues(labelName: $l) { count } } }");
    valid("query($l: String) { project(fullPath: \"a\") { issues(labelName: [$l]) { count } } }");
    assert!(
        rejected("query($l: String) { project(fullPath: \"a\") { issues(labelName: $l) { count } } }")
            .contains("is String")
    );
}

#[test]
fn invalid_fragments_are_rejected() {
    valid(
        "{ project(fullPath: \"a\") { ...F ... on Project { name } ... @include(if: true) { path } } } fragment F on Project { id }",
    );
    assert!(rejected("{ project(fullPath: \"a\") { ...G } } fragment F on Project { id }").contains("no fragment `G`"));
    assert!(rejected("{ project(fullPath: \"a\") { id } } fragment F on Project { id }").contains("`F` is not used"));
    assert!(
        rejected("{ project(fullPath: \"a\") { ... on Group { id } } }").contains("a `Project` is never a `Group`")
    );
    assert!(rejected("{ project(fullPath: \"a\") { ... on Projekt { id } } }").contains("did you mean `Project`?"));
    assert!(rejected("{ project(fullPath: \"a\") { ... on String { id } } }").contains("has no fields"));
    assert!(
        rejected("{ project(fullPath: \"a\") { ...F } } fragment F on Project { ...G } fragment G on Project { ...F }")
            .contains("contains itself")
    );
}

#[test]
fn invalid_directives_are_rejected() {
    valid("{ project(fullPath: \"a\") { id @gl_introduced(version: \"17.0\") } }");
    assert!(rejected("{ project(fullPath: \"a\") { id @include } }").contains("needs the argument `if`: Boolean!"));
    assert!(
        rejected("query @include(if: true) { project(fullPath: \"a\") { id } }").contains("is not allowed on a query")
    );
    assert!(rejected("{ project(fullPath: \"a\") { id @skip(if: true) @skip(if: true) } }").contains("is used twice"));
}

#[test]
fn invalid_operations_are_rejected() {
    assert!(rejected("query A { __typename } query B { __typename }").contains("holds 2"));
    assert!(rejected("fragment F on Project { id }").contains("holds 0"));
    assert!(rejected("subscription { a: __typename }").contains("introspection"));
    let document = valid("mutation M { createIssue(input: {projectPath: \"a\", title: \"b\"}) { errors } }");
    assert_eq!((document.kind().as_str(), document.name(), document.depth()), ("mutation", Some("M"), 2));
    let tree = glabflow_document::parse_document("query A { unknown } mutation B { x }").expect("GraphQL");
    assert_eq!(
        tree.operations
            .iter()
            .map(|operation| (operation.kind.as_str(), operation.name.as_deref()))
            .collect::<Vec<_>>(),
        [("query", Some("A")), ("mutation", Some("B"))]
    );
}

#[test]
fn conflicting_response_keys_are_rejected() {
    let text = |inner: &str| format!("{{ project(fullPath: \"a\") {{ {inner} }} }}");
    valid(&text("id id name"));
    valid(&text("issues(first: 1) { count } issues(first: 1) { nodes { iid } }"));
    assert!(rejected(&text("id: name id: path")).contains("`name` and `path` have the same response key"));
    assert!(rejected(&text("a: id a: name")).contains("give one of them an alias"));
    assert!(rejected(&text("issues(first: 1) { count } issues(first: 2) { count }")).contains("different arguments"));
    assert!(
        rejected(&text("issues { nodes { a: iid } } issues { nodes { a: title } }")).contains("project.issues.nodes.a")
    );
}

#[test]
fn invalid_variable_values_are_rejected() {
    let document = valid(
        "mutation($input: CreateIssueInput!, $n: Boolean = true) { createIssue(input: $input) { errors @include(if: $n) } }",
    );
    let rejected =
        |json: Value| document.check_variables(&values(json)).expect_err("it should be rejected").to_string();
    let input = json!({"projectPath": "a", "title": "b"});
    assert_eq!(document.check_variables(&values(json!({"input": input}))), Ok(()));
    assert_eq!(document.check_variables(&values(json!({"input": input, "n": null}))), Ok(()));
    assert_eq!(rejected(json!({})), "$input: needs a value: CreateIssueInput!");
    assert_eq!(
        rejected(json!({"input": input, "m": 1})),
        "$m: the document declares no such variable; did you mean `n`?"
    );
    assert_eq!(
        rejected(json!({"input": {"projectPath": "a", "title": 1}})),
        "$input.title: is String!, not a whole number"
    );
    assert_eq!(
        rejected(json!({"input": {"projectPath": "a", "title": "b", "labels": ["x", 2]}})),
        "$input.labels[1]: is String!, not a whole number"
    );
    assert_eq!(rejected(json!({"input": {"projectPath": "a"}})), "$input: `CreateIssueInput` needs `title`: String!");
    assert!(
        rejected(json!({"input": {"projectPath": "a", "title": "b", "type": "ISSU"}}))
            .contains("did you mean `ISSUE`?")
    );
    assert!(rejected(json!({"input": input, "n": "yes"})).contains("$n: is Boolean, not a string"));
}

#[test]
fn builder_reports_the_same_errors_as_the_parser() {
    let invalid = Query::new("Q u")
        .variable("path", "ID!")
        .variable("other", "[Int")
        .field("project", |project| {
            project.arg("fullPath", var("pth")).field("name", |name| name.alias("1")).field("issues", |issues| {
                issues.arg("state", "opened").arg("first", f64::NAN).field("nodes", |nodes| nodes.fields(["titel"]))
            })
        })
        .build()
        .expect_err("several mistakes");
    let text = invalid.to_string();
    for wanted in [
        "`Q u` cannot be the name of an operation",
        "`[Int`, which is not a type",
        "`$pth`, which is not declared; did you mean `path`?",
        "`1` cannot be an alias",
        "write opened as an enum value",
        "the argument `first` is of type Int; `NaN` is not",
        "project.issues.nodes.titel: `Issue` has no field `titel`; did you mean `title`?",
        "the variable `$path` is not used",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
}

#[test]
fn builder_prints_all_constructs() {
    let document = Query::mutation("Make")
        .variable_or("quiet", "Boolean!", false)
        .field("createIssue", |create| {
            create
                .arg("input", object([("projectPath", "a/b"), ("title", "\"new\"")]))
                .field("issue", |issue| {
                    issue.fields(["id"]).spread("Texts").on("Issue", |it| it.fields(["iid"]).skip_if("quiet"))
                })
                .fields(["errors"])
        })
        .fragment("Texts", "Issue", |issue| issue.together(|it| it.fields(["title"]).include_if("quiet")))
        .build()
        .unwrap_or_else(|invalid| panic!("{invalid}"));
    assert_eq!(
        document.text(),
        r#"mutation Make($quiet: Boolean! = false) {
  createIssue(input: {projectPath: "a/b", title: "\"new\""}) {
    issue {
      id
      ...Texts
      ... on Issue @skip(if: $quiet) {
        iid
      }
    }
    errors
  }
}

fragment Texts on Issue {
  ... @include(if: $quiet) {
    title
  }
}
"#
    );
    assert_eq!(Document::parse(document.text()).as_ref(), Ok(&document));
    let empty = Query::new("Empty").build().expect_err("nothing is selected");
    assert_eq!(empty.to_string(), "nothing is selected of `Query`");
    let _ = enum_value("x");
}

#[test]
fn deprecations_are_reported() {
    let document = valid("{ runnerSetup(platform: \"linux\", architecture: \"amd64\") { installInstructions } }");
    assert_eq!(
        document.deprecations()[0].to_string(),
        "1:3: runnerSetup: the field `runnerSetup` is deprecated since 15.9"
    );
}

#[test]
fn long_chains_of_fragments_are_too_deep() {
    let chain = |length: usize| {
        let mut text = "{ project(fullPath: \"a\") { ...F0 } }".to_owned();
        for level in 0..length {
            text.push_str(&format!(
                " fragment F{level} on Project {{ group {{ projects {{ nodes {{ ...F{} }} }} }} }}",
                level + 1
            ));
        }
        text + &format!(" fragment F{length} on Project {{ id }}")
    };
    assert_eq!(valid(&chain(48)).depth(), 146);
    let error = Document::parse(chain(5_000)).expect_err("too deep").to_string();
    assert_eq!(error, "nests deeper than 200 levels with its fragments");
}

#[test]
fn fragments_that_double_are_checked_in_time() {
    // Each level spreads the next one twice: 2^40 fields when written out.
    let mut text = "{ project(fullPath: \"a\") { ...F0 } }".to_owned();
    for level in 0..40 {
        let next = level + 1;
        text.push_str(&format!(" fragment F{level} on Project {{ a{level}: group {{ b: projects {{ nodes {{ ...F{next} }} }} c: projects {{ nodes {{ ...F{next} }} }} }} }}"));
    }
    text.push_str(" fragment F40 on Project { id }");
    // Reading the schema is not measured.
    Schema::get();
    let start = std::time::Instant::now();
    // Any result is right, but it must not take a million million steps.
    let _ = Document::parse(text).map(|document| document.estimate(&Map::new()));
    assert!(start.elapsed().as_secs() < 60);
}
