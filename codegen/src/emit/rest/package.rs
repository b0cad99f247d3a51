//! The generated REST crate apart from operations and types: its manifest with a feature for each tag, and its root module.

use crate::emit::facts::SchemaInfo;
use crate::emit::files::Files;
use crate::emit::manifest::{Manifest, feature_list, manifest};
use crate::emit::package::{build_script, root};
use crate::emit::rest::tags::{self, Tags};
use crate::emit::tokens::ident;
use crate::emit::{docs, format};
use crate::names;
use anyhow::Result;
use glabflow_contract::index::Index;
use quote::quote;
use std::fmt::Write;

/// Resources that most programs need. Programs that need fewer disable the default features.
const CORE: &[&str] = &[
    "branches",
    "ci_variables",
    "commits",
    "events",
    "groups",
    "instance",
    "issues",
    "jobs",
    "labels",
    "members",
    "merge_requests",
    "milestones",
    "namespaces",
    "notes",
    "pipelines",
    "projects",
    "protected_branches",
    "releases",
    "repositories",
    "repository_files",
    "search",
    "tags",
    "todos",
    "users",
];

pub(super) fn files(tags: &Tags<'_>, facts: &SchemaInfo) -> Result<Files> {
    Ok(Files::from([
        ("rest/Cargo.toml".to_owned(), package(tags)?),
        ("rest/build.rs".to_owned(), build_script("rest")),
        ("rest/src/lib.rs".to_owned(), library()?),
        ("rest/src/modules.rs".to_owned(), modules(tags, facts)?),
    ]))
}

fn core<'a>(tags: &'a Tags<'_>) -> impl Iterator<Item = &'a str> {
    CORE.iter().copied().filter(|tag| tags.contains_key(tag))
}

fn package(tags: &Tags<'_>) -> Result<String> {
    let mut features = String::new();
    writeln!(features, "default = {}", feature_list(core(tags)))?;
    writeln!(features, "# Everything.\nfull = {}", feature_list(tags.keys().copied()))?;
    writeln!(features, "# `Serialize` for responses.\nserialize = []")?;
    for tag in tags.keys() {
        writeln!(features, "{tag} = []")?;
    }
    Ok(manifest(&Manifest {
        name: "rest",
        description: "Every operation of GitLab's REST API, typed; generated",
        features,
        dependencies: "glabflow-contract.workspace = true\nserde.workspace = true\nserde_json.workspace = true\n",
        generates: true,
        ..Manifest::default()
    }))
}

/// The features of the crate `glabflow` that enable features of this crate.
///
/// # Errors
/// Never: writing to a string cannot fail.
pub fn root_features(index: &Index) -> Result<String> {
    let tags = tags::of(index);
    let mut out = String::new();
    writeln!(out, "# Resources that most programs need.\ncore = {}", feature_list(core(&tags)))?;
    writeln!(out, "# Every resource.\nfull = {}", feature_list(tags.keys().copied()))?;
    writeln!(out, "# `Serialize` for responses.\nserialize = [\"glabflow-rest/serialize\"]")?;
    for tag in tags.keys() {
        writeln!(out, "{tag} = [\"glabflow-rest/{tag}\"]")?;
    }
    Ok(out)
}

fn library() -> Result<String> {
    let doc = docs::inner_attributes(&[
        "Every operation of GitLab's REST API, typed.",
        "",
        "Each resource has a module and a feature. The module has a handle with a method for each operation, and the operations.",
        "An operation is a plain value: this crate sends nothing, `glabflow` does.",
        "",
        "```",
        "use glabflow_contract::{Operation, Unbound};",
        "use glabflow_rest::projects::Projects;",
        "",
        "let request = Projects::new(Unbound).get(\"group/project\").statistics(true).into_request().encode()?;",
        "assert_eq!(request.path, \"/projects/group%2Fproject\");",
        "assert_eq!(request.query, \"statistics=true\");",
        "# Ok::<(), glabflow_contract::ArgumentError>(())",
        "```",
    ]);
    root(doc, "rest")
}

/// The modules, the schema version and the macro for clients.
fn modules(tags: &Tags<'_>, facts: &SchemaInfo) -> Result<String> {
    let modules = tags.keys().map(|tag| {
        let name = ident(tag);
        quote! {
            #[cfg(feature = #tag)]
            #[rustfmt::skip]
            pub mod #name;
        }
    });
    let source = format::file("modules", quote! { #(#modules)* #[rustfmt::skip] pub mod types; })?;
    Ok(format!("{source}\n{}{}", facts.constant(), resources(tags, facts)))
}

/// The macro that gives a client a method for each resource.
fn resources(tags: &Tags<'_>, facts: &SchemaInfo) -> String {
    let mut out = String::from(
        "
/// Implements a method for each resource on a client, with the same features as here.
///
/// It is for crates that implement [`Caller`](glabflow_contract::Caller) and forward the features.
#[macro_export]
macro_rules! resources {
    ($client:ty) => {
        impl $client {
",
    );
    for tag in tags.keys() {
        if facts.has_feature(tag) {
            out.push_str(&format!("            #[cfg(feature = \"{tag}\")]\n"));
        }
        out.push_str(&format!(
            "            #[doc = \"Operations on {}.\"]
            pub fn {}(&self) -> $crate::{tag}::{}<$client> {{
                $crate::{tag}::{}::new(::core::clone::Clone::clone(self))
            }}
",
            docs::spaced(tag),
            names::escape((*tag).to_owned()),
            names::handle(tag),
            names::handle(tag),
        ));
    }
    out.push_str("        }\n    };\n}\n");
    out
}
