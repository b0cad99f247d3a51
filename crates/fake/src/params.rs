//! The parameters of a request: query string, form, JSON or multipart body.

use crate::multipart;
use glabflow_contract::query;
use serde_json::{Map, Value};

/// Query parameters that hold a token.
pub(crate) const TOKENS: [&str; 3] = ["private_token", "access_token", "job_token"];

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uploaded {
    pub(crate) field: String,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// All parameters of a request except those in its path.
#[derive(Debug, Default)]
pub(crate) struct Params {
    /// The pairs of the query string in their order, decoded; names keep their brackets.
    pub(crate) query: Vec<(String, String)>,
    /// The members of the body.
    pub(crate) body: Map<String, Value>,
    /// The files of the body.
    pub(crate) files: Vec<Uploaded>,
}

impl Params {
    /// Reads a query string.
    pub(crate) fn query(query: &str) -> Self {
        Params { query: decoded_pairs(query), ..Params::default() }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// A sentence about the problem.
    pub(crate) fn read_body(&mut self, content_type: &str, body: &[u8]) -> Result<(), String> {
        let media = content_type.split(';').next().unwrap_or_default().trim();
        match media {
            _ if body.is_empty() => Ok(()),
            "application/json" => match serde_json::from_slice(body) {
                Ok(Value::Object(fields)) => {
                    self.body = fields;
                    Ok(())
                }
                Ok(_) => Ok(()),
                Err(_) => Err("Problem parsing the JSON body".to_owned()),
            },
            "application/x-www-form-urlencoded" => {
                for (name, value) in decoded_pairs(&String::from_utf8_lossy(body)) {
                    nest(&mut self.body, &name, value.into());
                }
                Ok(())
            }
            "multipart/form-data" => {
                let boundary = multipart::boundary(content_type).ok_or("the multipart boundary is missing")?;
                for part in multipart::parts(body, &boundary).ok_or("the multipart body is incomplete")? {
                    match part.file_name {
                        Some(name) => {
                            self.files.push(Uploaded { field: part.name, name, bytes: part.bytes.to_vec() });
                        }
                        None => {
                            let text = String::from_utf8_lossy(part.bytes).into_owned();
                            nest(&mut self.body, &part.name, text.into());
                        }
                    }
                }
                Ok(())
            }
            _ => {
                self.files.push(Uploaded { field: "file".into(), name: "file".into(), bytes: body.to_vec() });
                Ok(())
            }
        }
    }

    /// The query string with its question mark and without tokens; empty if there is none.
    pub(crate) fn to_query(&self) -> String {
        let mut out = String::new();
        for (name, value) in self.query.iter().filter(|(name, _)| !TOKENS.contains(&name.as_str())) {
            out.push(if out.is_empty() { '?' } else { '&' });
            encode(name, &mut out);
            out.push('=');
            encode(value, &mut out);
        }
        out
    }

    /// The last value of a query parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a list: `name[]=a&name[]=b`, or `name=a,b`.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        for (known, value) in &self.query {
            if known == name {
                values.extend(value.split(',').map(|one| one.trim().to_owned()));
            } else if known.strip_suffix("[]") == Some(name) {
                values.push(value.clone());
            }
        }
        values.retain(|value| !value.is_empty());
        values
    }

    /// Whether a query parameter is set to true.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(parse_flag)
    }

    /// Whether a parameter is set: in the query, in the body or as a file.
    pub(crate) fn has(&self, name: &str) -> bool {
        let plain = name.trim_end_matches("[]");
        let named = |known: &str| known == plain || known.strip_prefix(plain).is_some_and(|rest| rest.starts_with('['));
        let within_body = match plain.split_once('[') {
            Some((outer, inner)) => {
                self.body.get(outer).is_some_and(|value| value.get(inner.trim_end_matches(']')).is_some())
            }
            None => self.body.contains_key(plain),
        };
        within_body
            || self.query.iter().any(|(known, _)| named(known))
            || self.files.iter().any(|file| named(&file.field))
    }

    /// The text of a parameter, from the body or, failing that, from the query.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.body.get(name).and_then(crate::filter::text).or_else(|| self.get(name).map(str::to_owned))
    }
}

/// The booleans of Grape.
pub(crate) fn parse_flag(text: &str) -> Option<bool> {
    match text {
        "true" | "t" | "1" | "on" | "yes" => Some(true),
        "false" | "f" | "0" | "off" | "no" => Some(false),
        _ => None,
    }
}

/// The pairs of a query string or form, decoded.
fn decoded_pairs(query: &str) -> Vec<(String, String)> {
    query::pairs(query).map(|(name, value)| (decode(name, true), decode(value, true))).collect()
}

/// Percent-decodes; in forms and queries a plus sign is a space.
pub(crate) fn decode(text: &str, form: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |offset: usize| bytes.get(at + offset).and_then(|byte| char::from(*byte).to_digit(16));
        match (bytes[at], hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'+', ..) if form => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(crate) fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => {
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)].into());
                out.push(HEX[usize::from(byte & 15)].into());
            }
        }
    }
}

/// Inserts `a[b][]=c` into nested objects and lists.
fn nest(fields: &mut Map<String, Value>, name: &str, value: Value) {
    let (first, rest) = name.split_once('[').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let Some(rest) = rest else {
        fields.insert(first.to_owned(), value);
        return;
    };
    let (key, deeper) = rest.split_once(']').unwrap_or((rest, ""));
    let slot = fields.entry(first).or_insert(Value::Null);
    if key.is_empty() || key.bytes().all(|byte| byte.is_ascii_digit()) {
        if !slot.is_array() {
            *slot = Value::Array(Vec::new());
        }
        let Value::Array(items) = slot else { return };
        if deeper.is_empty() {
            items.push(value);
            return;
        }
        // A new element begins when its first key repeats.
        let inner = deeper.trim_start_matches('[');
        let inner_key = inner.split(']').next().unwrap_or_default();
        if items.last().is_none_or(|last| last.get(inner_key).is_some() && !deeper.contains("[]")) {
            items.push(Value::Object(Map::new()));
        }
        if let Some(Value::Object(last)) = items.last_mut() {
            nest(last, &inner.replacen(']', "", 1), value);
        }
        return;
    }
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(inner) = slot {
        nest(inner, &format!("{key}{deeper}"), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn nested_forms_are_parsed() {
        let mut params = Params::default();
        let form = "name=a+b&topics[]=x&topics%5B%5D=y&variables[KEY]=1&actions[][action]=create&actions[][path]=p\
                    &actions[][action]=delete&position[line][start]=3";
        params.read_body("application/x-www-form-urlencoded", form.as_bytes()).unwrap();
        let expected = json!({
            "name": "a b", "topics": ["x", "y"], "variables": {"KEY": "1"},
            "actions": [{"action": "create", "path": "p"}, {"action": "delete"}], "position": {"line": {"start": "3"}},
        });
        assert_eq!(Value::Object(params.body), expected);
    }

    #[test]
    fn query_lists_are_read() {
        let params = Params::query("labels=a,b&iids[]=1&iids[]=2&x=%2Bplus");
        assert_eq!(params.list("labels"), ["a", "b"]);
        assert_eq!(params.list("iids"), ["1", "2"]);
        assert_eq!(params.get("x"), Some("+plus"));
        assert!(params.has("iids") && params.has("labels[]") && !params.has("iid"));
    }

    proptest! {
        #[test]
        fn encoding_round_trips(text in any::<String>()) {
            let mut out = String::new();
            encode(&text, &mut out);
            prop_assert_eq!(decode(&out, true), text);
        }

        #[test]
        fn arbitrary_forms_do_not_panic(form in ".{0,80}", nested in r"([a-c]?\[?[a-c0-9]?\]?){1,6}=1") {
            for text in [form, nested] {
                let mut params = Params::query(&text);
                params.read_body("application/x-www-form-urlencoded", text.as_bytes()).unwrap();
            }
        }
    }
}
