//! Entries about operations: paging, idempotency, response, names.

use super::entry::{Entry, find, set};
use crate::ingest::rest::document::{Document, Operation};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

/// Marks a list that supports keyset pagination.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keyset {
    pub(super) reason: String,
    pub(super) operation: String,
    orders: Vec<String>,
    sorts: Vec<String>,
    #[serde(default)]
    anonymous_only: bool,
}

/// Sets whether sending an operation twice has the same effect as sending it once, if that differs from its method.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Idempotent {
    pub(super) reason: String,
    pub(super) operations: Vec<String>,
    value: bool,
}

/// Sets another response for an operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResponseOverride {
    pub(super) reason: String,
    pub(super) operation: String,
    /// The content type [default: `application/json`].
    media: Option<String>,
    /// The schema. Without it the response is empty.
    schema: Option<Value>,
}

/// Sets other names for an operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rename {
    pub(super) reason: String,
    pub(super) operation: String,
    /// The operation id.
    id: Option<String>,
    tag: Option<String>,
    /// The method on the tag's handle, if the one derived from the id reads badly.
    method: Option<String>,
}

impl Entry for Keyset {
    fn apply(&self, document: &mut Document) -> Result<usize> {
        let operation = find(document, &self.operation)?;
        let mut keyset = json!({"orders": self.orders, "sorts": self.sorts});
        if self.anonymous_only {
            keyset["anonymous_only"] = json!(true);
        }
        set(&mut operation.facts, "x-gitlab-keyset", keyset)?;
        operation.facts.insert("x-gitlab-paginated".to_owned(), json!(true));
        Ok(1)
    }
}

impl Entry for Idempotent {
    fn apply(&self, document: &mut Document) -> Result<usize> {
        for operation in &self.operations {
            let facts = &mut find(document, operation).with_context(|| operation.clone())?.facts;
            set(facts, "x-gitlab-idempotent", json!(self.value)).with_context(|| operation.clone())?;
        }
        Ok(self.operations.len())
    }
}

impl Entry for ResponseOverride {
    fn apply(&self, document: &mut Document) -> Result<usize> {
        let operation = find(document, &self.operation)?;
        let media = self.media.as_deref().unwrap_or("application/json");
        if operation.success_schema() == self.schema.as_ref() {
            bail!("the document already has this value");
        }
        set_response(operation, self.schema.as_ref().map(|schema| (media, schema)));
        Ok(1)
    }
}

impl Entry for Rename {
    fn apply(&self, document: &mut Document) -> Result<usize> {
        let facts = &mut find(document, &self.operation)?.facts;
        let names = [
            ("operationId", self.id.as_ref().map(|id| json!(id))),
            ("tags", self.tag.as_ref().map(|tag| json!([tag]))),
            ("x-rust-method", self.method.as_ref().map(|method| json!(method))),
        ];
        let mut count = 0;
        for (name, value) in names {
            if let Some(value) = value {
                set(facts, name, value)?;
                count += 1;
            }
        }
        if count == 0 {
            bail!("it sets no name");
        }
        Ok(count)
    }
}

pub(super) fn set_response(operation: &mut Operation, content: Option<(&str, &Value)>) {
    for response in operation.responses.iter_mut().filter(|response| response.is_success()) {
        response.media = content.iter().map(|(media, schema)| ((*media).to_owned(), (*schema).clone())).collect();
    }
}
