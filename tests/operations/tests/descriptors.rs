//! The descriptor of each operation matches the schema.

use glabflow_contract::descriptor::Location;
use glabflow_contract::{Output, Paging};
use glabflow_operation_tests::answers;
use glabflow_operation_tests::schema::{Schema, array};
use serde_json::Value;

/// Runs a check for each operation. The check gives what is wrong.
fn check(test: impl Fn(&Value, &glabflow_contract::Descriptor) -> Result<(), String>) {
    let schema = Schema::read();
    let operations = schema.operations();
    let mut failures = Vec::new();
    for case in glabflow_samples::cases() {
        let request = (case.request)();
        if let Err(problem) = test(operations[case.operation].source, request.descriptor()) {
            failures.push(format!("{}: {problem}", case.operation));
        }
    }
    assert!(failures.is_empty(), "{} operations fail:\n{}", failures.len(), failures.join("\n"));
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, schema: T, descriptor: T) -> Result<(), String> {
    if schema == descriptor {
        Ok(())
    } else {
        Err(format!("{what}: the schema says {schema:?}, the code {descriptor:?}"))
    }
}

#[test]
fn descriptors_have_id_tag_docs_and_deprecation_of_the_schema() {
    check(|source, descriptor| {
        same("id", source["operationId"].as_str(), Some(descriptor.id))?;
        same("tag", source["tags"][0].as_str(), Some(descriptor.tag))?;
        let docs = source["x-gitlab-docs"].as_str().map(|page| match page.split_once('/') {
            Some(("user", page)) => format!("https://docs.gitlab.com/user/{page}/"),
            _ => format!("https://docs.gitlab.com/api/{page}/"),
        });
        same("docs", docs.as_deref(), descriptor.docs)?;
        same("deprecated", source["deprecated"] == true, descriptor.deprecated)
    });
}

#[test]
fn descriptors_have_the_idempotence_of_the_schema() {
    check(|source, descriptor| {
        let by_method = matches!(descriptor.method.as_str(), "GET" | "HEAD" | "PUT" | "DELETE");
        let idempotent = source["x-gitlab-idempotent"].as_bool().unwrap_or(by_method);
        same("idempotent", idempotent, descriptor.idempotent)
    });
}

/// Operations that do harm if they are sent twice. A new schema must not make them idempotent.
#[test]
fn harmful_operations_are_not_idempotent() {
    let harmful = [
        "accept_merge_request",
        "apply_suggestion",
        "batch_apply_suggestions",
        "publish_draft_note",
        "rebase_merge_request",
        "transfer_project",
        "update_project_feature_flag",
        "update_repository_file",
        "update_repository_submodule",
        "upload_generic_package_file",
    ];
    let requests = glabflow_samples::cases().map(|case| (case.request)());
    let found = requests.filter(|request| harmful.contains(&request.descriptor().id));
    let answers: Vec<_> = found.map(|request| (request.descriptor().id, request.descriptor().idempotent)).collect();
    assert_eq!(answers.len(), harmful.len(), "{answers:?}");
    assert!(answers.iter().all(|(_, idempotent)| !idempotent), "{answers:?}");
}

#[test]
fn list_responses_are_marked_as_lists() {
    check(|source, descriptor| {
        let Some(answer) = answers::schema_of(source) else {
            return match descriptor.output {
                Output::List => Err("a list without a JSON response in the schema".to_owned()),
                _ => Ok(()),
            };
        };
        // The items of a search depend on its scope: the response has pages, and no type.
        let is_untyped = answer["type"].is_null() && answer["$ref"].is_null();
        let is_list = answer["type"] == "array" || is_untyped && source["x-gitlab-paginated"] == true;
        same("list", is_list, descriptor.output == Output::List)
    });
}

#[test]
fn lists_have_the_pagination_of_the_schema() {
    check(|source, descriptor| {
        let keyset = &source["x-gitlab-keyset"];
        let is_read_list = descriptor.output == Output::List && descriptor.method.is_read();
        match (&descriptor.paging, is_read_list, keyset.is_object(), source["x-gitlab-paginated"] == true) {
            (Paging::None, false, _, _) | (Paging::Link, true, false, false) | (Paging::Offset, true, false, true) => {
                Ok(())
            }
            (Paging::Keyset(found), true, true, _) => {
                let texts = |key: &str| array(&keyset[key]).filter_map(Value::as_str).collect::<Vec<_>>();
                same("orders", texts("orders"), found.orders.to_vec())?;
                same("sorts", texts("sorts"), found.sorts.to_vec())?;
                same("anonymous_only", keyset["anonymous_only"] == true, found.anonymous_only)
            }
            (found, ..) => Err(format!("{found:?} does not fit the schema")),
        }
    });
}

/// The lists that can be partitioned, and by which keys, the best first. `~` marks keys by which GitLab cannot sort the list, so
/// that its items are unordered.
///
/// Programs rely on this: if a new schema removes a list from here, `partitioned` becomes an error for them.
const PARTITIONABLE: &[&str] = &[
    "list_deployment_merge_requests: created_at",
    "list_group_audit_events: ~created_at",
    "list_group_issues: created_at",
    "list_group_merge_requests: created_at",
    "list_instance_audit_events: ~created_at",
    "list_issues: created_at",
    "list_merge_requests: created_at",
    "list_project_audit_events: ~created_at",
    "list_project_forks: id",
    "list_project_issues: created_at",
    "list_project_merge_requests: created_at",
    "list_projects: id",
    "list_user_contributed_projects: id",
    "list_user_projects: id",
    "list_user_starred_projects: id",
    "list_users: created_at",
];

#[test]
fn partitionable_lists_are_the_known_ones() {
    let mut found = Vec::new();
    for case in glabflow_samples::cases() {
        let request = (case.request)();
        let descriptor = request.descriptor();
        let keys = descriptor.ranges.iter().map(|range| {
            for filter in [range.key.after(), range.key.before()] {
                assert!(descriptor.position(filter, Location::Query).is_some(), "{}: no `{filter}`", descriptor.id);
            }
            format!("{}{}", if range.sorted { "" } else { "~" }, range.key.field())
        });
        let keys: Vec<String> = keys.collect();
        if !keys.is_empty() {
            assert!(descriptor.output == Output::List && descriptor.method.is_read(), "{} is no list", descriptor.id);
            found.push(format!("{}: {}", descriptor.id, keys.join(", ")));
        }
    }
    found.sort_unstable();
    assert_eq!(found, PARTITIONABLE, "{}", found.join("\n"));
}
