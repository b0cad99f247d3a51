//! Entries about parameters and fields: types, values, what null clears.

use super::entry::{Entry, call, find, set};
use crate::ingest::rest::document::{Document, reference};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

/// Says that `null` clears body fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clearable {
    pub(super) reason: String,
    /// Operations; `*` in a path stands for anything.
    pub(super) operations: Vec<String>,
    pub(super) fields: Vec<String>,
}

/// Gives a parameter or a field its values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Enum {
    pub(super) reason: String,
    pub(super) target: Target,
    values: Vec<String>,
}

/// Gives a parameter or a field another type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Type {
    pub(super) reason: String,
    pub(super) target: Target,
    schema: Value,
}

/// A parameter of an operation, or a field of a component schema.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    operation: Option<String>,
    parameter: Option<String>,
    component: Option<String>,
    field: Option<String>,
}

/// Whether a text fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| fits(after, &rest[at..]))
        }),
    }
}

impl Entry for Clearable {
    fn apply(&self, document: &mut Document) -> Result<usize> {
        let mut changed = 0;
        let mut fields_hit = std::collections::BTreeSet::new();
        for pattern in &self.operations {
            let wanted = call(pattern)?;
            let bodies: Vec<String> = document
                .operations
                .iter()
                .filter(|(key, _)| key.method == wanted.method && fits(&wanted.path, &key.path))
                .filter_map(|(_, operation)| reference(operation.body_schema()?).map(str::to_owned))
                .collect();
            if bodies.is_empty() {
                bail!("no operation with a body fits {pattern}");
            }
            let before = changed;
            for name in bodies {
                let Some(properties) = document.schemas.get_mut(&name).and_then(|schema| schema.get_mut("properties"))
                else {
                    continue;
                };
                for field in &self.fields {
                    let Some(schema) = properties.get_mut(field).and_then(Value::as_object_mut) else { continue };
                    if schema.get("nullable") == Some(&json!(true)) {
                        continue;
                    }
                    if let Some(target) = schema.remove("$ref") {
                        schema.insert("allOf".to_owned(), json!([{"$ref": target}]));
                    }
                    schema.insert("nullable".to_owned(), json!(true));
                    fields_hit.insert(field);
                    changed += 1;
                }
            }
            if changed == before {
                bail!("nothing changes for {pattern}: it has none of these fields, or all are clearable already");
            }
        }
        if let Some(field) = self.fields.iter().find(|field| !fields_hit.contains(field)) {
            bail!("nothing changes for the field {field}");
        }
        Ok(changed)
    }
}

impl Target {
    pub(super) fn subject(&self) -> String {
        let parts = [&self.operation, &self.parameter, &self.component, &self.field];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    fn find<'a>(&self, document: &'a mut Document) -> Result<&'a mut Value> {
        match (&self.operation, &self.parameter, &self.component, &self.field) {
            (Some(operation), Some(name), None, None) => {
                let parameters = &mut find(document, operation)?.parameters;
                let found = parameters.iter_mut().find(|parameter| parameter.name == *name);
                Ok(&mut found.with_context(|| format!("the operation has no parameter {name}"))?.schema)
            }
            (None, None, Some(component), Some(field)) => {
                let schema = document.schemas.get_mut(component).with_context(|| format!("no schema {component}"))?;
                let property = schema.get_mut("properties").and_then(|properties| properties.get_mut(field));
                property.with_context(|| format!("{component} has no field {field}"))
            }
            _ => bail!("a target is either `operation` and `parameter`, or `component` and `field`"),
        }
    }
}

impl Entry for Enum {
    fn apply(&self, document: &mut Document) -> Result<usize> {
        let schema = self.target.find(document)?;
        let schema = schema.as_object_mut().context("the target is not a schema")?;
        if schema.get("type").and_then(Value::as_str) != Some("string") {
            bail!("the target is not text");
        }
        set(schema, "enum", json!(self.values))?;
        Ok(1)
    }
}

impl Entry for Type {
    fn apply(&self, document: &mut Document) -> Result<usize> {
        let schema = self.target.find(document)?;
        if *schema == self.schema {
            bail!("the document says so already");
        }
        *schema = self.schema.clone();
        Ok(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        for (pattern, text, expected) in [
            ("/projects/{id}", "/projects/{id}", true),
            ("/projects/{id}", "/projects/{id}/issues", false),
            ("/projects/{id}/*", "/projects/{id}/issues", true),
            ("*/discussions/*/notes", "/a/discussions/b/notes", true),
            ("*/discussions/*/notes", "/a/discussions", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
