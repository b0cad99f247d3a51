//! Stops the build if the generated code was not generated from the schema in the folder `schema`.
//!
//! This is for checkouts. The published crate has neither a schema nor this script.

#[path = "crates/contract/src/hash.rs"]
pub mod hash;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

const MANIFEST: &str = "generated/manifest.json";

fn main() -> ExitCode {
    let mut directives = vec![
        "cargo::rerun-if-changed=build.rs".to_owned(),
        "cargo::rerun-if-changed=crates/contract/src/hash.rs".to_owned(),
    ];
    let mut stale = None;
    if let Ok(manifest) = fs::read_to_string(MANIFEST) {
        directives.push(format!("cargo::rerun-if-changed={MANIFEST}"));
        for (file, generated_from) in schemas(&manifest) {
            let path = Path::new("schema").join(file);
            let Ok(schema) = fs::read(&path) else { continue };
            directives.push(format!("cargo::rerun-if-changed={}", path.display()));
            if fingerprint(&schema) != generated_from {
                stale = Some(path);
            }
        }
    }
    if let Some(path) = stale {
        let message = format!(
            "generated/ is not generated from {}: run `cargo run -p glabflow-codegen -- generate`",
            path.display()
        );
        directives.push(format!("cargo::error={message}"));
    }
    print(&directives)
}

/// The schema files of a manifest with their fingerprints: each pair of texts whose second one is a fingerprint.
fn schemas(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    let texts: Vec<&str> = manifest.split('"').skip(1).step_by(2).collect();
    let pairs: Vec<(&str, &str)> = texts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.into_iter().filter(|(_, value)| value.starts_with("fnv1a64:"))
}

/// The fingerprint as `glabflow-codegen` writes it.
fn fingerprint(bytes: &[u8]) -> String {
    format!("fnv1a64:{:016x}", hash::fnv1a64(bytes))
}

/// Writes directives to standard output, where cargo reads them.
fn print(directives: &[String]) -> ExitCode {
    use std::io::Write;
    match writeln!(std::io::stdout(), "{}", directives.join("\n")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
