//! Reads an input file: JSON or YAML, detected by content.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;

/// The document in a file.
pub(crate) fn file(path: &Path) -> Result<Value> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&bytes).with_context(|| path.display().to_string())
}

/// The document in a text.
///
/// Text that begins with `{` is JSON, everything else is read as YAML.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value> {
    let text = std::str::from_utf8(bytes).context("not UTF-8 text; is the file compressed or binary?")?;
    let text = text.trim_start_matches('\u{feff}');
    let value = match text.trim_start().chars().next() {
        None => bail!("the file is empty"),
        Some('{' | '[') => serde_json::from_str(text).map_err(json_error)?,
        Some('<') => bail!("this is HTML or XML; download the raw document, not the page that shows it"),
        Some(_) => yaml(text)?,
    };
    match value {
        Value::Object(_) => Ok(value),
        _ => bail!("not an OpenAPI document: the top level must be an object"),
    }
}

fn json_error(error: serde_json::Error) -> anyhow::Error {
    if error.is_eof() {
        anyhow::anyhow!("the JSON ends early ({error}); the file looks truncated, fetch it again")
    } else {
        anyhow::anyhow!("not valid JSON: {error}")
    }
}

/// The maximum nesting of YAML. GitLab's own document has 10 levels. Each level is a recursive call, and the stack of a
/// thread is small.
const DEEPEST: usize = 64;

/// Limits against documents that exhaust memory. GitLab's own has about 120,000 nodes; it could grow twentyfold.
fn yaml(text: &str) -> Result<Value> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 8_000_000,
            max_nodes: 4_000_000,
            max_total_scalar_bytes: 256 << 20,
            max_depth: DEEPEST,
        },
        // Only `true` and `false`: an enum value `no` or `on` is a string.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| anyhow::anyhow!("not valid YAML: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        format!("{:#}", parse(text.as_bytes()).unwrap_err())
    }

    #[test]
    fn json_and_yaml_are_read_equally() {
        let json = parse(br#"{"a": ["no", true, 1, "1"], "b": null}"#).unwrap();
        let yaml = parse(b"---\na:\n- no\n- true\n- 1\n- '1'\nb:\n").unwrap();
        assert_eq!(json, yaml);
    }

    #[test]
    fn excessive_nesting_is_rejected() {
        let read = || message(&format!("a: {}", "[".repeat(100_000)));
        // Threads have smaller stacks than programs.
        let text =
            std::thread::Builder::new().stack_size(1 << 20).spawn(read).expect("a thread").join().expect("rejected");
        assert!(text.contains("not valid YAML"), "{text}");
    }

    #[test]
    fn errors_name_position_and_cause() {
        assert!(message("{\"openapi\": \"3.0.0\", ").contains("truncated"));
        assert!(message("{\"openapi\": 3.0.0}").contains("line 1 column"));
        assert!(message("openapi: 3.0.0\npaths:\n  x: [1, 2").contains("YAML"));
        assert!(message("").contains("empty"));
        assert!(message("<!DOCTYPE html>").contains("HTML"));
        assert!(message("just words").contains("the top level must be an object"));
        assert!(format!("{:#}", parse(&[0x1f, 0x8b, 0xff]).unwrap_err()).contains("UTF-8"));
    }
}
