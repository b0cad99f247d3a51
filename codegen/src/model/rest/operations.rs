//! Reads operations: parameters, bodies, outputs and paging.

use crate::method;
use crate::model::rest::schemas::{Direction, SchemaFacts, SchemaUse, Schemas};
use crate::names;
use crate::names::methods;
use anyhow::{Context, Result, bail};
use glabflow_contract::index::{Body, Keyset, Operation, Output, Paging, Parameter, TypeRef};
use glabflow_contract::{Location, Method};
use indexmap::IndexMap;
use openapiv3::{
    MediaType, OpenAPI, Operation as Source, ParameterData, ParameterSchemaOrContent, ReferenceOr, RequestBody,
    Response, SchemaKind, StatusCode, Type,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// An operation of the document that is not in the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Its id, or its method and path if it has no id.
    pub operation: String,
    /// The reason.
    pub reason: String,
}

type Extensions = IndexMap<String, Value>;

/// Reads all operations of a document.
pub(super) fn read<'a>(
    document: &'a OpenAPI,
    schemas: &mut Schemas<'a>,
    exclusions: &mut Vec<Exclusion>,
) -> Result<Vec<Operation>> {
    let mut operations = Vec::new();
    let mut forced = BTreeMap::new();
    for (path, item) in &document.paths.paths {
        let ReferenceOr::Item(item) = item else {
            exclusions.push(Exclusion {
                operation: path.clone(),
                reason: "the path is a reference to another document".to_owned(),
            });
            continue;
        };
        for (method, source) in item.iter() {
            match Reader::new(schemas, method, path, source) {
                Ok(reader) => {
                    let id = reader.id;
                    let operation = reader.read().with_context(|| format!("operation `{id}`"))?;
                    if let Some(name) = source.extensions.get("x-rust-method").and_then(Value::as_str) {
                        forced.insert(id.to_owned(), name.to_owned());
                    }
                    operations.push(operation);
                }
                Err(reason) => {
                    let operation = source.operation_id.clone().unwrap_or_else(|| format!("{method} {path}"));
                    exclusions.push(Exclusion { operation, reason });
                }
            }
        }
    }
    name_methods(&mut operations, &forced);
    name_structs(&mut operations);
    Ok(operations)
}

/// The number of operations by source.
pub(super) fn sources(document: &OpenAPI) -> BTreeMap<String, usize> {
    let mut sources = BTreeMap::new();
    for item in document.paths.paths.values().filter_map(ReferenceOr::as_item) {
        for (_, operation) in item.iter() {
            let source = operation.extensions.get("x-gitlab-source").and_then(Value::as_str).unwrap_or_default();
            *sources.entry(source.to_owned()).or_default() += 1;
        }
    }
    sources
}

fn name_methods(operations: &mut [Operation], forced: &BTreeMap<String, String>) {
    let mut tags: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        tags.entry(operation.tag.clone()).or_default().push(at);
    }
    for (tag, members) in tags {
        let ids: Vec<(&str, Option<&str>)> = members
            .iter()
            .map(|at| operations[*at].id.as_str())
            .map(|id| (id, forced.get(id).map(String::as_str)))
            .collect();
        for (at, name) in members.iter().zip(methods::settle(&tag, &ids)) {
            operations[*at].name = name;
        }
    }
}

/// Names the structs. The names are unique over all tags, so that users find them without the tag.
fn name_structs(operations: &mut [Operation]) {
    let mut scope = names::Scope::with_taken(names::TAKEN_TYPES);
    let mut tags: Vec<&str> = operations.iter().map(|operation| operation.tag.as_str()).collect();
    tags.sort_unstable();
    tags.dedup();
    for tag in tags {
        scope.settle([names::handle(tag)]);
    }
    for operation in operations {
        let name = names::pascal(&operation.id);
        operation.rust_type = scope.settle([name.clone(), format!("{name}Call")]);
    }
}

/// Reads one operation.
struct Reader<'r, 'a> {
    schemas: &'r mut Schemas<'a>,
    id: &'a str,
    tag: &'a str,
    method: Method,
    path: &'a str,
    source: &'a Source,
}

impl<'r, 'a> Reader<'r, 'a> {
    /// A reader, or the reason why the operation is left out.
    fn new(
        schemas: &'r mut Schemas<'a>,
        method: &str,
        path: &'a str,
        source: &'a Source,
    ) -> std::result::Result<Self, String> {
        let method = method::parse(method).ok_or_else(|| format!("GitLab's API does not use the method {method}"))?;
        let id = source.operation_id.as_deref().ok_or("it has no operationId")?;
        let tag = source.tags.first().map(String::as_str).ok_or("it has no tag")?;
        let path = path.strip_prefix("/api/v4").ok_or("its path is not below /api/v4")?;
        Ok(Reader { schemas, id, tag, method, path, source })
    }

    fn read(mut self) -> Result<Operation> {
        let (body, body_params) = self.body()?;
        let mut params = self.parameters()?;
        params.extend(body_params);
        name_params(&mut params, self.path);
        let (output, status) = self.output()?;
        let paging = self.paging(&output);
        let extensions = &self.source.extensions;
        let text = |key: &str| extensions.get(key).and_then(Value::as_str).map(str::to_owned);
        Ok(Operation {
            id: self.id.to_owned(),
            tag: self.tag.to_owned(),
            name: String::new(),
            rust_type: String::new(),
            method: self.method,
            path: self.path.to_owned(),
            params,
            body,
            output,
            paging,
            ranges: Vec::new(),
            status,
            idempotent: match extensions.get("x-gitlab-idempotent").and_then(Value::as_bool) {
                _ if self.method.is_read() => true,
                Some(idempotent) => idempotent,
                None => self.method.is_idempotent(),
            },
            deprecated: self.source.deprecated,
            alias_of: text("x-gitlab-alias-of").map(|path| path.trim_start_matches("/api/v4").to_owned()),
            docs: text("x-gitlab-docs").map(|page| docs_url(&page)),
        })
    }

    /// Path, query and header parameters, in the order of the path, then of the document.
    fn parameters(&mut self) -> Result<Vec<Parameter>> {
        let mut params = Vec::new();
        for parameter in &self.source.parameters {
            let ReferenceOr::Item(parameter) = parameter else {
                bail!("its parameters are not in normal form: one of them is a reference");
            };
            let (location, data) = match parameter {
                openapiv3::Parameter::Path { parameter_data, .. } => (Location::Path, parameter_data),
                openapiv3::Parameter::Query { parameter_data, .. } => (Location::Query, parameter_data),
                openapiv3::Parameter::Header { parameter_data, .. } => (Location::Header, parameter_data),
                openapiv3::Parameter::Cookie { .. } => bail!("GitLab's API has no cookie parameters"),
            };
            params.push(self.parameter(location, data)?);
        }
        let rank = |param: &Parameter| match param.location {
            Location::Path => (0, self.path.find(&format!("{{{}}}", param.name)).unwrap_or(usize::MAX)),
            Location::Query => (1, 0),
            Location::Header => (2, 0),
            Location::Body => (3, 0),
        };
        params.sort_by_key(rank);
        Ok(params)
    }

    fn parameter(&mut self, location: Location, data: &'a ParameterData) -> Result<Parameter> {
        let at = SchemaUse { owner: self.id, field: &data.name, direction: Direction::Request };
        let schema = match &data.format {
            ParameterSchemaOrContent::Schema(schema) => Some(schema),
            ParameterSchemaOrContent::Content(_) => None,
        };
        let ty = match schema {
            Some(schema) => self.schemas.type_of(schema, at)?,
            None => TypeRef::Any,
        };
        let ty = match ty {
            // Only bodies have files.
            TypeRef::File => TypeRef::String,
            TypeRef::String | TypeRef::Int if data.extensions.contains_key("x-gitlab-id-or-name") => TypeRef::IdOrName,
            ty => ty,
        };
        let comma = flag(&data.extensions, "x-gitlab-comma-separated");
        let ty = if comma { as_list(ty) } else { ty };
        let facts = schema.and_then(|schema| schema.as_item()).map(SchemaFacts::of_schema);
        let given = data.extensions.get("x-rust-name").and_then(Value::as_str);
        Ok(Parameter {
            name: data.name.clone(),
            rust_name: given.map_or_else(|| resource_name(location, data), str::to_owned),
            location,
            ty,
            required: data.required || location == Location::Path,
            nullable: false,
            deprecated: data.deprecated == Some(true) || facts.as_ref().is_some_and(|facts| facts.deprecated),
            wildcard: flag(&data.extensions, "x-gitlab-wildcard"),
            comma,
            minimum: facts.as_ref().and_then(|facts| facts.minimum.clone()),
            maximum: facts.as_ref().and_then(|facts| facts.maximum.clone()),
            default: facts.as_ref().and_then(|facts| facts.default.clone()),
            description: data.description.clone().or(facts.and_then(|facts| facts.description)),
        })
    }

    /// The format of the body, and its members as parameters.
    fn body(&mut self) -> Result<(Body, Vec<Parameter>)> {
        let Some(ReferenceOr::Item(body)) = &self.source.request_body else {
            return Ok((Body::None, Vec::new()));
        };
        let Some((content_type, media)) = body.content.first() else {
            return Ok((Body::None, Vec::new()));
        };
        match content_type.as_str() {
            "application/json" => Ok((Body::Json, self.members(media)?)),
            "multipart/form-data" => Ok((Body::Multipart, self.members(media)?)),
            other => Ok((Body::Raw(other.to_owned()), vec![raw_file(body)])),
        }
    }

    fn members(&mut self, media: &'a MediaType) -> Result<Vec<Parameter>> {
        let Some(schema) = &media.schema else { return Ok(Vec::new()) };
        let Some((_, object)) = self.schemas.object(schema)? else { return Ok(Vec::new()) };
        let files: Vec<&str> = self
            .source
            .extensions
            .get("x-gitlab-multipart-fields")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut params = Vec::with_capacity(object.properties.len());
        for (name, schema) in &object.properties {
            let at = SchemaUse { owner: self.id, field: name, direction: Direction::Request };
            let ty = self.schemas.type_of_boxed(schema, at)?;
            let facts = SchemaFacts::of(schema);
            let comma = matches!(schema, ReferenceOr::Item(schema)
                if flag(&schema.schema_data.extensions, "x-gitlab-comma-separated"));
            let ty = if comma { as_list(ty) } else { ty };
            params.push(Parameter {
                name: name.clone(),
                rust_name: facts.rust_name.unwrap_or_else(|| names::snake(name)),
                location: Location::Body,
                ty: if files.contains(&name.as_str()) { TypeRef::File } else { ty },
                required: object.required.contains(name),
                nullable: facts.nullable,
                deprecated: facts.deprecated,
                wildcard: false,
                comma,
                minimum: facts.minimum,
                maximum: facts.maximum,
                default: facts.default,
                description: facts.description,
            });
        }
        Ok(params)
    }

    /// The output of a success, and its status if the document has one.
    fn output(&mut self) -> Result<(Output, Option<u16>)> {
        let success = self.source.responses.responses.iter().find_map(|(status, response)| match (status, response) {
            (StatusCode::Code(code @ 200..=299), ReferenceOr::Item(response)) => Some((Some(*code), response)),
            (StatusCode::Range(2), ReferenceOr::Item(response)) => Some((None, response)),
            _ => None,
        });
        let Some((status, response)) = success else { return Ok((Output::Empty, None)) };
        Ok((self.response(status, response)?, status))
    }

    fn response(&mut self, status: Option<u16>, response: &'a Response) -> Result<Output> {
        let json = response.content.get("application/json");
        let Some(media) = json else {
            return Ok(match response.content.first() {
                Some((content_type, _)) => Output::File(content_type.clone()),
                // A read without a declared response still returns something.
                None if self.method == Method::Get && status != Some(204) => Output::Json(TypeRef::Any),
                None => Output::Empty,
            });
        };
        let Some(schema) = &media.schema else { return Ok(Output::Json(TypeRef::Any)) };
        if let ReferenceOr::Item(schema) = schema
            && let SchemaKind::Type(Type::Array(array)) = &schema.schema_kind
        {
            let at = SchemaUse { owner: self.id, field: "item", direction: Direction::Response };
            let item = array.items.as_ref().map(|items| self.schemas.type_of_boxed(items, at)).transpose()?;
            return Ok(Output::List(item.unwrap_or(TypeRef::Any)));
        }
        let at = SchemaUse { owner: self.id, field: "response", direction: Direction::Response };
        let ty = self.schemas.type_of(schema, at)?;
        // A search returns a list whose items depend on the scope.
        if ty == TypeRef::Any && flag(&self.source.extensions, "x-gitlab-paginated") {
            return Ok(Output::List(TypeRef::Any));
        }
        Ok(Output::Json(ty))
    }

    fn paging(&self, output: &Output) -> Paging {
        if !matches!(output, Output::List(_)) || self.method != Method::Get {
            return Paging::None;
        }
        let extensions = &self.source.extensions;
        if let Some(Value::Object(keyset)) = extensions.get("x-gitlab-keyset") {
            let texts = |key: &str| {
                let values = keyset.get(key).and_then(Value::as_array);
                values.map(|values| values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            };
            return Paging::Keyset(Keyset {
                orders: texts("orders").unwrap_or_default(),
                sorts: texts("sorts").unwrap_or_default(),
                anonymous_only: keyset.get("anonymous_only").and_then(Value::as_bool).unwrap_or(false),
            });
        }
        if flag(extensions, "x-gitlab-paginated") { Paging::Offset } else { Paging::Link }
    }
}

/// The address of a page of GitLab's documentation. Names of API pages are relative to `api/`.
fn docs_url(page: &str) -> String {
    if page.starts_with("https://") {
        return page.to_owned();
    }
    let folder = if page.starts_with("user/") { "" } else { "api/" };
    format!("https://docs.gitlab.com/{folder}{page}/")
}

fn flag(extensions: &Extensions, key: &str) -> bool {
    extensions.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// A string of several values joined with commas is a list for callers.
fn as_list(ty: TypeRef) -> TypeRef {
    if ty == TypeRef::String { TypeRef::List(Box::new(ty)) } else { ty }
}

fn raw_file(body: &RequestBody) -> Parameter {
    Parameter {
        name: "file".to_owned(),
        rust_name: "file".to_owned(),
        location: Location::Body,
        ty: TypeRef::File,
        required: body.required,
        nullable: false,
        deprecated: false,
        wildcard: false,
        comma: false,
        minimum: None,
        maximum: None,
        default: None,
        description: None,
    }
}

/// The `id` of a path is renamed to what it identifies if GitLab also accepts a name: `project`.
fn resource_name(location: Location, data: &ParameterData) -> String {
    let resource = data.extensions.get("x-gitlab-id-or-name").and_then(Value::as_str);
    match resource {
        Some(resource) if location == Location::Path && data.name == "id" => names::snake(resource),
        _ => names::snake(&data.name),
    }
}

/// Makes the names of parameters unique: the `id` of a path is named after the path, and if two have one name, the later
/// one gets its location added.
fn name_params(params: &mut [Parameter], path: &str) {
    let mut scope = names::Scope::new();
    for param in params {
        let mut wanted = std::mem::take(&mut param.rust_name);
        if param.location == Location::Path && wanted == "id" {
            let before = path.split("/{id}").next().and_then(|before| before.rsplit('/').next()).unwrap_or_default();
            wanted = format!("{}_id", names::singular_name(before));
        }
        let location = match param.location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Body => "body",
        };
        let wanted = names::snake(&wanted);
        param.rust_name = scope.settle([wanted.clone(), format!("{location}_{wanted}")].map(names::escape));
    }
}
