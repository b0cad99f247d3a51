//! Estimates by GitLab's rules.

use glabflow_contract::graphql::cost::{LIMITS, Limits};
use glabflow_document::{Calibration, Document, SCORE_KEY};
use serde_json::{Map, Value, json};

fn document(text: &str) -> Document {
    Document::parse(text).unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn cost(text: &str) -> u32 {
    document(text).estimate(&Map::new()).complexity
}

#[test]
fn connection_multiplies_the_cost_of_its_fields() {
    let text = "{ project(fullPath: \"a\") { pipelines(first: 100) {
        nodes { id iid sha ref status source active complete createdAt updatedAt } pageInfo { endCursor hasNextPage } } } }";
    let estimate = document(text).estimate(&Map::new());
    assert_eq!((estimate.complexity, estimate.depth), (31, 4));
    assert_eq!(
        estimate.explain(),
        format!(
            "31 points, 4 levels, {} characters\n    31  project\n    30  project.pipelines (100 items a page: 16 of it)\n    \
             11  project.pipelines.nodes\n     3  project.pipelines.pageInfo",
            text.chars().count()
        )
    );
}

#[test]
fn list_by_keys_costs_less_than_aliases() {
    let scalars = "id name path fullPath webUrl description visibility archived createdAt starCount";
    let list = cost(&format!("{{ projects(fullPaths: [\"a\"], first: 50) {{ nodes {{ {scalars} }} }} }}"));
    let aliases: String = (0..50).map(|at| format!("p{at}: project(fullPath: \"a\") {{ {scalars} }} ")).collect();
    assert_eq!(list, 18);
    assert_eq!(cost(&format!("{{ {aliases} }}")), 550);
}

#[test]
fn variables_and_defaults_determine_the_page_size() {
    let text = |declared: &str| {
        format!("query({declared}) {{ project(fullPath: \"a\") {{ issues(first: $n) {{ nodes {{ iid }} }} }} }}")
    };
    assert_eq!(cost(&text("$n: Int")), 7);
    assert_eq!(cost(&text("$n: Int = 10")), 4);
    let values =
        |json: Value| document(&text("$n: Int = 10")).estimate(json.as_object().expect("an object")).complexity;
    assert_eq!(values(json!({"n": 100})), 7);
    assert_eq!(values(json!({"n": 5000})), 7);
    assert_eq!(values(json!({"n": -1})), 4);
}

#[test]
fn the_most_expensive_type_counts() {
    let one = cost(
        "{ workItem(id: \"gid://gitlab/WorkItem/1\") { widgets { type ... on WorkItemWidgetLabels { allowsScopedLabels } } } }",
    );
    let both = cost(
        "{ workItem(id: \"gid://gitlab/WorkItem/1\") { widgets { type
            ... on WorkItemWidgetLabels { allowsScopedLabels }
            ... on WorkItemWidgetDescription { description edited lastEditedAt } } } }",
    );
    assert_eq!(both, one + 2);
    // Fields with the same response key are one field, also across fragments.
    assert_eq!(
        cost("{ project(fullPath: \"a\") { id ...F ... on Project { id name } } } fragment F on Project { name id }"),
        cost("{ project(fullPath: \"a\") { id name } }")
    );
}

#[test]
fn exceeded_limits_are_explained() {
    let document = document("{ project(fullPath: \"a\") { issues { nodes { iid title } } } }");
    let estimate = document.estimate(&Map::new());
    assert_eq!(estimate.within(&LIMITS), Ok(()));
    let rejected = estimate.within(&Limits { complexity: 5, ..LIMITS }).expect_err("above the limit").to_string();
    assert!(
        rejected.contains("more than 5 points") && rejected.contains("project.issues (100 items a page"),
        "{rejected}"
    );
}

#[test]
fn scores_correct_estimates() {
    let document = document("{ project(fullPath: \"a\") { issues { nodes { iid title } } } }");
    let estimate = document.estimate(&Map::new());
    let asking = document.asking_score().expect("a query can ask");
    assert!(asking.text().contains("queryComplexity {\n    limit\n    score\n  }"), "{asking}");
    assert_eq!(asking.estimate(&Map::new()).complexity, estimate.complexity + 3);
    assert_eq!(asking.asking_score(), None);

    let calibration = Calibration::new();
    assert_eq!(calibration.corrected(&document, estimate.clone()), estimate);
    assert!(!calibration.learn(&document, &estimate, &json!({"project": null})));
    let answer = json!({"project": null, SCORE_KEY: {"limit": 250, "score": estimate.complexity * 2 + 3}});
    assert!(calibration.learn(&document, &estimate, &answer));
    assert_eq!(calibration.corrected(&document, estimate.clone()).complexity, estimate.complexity * 2);
    let mutation = Document::parse("mutation { createIssue(input: {projectPath: \"a\", title: \"b\"}) { errors } }");
    assert_eq!(mutation.expect("valid").asking_score(), None);
}
