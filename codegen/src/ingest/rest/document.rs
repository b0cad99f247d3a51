//! The document during the ingest: operations as structs, schemas as JSON.

use glabflow_contract::Method;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A JSON object that keeps its order.
pub(crate) type Object = Map<String, Value>;

/// The reference prefix of component schemas.
pub(crate) const SCHEMAS: &str = "#/components/schemas/";

/// The path and method of an operation. Operations are sorted by path, then by method.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) path: String,
    pub(crate) method: Method,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// One operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Operation {
    /// All other members: id, tags, deprecation, extensions.
    pub(crate) facts: Object,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: Vec<Response>,
}

/// A path, query or header parameter.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// `path`, `query` or `header`.
    pub(crate) location: String,
    pub(crate) required: bool,
    pub(crate) schema: Value,
    /// Style, deprecation, extensions.
    pub(crate) facts: Object,
}

/// A request body: a schema for each media type.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) required: bool,
    pub(crate) media: Vec<(String, Value)>,
}

/// A response: a schema for each media type.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: String,
    pub(crate) media: Vec<(String, Value)>,
}

impl Response {
    pub(crate) fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }
}

impl Operation {
    pub(crate) fn text(&self, fact: &str) -> Option<&str> {
        self.facts.get(fact).and_then(Value::as_str)
    }

    pub(crate) fn has(&self, name: &str, location: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name && parameter.location == location)
    }

    /// The schemas of parameters, body and responses.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = &Value> {
        let bodies = self.body.iter().flat_map(|body| &body.media);
        let responses = self.responses.iter().flat_map(|response| &response.media);
        let parameters = self.parameters.iter().map(|parameter| &parameter.schema);
        parameters.chain(bodies.chain(responses).map(|(_, schema)| schema))
    }

    /// The schema of the success response, if it has one.
    pub(crate) fn success_schema(&self) -> Option<&Value> {
        self.responses.iter().find(|response| response.is_success())?.media.first().map(|(_, schema)| schema)
    }

    /// The schema of the body, if it has one.
    pub(crate) fn body_schema(&self) -> Option<&Value> {
        self.body.as_ref()?.media.first().map(|(_, schema)| schema)
    }
}

/// A document of operations and component schemas.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    pub(crate) operations: BTreeMap<Key, Operation>,
    pub(crate) schemas: BTreeMap<String, Value>,
}

impl Document {
    /// Visits every schema with its location. An outer schema comes before those inside it.
    pub(crate) fn each_schema(&mut self, visit: &mut dyn FnMut(&mut Value, &str)) {
        for (name, schema) in &mut self.schemas {
            walk(schema, &mut name.clone(), visit);
        }
        for (key, operation) in &mut self.operations {
            for parameter in &mut operation.parameters {
                walk(&mut parameter.schema, &mut format!("{key} {}", parameter.name), visit);
            }
            for (_, schema) in operation.body.iter_mut().flat_map(|body| &mut body.media) {
                walk(schema, &mut format!("{key} body"), visit);
            }
            for response in &mut operation.responses {
                for (_, schema) in &mut response.media {
                    walk(schema, &mut format!("{key} {}", response.status), visit);
                }
            }
        }
    }

    /// The schemas of every operation and component, each with its location.
    pub(crate) fn roots(&self) -> impl Iterator<Item = (String, &Value)> {
        let components = self.schemas.iter().map(|(name, schema)| (name.clone(), schema));
        let operations = self
            .operations
            .iter()
            .flat_map(|(key, operation)| operation.schemas().map(move |schema| (key.to_string(), schema)));
        components.chain(operations)
    }

    /// The schema itself, or the component that it refers to.
    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> Option<&'a Value> {
        match reference(schema) {
            Some(name) => self.schemas.get(name),
            None => Some(schema),
        }
    }
}

/// The component that a schema refers to, directly or by a single `allOf`.
pub(crate) fn reference(schema: &Value) -> Option<&str> {
    match schema.get("$ref") {
        Some(target) => target.as_str()?.strip_prefix(SCHEMAS),
        None => match schema.get("allOf")?.as_array()?.as_slice() {
            [only] => only.get("$ref")?.as_str()?.strip_prefix(SCHEMAS),
            _ => None,
        },
    }
}

/// A schema that refers to a component.
pub(crate) fn refer(name: &str) -> Value {
    serde_json::json!({ "$ref": format!("{SCHEMAS}{name}") })
}

/// Visits a schema and the schemas inside it.
pub(crate) fn walk(schema: &mut Value, at: &mut String, visit: &mut dyn FnMut(&mut Value, &str)) {
    visit(schema, at);
    let Some(object) = schema.as_object_mut() else { return };
    let length = at.len();
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            at.push('.');
            at.push_str(name);
            walk(property, at, visit);
            at.truncate(length);
        }
    }
    for (inner, suffix) in [("items", "[]"), ("additionalProperties", "{}")] {
        if let Some(value) = object.get_mut(inner).filter(|value| value.is_object()) {
            at.push_str(suffix);
            walk(value, at, visit);
            at.truncate(length);
        }
    }
    for several in ["allOf", "oneOf", "anyOf"] {
        for value in object.get_mut(several).and_then(Value::as_array_mut).into_iter().flatten() {
            walk(value, at, visit);
        }
    }
}

/// Collects the names of the components that a schema refers to.
pub(crate) fn references(schema: &Value, names: &mut BTreeSet<String>) {
    for (name, member) in schema.as_object().into_iter().flatten() {
        match (name.as_str(), member) {
            ("$ref", Value::String(target)) => names.extend(target.strip_prefix(SCHEMAS).map(str::to_owned)),
            ("properties", Value::Object(fields)) => fields.values().for_each(|field| references(field, names)),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.iter().for_each(|part| references(part, names)),
            ("items" | "additionalProperties" | "not", schema) => references(schema, names),
            // Other members are not schemas.
            _ => {}
        }
    }
}
