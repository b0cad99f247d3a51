//! Stops the build when the generated code does not belong to the schema beside it.
//!
//! It does so in a checkout only: the published crate has neither, and then nothing is compared.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

const MANIFEST: &str = "generated/manifest.json";

fn main() -> ExitCode {
    let mut directives = vec!["cargo::rerun-if-changed=build.rs".to_owned()];
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
            "generated/ does not belong to {}: run `cargo run -p glabflow-codegen -- generate`",
            path.display()
        );
        directives.push(format!("cargo::error={message}"));
    }
    say(&directives)
}

/// The schema files of a manifest and their fingerprints: pairs of texts of which the second is a fingerprint.
fn schemas(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    let texts: Vec<&str> = manifest.split('"').skip(1).step_by(2).collect();
    let pairs: Vec<(&str, &str)> = texts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.into_iter().filter(|(_, value)| value.starts_with("fnv1a64:"))
}

/// The same as `glabflow_codegen::generate::fingerprint`: FNV-1a of 64 bits.
fn fingerprint(bytes: &[u8]) -> String {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("fnv1a64:{hash:016x}")
}

/// Build scripts talk to cargo through standard output.
fn say(directives: &[String]) -> ExitCode {
    use std::io::Write;
    match writeln!(std::io::stdout(), "{}", directives.join("\n")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
