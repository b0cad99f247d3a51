//! The overlay: corrections that are facts about GitLab and follow from no document, each with its reason.
//!
//! An entry that does not apply, because its target is gone or the document says so by itself, is an error: entries
//! never outlive their reason.

use super::document::{Body, Document, Key, Object, Operation, Parameter, Response, Verb, refer, reference};
use super::report::{OverlayEntry, Report};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;

/// An overlay file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overlay {
    /// Where it was read from, for messages.
    #[serde(skip)]
    file: String,
    #[serde(default)]
    add: Vec<Add>,
    #[serde(default)]
    keyset: Vec<Keyset>,
    #[serde(default)]
    idempotent: Vec<Idempotent>,
    #[serde(default)]
    clearable: Vec<Clearable>,
    #[serde(default, rename = "enum")]
    enums: Vec<Enum>,
    #[serde(default, rename = "type")]
    types: Vec<Type>,
    #[serde(default)]
    response: Vec<Answer>,
    #[serde(default)]
    rename: Vec<Rename>,
}

/// Adds an operation that GitLab has and the document does not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Add {
    reason: String,
    /// Method and path below `/api/v4`: `DELETE /todos/{id}`.
    operation: String,
    id: String,
    /// An operation to take path parameters, tag, docs and answer from.
    like: Option<String>,
    /// The operation that this is another spelling of: everything is the same but the path and the id.
    alias_of: Option<String>,
    tag: Option<String>,
    docs: Option<String>,
    #[serde(default)]
    deprecated: bool,
    #[serde(default)]
    parameters: Vec<NewParameter>,
    /// Types of body fields.
    body: Option<NewBody>,
    /// The schema of the answer.
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

/// Says that a list can be read by keyset pagination.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keyset {
    reason: String,
    operation: String,
    orders: Vec<String>,
    sorts: Vec<String>,
    #[serde(default)]
    anonymous_only: bool,
}

/// Says that sending an operation twice has the effect of sending it once, against what its method suggests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Idempotent {
    reason: String,
    operations: Vec<String>,
    value: bool,
}

/// Says that `null` clears body fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clearable {
    reason: String,
    /// Operations; `*` in a path stands for anything.
    operations: Vec<String>,
    fields: Vec<String>,
}

/// Gives a parameter or a field its values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enum {
    reason: String,
    target: Target,
    values: Vec<String>,
}

/// Gives a parameter or a field another type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Type {
    reason: String,
    target: Target,
    schema: Value,
}

/// A parameter of an operation, or a field of a component schema.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    operation: Option<String>,
    parameter: Option<String>,
    component: Option<String>,
    field: Option<String>,
}

/// Gives an operation another answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    reason: String,
    operation: String,
    /// The content type; `application/json` unless said otherwise.
    media: Option<String>,
    /// The schema; without it the operation answers with nothing.
    schema: Option<Value>,
}

/// Gives an operation other names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    reason: String,
    operation: String,
    /// The operation id.
    id: Option<String>,
    tag: Option<String>,
    /// The method on the tag's handle, where the one made from the id reads badly.
    method: Option<String>,
}

/// A correction.
trait Entry {
    /// What it is about, for messages.
    fn subject(&self) -> String;
    fn reason(&self) -> &str;
    /// Applies it; says how many places changed.
    fn apply(&self, document: &mut Document) -> Result<usize>;
}

impl Overlay {
    /// Reads an overlay file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Overlay::parse(&path.display().to_string(), &text)
    }

    /// An overlay from a text.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self> {
        let mut overlay: Overlay = toml::from_str(text).with_context(|| format!("{file} is not a valid overlay"))?;
        overlay.file = file.to_owned();
        Ok(overlay)
    }

    /// Applies all entries.
    pub(crate) fn apply(&self, document: &mut Document, report: &mut Report) -> Result<()> {
        let mut failures = Vec::new();
        for (kind, number, entry) in self.entries() {
            let name = format!("{kind} {number} ({})", entry.subject());
            let result = if entry.reason().trim().is_empty() {
                Err(anyhow::anyhow!("it gives no reason"))
            } else {
                entry.apply(document)
            };
            match result {
                Ok(count) => {
                    report.overlay.push(OverlayEntry { entry: name, reason: entry.reason().to_owned(), count });
                }
                Err(error) => failures.push(format!("  {name}: {error:#}")),
            }
        }
        if !failures.is_empty() {
            bail!(
                "{}: {} entries do not apply; correct or remove them\n{}",
                self.file,
                failures.len(),
                failures.join("\n")
            );
        }
        Ok(())
    }

    fn entries(&self) -> Vec<(&'static str, usize, &dyn Entry)> {
        let mut all = Vec::new();
        number(&mut all, "add", &self.add, |add| add.alias_of.is_none());
        number(&mut all, "rename", &self.rename, |_| true);
        number(&mut all, "response", &self.response, |_| true);
        number(&mut all, "type", &self.types, |_| true);
        number(&mut all, "enum", &self.enums, |_| true);
        number(&mut all, "keyset", &self.keyset, |_| true);
        number(&mut all, "idempotent", &self.idempotent, |_| true);
        number(&mut all, "clearable", &self.clearable, |_| true);
        // Other spellings are copies, so they come when everything else is done.
        number(&mut all, "add", &self.add, |add| add.alias_of.is_some());
        all
    }
}

/// Adds some entries of a kind with their numbers in the file.
fn number<'a, E: Entry>(
    all: &mut Vec<(&'static str, usize, &'a dyn Entry)>,
    kind: &'static str,
    entries: &'a [E],
    wanted: impl Fn(&E) -> bool,
) {
    let numbered = entries.iter().enumerate().filter(|(_, entry)| wanted(entry));
    all.extend(numbered.map(|(at, entry)| (kind, at + 1, entry as &dyn Entry)));
}

/// The call that a text such as `GET /projects/{id}` names.
fn call(text: &str) -> Result<Key> {
    let (verb, path) = text.split_once(' ').context("a call is written `GET /projects/{id}`")?;
    let verb = Verb::parse(verb).with_context(|| format!("`{verb}` is not a method"))?;
    Ok(Key { path: format!("/api/v4{path}"), verb })
}

fn find<'a>(document: &'a mut Document, text: &str) -> Result<&'a mut Operation> {
    document.operations.get_mut(&call(text)?).context("the document has no such operation")
}

/// Sets a fact; it is an error when it is so already.
fn set(facts: &mut Object, name: &str, value: Value) -> Result<()> {
    if facts.get(name) == Some(&value) {
        bail!("the document says so already");
    }
    facts.insert(name.to_owned(), value);
    Ok(())
}

impl Entry for Add {
    fn subject(&self) -> String {
        self.operation.clone()
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn apply(&self, document: &mut Document) -> Result<usize> {
        let key = call(&self.operation)?;
        if document.operations.contains_key(&key) {
            bail!("the document has this operation already");
        }
        let mut operation = self.template(document)?;
        operation
            .parameters
            .retain(|parameter| parameter.location != "path" || key.path.contains(&format!("{{{}}}", parameter.name)));
        if key.verb == Verb::Delete {
            set_answer(&mut operation, None);
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
            let name = format!("{}Body", super::names::pascal(&self.id));
            if document.schemas.contains_key(&name) {
                bail!("the document has a schema {name} already");
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
            set_answer(&mut operation, Some(("application/json", schema)));
        }
        document.operations.insert(key, operation);
        Ok(1)
    }
}

impl Add {
    /// The operation to begin with.
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

fn set_answer(operation: &mut Operation, answer: Option<(&str, &Value)>) {
    for response in operation.responses.iter_mut().filter(|response| response.is_success()) {
        response.media = answer.iter().map(|(media, schema)| ((*media).to_owned(), (*schema).clone())).collect();
    }
}

impl Entry for Keyset {
    fn subject(&self) -> String {
        self.operation.clone()
    }

    fn reason(&self) -> &str {
        &self.reason
    }

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
    fn subject(&self) -> String {
        self.operations.join(", ")
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn apply(&self, document: &mut Document) -> Result<usize> {
        for operation in &self.operations {
            let facts = &mut find(document, operation).with_context(|| operation.clone())?.facts;
            set(facts, "x-gitlab-idempotent", json!(self.value)).with_context(|| operation.clone())?;
        }
        Ok(self.operations.len())
    }
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
    fn subject(&self) -> String {
        format!("{} of {}", self.fields.join(", "), self.operations.join(", "))
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn apply(&self, document: &mut Document) -> Result<usize> {
        let mut changed = 0;
        let mut fields_hit = std::collections::BTreeSet::new();
        for pattern in &self.operations {
            let wanted = call(pattern)?;
            let bodies: Vec<String> = document
                .operations
                .iter()
                .filter(|(key, _)| key.verb == wanted.verb && fits(&wanted.path, &key.path))
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
    fn subject(&self) -> String {
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
    fn subject(&self) -> String {
        self.target.subject()
    }

    fn reason(&self) -> &str {
        &self.reason
    }

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
    fn subject(&self) -> String {
        self.target.subject()
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn apply(&self, document: &mut Document) -> Result<usize> {
        let schema = self.target.find(document)?;
        if *schema == self.schema {
            bail!("the document says so already");
        }
        *schema = self.schema.clone();
        Ok(1)
    }
}

impl Entry for Answer {
    fn subject(&self) -> String {
        self.operation.clone()
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn apply(&self, document: &mut Document) -> Result<usize> {
        let operation = find(document, &self.operation)?;
        let media = self.media.as_deref().unwrap_or("application/json");
        if operation.success_schema() == self.schema.as_ref() {
            bail!("the document says so already");
        }
        set_answer(operation, self.schema.as_ref().map(|schema| (media, schema)));
        Ok(1)
    }
}

impl Entry for Rename {
    fn subject(&self) -> String {
        self.operation.clone()
    }

    fn reason(&self) -> &str {
        &self.reason
    }

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
            bail!("it gives no new name");
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
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
