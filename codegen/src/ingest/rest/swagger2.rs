//! Reading Swagger 2.0 into a [`Document`], in the terms of OpenAPI 3.0.

use crate::ingest::rest::document::{Body, Document, Key, Object, Operation, Parameter, Response, SCHEMAS};
use crate::ingest::rest::openapi3::{calls, follow, named, parameters, without};
use crate::ingest::rest::report::Notes;
use serde_json::{Value, json};

/// The members of a parameter that describe its value.
const SCHEMA_KEYS: [&str; 11] = [
    "type",
    "format",
    "items",
    "enum",
    "default",
    "minimum",
    "maximum",
    "pattern",
    "minLength",
    "maxLength",
    "example",
];

/// Reads a Swagger 2.0 document.
pub(crate) fn read(root: &Object, notes: &mut Notes) -> Document {
    let mut document = Document { schemas: named(root, &["definitions"]), ..Document::default() };
    let base = root.get("basePath").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
    for (path, method, item, operation) in calls(root, notes) {
        let path = if path.starts_with(base) { path.to_owned() } else { format!("{base}{path}") };
        let key = Key { path, method };
        let operation = read_operation(root, &key, item, operation, notes);
        document.operations.insert(key, operation);
    }
    document.each_schema(&mut |schema, _| {
        if let Some(Value::String(target)) = schema.get_mut("$ref")
            && let Some(name) = target.strip_prefix("#/definitions/")
        {
            *target = format!("{SCHEMAS}{name}");
        }
    });
    document
}

fn read_operation(root: &Object, key: &Key, item: &Object, operation: &Object, notes: &mut Notes) -> Operation {
    let mut out = Operation {
        facts: without(operation, &["parameters", "responses", "consumes", "produces"]),
        ..Operation::default()
    };
    let mut form = Object::new();
    let mut form_required = Vec::new();
    for parameter in parameters(root, key, item, operation, notes) {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        let required = parameter.get("required") == Some(&Value::Bool(true));
        match parameter.get("in").and_then(Value::as_str) {
            Some("body") => {
                let schema = parameter.get("schema").cloned().unwrap_or_else(|| json!({}));
                out.body = Some(Body { required, media: vec![("application/json".to_owned(), schema)] });
            }
            Some("formData") => {
                form.insert(name.to_owned(), Value::Object(schema_of(parameter, true)));
                if required {
                    form_required.push(Value::from(name));
                }
            }
            location => out.parameters.push(Parameter {
                name: name.to_owned(),
                location: location.unwrap_or("query").to_owned(),
                required,
                schema: Value::Object(schema_of(parameter, false)),
                facts: parameter_facts(parameter),
            }),
        }
    }
    if !form.is_empty() {
        add_form(&mut out, form, form_required);
    }
    let produced = operation.get("produces").or_else(|| root.get("produces"));
    for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
        match follow(root, response) {
            Some(response) => out.responses.push(read_response(status, response, produced)),
            None => notes.excluded(format!("{key}, response {status}"), "it refers to nothing"),
        }
    }
    out
}

/// Form fields are a JSON object for GitLab; the repair of file fields decides later which bodies are multipart.
fn add_form(operation: &mut Operation, form: Object, required: Vec<Value>) {
    let mut schema = json!({ "type": "object", "properties": form });
    if !required.is_empty() {
        schema["required"] = Value::Array(required.clone());
    }
    operation.body =
        Some(Body { required: !required.is_empty(), media: vec![("application/json".to_owned(), schema)] });
}

fn schema_of(parameter: &Object, with_description: bool) -> Object {
    let known = |name: &str| SCHEMA_KEYS.contains(&name) || (with_description && name == "description");
    let members = parameter.iter().filter(|(name, _)| known(name));
    members.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn parameter_facts(parameter: &Object) -> Object {
    let mut facts = without(parameter, &["name", "in", "required", "collectionFormat"]);
    facts.retain(|name, _| !SCHEMA_KEYS.contains(&name.as_str()));
    // GitLab reads `name[]=a&name[]=b`. Swagger's default of joining with commas is not meant unless it is written down.
    if parameter.get("collectionFormat").and_then(Value::as_str) == Some("csv") {
        facts.insert("style".to_owned(), json!("form"));
        facts.insert("explode".to_owned(), json!(false));
    }
    facts
}

fn read_response(status: &str, response: &Object, produced: Option<&Value>) -> Response {
    let produced = produced.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let produced: Vec<&str> = produced.collect();
    let file = produced.iter().copied().find(|kind| *kind != "application/json");
    let media = match response.get("schema") {
        None => Vec::new(),
        Some(schema) if schema.get("type").and_then(Value::as_str) == Some("file") => {
            let kind = file.unwrap_or("application/octet-stream");
            vec![(kind.to_owned(), json!({ "type": "string", "format": "binary" }))]
        }
        Some(schema) => vec![("application/json".to_owned(), schema.clone())],
    };
    // An operation that produces nothing but files has a file as its answer, declared or not.
    let media = match file {
        Some(kind) if media.is_empty() && status == "200" && !produced.contains(&"application/json") => {
            vec![(kind.to_owned(), json!({ "type": "string", "format": "binary" }))]
        }
        _ => media,
    };
    Response { status: status.to_owned(), media }
}
