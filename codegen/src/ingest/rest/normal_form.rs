//! The normal form: which members there are, and in which order.

use crate::ingest::rest::document::{Document, Object, Operation, Parameter, references};
use crate::ingest::rest::fixups::paths;
use crate::ingest::rest::operation_ids::is_snake;
use crate::ingest::rest::report::{Counts, Notes};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Members of a schema, in the order in which they are written.
const SCHEMA: [&str; 20] = [
    "$ref",
    "allOf",
    "type",
    "format",
    "nullable",
    "deprecated",
    "enum",
    "default",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "description",
];

/// Members that are prose or say nothing about a request; leaving them out loses no fact.
const PROSE: [&str; 16] = [
    "title",
    "summary",
    "description",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "security",
    "servers",
    "schemes",
    "readOnly",
    "writeOnly",
    "allowEmptyValue",
    "allowReserved",
    "discriminator",
    "uniqueItems",
];

/// Turns documents into the normal form.
pub(crate) struct Normal {
    /// Whether descriptions of operations, parameters and fields stay.
    pub(crate) keep_docs: bool,
    unknown: BTreeMap<String, usize>,
}

impl Normal {
    pub(crate) fn new(keep_docs: bool) -> Self {
        Normal { keep_docs, unknown: BTreeMap::new() }
    }

    /// The normal form of a document; members that it has no place for are noted.
    pub(crate) fn write(mut self, document: &Document, notes: &mut Notes) -> Value {
        let mut tags = BTreeSet::new();
        let mut paths = Object::new();
        for (key, operation) in &document.operations {
            tags.extend(operation.facts.get("tags").and_then(|tags| tags[0].as_str()).map(str::to_owned));
            let item = paths.entry(key.path.clone()).or_insert_with(|| json!({}));
            item[key.method.as_str().to_ascii_lowercase()] = Value::Object(self.operation(operation));
        }
        let schemas: Object =
            document.schemas.iter().map(|(name, schema)| (name.clone(), self.schema(schema))).collect();
        for (member, count) in &self.unknown {
            notes.excluded(format!("member `{member}`"), format!("{count} places; the normal form has no use for it"));
        }
        json!({
            "openapi": "3.0.3",
            "info": {"title": "GitLab REST API", "version": "v4"},
            "servers": [{"url": "https://gitlab.com"}],
            "security": [{"private_token": []}, {"bearer": []}],
            "tags": tags.iter().map(|tag| json!({"name": tag})).collect::<Vec<_>>(),
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "job_token": {"type": "apiKey", "name": "JOB-TOKEN", "in": "header"},
                    "private_token": {"type": "apiKey", "name": "PRIVATE-TOKEN", "in": "header"},
                },
            },
        })
    }

    fn operation(&mut self, operation: &Operation) -> Object {
        let mut out = self.pick(&operation.facts, &["operationId", "tags", "deprecated"]);
        if !operation.parameters.is_empty() {
            let parameters = operation.parameters.iter().map(|parameter| self.parameter(parameter));
            let parameters = parameters.collect();
            out.insert("parameters".to_owned(), parameters);
        }
        if let Some(body) = &operation.body {
            let content = self.content(&body.media);
            let body =
                if body.required { json!({"required": true, "content": content}) } else { json!({"content": content}) };
            out.insert("requestBody".to_owned(), body);
        }
        let mut responses = Object::new();
        for response in &operation.responses {
            let mut value = json!({"description": ""});
            if response.is_success() && !response.media.is_empty() {
                value["content"] = Value::Object(self.content(&response.media));
            }
            responses.insert(response.status.clone(), value);
        }
        out.insert("responses".to_owned(), Value::Object(responses));
        out
    }

    fn parameter(&mut self, parameter: &Parameter) -> Value {
        let mut out = Object::new();
        out.insert("name".to_owned(), json!(parameter.name));
        out.insert("in".to_owned(), json!(parameter.location));
        out.insert("required".to_owned(), json!(parameter.required));
        out.append(&mut self.pick(&parameter.facts, &["deprecated", "style", "explode"]));
        out.insert("schema".to_owned(), self.schema(&parameter.schema));
        Value::Object(out)
    }

    fn content(&mut self, media: &[(String, Value)]) -> Object {
        media.iter().map(|(kind, schema)| (kind.clone(), json!({"schema": self.schema(schema)}))).collect()
    }

    /// The members that the normal form keeps: some by name, our extensions in alphabetical order, descriptions if wanted.
    fn pick(&mut self, facts: &Object, keep: &[&str]) -> Object {
        let mut out = Object::new();
        for name in keep {
            if let Some(value) = facts.get(*name)
                && (*value != Value::Bool(false) || *name == "explode")
            {
                out.insert((*name).to_owned(), value.clone());
            }
        }
        if self.keep_docs
            && let Some(description) = facts.get("description").filter(|value| value.is_string())
        {
            out.insert("description".to_owned(), description.clone());
        }
        for (name, value) in sorted(facts) {
            if is_extension(name) {
                out.insert(name.clone(), value.clone());
            } else if !keep.contains(&name.as_str()) && !PROSE.contains(&name.as_str()) {
                *self.unknown.entry(name.clone()).or_default() += 1;
            }
        }
        out
    }

    fn schema(&mut self, schema: &Value) -> Value {
        let Some(schema) = schema.as_object() else { return json!({}) };
        let mut out = Object::new();
        for name in SCHEMA {
            let Some(value) = schema.get(name) else { continue };
            let value = match name {
                "description" if !self.keep_docs || !value.is_string() => continue,
                "nullable" | "deprecated" if *value != Value::Bool(true) => continue,
                "items" => self.schema(value),
                "additionalProperties" if value.is_object() => self.schema(value),
                "allOf" => value.as_array().into_iter().flatten().map(|inner| self.schema(inner)).collect(),
                "properties" => {
                    let properties = value.as_object().into_iter().flatten();
                    properties.map(|(name, property)| (name.clone(), self.schema(property))).collect()
                }
                _ => value.clone(),
            };
            out.insert(name.to_owned(), value);
        }
        for (name, value) in sorted(schema) {
            if is_extension(name) {
                out.insert(name.clone(), value.clone());
            } else if !SCHEMA.contains(&name.as_str()) && !PROSE.contains(&name.as_str()) {
                *self.unknown.entry(name.clone()).or_default() += 1;
            }
        }
        Value::Object(out)
    }
}

/// The sizes of a document.
pub(crate) fn counts(document: &Document) -> Counts {
    let paths: BTreeSet<&str> = document.operations.keys().map(|key| key.path.as_str()).collect();
    Counts {
        operations: document.operations.len(),
        paths: paths.len(),
        schemas: document.schemas.len(),
        parameters: document.operations.values().map(|operation| operation.parameters.len()).sum(),
    }
}

/// Checks what everything after the ingest relies on.
///
/// # Errors
/// Names every operation that breaks a rule; after the repairs only an overlay can.
pub(crate) fn verify(document: &Document) -> Result<()> {
    let mut problems = Vec::new();
    let mut ids = BTreeMap::new();
    for (key, operation) in &document.operations {
        let id = operation.text("operationId").unwrap_or_default();
        if !is_snake(id) {
            problems.push(format!("{key}: the id `{id}` is not in snake_case"));
        }
        if let Some(other) = ids.insert(id, key) {
            problems.push(format!("{key}: {other} has the id `{id}`, too"));
        }
        let tags = operation.facts.get("tags").and_then(Value::as_array).map_or(0, Vec::len);
        if tags != 1 {
            problems.push(format!("{key}: {tags} tags instead of one"));
        }
        let in_path: BTreeSet<&str> = paths::names(&key.path).collect();
        let declared = operation.parameters.iter().filter(|parameter| parameter.location == "path");
        let declared: BTreeSet<&str> = declared.map(|parameter| parameter.name.as_str()).collect();
        if in_path != declared {
            problems.push(format!("{key}: the path has {in_path:?}, declared are {declared:?}"));
        }
        if operation.responses.iter().filter(|response| response.is_success()).count() != 1 {
            problems.push(format!("{key}: not exactly one success response"));
        }
    }
    for (at, schema) in document.roots() {
        let mut names = BTreeSet::new();
        references(schema, &mut names);
        for name in names.iter().filter(|name| !document.schemas.contains_key(*name)) {
            problems.push(format!("{at}: there is no schema {name}"));
        }
    }
    if !problems.is_empty() {
        bail!("the result breaks rules of the normal form:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

fn is_extension(name: &str) -> bool {
    name.starts_with("x-gitlab-") || name.starts_with("x-rust-")
}

fn sorted(object: &Object) -> BTreeMap<&String, &Value> {
    object.iter().collect()
}
