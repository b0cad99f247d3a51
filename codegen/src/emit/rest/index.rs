//! Writes the index as JSON, one operation or field on each line, so that diffs are readable.

use crate::emit::files::Files;
use crate::emit::format;
use crate::emit::manifest::{Manifest, manifest};
use anyhow::Result;
use glabflow_contract::index::{Index, Object, TypeDef};
use std::fmt::Write;

pub(super) fn files(index: &Index) -> Result<Files> {
    Ok(Files::from([
        ("index/operations.json".to_owned(), operations(index)?),
        ("index/types.json".to_owned(), types(index)?),
        ("index/src/lib.rs".to_owned(), library()),
        ("index/Cargo.toml".to_owned(), package()),
    ]))
}

fn operations(index: &Index) -> Result<String> {
    let mut lines = Vec::with_capacity(index.operations.len());
    for operation in &index.operations {
        lines.push(serde_json::to_string(operation)?);
    }
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}

fn types(index: &Index) -> Result<String> {
    let mut out = "{\n".to_owned();
    let last = index.types.len();
    for (number, (name, definition)) in index.types.iter().enumerate() {
        write!(out, "{}:", serde_json::to_string(name)?)?;
        match definition {
            TypeDef::Object(object) => {
                // The fields are the last member of the object.
                let head = TypeDef::Object(Object { fields: Vec::new(), ..object.clone() });
                let head = serde_json::to_string(&head)?;
                let head = head.strip_suffix("]}}").unwrap_or(&head);
                let fields = object.fields.iter().map(serde_json::to_string).collect::<serde_json::Result<Vec<_>>>()?;
                write!(out, "{head}\n{}\n]}}}}", fields.join(",\n"))?;
            }
            TypeDef::Enum(_) | TypeDef::IntEnum(_) => out.push_str(&serde_json::to_string(definition)?),
        }
        out.push_str(if number + 1 == last { "\n" } else { ",\n" });
    }
    out.push_str("}\n");
    Ok(out)
}

fn library() -> String {
    format!(
        "{}{}",
        format::HEADER,
        r#"//! Every operation and type of GitLab's REST API as data.
//!
//! ```
//! let (operation, descriptor) = glabflow_index::REST.find("list_projects").expect("it is in the index");
//! assert_eq!(operation.path, "/projects");
//! assert!(descriptor.position("archived", glabflow_contract::Location::Query).is_some());
//! ```

use glabflow_contract::index::LazyIndex;

/// The operations and types of GitLab's REST API. They are parsed on first use.
pub static REST: LazyIndex = LazyIndex::new(include_str!("../operations.json"), include_str!("../types.json"));
"#
    )
}

fn package() -> String {
    manifest(&Manifest {
        name: "index",
        description: "Every operation and type of GitLab's APIs as data; generated",
        dependencies: "glabflow-contract = { workspace = true, features = [\"index\"] }\n",
        ..Manifest::default()
    })
}
