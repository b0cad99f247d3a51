//! Properties that hold for any name, and samples of how names read.

use crate::names::*;
use proptest::prelude::*;

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && name != "_"
}

proptest! {
    #[test]
    fn any_text_becomes_an_identifier(text in ".{0,40}") {
        for name in [snake(&text), pascal(&text), constant(&text)] {
            prop_assert!(is_identifier(&name), "{text:?} became {name:?}");
        }
        let field = escape(snake(&text));
        prop_assert!(is_identifier(&field) && !is_keyword(&field) && !is_method(&field), "{text:?} became {field:?}");
    }

    #[test]
    fn naming_is_idempotent(text in ".{0,40}") {
        prop_assert_eq!(snake(&snake(&text)), snake(&text));
        prop_assert_eq!(pascal(&snake(&text)), pascal(&snake(&snake(&text))));
    }

    #[test]
    fn scope_never_gives_a_name_twice(texts in proptest::collection::vec("[a-cA-C_.*0-9-]{0,4}", 1..40)) {
        let mut scope = Scope::with_taken(&["Other", "Self"]);
        let given: Vec<String> = texts.iter().map(|text| scope.settle([pascal(text)])).collect();
        let mut apart = given.clone();
        apart.sort();
        apart.dedup();
        prop_assert_eq!(apart.len(), given.len(), "{:?}", given);
        prop_assert!(given.iter().all(|name| is_identifier(name) && name != "Other" && name != "Self"));
    }

    #[test]
    fn method_names_are_distinct_identifiers(
        ids in proptest::collection::btree_set("(get|list|move|create)(_(project|issue|all|to)){0,3}", 1..20),
        tag in "(projects|issues|notes)",
    ) {
        let ids: Vec<(&str, Option<&str>)> = ids.iter().map(|id| (id.as_str(), None)).collect();
        let mut names = methods::settle(&tag, &ids);
        prop_assert!(names.iter().all(|name| is_identifier(name) && !is_keyword(name)), "{:?}", names);
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), ids.len());
    }
}

#[test]
fn identifiers_are_derived_as_expected() {
    let snakes = [
        ("orderBy", "order_by"),
        ("not[milestone_id]", "not_milestone_id"),
        ("topic[]", "topic"),
        ("terraform-get", "terraform_get"),
        ("X509Certificate", "x509_certificate"),
        ("2fa", "n2fa"),
        ("", "empty"),
        ("*", "star"),
        ("GitHub", "git_hub"),
        ("userIDs", "user_ids"),
    ];
    for (text, name) in snakes {
        assert_eq!(snake(text), name);
    }
    let pascals = [
        ("list_projects", "ListProjects"),
        ("CIYMLTemplate", "CiYmlTemplate"),
        ("DORAMetric", "DoraMetric"),
        ("GroupSCIMIdentity", "GroupScimIdentity"),
        ("conan_export.tgz", "ConanExportTgz"),
        ("1.5.10", "N1_5_10"),
        ("light-blue", "LightBlue"),
    ];
    for (text, name) in pascals {
        assert_eq!(pascal(text), name);
    }
    assert_eq!(escape("type".to_owned()), "type_");
    assert_eq!(escape("send".to_owned()), "send_");
}

#[test]
fn values_that_differ_by_case_only_get_two_names() {
    let mut scope = Scope::new();
    assert_eq!(scope.settle([pascal("Any")]), "Any");
    assert_eq!(scope.settle([pascal("any")]), "Any2");
}

#[test]
fn method_names_drop_the_resource() {
    let samples = [
        ("projects", "list_projects", "list"),
        ("projects", "get_project", "get"),
        ("issues", "list_project_issues", "list_for_project"),
        ("projects", "list_user_projects", "list_for_user"),
        ("projects", "archive_project", "archive"),
        ("projects", "list_project_forks", "list_forks"),
        ("issues", "subscribe_to_issue", "subscribe"),
        ("issues", "get_issue_by_id", "get_by_id"),
        ("projects", "share_project_with_group", "share_with_group"),
        ("members", "list_all_group_members", "list_all_for_group"),
        ("notes", "create_issue_note", "create_for_issue"),
        ("users", "get_current_user", "get_current"),
        ("issues", "move_issue", "move_issue"),
        ("labels", "update_group_label_by_name", "update_by_name_for_group"),
        ("integrations", "update_group_asana_integration", "update_asana_for_group"),
        ("instance", "get_version", "get_version"),
        ("commits", "cherry_pick_commit", "cherry_pick"),
        ("custom_attributes", "set_custom_group_attribute", "set_for_group"),
        ("job_token_scope", "add_group_to_job_token_allowlist", "add_group_to_job_token_allowlist"),
        ("integrations", "delete_project_custom_issue_tracker_integration", "delete_custom_issue_tracker_for_project"),
        ("labels", "subscribe_to_group_label", "subscribe_for_group"),
    ];
    for (tag, id, name) in samples {
        assert_eq!(methods::wanted(id, tag), name, "{tag}: {id}");
    }
}

#[test]
fn operations_with_the_same_short_name_keep_their_ids() {
    let ids = [("list_projects", None), ("list_project", None), ("get_project", Some("fetch"))];
    assert_eq!(methods::settle("projects", &ids), ["list_projects", "list_project", "fetch"]);
}

#[test]
fn singular_is_derived_from_plural() {
    let samples = [
        ("branches", "branch"),
        ("entities", "entity"),
        ("statuses", "status"),
        ("aliases", "alias"),
        ("releases", "release"),
        ("settings", "settings"),
        ("access", "access"),
        ("boxes", "box"),
        ("databases", "database"),
    ];
    for (plural, one) in samples {
        assert_eq!(singular(plural), one);
    }
}

#[test]
fn secrets_are_recognised_by_name() {
    for name in ["token", "runners_token", "feed_token", "password", "client_secret", "private_key", "api_key"] {
        assert!(is_secret(name), "{name}");
    }
    for name in [
        "token_expires_at",
        "token_id",
        "token_name",
        "password_authentication_enabled",
        "page_token",
        "key",
        "public_key",
        "secret_detection",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}
