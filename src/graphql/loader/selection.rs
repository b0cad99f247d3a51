//! What a loader selects of each value.

use glabflow_contract::graphql::Descriptor;
use glabflow_document::ast::{Argument, Directive, Selection};
use glabflow_document::{Value, on_one_line, parse_document, parse_selections, untyped_score};

/// Selections that documents can be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selected {
    /// The fields on one line, without the braces around them.
    pub(super) text: String,
    /// What they cost together; otherwise why they cannot be sent.
    pub(super) score: Result<u32, String>,
}

impl Selected {
    /// Parses fields, written without the braces around them.
    pub(super) fn parse(text: &str) -> Self {
        match parse_selections(text) {
            Ok(selections) => Selected::of(&selections),
            Err(invalid) => Selected { text: text.to_owned(), score: Err(invalid.to_string()) },
        }
    }

    /// What an operation selects at a path of response keys.
    pub(super) fn at_path(descriptor: &Descriptor, path: &[&str]) -> Self {
        let document = parse_document(descriptor.document).unwrap_or_default();
        let selections = document.operations.first().and_then(|operation| operation.selections_at(path));
        match selections {
            Some(selections) if !selections.is_empty() => Selected::of(selections),
            _ => {
                let problem = format!("the operation {} selects nothing at `{}`", descriptor.id, path.join("."));
                Selected { text: String::new(), score: Err(problem) }
            }
        }
    }

    fn of(selections: &[Selection]) -> Self {
        let score = match problem(selections) {
            Some(problem) => Err(problem.to_owned()),
            None => Ok(untyped_score(selections)),
        };
        Selected { text: on_one_line(selections), score }
    }
}

/// Why selections cannot be part of another document: it declares neither their variables nor their fragments.
fn problem(selections: &[Selection]) -> Option<&'static str> {
    selections.iter().find_map(|selection| {
        let (arguments, directives, selections): (&[Argument], &[Directive], &[Selection]) = match selection {
            Selection::Field(field) => (&field.arguments, &field.directives, &field.selections),
            Selection::Inline(inline) => (&[], &inline.directives, &inline.selections),
            Selection::Spread(_) => return Some("it uses a fragment that it does not define"),
        };
        let mut arguments = arguments.iter().chain(directives.iter().flat_map(|directive| &directive.arguments));
        if arguments.any(|argument| has_variable(&argument.value)) {
            return Some("it has a variable; write its value");
        }
        problem(selections)
    })
}

fn has_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(values) => values.iter().any(has_variable),
        Value::Object(fields) => fields.iter().any(|(_, value)| has_variable(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(text: &str) -> Result<u32, String> {
        Selected::parse(text).score
    }

    #[test]
    fn prices_follow_the_rules() {
        assert_eq!(score("id name # more"), Ok(2));
        assert_eq!(score("id namespace { id fullPath }"), Ok(4));
        // Two below `nodes`, a resolver, 20 items: (1 + 1 + 2) * 1.2, rounded down.
        assert_eq!(score("labels(first: 20) { nodes { id title } }"), Ok(4));
        assert_eq!(score("pipelines { nodes { id } pageInfo { endCursor hasNextPage } }"), Ok(12));
        assert_eq!(score("... on User @skip(if: false) { id } ... { other: name }"), Ok(2));
    }

    #[test]
    fn texts_that_are_not_selections_are_rejected() {
        for text in ["", "id {", "id }", "id { }}", "...Other", "a(b: $c)", "a(b: 1", "1", "a:"] {
            assert!(score(text).is_err(), "{text}");
        }
        for text in ["a(b: [{c: $d}])", "a @skip(if: $b)", "a { b(c: $d) }", "... on A @skip(if: $b) { c }"] {
            assert_eq!(score(text), Err("it has a variable; write its value".to_owned()), "{text}");
        }
        assert_eq!(score("a { ...B }"), Err("it uses a fragment that it does not define".to_owned()));
        assert_eq!(score("a(b: \"$c\") # $d"), Ok(1));
    }

    #[test]
    fn selections_are_taken_from_documents() {
        const DOCUMENT: &str =
            "query A($a: Int = 1, $b: [C!]) { x: y(a: $a) { nodes { id z { nodes { no } } s(t: \"}\") } } }";
        let descriptor = Descriptor { document: DOCUMENT, ..DESCRIPTOR };
        let at_path = |path: &[&str]| Selected::at_path(&descriptor, path);
        let selected = at_path(&["x", "nodes"]);
        assert_eq!(selected.text, "id z { nodes { no } } s(t: \"}\")");
        assert!(selected.score.is_ok());
        for path in [&["x", "none"][..], &["y", "nodes"], &["x", "nodes", "id"]] {
            assert!(at_path(path).score.is_err(), "{path:?}");
        }
        assert_eq!(Selected::parse("a\n  { b, c }").text, "a { b c }");
    }

    const DESCRIPTOR: Descriptor = Descriptor {
        id: "a",
        area: "a",
        kind: glabflow_contract::graphql::Kind::Query,
        name: "A",
        document: "",
        variables: &[],
        input: false,
        path: &["x"],
        page_size: 0,
        edition: glabflow_contract::graphql::Edition::Community,
        experiment: None,
        deprecated: None,
        complexity: 1,
        depth: 1,
    };
}
