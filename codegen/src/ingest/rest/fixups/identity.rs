//! Names of schemas, operations and tags, and the sources of operations.

use crate::ingest::rest::document::{Document, SCHEMAS, refer, reference, references};
use crate::ingest::rest::operation_ids::{is_snake, operation_ids as derive, pascal, snake};
use crate::ingest::rest::report::Notes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn schema_names(document: &mut Document, notes: &mut Notes) {
    let mut renamed = BTreeMap::new();
    let mut taken: BTreeSet<String> = document.schemas.keys().filter(|name| is_plain(name)).cloned().collect();
    let mut schemas = BTreeMap::new();
    for (name, schema) in std::mem::take(&mut document.schemas) {
        if is_plain(&name) {
            schemas.insert(name, schema);
            continue;
        }
        let new = free(&plain(&name), &taken);
        notes.repaired(format!("{name} -> {new}"));
        taken.insert(new.clone());
        schemas.insert(new.clone(), schema);
        renamed.insert(name, new);
    }
    document.schemas = schemas;
    if renamed.is_empty() {
        return;
    }
    document.each_schema(&mut |schema, _| {
        if let Some(Value::String(target)) = schema.get_mut("$ref")
            && let Some(new) = target.strip_prefix(SCHEMAS).and_then(|name| renamed.get(name))
        {
            *target = format!("{SCHEMAS}{new}");
        }
    });
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A name with letters and digits only. A letter after a removed character becomes a capital.
fn plain(name: &str) -> String {
    let mut out = String::new();
    let mut capital = !name.starts_with(|first: char| first.is_ascii_lowercase());
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() {
            capital = true;
        } else if capital {
            out.push(letter.to_ascii_uppercase());
            capital = false;
        } else {
            out.push(letter);
        }
    }
    if is_plain(&out) { out } else { format!("Schema{out}") }
}

/// The name, with a number if it is taken.
fn free(name: &str, taken: &BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}

pub(super) fn source(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        if !operation.facts.contains_key("x-gitlab-source") {
            notes.repaired(key);
            operation.facts.insert("x-gitlab-source".to_owned(), json!("A"));
        }
    }
    for schema in document.schemas.values_mut().filter_map(Value::as_object_mut) {
        // A schema that is only a reference has no facts.
        if !schema.contains_key("$ref") {
            schema.entry("x-gitlab-source").or_insert_with(|| json!("A"));
        }
    }
}

pub(super) fn tags(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        let given: Vec<&str> = operation
            .facts
            .get("tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if let [only] = given.as_slice()
            && is_snake(only)
        {
            continue;
        }
        let from_path = || {
            let mut segments =
                key.path.split('/').skip(3).filter(|segment| !segment.starts_with('{') && *segment != "-");
            let first = segments.next().unwrap_or_default();
            let owner = matches!(first, "projects" | "groups");
            snake(if owner { segments.next().unwrap_or(first) } else { first })
        };
        let tag = given.first().map(|tag| snake(tag)).filter(|tag| is_snake(tag)).unwrap_or_else(from_path);
        let tag = if is_snake(&tag) { tag } else { "other".to_owned() };
        notes.repaired(format!("{key}: [{}] -> {tag}", given.join(", ")));
        operation.facts.insert("tags".to_owned(), json!([tag]));
    }
}

/// Whether an id was chosen, not generated from method and path.
fn is_chosen(id: &str) -> bool {
    is_snake(id)
        && !["get", "head", "post", "put", "patch", "delete"]
            .iter()
            .any(|verb| id.starts_with(&format!("{verb}_api_v4")))
}

pub(super) fn operation_ids(document: &mut Document, notes: &mut Notes) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut nameless = Vec::new();
    for (key, operation) in &document.operations {
        match operation.text("operationId").filter(|id| is_chosen(id)) {
            Some(id) if taken.insert(id.to_owned()) => {}
            _ => nameless.push(key.clone()),
        }
    }
    for key in nameless {
        let Some(operation) = document.operations.get_mut(&key) else { continue };
        let lists = operation
            .success_schema()
            .is_some_and(|schema| schema.get("type").and_then(Value::as_str) == Some("array"));
        let candidates = derive(key.method, &key.path, lists);
        let id = match candidates.iter().find(|id| !taken.contains(*id)) {
            Some(id) => id.clone(),
            None => free(&format!("{}_", candidates.last().map_or("call", String::as_str)), &taken),
        };
        notes.repaired(format!("{key}: {} -> {id}", operation.text("operationId").unwrap_or("none")));
        taken.insert(id.clone());
        operation.facts.insert("operationId".to_owned(), json!(id));
    }
}

/// Whether the name of a component was generated from a path or a checksum.
fn is_spelt_out(name: &str) -> bool {
    name.starts_with("RequestBody")
        || ["get", "head", "post", "put", "patch", "delete"]
            .iter()
            .any(|verb| name.strip_prefix(verb).is_some_and(|rest| rest.starts_with("Api")))
}

pub(super) fn body_names(document: &mut Document, notes: &mut Notes) {
    let mut referred = BTreeSet::new();
    document.roots().for_each(|(_, schema)| references(schema, &mut referred));
    let mut taken = referred;
    taken.retain(|name| !is_spelt_out(name));
    let schemas = &mut document.schemas;
    for (key, operation) in &mut document.operations {
        let Some(id) = operation.text("operationId").map(pascal) else { continue };
        let bodies = operation.body.iter_mut().flat_map(|body| &mut body.media).map(|media| (media, "Body"));
        let responses = operation.responses.iter_mut().filter(|response| response.is_success());
        let responses = responses.flat_map(|response| &mut response.media).map(|media| (media, "Response"));
        for ((_, schema), suffix) in bodies.chain(responses) {
            let schema = match schema.get("items") {
                Some(_) if suffix == "Response" => &mut schema["items"],
                _ => schema,
            };
            let own = match reference(schema) {
                Some(name) if is_spelt_out(name) && suffix == "Body" => schemas.get(name).cloned(),
                Some(_) => None,
                None => Some(schema.clone()),
            };
            let Some(mut own) = own.filter(|own| own.get("properties").is_some()) else { continue };
            let name = free(&format!("{id}{suffix}"), &taken);
            notes.repaired(format!("{key}: {name}"));
            if let Some(own) = own.as_object_mut() {
                own.entry("x-gitlab-source").or_insert_with(|| json!("A"));
            }
            taken.insert(name.clone());
            *schema = refer(&name);
            schemas.insert(name, own);
        }
    }
}

pub(super) fn unused_schemas(document: &mut Document, notes: &mut Notes) {
    let mut open = BTreeSet::new();
    for operation in document.operations.values() {
        operation.schemas().for_each(|schema| references(schema, &mut open));
        // The types of search results are names, not references.
        let scopes = operation.facts.get("x-gitlab-response-by-scope").and_then(Value::as_object).into_iter().flatten();
        open.extend(scopes.filter_map(|(_, name)| name.as_str()).map(str::to_owned));
    }
    let mut used = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        if let Some(schema) = document.schemas.get(&name)
            && used.insert(name)
        {
            let mut inner = BTreeSet::new();
            references(schema, &mut inner);
            open.extend(inner.into_iter().filter(|name| !used.contains(name)));
        }
    }
    document.schemas.retain(|name, _| {
        let stays = used.contains(name);
        if !stays {
            notes.repaired(name);
        }
        stays
    });
}
