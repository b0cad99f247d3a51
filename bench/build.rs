//! Writes the types that a program would define by hand for users and projects: serde's derives, a field for each field of
//! our own types, everything owned.

use glabflow_contract::index::{TypeDef, TypeRef};
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let types = &glabflow_index::REST.types();
    let mut waiting = vec!["User".to_owned(), "Project".to_owned()];
    let mut written = BTreeSet::new();
    let mut out = String::new();
    while let Some(name) = waiting.pop() {
        let Some(TypeDef::Object(object)) = types.get(&name) else { continue };
        if !written.insert(name.clone()) {
            continue;
        }
        writeln!(out, "#[derive(Debug, serde::Deserialize)]\npub struct {name} {{")?;
        for field in &object.fields {
            let ty = rust(&field.ty, types, &mut waiting);
            // Fields that the benchmark does not read are still decoded and stored, as in a program that needs them.
            writeln!(
                out,
                "    #[serde(rename = {:?}, default)]\n    pub f_{}: Option<{ty}>,",
                field.name,
                plain(&field.rust_name)
            )?;
        }
        out.push_str("}\n");
    }
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("by_hand.rs"), out)?;
    Ok(())
}

/// A Rust name without the `r#` of keywords.
fn plain(name: &str) -> &str {
    name.trim_start_matches("r#")
}

/// The hand-written Rust type for a type of the index.
fn rust(ty: &TypeRef, types: &std::collections::BTreeMap<String, TypeDef>, waiting: &mut Vec<String>) -> String {
    match ty {
        TypeRef::Bool => "bool".into(),
        TypeRef::Int => "i64".into(),
        TypeRef::Float => "f64".into(),
        TypeRef::String | TypeRef::Secret | TypeRef::DateTime | TypeRef::Date => "String".into(),
        TypeRef::Any | TypeRef::IdOrName | TypeRef::File => "serde_json::Value".into(),
        TypeRef::List(item) => format!("Vec<{}>", rust(item, types, waiting)),
        TypeRef::Map(value) => format!("std::collections::BTreeMap<String, {}>", rust(value, types, waiting)),
        TypeRef::Named(name) => match types.get(name) {
            Some(TypeDef::Object(_)) => {
                waiting.push(name.clone());
                format!("Box<{name}>")
            }
            Some(TypeDef::IntEnum(_)) => "i64".into(),
            _ => "String".into(),
        },
    }
}
