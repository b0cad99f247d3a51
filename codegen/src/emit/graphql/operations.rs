//! One module for each area, with its operations.

use super::docs;
use crate::emit::files::Files;
use crate::emit::rust_type::Rust;
use crate::emit::tokens::{ident, idents, import};
use crate::emit::{docs as shared, format};
use crate::names;
use anyhow::Result;
use glabflow_contract::graphql::{Edition, Kind};
use glabflow_contract::index::graphql::{Index, Operation, Output, TypeRef, Variable};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

pub(super) fn file(index: &Index, area: &str, operations: &[&Operation]) -> Result<Files> {
    let rust = Rust { index, in_types: false };
    let body: TokenStream = operations.iter().map(|operation| item(&rust, operation)).collect();
    let all = operations.iter().map(|operation| ident(&names::constant(&operation.id)));
    let body = quote!(#body pub(crate) static OPERATIONS: &[&Descriptor] = &[#(&#all),*];);
    let imports = imports(&body);
    let doc = shared::inner_attributes(&[format!("Operations on {}.", shared::spaced(area))]);
    let source = format::file(&format!("module `{area}`"), quote!(#doc #imports #body))?;
    Ok(Files::from([(format!("graphql/src/{area}.rs"), source)]))
}

/// Imports of exactly what the tokens mention.
fn imports(body: &TokenStream) -> TokenStream {
    const CONTRACT: &[&str] = &["Date", "DateTime", "Nullable", "Secret", "convert"];
    const GRAPHQL: &[&str] = &["Any", "Descriptor", "Edition", "GlobalId", "Kind", "Variable", "Variables"];
    let used = idents(body);
    let contract = import(&quote!(glabflow_contract), CONTRACT, &used);
    let graphql = import(&quote!(glabflow_contract::graphql), GRAPHQL, &used);
    let types = used.contains("types").then(|| quote! { use crate::types; });
    let ids = used.contains("ids").then(|| quote! { use crate::ids; });
    let value = used.contains("Value").then(|| quote! { use serde_json::Value; });
    quote!(#ids #types #contract #graphql #value)
}

fn positions(operation: &Operation) -> impl Iterator<Item = (Literal, &Variable)> {
    operation.variables.iter().enumerate().map(|(at, variable)| (Literal::usize_unsuffixed(at), variable))
}

fn item(rust: &Rust<'_, Index>, operation: &Operation) -> TokenStream {
    let ty = ident(&operation.rust_type);
    let constant = ident(&names::constant(&operation.id));
    let doc = shared::attributes(&docs::operation(operation));
    let descriptor = descriptor(operation);
    let position = |name: &str| {
        let at = operation.variables.iter().position(|variable| variable.name == name).unwrap_or_default();
        Literal::usize_unsuffixed(at)
    };
    let kind = match &operation.output {
        Output::One(TypeRef::List(item)) => {
            let item = rust.plain(item);
            quote!(list #ty => #item)
        }
        Output::One(output) => {
            let output = rust.plain(output);
            quote!(one #ty => #output)
        }
        Output::Connection(node) => {
            let node = rust.plain(node);
            let (after, first) = (position("after"), position("first"));
            quote!(pages(#after, #first) #ty => #node)
        }
        Output::Payload(payload) => {
            let payload = rust.plain(payload);
            quote!(payload #ty => #payload)
        }
    };
    let mut arguments = Vec::new();
    let mut variables = quote!(Variables::new(&#constant));
    for (position, variable) in positions(operation).filter(|(_, variable)| variable.required) {
        let name = ident(&variable.rust_name);
        let (ty, value) = rust.argument(&name, &variable.ty, false);
        arguments.push(quote!(#name: #ty));
        variables = quote!(#variables.with(#position, #value));
    }
    let setters = positions(operation)
        .filter(|(_, variable)| !variable.required && !is_for_runtime(operation, variable))
        .map(|(position, variable)| setter(rust, position, variable));
    let new_doc = docs::constructor(rust.index, "Creates the operation", &operation.variables);
    let new_doc = shared::attributes(&new_doc);
    let default = arguments.is_empty().then(|| {
        quote! {
            impl Default for #ty {
                fn default() -> Self {
                    Self(#variables)
                }
            }
        }
    });
    let deprecated = operation.deprecated.is_some().then(|| quote!(#[deprecated = "deprecated by GitLab"]));
    quote! {
        #doc
        #[derive(Debug, Clone)]
        #[must_use = "an operation does nothing until it is executed"]
        pub struct #ty(Variables);

        static #constant: Descriptor = #descriptor;

        operation!(#kind, &#constant);

        impl #ty {
            #new_doc
            #deprecated
            pub fn new(#(#arguments),*) -> Self {
                Self(#variables)
            }

            #(#setters)*
        }

        #default
    }
}

/// Whether a variable is set by who reads the pages: the cursor and the page size.
fn is_for_runtime(operation: &Operation, variable: &Variable) -> bool {
    operation.page_size > 0 && matches!(variable.name.as_str(), "after" | "first")
}

fn setter(rust: &Rust<'_, Index>, position: Literal, variable: &Variable) -> TokenStream {
    let name = ident(&variable.rust_name);
    let (ty, value) = rust.argument(&name, &variable.ty, variable.nullable);
    let doc = shared::attributes(&docs::variable(rust.index, variable));
    let deprecated = variable.deprecated.is_some().then(|| quote!(#[deprecated = "deprecated by GitLab"]));
    quote! {
        #doc
        #deprecated
        pub fn #name(self, #name: #ty) -> Self {
            Self(self.0.with(#position, #value))
        }
    }
}

fn text(text: &Option<String>) -> TokenStream {
    match text {
        Some(text) => quote!(Some(#text)),
        None => quote!(None),
    }
}

fn descriptor(operation: &Operation) -> TokenStream {
    let Operation { id, area, rust_type, path, input, .. } = operation;
    let kind = match operation.kind {
        Kind::Query => quote!(Kind::Query),
        Kind::Mutation => quote!(Kind::Mutation),
        Kind::Subscription => quote!(Kind::Subscription),
    };
    let edition = match operation.edition {
        Edition::Community => quote!(Edition::Community),
        Edition::Enterprise => quote!(Edition::Enterprise),
    };
    let variables = operation.variables.iter().map(|variable| {
        let (name, ty) = (&variable.name, &variable.graphql);
        if variable.required { quote!(Variable::required(#name, #ty)) } else { quote!(Variable::optional(#name, #ty)) }
    });
    let document = format!("../{}", document_path(operation));
    let [page_size, complexity, depth] =
        [operation.page_size, operation.complexity, operation.depth].map(Literal::u32_unsuffixed);
    let (experiment, deprecated) = (text(&operation.experiment), text(&operation.deprecated));
    quote! {
        Descriptor {
            id: #id,
            area: #area,
            kind: #kind,
            name: #rust_type,
            document: include_str!(#document),
            variables: &[#(#variables),*],
            input: #input,
            path: &[#(#path),*],
            page_size: #page_size,
            edition: #edition,
            experiment: #experiment,
            deprecated: #deprecated,
            complexity: #complexity,
            depth: #depth,
        }
    }
}

/// Where an operation's document stands, below the crate's folder.
pub(super) fn document_path(operation: &Operation) -> String {
    format!("documents/{}/{}.graphql", operation.area, operation.id)
}
