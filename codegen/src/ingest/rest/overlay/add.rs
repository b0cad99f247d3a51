//! Entries that add operations.

use super::entry::{Entry, call, find};
use super::operations::set_response;
use crate::ingest::rest::document::{Body, Document, Object, Operation, Parameter, Response, refer};
use crate::ingest::rest::operation_ids::pascal;
use anyhow::{Context, Result, bail};
use glabflow_contract::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// Adds an operation that GitLab has and the document does not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Add {
    pub(super) reason: String,
    /// Method and path below `/api/v4`: `DELETE /todos/{id}`.
    pub(super) operation: String,
    id: String,
    /// The operation to copy path parameters, tag, docs and response from.
    like: Option<String>,
    /// The operation that this is another spelling of. Everything is the same except the path and the id.
    pub(super) alias_of: Option<String>,
    tag: Option<String>,
    docs: Option<String>,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    parameters: Vec<NewParameter>,
    /// Types of body fields.
    body: Option<NewBody>,
    /// The schema of the response.
    response: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewParameter {
    name: String,
    /// `path` or `query`.
    #[serde(rename = "in")]
    location: String,
    #[serde(default)]
    required: bool,
    schema: Value,
    id_or_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBody {
    #[serde(default)]
    required: Vec<String>,
    fields: Object,
}

impl Entry for Add {
    fn apply(&self, document: &mut Document) -> Result<usize> {
        let key = call(&self.operation)?;
        if document.operations.contains_key(&key) {
            bail!("the document already has this operation");
        }
        let mut operation = self.template(document)?;
        operation
            .parameters
            .retain(|parameter| parameter.location != "path" || key.path.contains(&format!("{{{}}}", parameter.name)));
        if key.method == Method::Delete {
            set_response(&mut operation, None);
        }
        operation.facts.insert("operationId".to_owned(), json!(self.id));
        operation.facts.insert("x-gitlab-source".to_owned(), json!("overlay"));
        operation.facts.entry("x-gitlab-paginated").or_insert_with(|| json!(false));
        if let Some(tag) = &self.tag {
            operation.facts.insert("tags".to_owned(), json!([tag]));
        }
        if let Some(docs) = &self.docs {
            operation.facts.insert("x-gitlab-docs".to_owned(), json!(docs));
        }
        if self.deprecated {
            operation.facts.insert("deprecated".to_owned(), json!(true));
        }
        for new in &self.parameters {
            let mut facts = Object::new();
            if let Some(kind) = &new.id_or_name {
                facts.insert("x-gitlab-id-or-name".to_owned(), json!(kind));
            }
            let required = new.required || new.location == "path";
            let (name, location) = (new.name.clone(), new.location.clone());
            let at = if location == "path" {
                operation.parameters.iter().filter(|parameter| parameter.location == "path").count()
            } else {
                operation.parameters.len()
            };
            operation.parameters.insert(at, Parameter { name, location, required, schema: new.schema.clone(), facts });
        }
        if let Some(body) = &self.body {
            let name = format!("{}Body", pascal(&self.id));
            if document.schemas.contains_key(&name) {
                bail!("the document already has a schema {name}");
            }
            let mut schema = json!({"type": "object", "properties": body.fields});
            if !body.required.is_empty() {
                schema["required"] = json!(body.required);
            }
            schema["x-gitlab-source"] = json!("overlay");
            document.schemas.insert(name.clone(), schema);
            operation.body = Some(Body {
                required: !body.required.is_empty(),
                media: vec![("application/json".to_owned(), refer(&name))],
            });
        }
        if let Some(schema) = &self.response {
            set_response(&mut operation, Some(("application/json", schema)));
        }
        document.operations.insert(key, operation);
        Ok(1)
    }
}

impl Add {
    /// The operation to start from.
    fn template(&self, document: &mut Document) -> Result<Operation> {
        match (&self.like, &self.alias_of) {
            (Some(_), Some(_)) => bail!("`like` and `alias_of` exclude each other"),
            (None, Some(other)) => {
                let mut operation = find(document, other).with_context(|| other.clone())?.clone();
                operation.facts.insert("x-gitlab-alias-of".to_owned(), json!(call(other)?.path));
                Ok(operation)
            }
            (Some(other), None) => {
                let mut operation = find(document, other).with_context(|| other.clone())?.clone();
                operation.facts.retain(|name, _| name == "tags" || name == "x-gitlab-docs");
                operation.parameters.retain(|parameter| parameter.location == "path");
                operation.body = None;
                Ok(operation)
            }
            (None, None) => Ok(Operation {
                responses: vec![Response { status: "2XX".to_owned(), media: Vec::new() }],
                ..Operation::default()
            }),
        }
    }
}
