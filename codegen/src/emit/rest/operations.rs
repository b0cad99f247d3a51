//! One module for each tag: a handle with a method for each operation, and the operations.

use super::docs;
use crate::emit::files::Files;
use crate::emit::rust_type::Rust;
use crate::emit::tokens::{ident, idents, import};
use crate::emit::{docs as shared, format};
use crate::names;
use anyhow::Result;
use glabflow_contract::index::{Body, Index, Operation, Output, Paging, Parameter, TypeRef};
use glabflow_contract::{Location, Method, RangeKey};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Query parameters that only the runtime sets, for the next page.
const RUNTIME_PARAMS: &[&str] = &["cursor", "page_token", "pagination"];

pub(super) fn file(index: &Index, tag: &str, operations: &[&Operation]) -> Result<Files> {
    let rust = Rust { index, in_types: false };
    let handle = handle(&rust, tag, operations);
    let items = operations.iter().map(|operation| item(&rust, operation));
    let body = quote!(#handle #(#items)*);
    let imports = imports(&body);
    let doc = shared::inner_attributes(&[format!("Operations on {}.", shared::spaced(tag))]);
    // Comments that would only repeat a name are left out.
    let allow = quote!(#![allow(missing_docs, reason = "setters have the names of parameters")]);
    let source = format::file(&format!("module `{tag}`"), quote!(#doc #allow #imports #body))?;
    Ok(Files::from([(format!("rest/src/{tag}.rs"), source)]))
}

/// Imports of the names that the tokens use.
fn imports(body: &TokenStream) -> TokenStream {
    const CONTRACT: &[&str] = &[
        "Body",
        "Call",
        "Date",
        "DateTime",
        "Descriptor",
        "IdOrName",
        "Keyset",
        "Method",
        "Nullable",
        "Output",
        "Paging",
        "Param",
        "Range",
        "RangeKey",
        "Secret",
        "Unbound",
        "Upload",
        "convert",
        "operation",
    ];
    let used = idents(body);
    let contract = import(&quote!(glabflow_contract), CONTRACT, &used);
    let types = used.contains("types").then(|| quote! { use super::types; });
    let map = used.contains("BTreeMap").then(|| quote! { use std::collections::BTreeMap; });
    let value = used.contains("Value").then(|| quote! { use serde_json::Value; });
    quote!(#types #contract #value #map)
}

fn handle(rust: &Rust<'_, Index>, tag: &str, operations: &[&Operation]) -> TokenStream {
    let name = ident(&names::handle(tag));
    let doc = shared::attributes(&[format!("{} operations bound to a caller.", shared::title(tag))]);
    let new_doc = shared::attributes(&["Binds the operations to a caller.".to_owned()]);
    let methods = operations.iter().map(|operation| method(rust, operation));
    quote! {
        #doc
        #[derive(Debug, Clone, Copy, Default)]
        pub struct #name<C = Unbound>(C);

        impl<C> #name<C> {
            #new_doc
            pub fn new(caller: C) -> Self {
                #name(caller)
            }
        }

        impl<C: Clone> #name<C> {
            #(#methods)*
        }
    }
}

/// A method of a handle: required parameters are its arguments, the others have setters.
fn method(rust: &Rust<'_, Index>, operation: &Operation) -> TokenStream {
    let name = ident(&operation.name);
    let ty = ident(&operation.rust_type);
    let descriptor = ident(&names::constant(&operation.id));
    let mut arguments = Vec::new();
    let mut call = quote!(Call::new(self.0.clone(), &#descriptor));
    for (position, param) in required(operation) {
        let argument = ident(&param.rust_name);
        let (ty, value) = rust.argument(&argument, &param.ty, param.nullable);
        arguments.push(quote!(#argument: #ty));
        call = quote!(#call.with(#position, #value));
    }
    let doc = shared::attributes(&docs::method(rust.index, operation));
    let deprecated = operation.deprecated.then(|| {
        let note = format!("deprecated by GitLab{}", docs::instead(operation));
        quote!(#[deprecated = #note])
    });
    // Clippy's limit includes `self`.
    let many = (arguments.len() >= 7)
        .then(|| quote!(#[allow(clippy::too_many_arguments, reason = "GitLab requires all of them")]));
    quote! {
        #doc
        #deprecated
        #many
        pub fn #name(&self, #(#arguments),*) -> #ty<C> {
            #ty(#call)
        }
    }
}

fn positions(operation: &Operation) -> impl Iterator<Item = (Literal, &Parameter)> {
    operation.params.iter().enumerate().map(|(at, param)| (Literal::usize_unsuffixed(at), param))
}

fn required(operation: &Operation) -> impl Iterator<Item = (Literal, &Parameter)> {
    positions(operation).filter(|(_, param)| param.required)
}

fn item(rust: &Rust<'_, Index>, operation: &Operation) -> TokenStream {
    let ty = ident(&operation.rust_type);
    let constant = ident(&names::constant(&operation.id));
    let doc = shared::attributes(&docs::operation(operation));
    let descriptor = descriptor(operation);
    let kind = match &operation.output {
        Output::Empty => quote!(one #ty => ()),
        Output::Json(output) => {
            let output = rust.plain(output);
            quote!(one #ty => #output)
        }
        Output::List(item) => {
            let item = rust.plain(item);
            quote!(list #ty => #item)
        }
        Output::File(_) => quote!(file #ty),
    };
    let setters: Vec<TokenStream> = positions(operation)
        .filter(|(_, param)| !param.required && !is_for_runtime(param))
        .map(|(position, param)| setter(rust, position, param))
        .collect();
    let setters = (!setters.is_empty()).then(|| quote!(impl<C> #ty<C> { #(#setters)* }));
    quote! {
        #doc
        #[derive(Debug, Clone)]
        #[must_use = "an operation does nothing until it is sent"]
        pub struct #ty<C = Unbound>(Call<C>);

        static #constant: Descriptor = #descriptor;

        operation!(#kind, &#constant);

        #setters
    }
}

/// Whether only the runtime sets a parameter, by its name on the wire.
pub(crate) fn is_for_runtime(param: &Parameter) -> bool {
    param.location == Location::Query && RUNTIME_PARAMS.contains(&param.name.as_str()) && param.ty == TypeRef::String
}

fn setter(rust: &Rust<'_, Index>, position: Literal, param: &Parameter) -> TokenStream {
    let name = ident(&param.rust_name);
    let (ty, value) = rust.argument(&name, &param.ty, param.nullable);
    let doc = shared::attributes(&docs::setter(rust.index, param));
    let deprecated = param.deprecated.then(|| quote!(#[deprecated = "deprecated by GitLab"]));
    quote! {
        #doc
        #deprecated
        pub fn #name(self, #name: #ty) -> Self {
            Self(self.0.with(#position, #value))
        }
    }
}

fn descriptor(operation: &Operation) -> TokenStream {
    let Operation { id, tag, path, idempotent, deprecated, .. } = operation;
    let method = match operation.method {
        Method::Get => quote!(Method::Get),
        Method::Head => quote!(Method::Head),
        Method::Post => quote!(Method::Post),
        Method::Put => quote!(Method::Put),
        Method::Patch => quote!(Method::Patch),
        Method::Delete => quote!(Method::Delete),
    };
    let params = operation.params.iter().map(|param| {
        let name = &param.name;
        let new = match param.location {
            Location::Path => quote!(Param::path(#name)),
            Location::Query => quote!(Param::query(#name)),
            Location::Header => quote!(Param::header(#name)),
            Location::Body => quote!(Param::body(#name)),
        };
        let required = (param.required && param.location != Location::Path).then(|| quote!(.required()));
        let wildcard = param.wildcard.then(|| quote!(.wildcard()));
        let comma = param.comma.then(|| quote!(.comma()));
        quote!(#new #required #wildcard #comma)
    });
    let body = match &operation.body {
        Body::None => quote!(Body::None),
        Body::Json => quote!(Body::Json),
        Body::Multipart => quote!(Body::Multipart),
        Body::Raw(content_type) => quote!(Body::Raw(#content_type)),
    };
    let output = match &operation.output {
        Output::Empty => quote!(Output::Empty),
        Output::Json(_) => quote!(Output::Json),
        Output::List(_) => quote!(Output::List),
        Output::File(content_type) => quote!(Output::File(#content_type)),
    };
    let paging = match &operation.paging {
        Paging::None => quote!(Paging::None),
        Paging::Link => quote!(Paging::Link),
        Paging::Offset => quote!(Paging::Offset),
        Paging::Keyset(keyset) => {
            let (orders, sorts, anonymous_only) = (&keyset.orders, &keyset.sorts, keyset.anonymous_only);
            quote!(Paging::Keyset(Keyset { orders: &[#(#orders),*], sorts: &[#(#sorts),*], anonymous_only: #anonymous_only }))
        }
    };
    let ranges = operation.ranges.iter().map(|range| {
        let sorted = range.sorted;
        match range.key {
            RangeKey::Id => quote!(Range { key: RangeKey::Id, sorted: #sorted }),
            RangeKey::CreatedAt => quote!(Range { key: RangeKey::CreatedAt, sorted: #sorted }),
        }
    });
    let docs = match &operation.docs {
        Some(docs) => quote!(Some(#docs)),
        None => quote!(None),
    };
    quote! {
        Descriptor {
            id: #id,
            tag: #tag,
            method: #method,
            path: #path,
            params: &[#(#params),*],
            body: #body,
            output: #output,
            paging: #paging,
            ranges: &[#(#ranges),*],
            idempotent: #idempotent,
            deprecated: #deprecated,
            docs: #docs,
        }
    }
}
