//! Every document that is generated, held against the schema and GitLab's limits.

use apollo_compiler::{ExecutableDocument, Schema};
use glabflow_codegen::output::Folders;
use glabflow_codegen::schema_dir::layout::GRAPHQL_SCHEMA;
use glabflow_contract::graphql::Edition;
use glabflow_contract::graphql::cost::LIMITS;
use glabflow_contract::index::graphql::Index;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

static FOLDERS: LazyLock<Folders> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Folders { schema: root.join("schema"), out: root.join("generated") }
});
static INDEX: LazyLock<Index> = LazyLock::new(|| FOLDERS.graphql_model().expect("the schema is understood"));
static SDL: LazyLock<String> =
    LazyLock::new(|| std::fs::read_to_string(FOLDERS.schema.join(GRAPHQL_SCHEMA)).expect("the schema is there"));

/// What is wrong with documents, by the operation's id.
fn problems(sdl: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let schema = Schema::parse_and_validate(sdl, "schema.graphql").expect("the schema is valid");
    let mut problems = Vec::new();
    for operation in INDEX.operations.iter().filter(|operation| wanted(&operation.id)) {
        if let Err(invalid) = ExecutableDocument::parse_and_validate(&schema, &operation.document, "document.graphql") {
            problems.push(format!("{}: {}", operation.id, invalid.errors));
        }
    }
    problems
}

#[test]
fn all_documents_are_valid() {
    let problems = problems(&SDL, |_| true);
    assert!(problems.is_empty(), "{} invalid documents:\n{}", problems.len(), problems.join("\n"));
}

/// A Community server refuses a document that mentions what only the Enterprise edition has, even if nothing is asked of it.
#[test]
fn community_documents_are_valid_for_a_community_server() {
    let schema = glabflow_codegen::ingest::graphql::parse(&SDL).expect("the schema is understood");
    let community = glabflow_codegen::ingest::graphql::print(&schema.community());
    let has = |id: &str| INDEX.operation(id).is_some_and(|operation| operation.edition == Edition::Community);
    let problems = problems(&community, has);
    assert!(problems.is_empty(), "{} documents need Enterprise:\n{}", problems.len(), problems.join("\n"));
    assert!(INDEX.operations.iter().filter(|operation| operation.edition == Edition::Community).count() > 400);
}

#[test]
fn all_documents_are_within_the_limits() {
    for operation in &INDEX.operations {
        let length = operation.document.chars().count();
        assert!(length <= LIMITS.characters, "{}: {length} characters", operation.id);
        assert!(operation.depth <= LIMITS.depth, "{}: depth {}", operation.id, operation.depth);
        assert!(
            (1..=LIMITS.complexity).contains(&operation.complexity),
            "{}: {} points",
            operation.id,
            operation.complexity
        );
        assert!(operation.page_size <= LIMITS.page_size, "{}: page size", operation.id);
    }
}

/// The depth that the index states, counted anew from the document's braces.
#[test]
fn stated_depth_equals_the_depth_of_the_document() {
    for operation in &INDEX.operations {
        let (mut depth, mut deepest) = (0, 0);
        for letter in operation.document.chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        assert_eq!(operation.depth, deepest, "{}", operation.id);
    }
}

#[test]
fn each_root_field_has_an_operation() {
    let schema = glabflow_codegen::ingest::graphql::parse(&SDL).expect("the schema is understood");
    let covered: BTreeSet<(&str, &str)> = INDEX
        .operations
        .iter()
        .filter(|operation| operation.path.len() == 1)
        .map(|operation| (operation.kind.as_str(), operation.path[0].as_str()))
        .collect();
    let roots = [
        ("query", Some(&schema.query)),
        ("mutation", schema.mutation.as_ref()),
        ("subscription", schema.subscription.as_ref()),
    ];
    let mut fields = 0;
    for (kind, root) in roots {
        for field in
            schema.fields(root.expect("the schema has all three root types")).expect("roots are objects").keys()
        {
            assert!(covered.contains(&(kind, field.as_str())), "{kind} {field} has no operation");
            fields += 1;
        }
    }
    assert_eq!(covered.len(), fields);
}

#[test]
fn documents_select_no_deprecated_fields() {
    use apollo_compiler::executable::{Selection, SelectionSet};
    fn walk(set: &SelectionSet, id: &str, is_experiment: bool, found: &mut Vec<String>, depth: usize, path: usize) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    let marked = field.definition.directives.get("deprecated").is_some();
                    // The fields on the way to the output are the operation itself.
                    if marked && depth >= path && !is_experiment {
                        found.push(format!("{id}: {}.{}", set.ty, field.name));
                    }
                    walk(&field.selection_set, id, is_experiment, found, depth + 1, path);
                }
                Selection::InlineFragment(fragment) => {
                    walk(&fragment.selection_set, id, is_experiment, found, depth, path);
                }
                Selection::FragmentSpread(_) => found.push(format!("{id}: a fragment")),
            }
        }
    }
    let schema = Schema::parse_and_validate(&*SDL, "schema.graphql").expect("the schema is valid");
    let mut found = Vec::new();
    for operation in &INDEX.operations {
        let document = ExecutableDocument::parse_and_validate(&schema, &operation.document, "document.graphql");
        let document = document.expect("the document is valid");
        let only = document.operations.get(None).expect("one operation");
        walk(&only.selection_set, &operation.id, operation.experiment.is_some(), &mut found, 0, operation.path.len());
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn names_are_unique_and_ids_are_snake_case() {
    let mut seen = BTreeSet::new();
    for operation in &INDEX.operations {
        assert!(seen.insert(operation.id.clone()), "{} twice", operation.id);
        assert!(seen.insert(operation.rust_type.clone()), "{} twice", operation.rust_type);
        assert!(
            operation.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
            "{}",
            operation.id
        );
        assert!(operation.document.contains(&format!(" {}", operation.rust_type)), "{}", operation.id);
    }
}
