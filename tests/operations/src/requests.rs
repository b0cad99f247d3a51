//! The expected request of an operation's sample.

use crate::schema::{Operation, Schema, array, object};
use glabflow_contract::encode::Part;
use glabflow_contract::upload::Source;
use glabflow_contract::{Encoded, Payload};
use serde_json::{Map, Value};

/// A request in parts, for comparison and messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Wire {
    /// Method and path.
    pub line: String,
    /// Encoded pairs of the query, sorted by key. Items of a list keep their order.
    pub query: Vec<String>,
    /// Headers that are parameters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: WireBody,
}

/// A body.
#[derive(Debug, Clone, PartialEq)]
pub enum WireBody {
    /// None.
    Empty,
    /// A JSON document.
    Json(Value),
    /// Parts by name: a text, or a file's name and content.
    Multipart(Vec<(String, String)>),
    /// A file under a content type.
    Raw(String, String),
}

impl Wire {
    /// The request of a sample.
    ///
    /// # Errors
    /// A JSON body is not JSON.
    pub fn of(encoded: &Encoded) -> Result<Self, serde_json::Error> {
        let mut query: Vec<String> =
            encoded.query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
        sort_by_key(&mut query);
        let body = match &encoded.payload {
            Payload::Empty => WireBody::Empty,
            Payload::Json(bytes) => WireBody::Json(serde_json::from_slice(bytes)?),
            Payload::Multipart(parts) => {
                let parts = parts.iter().map(|(name, part)| match part {
                    Part::Text(text) => (name.clone(), text.clone()),
                    Part::File(upload) => (name.clone(), file(upload)),
                });
                let mut parts: Vec<_> = parts.collect();
                parts.sort_by(|a, b| a.0.cmp(&b.0));
                WireBody::Multipart(parts)
            }
            Payload::Raw(upload, content_type) => WireBody::Raw((*content_type).to_owned(), file(upload)),
        };
        let headers = encoded.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ok(Wire { line: format!("{} {}", encoded.method, encoded.path), query, headers, body })
    }

    /// The request that the schema requires for an operation's sample.
    pub fn expected(schema: &Schema, operation: Operation<'_>) -> Self {
        let mut path = operation.path.to_owned();
        let mut query = Vec::new();
        let mut headers = Vec::new();
        for parameter in array(&operation.source["parameters"]) {
            let name = parameter["name"].as_str().unwrap_or_default();
            let value = schema.sample(name, &parameter["schema"], &mut Vec::new());
            match parameter["in"].as_str() {
                Some("path") => {
                    let keep_slashes = parameter["x-gitlab-wildcard"] == true;
                    path = path.replace(&format!("{{{name}}}"), &encoded(&text(&value), keep_slashes));
                }
                Some("query") if is_for_runtime(name, &parameter["schema"]) => {}
                Some("query") => {
                    let mut pairs = Vec::new();
                    if parameter["x-gitlab-comma-separated"] == true {
                        pairs.push((name.to_owned(), joined(schema, name, &parameter["schema"])));
                    } else {
                        flatten(name, &value, &mut pairs);
                    }
                    query.extend(
                        pairs.iter().map(|(key, value)| format!("{}={}", encoded_key(key), encoded(value, false))),
                    );
                }
                _ => headers.push((name.to_owned(), text(&value))),
            }
        }
        sort_by_key(&mut query);
        Wire { line: format!("{} {path}", operation.method), query, headers, body: body(schema, operation.source) }
    }
}

/// Parameters that no sample sets, since the runtime sets them for pagination.
fn is_for_runtime(name: &str, schema: &Value) -> bool {
    ["cursor", "page_token", "pagination"].contains(&name) && schema["type"] == "string" && schema["enum"].is_null()
}

fn body(schema: &Schema, operation: &Value) -> WireBody {
    let Some((content_type, media)) = object(&operation["requestBody"]["content"]).next() else {
        return WireBody::Empty;
    };
    if content_type != "application/json" && content_type != "multipart/form-data" {
        return WireBody::Raw(content_type.clone(), "file.bin: file content".to_owned());
    }
    let files: Vec<&str> = array(&operation["x-gitlab-multipart-fields"]).filter_map(Value::as_str).collect();
    let mut members = Map::new();
    let mut parts = Vec::new();
    for (name, member) in object(&schema.resolve(&media["schema"])["properties"]) {
        let target = schema.resolve(member);
        if files.contains(&name.as_str()) || target["format"] == "binary" {
            parts.push((name.clone(), format!("{name}.bin: {name} content")));
            continue;
        }
        let mut value = schema.sample(name, member, &mut Vec::new());
        if member["x-gitlab-comma-separated"] == true {
            value = Value::String(joined(schema, name, member));
        }
        members.insert(name.clone(), value);
    }
    if members.is_empty() && parts.is_empty() {
        return if content_type == "multipart/form-data" { WireBody::Multipart(parts) } else { WireBody::Empty };
    }
    if content_type == "application/json" && parts.is_empty() {
        return WireBody::Json(Value::Object(members));
    }
    for (name, value) in &members {
        flatten(name, value, &mut parts);
    }
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    WireBody::Multipart(parts)
}

/// A list that is sent as one text, whether the schema defines it as a list or as text.
fn joined(schema: &Schema, name: &str, list: &Value) -> String {
    let list = schema.resolve(list);
    let item = if list["type"] == "array" { &list["items"] } else { list };
    let item = |name: &str| text(&schema.sample(name, item, &mut Vec::new()));
    let name = name.strip_suffix("[]").unwrap_or(name);
    format!("{},{}", item(name), item(&format!("{name}2")))
}

/// A value as pairs, as Rails reads them.
fn flatten(key: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    let plain = key.strip_suffix("[]").unwrap_or(key);
    match value {
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().enumerate().for_each(|(at, item)| flatten(&format!("{plain}[{at}]"), item, pairs));
        }
        Value::Array(items) => items.iter().for_each(|item| pairs.push((format!("{plain}[]"), text(item)))),
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| flatten(&format!("{plain}[{name}]"), member, pairs));
        }
        value => pairs.push((key.to_owned(), text(value))),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encoded(text: &str, keep_slashes: bool) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        b'/' if keep_slashes => "/".to_owned(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn encoded_key(key: &str) -> String {
    encoded(key, false).replace("%5B", "[").replace("%5D", "]")
}

/// Sorts pairs by key alone, so that the items of a list keep their order.
fn sort_by_key(pairs: &mut [String]) {
    pairs.sort_by(|a, b| a.split('=').next().cmp(&b.split('=').next()));
}

fn file(upload: &glabflow_contract::Upload) -> String {
    match upload.source() {
        Source::Bytes(bytes) => format!("{}: {}", upload.name(), String::from_utf8_lossy(bytes)),
        Source::Path(_) | Source::Once(_) => format!("{}: not in memory", upload.name()),
    }
}
