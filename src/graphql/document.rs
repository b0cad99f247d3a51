//! Documents as text: what can be known about one without a schema, and executing it.

use super::envelope::{DecodeData, Serde};
use super::handle::{Graphql, Outgoing};
use super::response::Response;
use crate::error::{Error, ErrorKind};
use glabflow_contract::graphql::Kind;
use graphql_client::GraphQLQuery;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// An operation's keyword and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Definition<'a> {
    pub(super) kind: Kind,
    pub(super) name: Option<&'a str>,
}

/// The operations that a document defines; an error when it cannot be a document.
pub(super) fn definitions(document: &str) -> Result<Vec<Definition<'_>>, Error> {
    let refuse = |why: &str| Error::new(ErrorKind::Argument, format!("the GraphQL document {why}"));
    let mut found = Vec::new();
    let mut depth = 0_usize;
    // The operation whose selection has not begun yet.
    let mut begun: Option<Definition<'_>> = None;
    let mut in_fragment = false;
    let mut names_next = false;
    let mut rest = document.trim_start_matches('\u{feff}');
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => string_length(rest).ok_or_else(|| refuse("has a text that does not end"))?,
            '_' | 'a'..='z' | 'A'..='Z' => {
                let length = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let word = &rest[..length];
                match (depth, &mut begun) {
                    (0, Some(definition)) if names_next => definition.name = Some(word),
                    (0, None) if !in_fragment => match word {
                        "query" => begun = Some(Definition { kind: Kind::Query, name: None }),
                        "mutation" => begun = Some(Definition { kind: Kind::Mutation, name: None }),
                        "subscription" => begun = Some(Definition { kind: Kind::Subscription, name: None }),
                        "fragment" => in_fragment = true,
                        _ => return Err(refuse("begins with something else than an operation or a fragment")),
                    },
                    _ => {}
                }
                names_next = depth == 0 && begun.is_some_and(|definition| definition.name.is_none());
                rest = &rest[length..];
                continue;
            }
            '{' | '(' | '[' => {
                if first == '{' && depth == 0 && !in_fragment {
                    found.push(begun.take().unwrap_or(Definition { kind: Kind::Query, name: None }));
                }
                depth += 1;
                names_next = false;
                1
            }
            '}' | ')' | ']' => {
                depth = depth.checked_sub(1).ok_or_else(|| refuse("closes what it has not opened"))?;
                in_fragment &= depth > 0 || first != '}';
                1
            }
            c if c.is_whitespace() || c == ',' => c.len_utf8(),
            c => {
                names_next = false;
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    if depth > 0 || begun.is_some() || in_fragment {
        return Err(refuse("ends too early"));
    }
    if found.is_empty() {
        return Err(refuse("has no operation"));
    }
    Ok(found)
}

/// The length of the text literal that this begins with.
fn string_length(text: &str) -> Option<usize> {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut from = 0;
        loop {
            let end = from + block[from..].find("\"\"\"")?;
            if !block[..end].ends_with('\\') {
                return Some(end + 6);
            }
            from = end + 3;
        }
    }
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' | b'\r' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The one operation that is meant.
pub(super) fn select<'a>(document: &'a str, name: Option<&str>) -> Result<Definition<'a>, Error> {
    let found = definitions(document)?;
    let refuse = |text: String| Err(Error::new(ErrorKind::Argument, text));
    match (name, found.as_slice()) {
        (None, [one]) => Ok(*one),
        (None, _) => refuse("the GraphQL document has several operations; say which by `operation`".to_owned()),
        (Some(name), all) => match all.iter().find(|definition| definition.name == Some(name)) {
            Some(definition) => Ok(*definition),
            None => refuse(format!("the GraphQL document has no operation `{name}`")),
        },
    }
}

impl Graphql {
    /// A document of the caller's own.
    pub fn document(&self, text: impl Into<Cow<'static, str>>) -> Document {
        Document::new(self.clone(), text.into())
    }

    /// Executes a query or mutation whose types come of `graphql_client`'s derive, or of any other implementation of its
    /// trait. The output is its response data; what a mutation's payload says is in there.
    ///
    /// # Errors
    /// When it has not been answered, when the server gives nothing but complaints, and when the data has another shape.
    pub async fn query<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Response<Q::ResponseData>, Error> {
        let outgoing = {
            let body = Q::build_query(variables);
            let definition = select(body.query, Some(body.operation_name))?;
            Outgoing::new(body.operation_name, definition.kind, body.query, definition.name, &body.variables)?
        };
        self.run(&outgoing, Serde::<Q::ResponseData>::new(), |data| data).await
    }
}

/// A document with its variables, to be executed once.
#[derive(Clone)]
#[must_use = "nothing is sent before `execute`"]
pub struct Document {
    graphql: Graphql,
    pub(super) text: Cow<'static, str>,
    pub(super) operation: Option<String>,
    pub(super) variables: Result<Map<String, Value>, String>,
}

impl Document {
    pub(super) fn new(graphql: Graphql, text: Cow<'static, str>) -> Self {
        Document { graphql, text, operation: None, variables: Ok(Map::new()) }
    }

    /// The name of the operation that is meant, where the document has several.
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.operation = Some(name.into());
        self
    }

    /// The variables: anything that serialises to a JSON object. They are added to those that are set already.
    pub fn variables(mut self, variables: impl Serialize) -> Self {
        self.variables = self.variables.and_then(|mut all| match serde_json::to_value(variables) {
            Ok(Value::Object(more)) => {
                all.extend(more);
                Ok(all)
            }
            Ok(Value::Null) => Ok(all),
            Ok(_) => Err("must be a JSON object".to_owned()),
            Err(error) => Err(error.to_string()),
        });
        self
    }

    /// One variable.
    pub fn variable(self, name: impl Into<String>, value: impl Serialize) -> Self {
        let mut document = self;
        document.variables = document.variables.and_then(|mut all| {
            all.insert(name.into(), serde_json::to_value(value).map_err(|error| error.to_string())?);
            Ok(all)
        });
        document
    }

    /// The document as it goes over the wire.
    pub(super) fn outgoing(&self) -> Result<Outgoing, Error> {
        let variables = self.variables.as_ref().map_err(|problem| {
            Error::new(ErrorKind::Argument, format!("the variables of the GraphQL document: {problem}"))
        })?;
        let definition = select(&self.text, self.operation.as_deref())?;
        Outgoing::new("graphql", definition.kind, &self.text, definition.name, variables)
    }

    /// Sends the document; the output is its `data`.
    ///
    /// # Errors
    /// When it cannot be a document, when it has not been sent, and when the server gives nothing but complaints.
    pub async fn execute(self) -> Result<Response<Value>, Error> {
        self.execute_as().await
    }

    /// Sends the document; the output is its `data`, decoded by serde.
    ///
    /// # Errors
    /// As for [`Document::execute`], and when the data has another shape.
    pub async fn execute_as<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        self.execute_by(Serde::<T>::new()).await
    }

    /// Sends the document; the output is its `data`, as the decoder reads it.
    pub(super) async fn execute_by<C, T>(self, decoder: C) -> Result<Response<T>, Error>
    where
        C: DecodeData<Data = Option<T>>,
    {
        let outgoing = self.outgoing()?;
        self.graphql.run(&outgoing, decoder, |data| data).await
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Variables may hold secrets under any name.
        f.debug_struct("Document").field("text", &self.text).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str) -> Vec<(Kind, Option<&str>)> {
        let found = definitions(document).unwrap_or_default();
        found.iter().map(|definition| (definition.kind, definition.name)).collect()
    }

    #[test]
    fn operations_are_found_and_nothing_else() {
        assert_eq!(found("{ a }"), [(Kind::Query, None)]);
        assert_eq!(found("query { mutation }"), [(Kind::Query, None)]);
        assert_eq!(found("query ($a: [Int!] = [1]) @x(y: {z: 1}) { a }"), [(Kind::Query, None)]);
        assert_eq!(
            found(
                "# mutation\nquery A($q: String = \"} mutation {\") { a }\nfragment F on Query { query }\nmutation B { b }"
            ),
            [(Kind::Query, Some("A")), (Kind::Mutation, Some("B"))]
        );
        assert_eq!(found("mutation M { a(t: \"\"\"\\\"\"\" } \" {\"\"\") }"), [(Kind::Mutation, Some("M"))]);
        assert_eq!(found("subscription query @a { a }"), [(Kind::Subscription, Some("query"))]);
        assert_eq!(found("fragment mutation on A { b } { c }"), [(Kind::Query, None)]);
    }

    #[test]
    fn what_cannot_be_a_document_is_refused() {
        for text in
            ["", "  ", "{", "{ a ", "}", "query", "type A { b: C }", "{ a(b: \"x) }", "fragment A on B { c }", "é"]
        {
            let error = select(text, None).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Argument, "{text}");
        }
        assert!(select("query A { a } query B { b }", None).is_err());
        assert!(select("query A { a }", Some("B")).is_err());
        assert_eq!(select("query A { a } mutation B { b }", Some("B")).expect("there").kind, Kind::Mutation);
    }
}
