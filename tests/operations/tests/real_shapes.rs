//! Responses in the shapes of GitLab's documented examples, with our own values.
//!
//! The schema is assembled from several sources, none of which is always right. So these shapes are independent of it: what
//! real servers send must decode, and fields that the types have must be kept.

use glabflow_operation_tests::answers::missing;
use serde_json::{Map, Value};

const SHAPES: &str = include_str!("../fixtures/real-shapes.json");

/// Fields that servers send and the schema lacks.
const UNKNOWN_TO_THE_SCHEMA: &[&str] = &[
    "get_job.source",
    "get_merge_request.head_pipeline.archived",
    "get_pipeline.archived",
    "get_pipeline.detailed_status.illustration.size",
    "get_pipeline.detailed_status.illustration.title",
    "get_project_package.versions[0].pipelines",
    "list_issue_notes[0].author.created_at",
    "list_labels[0].archived",
    "list_labels[0].description_html",
    "list_todos[0].target.draft",
    "list_todos[0].updated_at",
];

#[test]
fn documented_response_shapes_decode_and_keep_their_fields() {
    let shapes: Map<String, Value> = serde_json::from_str(SHAPES).unwrap();
    let mut failures = Vec::new();
    let mut unknown = Vec::new();
    for (operation, answer) in &shapes {
        let decode = glabflow_samples::cases().find(|case| case.operation == *operation).and_then(|case| case.decode);
        let Some(decode) = decode else {
            failures.push(format!("{operation}: no operation with this id has a JSON response"));
            continue;
        };
        match decode(answer.to_string().as_bytes()) {
            Err(error) => failures.push(format!("{operation}: {error}")),
            Ok(found) => {
                for problem in missing(answer, &found) {
                    let problem = format!("{operation}{problem}");
                    let path = problem.split(": ").next().unwrap_or_default();
                    match UNKNOWN_TO_THE_SCHEMA.iter().find(|known| **known == path) {
                        Some(known) => unknown.push(*known),
                        None => failures.push(problem),
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} problems:\n{}", failures.len(), failures.join("\n"));
    unknown.sort_unstable();
    assert_eq!(unknown, UNKNOWN_TO_THE_SCHEMA, "the schema has more of these fields now");
}
