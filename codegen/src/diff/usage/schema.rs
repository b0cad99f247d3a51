//! The schema that the names of a code base were looked up in, so that a diff can check that it is the older schema.

use crate::diff::level::Area;
use crate::diff::source::Schemas;
use crate::schema_dir::fingerprint::fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The schema that operations were looked up in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaUse {
    /// The name that the caller gave it.
    pub name: String,
    /// The fingerprint of its REST operations; none if it has no REST schema.
    pub rest: Option<String>,
    /// The fingerprint of its GraphQL operations; none if it has no GraphQL schema.
    pub graphql: Option<String>,
}

impl SchemaUse {
    pub(crate) fn of(name: &str, schemas: &Schemas) -> Self {
        let print = |area| print_of(schemas, area);
        SchemaUse { name: name.to_owned(), rest: print(Area::Rest), graphql: print(Area::Graphql) }
    }

    fn print(&self, area: Area) -> Option<&str> {
        match area {
            Area::Rest => self.rest.as_deref(),
            Area::Graphql => self.graphql.as_deref(),
        }
    }
}

/// A note for each API whose names were not looked up in the older schema of a diff: operations that only the older
/// schema has were not found.
pub(super) fn notes(used: Option<&SchemaUse>, old: &Schemas, old_name: &str) -> Vec<String> {
    let again = format!("create it again with `glabflow-codegen used --schema {old_name}`");
    let Some(used) = used else {
        return vec![format!("the list of used operations does not say which schema it was created with; {again}")];
    };
    [Area::Rest, Area::Graphql]
        .into_iter()
        .filter(|area| print_of(old, *area).is_some_and(|print| used.print(*area) != Some(print.as_str())))
        .map(|area| {
            format!(
                "the list of used operations was created with {}, which has other {area} operations than {old_name}, so it \
                 may lack removed operations; {again}",
                used.name
            )
        })
        .collect()
}

/// The fingerprint of the names by which operations are found. It is the same for every form of one schema.
fn print_of(schemas: &Schemas, area: Area) -> Option<String> {
    let mut lines = Vec::new();
    match area {
        Area::Rest => lines.extend(
            schemas
                .rest
                .as_ref()?
                .operations
                .iter()
                .map(|it| format!("{} {} {} {} {} {}", it.method, it.path, it.id, it.tag, it.name, it.rust_type)),
        ),
        Area::Graphql => lines.extend(
            schemas
                .graphql
                .as_ref()?
                .index
                .operations
                .iter()
                .map(|it| format!("{} {} {} {}", it.kind.as_str(), it.path.join("."), it.id, it.rust_type)),
        ),
    }
    lines.sort_unstable();
    let mut text = String::new();
    lines.iter().for_each(|line| {
        let _ = writeln!(text, "{line}");
    });
    Some(fingerprint(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::source::Source;

    fn schemas(graphql: &str) -> Schemas {
        Source::of_texts("test", None, Some(graphql)).schemas(&[Area::Rest, Area::Graphql], None).unwrap()
    }

    #[test]
    fn different_schema_is_noted_but_reordered_one_is_not() {
        let old = schemas("type Query { a: Int, b: Int }");
        let of = |graphql| SchemaUse::of("new", &schemas(graphql));
        assert!(notes(Some(&of("type Query { b: Int a: Int }")), &old, "HEAD").is_empty());
        let notes_of = |used: Option<&SchemaUse>| notes(used, &old, "HEAD").join("\n");
        let other = notes_of(Some(&of("type Query { a: Int }")));
        assert!(other.contains("created with new, which has other GraphQL operations than HEAD"), "{other}");
        assert!(other.contains("--schema HEAD"), "{other}");
        assert!(notes_of(Some(&SchemaUse::default())).contains("other GraphQL operations"));
        assert!(notes_of(None).contains("does not say which schema"));
    }
}
