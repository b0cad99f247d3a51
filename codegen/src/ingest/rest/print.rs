//! Writing the normal form so that a difference between two versions reads line by line.
//!
//! Structure (paths, operations, parameter lists, schemas, property lists) is indented; everything below, one
//! parameter or one field for example, stands on one line.

use serde_json::Value;

/// The document as text with a final line break.
pub(crate) fn document(value: &Value) -> String {
    let mut out = String::new();
    node(value, &mut Vec::new(), &mut out);
    out.push('\n');
    out
}

/// Whether the value at this place is spread over lines.
fn spread(path: &[&str]) -> bool {
    matches!(
        path,
        [] | ["tags" | "paths" | "components"]
            | ["paths", _]
            | ["paths", _, _]
            | ["paths", _, _, "parameters" | "responses"]
            | ["components", "schemas" | "securitySchemes"]
            | ["components", "schemas", _]
            | ["components", "schemas", _, "properties"]
    )
}

fn node<'a>(value: &'a Value, path: &mut Vec<&'a str>, out: &mut String) {
    match value {
        Value::Object(members) if spread(path) && !members.is_empty() => {
            let last = members.len() - 1;
            out.push_str("{\n");
            for (at, (name, member)) in members.iter().enumerate() {
                indent(path.len() + 1, out);
                out.push_str(&text(name));
                out.push_str(": ");
                path.push(name);
                node(member, path, out);
                path.pop();
                out.push_str(if at == last { "\n" } else { ",\n" });
            }
            indent(path.len(), out);
            out.push('}');
        }
        Value::Array(items) if spread(path) && !items.is_empty() => {
            let last = items.len() - 1;
            out.push_str("[\n");
            for (at, item) in items.iter().enumerate() {
                indent(path.len() + 1, out);
                line(item, out);
                out.push_str(if at == last { "\n" } else { ",\n" });
            }
            indent(path.len(), out);
            out.push(']');
        }
        other => line(other, out),
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', depth));
}

fn line(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            out.push('{');
            for (at, (name, member)) in members.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                out.push_str(&text(name));
                out.push_str(": ");
                line(member, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                line(item, out);
            }
            out.push(']');
        }
        Value::String(content) => out.push_str(&text(content)),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn text(content: &str) -> String {
    Value::from(content).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_parameter_and_field_is_printed_on_one_line() {
        let value = json!({
            "paths": {"/x": {"get": {"parameters": [{"name": "a", "schema": {"enum": ["1", "2"]}}, {"name": "b"}]}}},
            "components": {"schemas": {"T": {"type": "object", "properties": {"f": {"type": "array", "items": {}}}}}},
        });
        insta::assert_snapshot!(document(&value), @r#"
        {
         "paths": {
          "/x": {
           "get": {
            "parameters": [
             {"name": "a", "schema": {"enum": ["1", "2"]}},
             {"name": "b"}
            ]
           }
          }
         },
         "components": {
          "schemas": {
           "T": {
            "type": "object",
            "properties": {
             "f": {"type": "array", "items": {}}
            }
           }
          }
         }
        }
        "#);
        assert_eq!(serde_json::from_str::<Value>(&document(&value)).unwrap(), value);
    }
}
