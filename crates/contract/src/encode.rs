//! From a request's arguments to method, path, query, headers and body.

use crate::argument::Arg;
use crate::call::Request;
use crate::descriptor::{Body, Descriptor, Location, Method, Param};
use crate::upload::Upload;
use serde::ser::SerializeMap;
use std::fmt;

/// An argument that cannot be sent. Nothing has been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArgumentError {
    /// The operation's id.
    pub operation: &'static str,
    /// The parameter's name on the wire.
    pub parameter: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: parameter `{}` {}", self.operation, self.parameter, self.problem)
    }
}

impl std::error::Error for ArgumentError {}

/// A request as it is sent, without origin, authentication and protocol headers.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// The method.
    pub method: Method,
    /// The encoded path below `/api/v4`; it begins with a slash.
    pub path: String,
    /// The encoded query without its question mark; empty if there is none.
    pub query: String,
    /// The headers that are parameters of the operation.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub payload: Payload,
}

/// The body of a request.
#[derive(Clone)]
pub enum Payload {
    /// None.
    Empty,
    /// A JSON document.
    Json(Vec<u8>),
    /// The parts of a `multipart/form-data` body, in order.
    Multipart(Vec<(String, Part)>),
    /// One file as the whole body, under this content type.
    Raw(Upload, &'static str),
}

/// One part of a multipart body.
#[derive(Clone)]
pub enum Part {
    /// A plain value.
    Text(String),
    /// A file.
    File(Upload),
}

impl Payload {
    /// Whether the body can be sent again for a retry.
    pub fn is_repeatable(&self) -> bool {
        match self {
            Payload::Empty | Payload::Json(_) => true,
            Payload::Multipart(parts) => parts.iter().all(|(_, part)| match part {
                Part::Text(_) => true,
                Part::File(upload) => upload.is_repeatable(),
            }),
            Payload::Raw(upload, _) => upload.is_repeatable(),
        }
    }
}

/// Bodies contain passwords and tokens, so only their shape is shown.
impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Payload::Empty => f.write_str("Empty"),
            Payload::Json(bytes) => write!(f, "Json({} bytes)", bytes.len()),
            Payload::Multipart(parts) => f.debug_list().entries(parts.iter().map(|(name, _)| name)).finish(),
            Payload::Raw(upload, content_type) => write!(f, "Raw({upload:?}, {content_type})"),
        }
    }
}

impl Request {
    /// The request as it is sent.
    ///
    /// # Errors
    /// If a required argument is missing, a path argument is empty or changes the path (`.`, `..`), a time is invalid, a header
    /// contains control characters, or a value cannot be sent where the operation expects it (a file in a query).
    pub fn encode(&self) -> Result<Encoded, ArgumentError> {
        let descriptor = self.descriptor();
        let fail =
            |param: &Param, problem: String| ArgumentError { operation: descriptor.id, parameter: param.name, problem };
        for (position, param) in descriptor.params.iter().enumerate() {
            if param.required && !self.args.iter().any(|(at, _)| usize::from(*at) == position) {
                return Err(fail(param, "is required and was not set".to_owned()));
            }
        }
        let mut query = String::new();
        let mut headers = Vec::new();
        let mut fields = Vec::new();
        for (position, value) in &self.args {
            let param = &descriptor.params[usize::from(*position)];
            check(value).map_err(|problem| fail(param, problem))?;
            match param.location {
                Location::Path => {}
                Location::Query => write_query(&mut query, param, value).map_err(|problem| fail(param, problem))?,
                Location::Header => {
                    let text =
                        scalar(value).ok_or_else(|| fail(param, "must be one plain value in a header".to_owned()))?;
                    if text.chars().any(char::is_control) {
                        return Err(fail(param, "must not contain line breaks or control characters".to_owned()));
                    }
                    headers.push((param.name, text));
                }
                Location::Body => fields.push((param, value)),
            }
        }
        Ok(Encoded {
            method: descriptor.method,
            path: self.write_path(descriptor, fail)?,
            query,
            headers,
            payload: write_body(descriptor, &fields).map_err(|(param, problem)| fail(param, problem))?,
        })
    }

    fn write_path(
        &self,
        descriptor: &'static Descriptor,
        fail: impl Fn(&Param, String) -> ArgumentError,
    ) -> Result<String, ArgumentError> {
        let mut path = String::with_capacity(descriptor.path.len() + 16);
        let mut rest = descriptor.path;
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            rest = after;
            let position =
                descriptor.params.iter().position(|param| param.location == Location::Path && param.name == name);
            let found = position.and_then(|at| self.args.iter().find(|(position, _)| usize::from(*position) == at));
            let (Some(at), Some((_, value))) = (position, found) else {
                let missing = Param::path("path");
                return Err(fail(&missing, format!("needs `{name}`, which the operation does not declare")));
            };
            let param = &descriptor.params[at];
            let text = scalar(value).ok_or_else(|| fail(param, "must be one plain value in a path".to_owned()))?;
            if text.is_empty() {
                return Err(fail(param, "must not be empty: the path would address another resource".to_owned()));
            }
            let dots = |segment: &str| segment == "." || segment == "..";
            if text.split('/').any(dots) {
                return Err(fail(param, format!("must not contain the path segment `.` or `..` (got `{text}`)")));
            }
            percent_encode(&mut path, &text, param.wildcard);
        }
        path.push_str(rest);
        Ok(path)
    }
}

/// Rejects values that GitLab would misread.
fn check(value: &Arg) -> Result<(), String> {
    match value {
        Arg::DateTime(time) if !time.is_valid() => {
            Err(format!("must be a time such as 2026-01-31T12:00:00Z (got `{time}`)"))
        }
        Arg::Date(date) if !date.is_valid() => Err(format!("must be a day such as 2026-01-31 (got `{date}`)")),
        Arg::Float(number) if !number.is_finite() => Err(format!("must be a finite number (got {number})")),
        Arg::Invalid(problem) => Err(format!("cannot be written as JSON: {problem}")),
        Arg::List(values) => values.iter().try_for_each(check),
        Arg::Map(values) => values.values().try_for_each(check),
        _ => Ok(()),
    }
}

/// The text of a value that is not a list, map, object or file.
fn scalar(value: &Arg) -> Option<String> {
    Some(match value {
        Arg::Null => String::new(),
        Arg::Bool(value) => value.to_string(),
        Arg::Int(value) => value.to_string(),
        Arg::Float(value) => value.to_string(),
        Arg::Text(value) => value.clone(),
        Arg::Secret(value) => value.expose().to_owned(),
        Arg::DateTime(value) => value.as_str().to_owned(),
        Arg::Date(value) => value.as_str().to_owned(),
        Arg::Json(serde_json::Value::String(value)) => value.clone(),
        Arg::Json(value @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_))) => value.to_string(),
        Arg::Json(serde_json::Value::Null) => String::new(),
        Arg::Json(_) | Arg::List(_) | Arg::Map(_) | Arg::File(_) | Arg::Invalid(_) => return None,
    })
}

/// Appends `text` and percent-encodes everything but the unreserved characters of RFC 3986.
pub fn percent_encode(out: &mut String, text: &str, keep_slashes: bool) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b'/' if keep_slashes => out.push('/'),
            _ => {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

fn push_pair(query: &mut String, key: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    // Rails nests keys with brackets. GitLab reads them with or without encoding; without it they are readable.
    for piece in key.split_inclusive(['[', ']']) {
        let (text, bracket) = match piece.as_bytes().last() {
            Some(b'[' | b']') => piece.split_at(piece.len() - 1),
            _ => (piece, ""),
        };
        percent_encode(query, text, false);
        query.push_str(bracket);
    }
    query.push('=');
    percent_encode(query, value, false);
}

fn write_query(query: &mut String, param: &Param, value: &Arg) -> Result<(), String> {
    if let (Arg::List(values), true) = (value, param.comma) {
        let joined = values.iter().map(scalar).collect::<Option<Vec<_>>>().ok_or("must be a list of plain values")?;
        push_pair(query, param.name, &joined.join(","));
        return Ok(());
    }
    write_nested(&mut |key, value| push_pair(query, key, &value), param.name, value)
}

/// Flattens lists, maps and objects the way Rails reads them: `a[]=1`, `a[key]=2`, `a[0][key]=3`.
fn write_nested(push: &mut dyn FnMut(&str, String), key: &str, value: &Arg) -> Result<(), String> {
    let is_compound = |value: &Arg| scalar(value).is_none();
    let plain = key.strip_suffix("[]").unwrap_or(key);
    match value {
        Arg::List(values) if values.iter().any(is_compound) => values
            .iter()
            .enumerate()
            .try_for_each(|(index, value)| write_nested(push, &format!("{plain}[{index}]"), value)),
        Arg::List(values) if values.is_empty() => {
            push(&format!("{plain}[]"), String::new());
            Ok(())
        }
        Arg::List(values) => values.iter().try_for_each(|value| write_nested(push, &format!("{plain}[]"), value)),
        Arg::Map(values) => {
            values.iter().try_for_each(|(name, value)| write_nested(push, &format!("{plain}[{name}]"), value))
        }
        Arg::Json(serde_json::Value::Array(values)) => {
            write_nested(push, key, &Arg::List(values.iter().cloned().map(Arg::Json).collect()))
        }
        Arg::Json(serde_json::Value::Object(fields)) => fields
            .iter()
            .try_for_each(|(name, value)| write_nested(push, &format!("{plain}[{name}]"), &Arg::Json(value.clone()))),
        Arg::File(_) => Err("is a file, which cannot be sent in a query".to_owned()),
        value => {
            push(key, scalar(value).ok_or("cannot be sent in a query")?);
            Ok(())
        }
    }
}

type Field<'a> = (&'static Param, &'a Arg);

fn write_body(descriptor: &'static Descriptor, fields: &[Field<'_>]) -> Result<Payload, (&'static Param, String)> {
    let has_file = fields.iter().any(|(_, value)| matches!(value, Arg::File(_)));
    match descriptor.body {
        Body::None => Ok(Payload::Empty),
        Body::Raw(content_type) => match fields {
            [] => Ok(Payload::Empty),
            [(_, Arg::File(upload))] => Ok(Payload::Raw(upload.clone(), content_type)),
            [(param, _), ..] => Err((param, "must be a file: it is the whole body".to_owned())),
        },
        Body::Json if fields.is_empty() => Ok(Payload::Empty),
        Body::Json if !has_file => {
            let mut bytes = Vec::with_capacity(128);
            match serde_json::to_writer(&mut bytes, &Object(fields)) {
                Ok(()) => Ok(Payload::Json(bytes)),
                Err(error) => Err((fields[0].0, format!("cannot be written as JSON: {error}"))),
            }
        }
        Body::Json | Body::Multipart => {
            let mut parts = Vec::new();
            for (param, value) in fields {
                match value {
                    Arg::File(upload) => parts.push((param.name.to_owned(), Part::File(upload.clone()))),
                    value => {
                        write_nested(&mut |key, text| parts.push((key.to_owned(), Part::Text(text))), param.name, value)
                            .map_err(|problem| (*param, problem))?
                    }
                }
            }
            Ok(Payload::Multipart(parts))
        }
    }
}

/// The body's fields as one JSON object.
struct Object<'a>(&'a [Field<'a>]);

impl serde::Serialize for Object<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (param, value) in self.0 {
            match value {
                Arg::List(values) if param.comma => {
                    let joined = values.iter().map(scalar).collect::<Option<Vec<_>>>();
                    let joined = joined.ok_or_else(|| serde::ser::Error::custom("must be a list of plain values"))?;
                    map.serialize_entry(param.name, &joined.join(","))?;
                }
                value => map.serialize_entry(param.name, value)?,
            }
        }
        map.end()
    }
}
