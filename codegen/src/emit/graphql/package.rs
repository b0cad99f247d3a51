//! The generated GraphQL crate apart from operations and types: its manifest with a feature for each area, its root module
//! and the kinds of global ids.

use crate::emit::facts::SchemaInfo;
use crate::emit::files::Files;
use crate::emit::graphql::areas::Areas;
use crate::emit::manifest::{Manifest, feature_list, manifest};
use crate::emit::package::{build_script, root};
use crate::emit::tokens::ident;
use crate::emit::{docs, format};
use anyhow::Result;
use glabflow_contract::index::graphql::{Index, Operation, Output, TypeRef};
use quote::quote;
use std::fmt::Write;

/// Areas that most programs need. Programs that need fewer disable the default features.
const CORE: &[&str] = &[
    "ci",
    "groups",
    "issues",
    "members",
    "merge_requests",
    "milestones",
    "notes",
    "projects",
    "releases",
    "repository",
    "runners",
    "users",
    "work_items",
];

pub(super) fn files(index: &Index, areas: &Areas<'_>, facts: &SchemaInfo) -> Result<Files> {
    Ok(Files::from([
        ("graphql/Cargo.toml".to_owned(), package(areas)?),
        ("graphql/build.rs".to_owned(), build_script("graphql")),
        ("graphql/src/lib.rs".to_owned(), library()?),
        ("graphql/src/modules.rs".to_owned(), modules(index, areas, facts)?),
        ("graphql/src/ids.rs".to_owned(), ids(index)),
    ]))
}

fn core<'a>(areas: &'a Areas<'_>) -> impl Iterator<Item = &'a str> {
    CORE.iter().copied().filter(|area| areas.contains_key(area))
}

fn package(areas: &Areas<'_>) -> Result<String> {
    let mut features = String::new();
    writeln!(features, "default = {}", feature_list(core(areas)))?;
    writeln!(features, "# Everything.\nfull = {}", feature_list(areas.keys().copied()))?;
    for area in areas.keys() {
        writeln!(features, "{area} = []")?;
    }
    Ok(manifest(&Manifest {
        name: "graphql",
        description: "Every operation of GitLab's GraphQL API, typed; generated",
        features,
        dependencies: "\
glabflow-contract.workspace = true
graphql_client = { version = \"0.16\", default-features = false }
serde.workspace = true
serde_json.workspace = true
",
        generates: true,
        ..Manifest::default()
    }))
}

fn library() -> Result<String> {
    let doc = docs::inner_attributes(&[
        "Every query, mutation and subscription of GitLab's GraphQL API, typed.",
        "",
        "Each area has a module and a feature. An operation is a plain value with its document and its variables: this crate",
        "sends nothing, `glabflow` does.",
        "",
        "```",
        "use glabflow_contract::graphql::GraphqlOperation;",
        "use glabflow_graphql::ci::ProjectPipelinesQuery;",
        "use glabflow_graphql::types::PipelineStatusEnum;",
        "",
        "let variables = ProjectPipelinesQuery::new(\"group/project\").status(PipelineStatusEnum::Failed).into_variables();",
        "assert_eq!(serde_json::to_string(&variables)?, r#\"{\"fullPath\":\"group/project\",\"status\":\"FAILED\"}\"#);",
        "assert!(variables.descriptor().document.contains(\"pipelines(\"));",
        "# Ok::<(), serde_json::Error>(())",
        "```",
    ]);
    root(doc, "graphql")
}

/// The modules, the schema version and the macros.
fn modules(index: &Index, areas: &Areas<'_>, facts: &SchemaInfo) -> Result<String> {
    let modules = areas.keys().map(|area| {
        let name = ident(area);
        quote! {
            #[cfg(feature = #area)]
            #[rustfmt::skip]
            pub mod #name;
        }
    });
    // A macro is known only below its definition.
    let modules =
        format::file("modules", quote! { #(#modules)* #[rustfmt::skip] pub mod ids; #[rustfmt::skip] pub mod types; })?;
    let modules = modules.strip_prefix(format::HEADER).unwrap_or(&modules);
    Ok(format!(
        "{}{OPERATION}\n{modules}\n{}\n{}{}{}",
        format::HEADER,
        facts.constant(),
        descriptors(areas),
        operations(areas),
        with_loaders(index)
    ))
}

/// The function that lists all compiled operations.
fn descriptors(areas: &Areas<'_>) -> String {
    let mut out = String::from(
        "
/// The operations of all areas whose features are enabled.
pub fn descriptors() -> impl Iterator<Item = &'static glabflow_contract::graphql::Descriptor> {
    const AREAS: &[&[&glabflow_contract::graphql::Descriptor]] = &[
",
    );
    for area in areas.keys() {
        out.push_str(&format!("        #[cfg(feature = \"{area}\")]\n        {area}::OPERATIONS,\n"));
    }
    out + "    ];\n    AREAS.iter().copied().flatten().copied()\n}\n"
}

/// The macro that names every operation, for tests and tools that need all of them.
fn operations(areas: &Areas<'_>) -> String {
    let mut out = String::from(
        "
/// Calls a macro with the paths of all operations, separated by commas. Needs the feature `full`.
#[macro_export]
macro_rules! operations {
    ($then:ident) => {
        $then! {
",
    );
    for (area, operations) in areas {
        for operation in operations {
            out.push_str(&format!("            $crate::{area}::{},\n", operation.rust_type));
        }
    }
    out.push_str("        }\n    };\n}\n");
    out
}

/// The operations that the predefined loaders of `glabflow` need: area, operation and output type.
const LOADED: &[(&str, &str, &str)] = &[
    ("groups", "GroupQuery", "Group"),
    ("groups", "GroupsQuery", "Group"),
    ("issues", "ProjectIssuesQuery", "Issue"),
    ("projects", "ProjectsQuery", "Project"),
    ("users", "UsersQuery", "UserCore"),
];

/// The kinds of ids that these loaders use as keys.
const LOADED_BY: &[&str] = &["Group", "Project", "User"];

/// The macro for code that needs these operations: the schema of another GitLab may not have them.
fn with_loaders(index: &Index) -> String {
    let gives = |operation: &Operation, wanted: &str| match &operation.output {
        Output::One(TypeRef::Named(ty)) | Output::Connection(TypeRef::Named(ty)) => ty == wanted,
        _ => false,
    };
    let has_operations = LOADED.iter().all(|(area, name, ty)| {
        let mut operations = index.operations.iter();
        operations.any(|it| it.area == *area && it.rust_type == *name && gives(it, ty))
    });
    let has_all = has_operations && LOADED_BY.iter().all(|kind| index.ids.contains_key(*kind));
    let (has, items) = if has_all { ("has", "$($item)*") } else { ("does not have", "") };
    format!(
        "
/// Expands to its items if the schema has the operations that the predefined loaders of `glabflow` need. This schema
/// {has} them.
#[macro_export]
macro_rules! with_loaders {{
    ($($item:tt)*) => {{ {items} }};
}}
"
    )
}

/// The kinds of global ids. It is written as text, since rustfmt would change the layout inside the macro.
fn ids(index: &Index) -> String {
    let mut out = format!(
        "{}//! Kinds of global ids: a `GlobalId<ids::Project>` is the id of a project.\n\n\
         #![cfg_attr(rustfmt, rustfmt_skip)]\n\nglabflow_contract::id_kinds! {{\n",
        format::HEADER
    );
    for (name, class) in &index.ids {
        match class {
            Some(class) => {
                out.push_str(&format!("    /// Ids of `{class}`.\n    pub {name} = \"{name}\", \"{class}\";\n"))
            }
            None => out.push_str(&format!("    /// Ids of `{name}`, which several models share.\n    pub {name};\n")),
        }
    }
    out + "}\n"
}

/// The macro that implements operations for generated structs around [`Variables`].
const OPERATION: &str = r"/// Implements an operation for a struct around its variables.
#[allow(unused_macros)] // Without an area there are no operations.
macro_rules! operation {
    (@base $type:ident => $output:ty, $descriptor:expr) => {
        impl ::glabflow_contract::graphql::GraphqlOperation for $type {
            type Output = $output;
            const DESCRIPTOR: &'static ::glabflow_contract::graphql::Descriptor = $descriptor;
            fn into_variables(self) -> ::glabflow_contract::graphql::Variables {
                self.0
            }
        }

        impl ::graphql_client::GraphQLQuery for $type {
            type Variables = ::glabflow_contract::graphql::Variables;
            type ResponseData = ::glabflow_contract::graphql::ResponseData<$type>;
            fn build_query(variables: Self::Variables) -> ::graphql_client::QueryBody<Self::Variables> {
                let descriptor = <Self as ::glabflow_contract::graphql::GraphqlOperation>::DESCRIPTOR;
                ::graphql_client::QueryBody { variables, query: descriptor.document, operation_name: descriptor.name }
            }
        }
    };
    (one $type:ident => $output:ty, $descriptor:expr) => {
        operation!(@base $type => $output, $descriptor);
    };
    (list $type:ident => $item:ty, $descriptor:expr) => {
        operation!(@base $type => ::glabflow_contract::graphql::List<$item>, $descriptor);
    };
    (payload $type:ident => $payload:ty, $descriptor:expr) => {
        operation!(@base $type => $payload, $descriptor);

        impl ::glabflow_contract::graphql::MutationOperation for $type {}
    };
    (pages($after:literal, $first:literal) $type:ident => $node:ty, $descriptor:expr) => {
        operation!(@base $type => ::glabflow_contract::graphql::Connection<$node>, $descriptor);

        impl ::glabflow_contract::graphql::ConnectionOperation for $type {
            type Node = $node;
            fn after_cursor(self, cursor: ::std::string::String) -> Self {
                Self(self.0.with($after, cursor))
            }
            fn page_size(self, items: u32) -> Self {
                Self(self.0.with($first, items))
            }
        }
    };
}
";
