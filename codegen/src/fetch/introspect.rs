//! Reads a GraphQL schema from a server: in one query if its limits allow that, else type by type.

use super::server::{QueryOutcome, Server, member};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::fmt::{self, Write};

/// The maximum types in one query; fewer if the server rejects that.
const MOST: usize = 64;
/// The maximum characters of a document. GitLab rejects more than 10,000.
const LONGEST: usize = 9_000;
/// The maximum nesting of lists and non-nulls in a type.
const WRAPPERS: usize = 6;

/// A schema as a complete introspection query would return it.
pub(super) struct Introspected {
    pub(super) document: Value,
    pub(super) requests: usize,
    /// How it was read, if one query was not enough.
    pub(super) parts: Option<Parts>,
}

/// How a schema was read in several queries.
pub(super) struct Parts {
    /// The server's reason for rejecting the complete query; none if it was not sent.
    rejected: Option<String>,
    /// The maximum types in one query.
    most: usize,
    /// The server's reason for rejecting more types.
    fewer: Option<String>,
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rejected {
            Some(reason) => write!(f, "in parts, since the server rejects the complete query ({reason})")?,
            None => write!(f, "in parts, as --parts says")?,
        }
        write!(f, "; at most {} types at once", self.most)?;
        match &self.fewer {
            Some(reason) => write!(f, ", since it rejects more ({reason})"),
            None => Ok(()),
        }
    }
}

/// Reads the schema of a server.
pub(super) fn introspect(server: &Server<'_>, in_parts: bool, docs: bool) -> Result<Introspected> {
    let mut reader = Reader { server, requests: 0, fragments: String::new() };
    reader.fragments = fragments(reader.has_deprecated_inputs()?, docs);
    let rejected = if in_parts {
        None
    } else {
        match reader.whole()? {
            QueryOutcome::Data(schema) => return Ok(reader.done(schema, None)),
            QueryOutcome::TooMuch(reason) => Some(reason),
        }
    };
    let (schema, parts) = reader.parts(rejected)?;
    Ok(reader.done(schema, Some(parts)))
}

struct Reader<'a> {
    server: &'a Server<'a>,
    requests: usize,
    fragments: String,
}

impl Reader<'_> {
    fn done(self, schema: Value, parts: Option<Parts>) -> Introspected {
        Introspected { document: json!({ "data": { "__schema": schema } }), requests: self.requests, parts }
    }

    fn ask(&mut self, query: &str) -> Result<QueryOutcome> {
        self.requests += 1;
        self.server.ask(query)
    }

    /// Whether the server supports deprecated arguments and input fields, and hides them by default.
    fn has_deprecated_inputs(&mut self) -> Result<bool> {
        match self.ask(r#"{ __type(name: "__InputValue") { fields { name } } }"#)? {
            QueryOutcome::TooMuch(reason) => {
                bail!("the server rejects even the smallest introspection query: {reason}")
            }
            QueryOutcome::Data(mut data) => {
                let ty = member(&mut data, "__type")?;
                let fields = ty["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
                Ok(fields.iter().any(|field| field["name"] == "isDeprecated"))
            }
        }
    }

    /// Reads the schema in one query.
    fn whole(&mut self) -> Result<QueryOutcome> {
        let query = format!("{{ __schema {{ {ROOTS} types {{ ...T }} {DIRECTIVES} }} }}\n{}", self.fragments);
        match self.ask(&query)? {
            QueryOutcome::Data(mut data) => member(&mut data, "__schema").map(QueryOutcome::Data),
            rejected => Ok(rejected),
        }
    }

    /// Reads the schema in several queries: first the names of the types, then the types.
    fn parts(&mut self, rejected: Option<String>) -> Result<(Value, Parts)> {
        let query =
            format!("{{ __schema {{ {ROOTS} types {{ name }} {DIRECTIVES} }} }}\n{}", self.fragments_of_inputs());
        let mut schema = match self.ask(&query)? {
            QueryOutcome::TooMuch(reason) => bail!("the server rejects even a list of its types: {reason}"),
            QueryOutcome::Data(mut data) => member(&mut data, "__schema")?,
        };
        let listed = schema["types"].as_array().context("the response does not list types")?;
        let names: Vec<String> = listed
            .iter()
            .filter_map(|ty| ty["name"].as_str())
            .filter(|name| !name.starts_with("__") && is_name(name))
            .map(str::to_owned)
            .collect();
        let mut types = Vec::with_capacity(names.len());
        let mut parts = Parts { rejected, most: MOST, fewer: None };
        while let Some(batch) = names.get(types.len()..).filter(|rest| !rest.is_empty()) {
            let (query, count) = self.question(batch, parts.most);
            match self.ask(&query)? {
                QueryOutcome::Data(Value::Object(mut data)) => types.extend(described(&mut data, &batch[..count])?),
                QueryOutcome::Data(_) => bail!("the response is not an object"),
                QueryOutcome::TooMuch(reason) if count == 1 => {
                    bail!("the server rejects even a query for the single type {}: {reason}", batch[0])
                }
                QueryOutcome::TooMuch(reason) => {
                    parts.most = count / 2;
                    parts.fewer = Some(reason);
                }
            }
        }
        schema["types"] = types.into();
        Ok((schema, parts))
    }

    /// The fragment for the arguments of directives.
    fn fragments_of_inputs(&self) -> &str {
        self.fragments.split_once(INPUTS).map_or(&self.fragments, |(_, inputs)| inputs)
    }

    /// A query for the first types, and how many these are.
    fn question(&self, names: &[String], most: usize) -> (String, usize) {
        let mut query = String::from("{");
        let mut count = 0;
        for name in names.iter().take(most) {
            let mut part = String::new();
            // Writing to a String cannot fail.
            let _ = write!(part, " t{count}: __type(name: \"{name}\") {{ ...T }}");
            if count > 0 && query.len() + part.len() + self.fragments.len() > LONGEST {
                break;
            }
            query.push_str(&part);
            count += 1;
        }
        (format!("{query} }}\n{}", self.fragments), count)
    }
}

/// The types in a response, in the order of their names.
fn described(data: &mut Map<String, Value>, names: &[String]) -> Result<Vec<Value>> {
    let take = |(at, name): (usize, &String)| {
        let found = data.get_mut(&format!("t{at}")).map(Value::take).filter(|ty| !ty.is_null());
        found.with_context(|| {
            format!("the server listed the type {name}, but does not know it now; if it was being upgraded, try again")
        })
    };
    names.iter().enumerate().map(take).collect()
}

/// Whether a name can be part of a document.
fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

const ROOTS: &str = "queryType { name } mutationType { name } subscriptionType { name }";
const DIRECTIVES: &str = "directives { name locations args { ...I } }";
/// The part between the fragment for types and those for inputs.
const INPUTS: &str = "\n\n";

/// The selections for a type `T`, an input `I`, and a reference to a type `R`.
///
/// Without `deprecated_inputs`, descriptions of inputs are selected: they may be the only place that mentions deprecation.
fn fragments(deprecated_inputs: bool, docs: bool) -> String {
    let docs_or = |otherwise: &'static str| if docs { "description" } else { otherwise };
    let (all, marks) = if deprecated_inputs {
        ("(includeDeprecated: true)", "isDeprecated deprecationReason")
    } else {
        ("", "description")
    };
    let mut reference = "kind name".to_owned();
    for _ in 0..WRAPPERS {
        reference = format!("kind name ofType {{ {reference} }}");
    }
    let about = docs_or("");
    let input_about = if deprecated_inputs { about } else { "" };
    format!(
        "fragment T on __Type {{ kind name {about} \
         fields(includeDeprecated: true) {{ name {about} args{all} {{ ...I }} type {{ ...R }} isDeprecated deprecationReason }} \
         inputFields{all} {{ ...I }} interfaces {{ name }} \
         enumValues(includeDeprecated: true) {{ name {about} isDeprecated deprecationReason }} possibleTypes {{ name }} }}\
         {INPUTS}\
         fragment I on __InputValue {{ name {input_about} type {{ ...R }} defaultValue {marks} }}\n\
         fragment R on __Type {{ {reference} }}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn introspection_documents_are_valid_and_short() {
        for (deprecated_inputs, docs) in [(true, true), (true, false), (false, true), (false, false)] {
            let fragments = fragments(deprecated_inputs, docs);
            let whole = format!("{{ __schema {{ {ROOTS} types {{ ...T }} {DIRECTIVES} }} }}\n{fragments}");
            graphql_parser::parse_query::<String>(&whole).expect("a document");
            assert_eq!(fragments.matches("isDeprecated").count(), if deprecated_inputs { 3 } else { 2 });
            assert!(whole.len() < LONGEST, "{}", whole.len());
        }
    }
}
