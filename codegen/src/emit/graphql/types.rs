//! The types that GraphQL operations use.

use super::areas::Areas;
use super::docs;
use crate::emit::docs as shared;
use crate::emit::enums::{Value, text_enum};
use crate::emit::files::Files;
use crate::emit::rust_type::Rust;
use crate::emit::tokens::{ident, import};
use crate::emit::types::{self, Api, Code, Item};
use crate::model::graphql::mentioned;
use anyhow::Result;
use glabflow_contract::index::graphql::{EnumValue, Field, Index, Shape, TypeDef, TypeRef, Variable, Variant};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use std::collections::BTreeSet;

pub(super) fn files(index: &Index, areas: &Areas<'_>) -> Result<Files> {
    let rust = Rust { index, in_types: true };
    let api = Api {
        krate: "graphql",
        groups: "areas",
        doc: &[
            "Types of variables and responses.",
            "",
            "No field of a response is required: if GitLab leaves it out, it is `None`, or an empty list or connection. Enums",
            "keep unknown values, interfaces and unions keep objects of unknown types. Fields and values have comments where",
            "GitLab's schema says more than their names and types.",
        ],
        has_group: &|area| areas.contains_key(area),
        imports: &imports,
    };
    let types = index.types.iter().map(|(name, definition)| Item {
        name,
        groups: &definition.areas,
        mentions: mentioned(definition),
        code: Box::new(|gate| code(&rust, name, definition, gate)),
    });
    types::files(&api, types.collect())
}

/// Imports of the names that are used.
fn imports(used: &BTreeSet<String>) -> TokenStream {
    const CONTRACT: &[&str] = &[
        "Date",
        "DateTime",
        "Nullable",
        "Object",
        "OpenEnum",
        "Secret",
        "convert",
        "decode",
        "graphql_input",
        "object",
        "one_of",
        "open_enum",
    ];
    const GRAPHQL: &[&str] = &["Any", "Connection", "GlobalId", "Input", "Payload", "present"];
    let contract = import(&quote!(glabflow_contract), CONTRACT, used);
    let graphql = import(&quote!(glabflow_contract::graphql), GRAPHQL, used);
    let ids = used.contains("ids").then(|| quote! { use crate::ids; });
    let access = used.contains("MapAccess").then(|| quote! { use serde::de::MapAccess; });
    let value = used.contains("Value").then(|| quote! { use serde_json::Value; });
    quote!(#ids #contract #graphql #access #value)
}

fn code(rust: &Rust<'_, Index>, name: &str, definition: &TypeDef, gate: Option<&TokenStream>) -> Code {
    let doc = shared::attributes(&docs::type_def(name, definition));
    // The comment comes before the condition.
    let gated = quote!(#doc #gate);
    match &definition.shape {
        Shape::Object(fields) => response(rust, name, fields, &gated),
        Shape::Payload(fields) => {
            let mut code = response(rust, name, fields, &gated);
            let ty = ident(name);
            code.implementations.extend(quote! {
                impl Payload for #ty {
                    fn errors(&self) -> &[String] {
                        &self.errors
                    }
                }
            });
            code
        }
        Shape::OneOf(variants) => one_of(name, variants, &gated),
        Shape::Enum(values) => {
            let values: Vec<Value<'_>> = values.iter().map(plain).collect();
            text_enum(
                name,
                definition.graphql.first().map_or(name, String::as_str),
                definition.description.as_deref(),
                &values,
                gate,
            )
        }
        Shape::Input(fields) => input(rust, name, fields, &gated),
    }
}

fn plain(value: &EnumValue) -> Value<'_> {
    Value { wire: &value.name, rust_name: &value.rust_name, description: value.description.as_deref() }
}

/// An object in responses.
fn response(rust: &Rust<'_, Index>, name: &str, fields: &[Field], doc: &TokenStream) -> Code {
    let ty = ident(name);
    let declared = fields.iter().map(|field| {
        let doc = shared::attributes(&docs::field(field));
        let (name, ty) = (ident(&field.rust_name), rust.response_field(&field.ty));
        quote!(#doc pub #name: #ty)
    });
    let mut sorted: Vec<&Field> = fields.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let names = sorted.iter().map(|field| &field.name);
    let arms = sorted.iter().enumerate().map(|(at, field)| {
        let (at, name) = (Literal::usize_unsuffixed(at), ident(&field.rust_name));
        match field.ty {
            TypeRef::List(_) => quote!(#at => self.#name = present(map)?),
            _ => quote!(#at => self.#name = decode::value(map)?),
        }
    });
    let declaration = quote! {
        #doc
        #[derive(Debug, Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct #ty { #(#declared,)* }
    };
    let implementations = quote! {
        impl Object for #ty {
            const FIELDS: &'static [&'static str] = &[#(#names),*];

            fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error> {
                match field {
                    #(#arms,)*
                    _ => decode::skip(map)?,
                }
                Ok(())
            }
        }

        object!(#ty);
    };
    Code { declaration, implementations }
}

/// One of the objects of an interface or union.
fn one_of(name: &str, variants: &[Variant], doc: &TokenStream) -> Code {
    let ty = ident(name);
    let declared = variants.iter().map(|variant| {
        let is_name = variant.typename == variant.rust_name;
        let doc = (!is_name).then(|| shared::attributes(&[format!("{}.", shared::code(&variant.typename))]));
        let (name, ty) = (ident(&variant.rust_name), ident(&variant.ty));
        quote!(#doc #name(Box<#ty>))
    });
    let arms = variants.iter().map(|variant| {
        let (name, typename) = (ident(&variant.rust_name), &variant.typename);
        quote!(#name = #typename)
    });
    let other = shared::attributes(&["An object of another type.".to_owned()]);
    let declaration = quote! {
        #doc
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum #ty {
            #(#declared,)*
            #other
            Other(glabflow_contract::graphql::Other),
        }
    };
    Code { declaration, implementations: quote!(one_of!(#ty { #(#arms),* });) }
}

/// An object in requests: required fields are arguments of the constructor, the others have setters.
fn input(rust: &Rust<'_, Index>, name: &str, fields: &[Variable], doc: &TokenStream) -> Code {
    let ty = ident(name);
    let mut arguments = Vec::new();
    let mut value = quote!(Input::default());
    for field in fields.iter().filter(|field| field.required) {
        let (name, wire) = (ident(&field.rust_name), &field.name);
        let (ty, stored) = rust.argument(&name, &field.ty, false);
        arguments.push(quote!(#name: #ty));
        value = quote!(#value.with(#wire, #stored));
    }
    let setters = fields.iter().filter(|field| !field.required).map(|field| {
        let (name, wire) = (ident(&field.rust_name), &field.name);
        let (ty, stored) = rust.argument(&name, &field.ty, field.nullable);
        let doc = shared::attributes(&docs::variable(rust.index, field));
        let deprecated = field.deprecated.is_some().then(|| quote!(#[deprecated = "deprecated by GitLab"]));
        quote! {
            #doc
            #deprecated
            #[must_use]
            pub fn #name(self, #name: #ty) -> Self {
                Self(self.0.with(#wire, #stored))
            }
        }
    });
    let new_doc = shared::attributes(&docs::constructor(rust.index, "Creates the object", fields));
    let default = arguments.is_empty().then(|| {
        quote! {
            impl Default for #ty {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    let declaration = quote! {
        #doc
        #[derive(Debug, Clone)]
        pub struct #ty(Input);
    };
    let implementations = quote! {
        impl #ty {
            #new_doc
            pub fn new(#(#arguments),*) -> Self {
                Self(#value)
            }

            #(#setters)*
        }

        #default

        graphql_input!(#ty);
    };
    Code { declaration, implementations }
}
