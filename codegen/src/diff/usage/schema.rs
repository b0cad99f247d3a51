//! Which schema the names of a code base were looked up in, so that a diff can tell whether it is its older one.

use crate::diff::level::Area;
use crate::diff::source::Schemas;
use crate::schema_dir::fingerprint::fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The schema that operations were looked up in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaUse {
    /// What the caller called it.
    pub name: String,
    /// A fingerprint of its REST operations; none where it has no such schema.
    pub rest: Option<String>,
    /// The same of its GraphQL operations.
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

/// Says of each API whether what is used was looked up in another schema than the older one of a diff: what only that one
/// has was not found then.
pub(super) fn notes(used: Option<&SchemaUse>, old: &Schemas, old_name: &str) -> Vec<String> {
    let again = format!("make it anew by `glabflow-codegen used` with `--schema {old_name}`");
    let Some(used) = used else {
        return vec![format!("the list of what is used does not tell the schema that it was made from; {again}")];
    };
    [Area::Rest, Area::Graphql]
        .into_iter()
        .filter(|area| print_of(old, *area).is_some_and(|print| used.print(*area) != Some(print.as_str())))
        .map(|area| {
            format!(
                "the list of what is used was made from {}, which has other {area} operations than {old_name}, so it \
                 may lack what was removed; {again}",
                used.name
            )
        })
        .collect()
}

/// What operations are found by, and nothing else: the same for every form of one schema.
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
        assert!(other.contains("made from new, which has other GraphQL operations than HEAD"), "{other}");
        assert!(other.contains("--schema HEAD"), "{other}");
        assert!(notes_of(Some(&SchemaUse::default())).contains("other GraphQL operations"));
        assert!(notes_of(None).contains("does not tell the schema"));
    }
}
