//! The server's explanation of a failure: GitLab's three shapes of error bodies, and the pages of proxies.

use crate::redact;
use crate::redact::token::Secrets;
use serde_json::Value;

/// Maximum characters of a message.
const LONGEST: usize = 500;

/// A server's explanation of a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// All messages.
    pub(crate) messages: Vec<String>,
    /// The messages of each field.
    pub(crate) fields: Vec<(String, Vec<String>)>,
}

impl Explanation {
    /// Reads the body of a response that is not a success.
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut out = Explanation::default();
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(mut members)) => {
                for name in ["message", "error", "error_description", "errors"] {
                    if let Some(value) = members.remove(name) {
                        out.add("", &value);
                    }
                }
            }
            Ok(value) => out.add("", &value),
            Err(_) => {
                let text = String::from_utf8_lossy(body);
                let said = title(&text).or_else(|| (!text.contains('<')).then_some(text.trim()));
                out.say("", said.unwrap_or_default());
            }
        }
        out
    }

    /// Whether any message contains this text, in any case.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.messages.iter().any(|message| message.to_ascii_lowercase().contains(text))
    }

    /// Masks the client's token.
    pub(crate) fn hide(&mut self, secrets: &Secrets) {
        self.messages.iter_mut().for_each(|text| secrets.hide(text));
        for (field, messages) in &mut self.fields {
            secrets.hide(field);
            messages.iter_mut().for_each(|text| secrets.hide(text));
        }
    }

    fn add(&mut self, field: &str, value: &Value) {
        match value {
            Value::Null => {}
            Value::String(text) => self.say(field, text),
            Value::Array(values) => values.iter().for_each(|value| self.add(field, value)),
            // GraphQL's errors: a message, and its locations in the document.
            Value::Object(members) if field.is_empty() && members.contains_key("locations") => {
                members.get("message").into_iter().for_each(|message| self.add(field, message));
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let nested = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
                    self.add(&nested, value);
                }
            }
            scalar => self.say(field, &scalar.to_string()),
        }
    }

    fn say(&mut self, field: &str, text: &str) {
        // A field's name comes from the server as well, and may be a value that the caller sent as a name.
        let (field, masked) = (&*redact::text(field), redact::text(text));
        let text: String = masked.chars().take(LONGEST).collect();
        if text.is_empty() {
            return;
        }
        let message = if field.is_empty() { text.clone() } else { format!("{field} {text}") };
        if !self.messages.contains(&message) {
            self.messages.push(message);
        }
        if field.is_empty() {
            return;
        }
        match self.fields.iter_mut().find(|(name, _)| name == field) {
            Some((_, messages)) => messages.push(text),
            None => self.fields.push((field.to_owned(), vec![text])),
        }
    }
}

/// The title of an HTML page, as proxies send it.
fn title(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower[start..].find("</title>")?;
    Some(text[start..end].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(body: &str) -> Vec<String> {
        Explanation::read(body.as_bytes()).messages
    }

    #[test]
    fn names_of_fields_show_no_token() {
        let body = br#"{"message": {"a.glpat-0123456789abcdef": {"b": ["is unknown"]}}}"#;
        let shown = format!("{:?}", Explanation::read(body));
        assert!(shown.contains("is unknown") && !shown.contains("0123456789"), "{shown}");
    }

    #[test]
    fn every_shape_of_an_error_body_is_read() {
        assert_eq!(messages(r#"{"message": "404 Project Not Found"}"#), ["404 Project Not Found"]);
        assert_eq!(
            messages(r#"{"error": "insufficient_scope", "error_description": "needs api"}"#),
            ["insufficient_scope", "needs api"]
        );
        assert_eq!(messages("Retry later\n"), ["Retry later"]);
        assert_eq!(messages(r#"{"errors": [{"message": "bad", "locations": [{"line": 1}], "path": []}]}"#), ["bad"]);
        assert_eq!(
            messages("<html><head><TITLE>502 Bad Gateway</TITLE></head><body>x</body></html>"),
            ["502 Bad Gateway"]
        );
        assert_eq!(messages("<html>no title</html>"), [""; 0]);
        assert_eq!(messages(""), [""; 0]);
        assert_eq!(messages(r#"["a", {"b": 1}]"#), ["a", "b 1"]);
    }

    #[test]
    fn fields_of_a_validation_error_are_read() {
        let read = Explanation::read(
            br#"{"message": {"name": ["is too long", "is bad"], "namespace": {"path": ["is taken"]}, "password": ["is too short"]}}"#,
        );
        let field =
            |name: &str, texts: &[&str]| (name.to_owned(), texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(
            read.fields,
            [
                field("name", &["is too long", "is bad"]),
                field("namespace.path", &["is taken"]),
                field("password", &["is too short"]),
            ]
        );
        assert_eq!(read.messages[2], "namespace.path is taken");
        assert!(read.mentions("taken"));
    }

    #[test]
    fn tokens_are_masked_and_long_texts_are_cut() {
        assert_eq!(messages(r#"{"message": "bad token glpat-abcdefgh"}"#), ["bad token [redacted]"]);
        assert_eq!(messages(&"x".repeat(10_000))[0].len(), LONGEST);
    }
}
