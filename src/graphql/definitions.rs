//! The operations that a document defines.

use crate::error::{Error, ErrorKind};
use glabflow_contract::graphql::Kind;
use glabflow_document::parse_document;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Maximum number of static documents whose operations are kept.
const KEPT: usize = 4096;

/// The address and length of a static document. Both stay valid for as long as the program runs.
type Address = (usize, usize);

/// The operations of static documents, so that each is parsed once.
static KNOWN: RwLock<BTreeMap<Address, Definitions>> = RwLock::new(BTreeMap::new());

/// One operation of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) kind: Kind,
    pub(super) name: Option<String>,
    /// The names of the variables that it declares.
    variables: Vec<String>,
}

impl Definition {
    /// Whether the operation declares this variable.
    pub(super) fn declares(&self, variable: &str) -> bool {
        self.variables.iter().any(|declared| declared == variable)
    }
}

/// The operations of a document.
#[derive(Debug, Clone)]
pub(super) struct Definitions(Arc<[Definition]>);

impl Definitions {
    /// The operations of a document that is part of the program. They are kept.
    ///
    /// # Errors
    /// As for [`Definitions::of`].
    pub(super) fn of_static(text: &'static str) -> Result<Self, Error> {
        let address = (text.as_ptr().addr(), text.len());
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&address).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let parsed = Definitions::of(text)?;
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KEPT {
            known.insert(address, parsed.clone());
        }
        Ok(parsed)
    }

    /// The operations of a document.
    ///
    /// # Errors
    /// If the text is not a GraphQL document, or has no operation.
    pub(super) fn of(text: &str) -> Result<Self, Error> {
        let tree = parse_document(text).map_err(|invalid| {
            Error::new(ErrorKind::Argument, format!("the GraphQL document is not valid: {invalid}"))
        })?;
        if tree.operations.is_empty() {
            return Err(Error::new(ErrorKind::Argument, "the GraphQL document has no operation"));
        }
        let definitions = tree.operations.into_iter().map(|operation| Definition {
            kind: operation.kind,
            name: operation.name,
            variables: operation.variables.into_iter().map(|variable| variable.name).collect(),
        });
        Ok(Definitions(definitions.collect()))
    }

    /// The operation with this name. Without a name, the only operation.
    pub(super) fn select(&self, name: Option<&str>) -> Result<&Definition, Error> {
        let refuse = |text: String| Err(Error::new(ErrorKind::Argument, text));
        match (name, &*self.0) {
            (None, [one]) => Ok(one),
            (None, _) => refuse("the GraphQL document has several operations: select one by `operation`".to_owned()),
            (Some(name), all) => match all.iter().find(|definition| definition.name.as_deref() == Some(name)) {
                Some(definition) => Ok(definition),
                None => refuse(format!("the GraphQL document has no operation `{name}`")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str) -> Vec<(Kind, Option<String>)> {
        let found = Definitions::of(document).expect(document);
        found.0.iter().map(|definition| (definition.kind, definition.name.clone())).collect()
    }

    fn select(document: &str, name: Option<&str>) -> Result<Kind, Error> {
        Definitions::of(document)?.select(name).map(|definition| definition.kind)
    }

    #[test]
    fn operations_are_found_and_nothing_else() {
        let named = |kind, name: &str| (kind, Some(name.to_owned()));
        assert_eq!(found("{ a }"), [(Kind::Query, None)]);
        assert_eq!(found("query { mutation }"), [(Kind::Query, None)]);
        assert_eq!(found("query ($a: [Int!] = [1]) @x(y: {z: 1}) { a }"), [(Kind::Query, None)]);
        assert_eq!(
            found(
                "# mutation\nquery A($q: String = \"} mutation {\") { a }\nfragment F on Query { query }\nmutation B { b }"
            ),
            [named(Kind::Query, "A"), named(Kind::Mutation, "B")]
        );
        assert_eq!(found("mutation M { a(t: \"\"\"\\\"\"\" } \" {\"\"\") }"), [named(Kind::Mutation, "M")]);
        assert_eq!(found("subscription query @a { a }"), [named(Kind::Subscription, "query")]);
        assert_eq!(found("fragment mutation on A { b } { c }"), [(Kind::Query, None)]);
    }

    #[test]
    fn invalid_documents_are_rejected() {
        for text in
            ["", "  ", "{", "{ a ", "}", "query", "type A { b: C }", "{ a(b: \"x) }", "fragment A on B { c }", "é"]
        {
            let error = select(text, None).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Argument, "{text}");
        }
        assert!(select("query A { a } query B { b }", None).is_err());
        assert!(select("query A { a }", Some("B")).is_err());
        assert_eq!(select("query A { a } mutation B { b }", Some("B")).expect("there"), Kind::Mutation);
    }

    #[test]
    fn only_declarations_declare_variables() {
        let declares = |document: &str| {
            let definitions = Definitions::of(document).expect(document);
            definitions.select(definitions.0[0].name.as_deref()).expect("an operation").declares("after")
        };
        assert!(declares("query ($after: String) { a }"));
        assert!(declares("query ($a: X, $after:String){a}"));
        assert!(!declares("query ($afterwards: String) { after }"));
        assert!(!declares("query { a } # $after"));
        assert!(!declares("query { a(text: \"$after: String\") }"));
        assert!(!declares("query { a(b: $after) }"));
        assert!(!declares("query A { a } query B($after: String) { a }"));
    }

    #[test]
    fn static_documents_are_parsed_once() {
        let text = "query Once { a }";
        let first = Definitions::of_static(text).expect("a document");
        let again = Definitions::of_static(text).expect("a document");
        assert!(Arc::ptr_eq(&first.0, &again.0));
        let owned = Definitions::of(text).expect("a document");
        assert_eq!(first.0, owned.0);
    }
}
