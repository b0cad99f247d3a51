//! GraphQL: from a request to `/api/graphql` to a response.

mod connection;
mod document;
mod execute;
mod input;
mod made;
mod mutate;
mod price;
mod related;
mod relation;
mod request;
mod resolve;
mod schema;
mod select;
mod thing;

use crate::identity::Identity;
use crate::response::Response;
use crate::rest::Rest;
use crate::store::Store;
use crate::time::Time;
use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Operation, OperationType};
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::validation::Valid;
use document::Documents;
use execute::Run;
use glabflow_contract::graphql::cost::LIMITS;
use mutate::Context;
use request::Request;
use serde_json::{Map, Value, json};
use std::rc::Rc;
use std::sync::{PoisonError, RwLock};

/// The maximum complexity for anonymous users and for administrators. For everyone else it is that of [`LIMITS`].
const ANONYMOUS: u32 = 200;
const ADMINISTRATOR: u32 = 300;
/// The maximum depth for anonymous users.
const ANONYMOUS_DEPTH: u32 = 15;

/// The GraphQL interface of a server.
#[derive(Default)]
pub(crate) struct Graphql {
    documents: Documents,
    /// The maximum complexity for every caller.
    limit: Option<u32>,
}

/// One request.
pub(crate) struct GraphqlRequest<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) caller: Option<Identity>,
    pub(crate) now: Time,
    /// Paths in the response with a fault, `project.pipelines`.
    pub(crate) broken: &'a [String],
}

impl Graphql {
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Graphql { documents: Documents::default(), limit }
    }

    /// Responds to a request, or to several in an array.
    pub(crate) fn respond(&self, rest: &Rest, store: &RwLock<Store>, request: &GraphqlRequest<'_>) -> Response {
        let body: Value = match serde_json::from_slice(request.body) {
            Ok(body) => body,
            Err(_) => return rejected(400, "There was a problem in the JSON you submitted"),
        };
        match body {
            Value::Array(queries) => {
                let mut out = vec![b'['];
                for (at, query) in queries.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    match self.one(rest, store, request, query) {
                        Ok(response) => out.extend(response),
                        Err(error) => return error,
                    }
                }
                out.push(b']');
                Response::raw_json(200, out)
            }
            query => {
                self.one(rest, store, request, &query).map_or_else(|error| error, |out| Response::raw_json(200, out))
            }
        }
    }

    fn one(
        &self,
        rest: &Rest,
        store: &RwLock<Store>,
        request: &GraphqlRequest<'_>,
        query: &Value,
    ) -> Result<Vec<u8>, Response> {
        let text = query.get("query").and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            return Ok(failed(&[json!({ "message": "No query string was present" })]));
        }
        if text.len() > LIMITS.characters {
            return Err(rejected(422, "Query too large"));
        }
        // GitLab accepts the variables as text, too.
        let variables = match query.get("variables") {
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            Some(variables) => variables.clone(),
            None => Value::Null,
        };
        let given = match variables {
            Value::Object(given) => given,
            Value::Null => Map::new(),
            _ => return Err(rejected(422, "Unexpected parameter: variables")),
        };
        let name = query.get("operationName").and_then(Value::as_str).filter(|name| !name.is_empty());
        Ok(self.execute(rest, store, request, text, name, &given).unwrap_or_else(|errors| failed(&errors)))
    }

    fn execute(
        &self,
        rest: &Rest,
        store: &RwLock<Store>,
        request: &GraphqlRequest<'_>,
        text: &str,
        name: Option<&str>,
        given: &Map<String, Value>,
    ) -> Result<Vec<u8>, Vec<Value>> {
        let document = self.documents.read(text)?;
        let operation = document.operations.get(name).map_err(|_| {
            let message = match name {
                Some(name) => format!("No operation named \"{name}\""),
                None => "An operation name is required".to_owned(),
            };
            vec![json!({ "message": message })]
        })?;
        let variables = input::variables(operation, given)?;
        let size = price::measure(&document, operation, &variables);
        let (caller, now) = (request.caller, request.now);
        let limit = self.limit(caller);
        check(size, limit, caller)?;
        let introspection = introspect(&document, operation, &variables);
        let request = Request {
            document: &document,
            variables: &variables,
            caller,
            broken: request.broken,
            size,
            limit,
            introspection: &introspection,
        };
        let mut done = Vec::new();
        if operation.operation_type == OperationType::Mutation {
            let fields = {
                let store = store.read().unwrap_or_else(PoisonError::into_inner);
                select::mutations(&request, &store, &operation.selection_set)
            };
            let context = Context { rest, store, caller, now };
            for step in fields.steps.iter().filter(|step| !step.name.starts_with("__")) {
                let arguments = step.arguments.clone();
                let result = arguments.and_then(|arguments| context.run(step.name, &arguments));
                done.push((step.key, result.map(Rc::new)));
            }
        }
        let store = store.read().unwrap_or_else(PoisonError::into_inner);
        let mut run = Run::new(&request, &store);
        run.out.extend_from_slice(b"{\"data\":");
        let start = run.out.len();
        if run.root(&operation.selection_set, &done).is_err() {
            run.out.truncate(start);
            run.out.extend_from_slice(b"null");
        }
        if !run.errors.is_empty() {
            run.out.extend_from_slice(b",\"errors\":");
            let errors = Value::Array(std::mem::take(&mut run.errors)).to_string();
            run.out.extend_from_slice(errors.as_bytes());
        }
        run.out.push(b'}');
        Ok(run.out)
    }

    fn limit(&self, caller: Option<Identity>) -> u32 {
        self.limit.unwrap_or(match caller {
            None => ANONYMOUS,
            Some(caller) if caller.is_admin() => ADMINISTRATOR,
            Some(_) => LIMITS.complexity,
        })
    }
}

/// Rejects documents that are too complex or too deep.
fn check(size: price::Size, limit: u32, caller: Option<Identity>) -> Result<(), Vec<Value>> {
    let mut errors = Vec::new();
    let deepest = if caller.is_some() { LIMITS.depth } else { ANONYMOUS_DEPTH };
    if size.depth > deepest {
        errors.push(format!("Query has depth of {}, which exceeds max depth of {deepest}", size.depth));
    }
    if size.score > limit {
        errors.push(format!("Query has complexity of {}, which exceeds max complexity of {limit}", size.score));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.into_iter().map(|message| json!({ "message": message })).collect())
    }
}

/// The results of the introspection fields of an operation, by response key.
fn introspect(
    document: &Valid<ExecutableDocument>,
    operation: &Operation,
    variables: &Map<String, Value>,
) -> Map<String, Value> {
    let is_answered = operation.is_query()
        && operation.root_fields(document).any(|field| matches!(field.name.as_str(), "__schema" | "__type"));
    if !is_answered {
        return Map::new();
    }
    let schema = schema::schema();
    let values = serde_json::to_value(variables).and_then(serde_json::from_value).unwrap_or_default();
    let found = coerce_variable_values(&schema.valid, operation, &values).and_then(|values| {
        apollo_compiler::introspection::partial_execute(
            &schema.valid,
            &schema.implementers,
            document,
            operation,
            &values,
        )
    });
    let data = found.ok().and_then(|response| serde_json::to_value(response.data).ok());
    match data {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    }
}

/// A body without data.
fn failed(errors: &[Value]) -> Vec<u8> {
    json!({ "errors": errors }).to_string().into_bytes()
}

/// A response to a request that is not GraphQL, or whose token is unknown.
pub(crate) fn rejected(status: u16, message: &str) -> Response {
    Response { status, ..Response::raw_json(status, failed(&[json!({ "message": message })])) }
}
