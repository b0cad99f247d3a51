//! Prices without a schema.

use super::walk::{Known, Meter, Types};
use crate::ast::{Field, Selection};

/// What selections cost together, guessed without a schema: a field with arguments has a resolver, a field whose value has `nodes`,
/// `edges` or `pageInfo` is a connection, and every fragment applies.
///
/// The fields are taken to be below the root. A fragment that is only used by its name counts nothing.
pub fn untyped_score(selections: &[Selection]) -> u32 {
    Meter::new(Untyped, &[], &[], None).score((), selections)
}

struct Untyped;

impl Types for Untyped {
    type Type = ();

    fn name((): ()) -> &'static str {
        ""
    }

    fn possible((): ()) -> &'static [&'static str] {
        &[]
    }

    fn named(&self, _: &str) -> Option<()> {
        None
    }

    fn field(&self, (): (), field: &Field) -> Option<Known<()>> {
        let is_of_connection = |selection: &Selection| match selection {
            Selection::Field(field) => matches!(field.name.as_str(), "nodes" | "edges" | "pageInfo"),
            Selection::Spread(_) | Selection::Inline(_) => false,
        };
        Some(Known {
            takes_arguments: !field.arguments.is_empty(),
            is_connection: field.selections.iter().any(is_of_connection),
            value: (!field.selections.is_empty()).then_some(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse_selections;

    #[test]
    fn prices_follow_the_rules() {
        for (text, score) in [
            ("id name # more", 2),
            ("id namespace { id fullPath }", 4),
            // Two below `nodes`, a resolver, 20 items: (1 + 1 + 2) * 1.2, rounded down.
            ("labels(first: 20) { nodes { id title } }", 4),
            ("pipelines { nodes { id } pageInfo { endCursor hasNextPage } }", 12),
            ("... on User @skip(if: false) { id } ... { other: name }", 2),
            // Fields under one response key are one field.
            ("id ... on User { id } a { b } a { b c }", 4),
        ] {
            assert_eq!(untyped_score(&parse_selections(text).expect(text)), score, "{text}");
        }
    }
}
