//! What all generated crates have: a root module and a build script.

use super::format;
use anyhow::Result;

/// The root module of a generated crate: its doc comment, and the modules of this schema or of the user's own.
pub(super) fn root(doc: proc_macro2::TokenStream, folder: &str) -> Result<String> {
    let head = format::file("root module", quote::quote!(#doc #![cfg_attr(rustfmt, rustfmt_skip)]))?;
    Ok(format!(
        "{head}
// The build script sets this when it has generated from the user's own schema.
#[cfg(glabflow_own_schema)]
include!(concat!(env!(\"OUT_DIR\"), \"/{folder}/src/modules.rs\"));
#[cfg(not(glabflow_own_schema))]
include!(\"modules.rs\");
"
    ))
}

/// The build script of a generated crate.
pub(super) fn build_script(function: &str) -> String {
    format!(
        "{}//! With the feature `build-codegen`: generates from the schema folder that GLABFLOW_SCHEMA_DIR names.

#![allow(clippy::print_stdout, reason = \"build scripts talk to cargo through standard output\")]

fn main() -> std::process::ExitCode {{
    println!(\"cargo::rerun-if-changed=build.rs\");
    #[cfg(feature = \"build-codegen\")]
    return glabflow_codegen::output::build_script::{function}();
    #[cfg(not(feature = \"build-codegen\"))]
    std::process::ExitCode::SUCCESS
}}
",
        format::HEADER
    )
}
