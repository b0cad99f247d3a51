//! The types that operations use: a file for each area that has types of its own, and one for what areas share.

use super::areas::Areas;
use super::docs;
use crate::emit::files::Files;
use crate::emit::graphql::rust_type::Rust;
use crate::emit::rest::types as rest;
use crate::emit::tokens::{ident, idents};
use crate::emit::{docs as shared, format};
use crate::model::graphql::mentioned;
use anyhow::Result;
use glabflow_contract::index::graphql::{EnumValue, Field, Index, Shape, TypeDef, TypeRef, Variable, Variant};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};

/// A type that more areas than this share is compiled whatever features are on.
const ALWAYS: usize = 8;

pub(super) fn files(index: &Index, areas: &Areas<'_>) -> Result<Files> {
    let mut files = Files::new();
    let mut own: BTreeMap<&str, Vec<(&str, &TypeDef)>> = BTreeMap::new();
    let mut common = Vec::new();
    for (name, definition) in &index.types {
        match definition.areas.as_slice() {
            [area] if areas.contains_key(area.as_str()) => own.entry(area).or_default().push((name, definition)),
            _ => common.push((name.as_str(), definition)),
        }
    }
    let rust = Rust { index, in_types: true };
    for (area, types) in &own {
        let items: TokenStream = types.iter().map(|(name, definition)| item(&rust, name, definition, None)).collect();
        let here: BTreeSet<String> = types.iter().map(|(name, _)| (*name).to_owned()).collect();
        let needed: BTreeSet<String> = types.iter().flat_map(|(_, definition)| mentioned(definition)).collect();
        let others: Vec<_> = needed.difference(&here).map(|name| ident(name)).collect();
        let others = (!others.is_empty()).then(|| quote!(use super::{#(#others),*};));
        let imports = imports(&idents(&items));
        let doc = shared::inner_attributes(&[format!("Types of [`{area}`](crate::{area}).")]);
        let source = format::file(&format!("types of `{area}`"), quote!(#doc #others #imports #items))?;
        files.insert(format!("graphql/src/types/{area}.rs"), source);
    }
    let items: TokenStream =
        common.iter().map(|(name, definition)| item(&rust, name, definition, gate(definition))).collect();
    let imports = imports(&idents(&items));
    let doc = shared::inner_attributes(&["Types that several areas share.".to_owned()]);
    let allow = quote!(#![allow(unused_imports, reason = "which of them are used depends on the features")]);
    let source = format::file("shared types", quote!(#doc #allow #imports #items))?;
    files.insert("graphql/src/types/shared.rs".to_owned(), source);
    files.insert("graphql/src/types/mod.rs".to_owned(), module(own.keys().copied())?);
    Ok(files)
}

fn module<'a>(areas: impl Iterator<Item = &'a str>) -> Result<String> {
    let modules = areas.map(|area| {
        let name = ident(area);
        quote! {
            #[cfg(feature = #area)]
            mod #name;
            #[cfg(feature = #area)]
            pub use #name::*;
        }
    });
    let doc = shared::inner_attributes(&[
        "What operations take and answer with.".to_owned(),
        String::new(),
        "Nothing in an answer is required: fields are `None`, lists and connections are empty when GitLab leaves them out."
            .to_owned(),
        "Enums keep values that they do not know, interfaces and unions objects.".to_owned(),
    ]);
    format::file(
        "module `types`",
        quote! { #doc mod shared; #[allow(unused_imports, unreachable_pub)] pub use shared::*; #(#modules)* },
    )
}

/// The condition under which a shared type is compiled.
fn gate(definition: &TypeDef) -> Option<TokenStream> {
    let areas = &definition.areas;
    (areas.len() <= ALWAYS).then(|| quote!(#[cfg(any(#(feature = #areas),*))]))
}

/// Imports of exactly what is mentioned.
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
    let pick = |names: &[&str]| -> Vec<Ident> {
        names.iter().filter(|name| used.contains(**name)).map(|name| ident(name)).collect()
    };
    let (contract, graphql) = (pick(CONTRACT), pick(GRAPHQL));
    let contract = (!contract.is_empty()).then(|| quote!(use glabflow_contract::{#(#contract),*};));
    let graphql = (!graphql.is_empty()).then(|| quote!(use glabflow_contract::graphql::{#(#graphql),*};));
    let ids = used.contains("ids").then(|| {
        quote!(
            use crate::ids;
        )
    });
    let access = used.contains("MapAccess").then(|| {
        quote!(
            use serde::de::MapAccess;
        )
    });
    let value = used.contains("Value").then(|| {
        quote!(
            use serde_json::Value;
        )
    });
    quote!(#ids #contract #graphql #access #value)
}

fn item(rust: &Rust<'_>, name: &str, definition: &TypeDef, gate: Option<TokenStream>) -> TokenStream {
    let doc = shared::attributes(&docs::type_def(name, definition));
    // What is documented and conditional at once says so in this order.
    let gated = quote!(#doc #gate);
    let (declaration, implementations) = match &definition.shape {
        Shape::Object(fields) => answer(rust, name, fields, &gated),
        Shape::Payload(fields) => {
            let (declaration, implementations) = answer(rust, name, fields, &gated);
            let ty = ident(name);
            let payload = quote! {
                impl Payload for #ty {
                    fn errors(&self) -> &[String] {
                        &self.errors
                    }
                }
            };
            (declaration, quote!(#implementations #payload))
        }
        Shape::OneOf(variants) => one_of(name, variants, &gated),
        Shape::Enum(values) => text_enum(name, definition, values, gate.as_ref()),
        Shape::Input(fields) => input(rust, name, fields, &gated),
    };
    match gate {
        None => quote!(#declaration #implementations),
        Some(gate) => quote! {
            #declaration
            #gate
            const _: () = { #implementations };
        },
    }
}

/// An object in answers.
fn answer(rust: &Rust<'_>, name: &str, fields: &[Field], doc: &TokenStream) -> (TokenStream, TokenStream) {
    let ty = ident(name);
    let declared = fields.iter().map(|field| {
        let doc = shared::attributes(&docs::field(field));
        let (name, ty) = (ident(&field.rust_name), rust.answer_field(&field.ty));
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
    (declaration, implementations)
}

/// One of the objects of an interface or union.
fn one_of(name: &str, variants: &[Variant], doc: &TokenStream) -> (TokenStream, TokenStream) {
    let ty = ident(name);
    let declared = variants.iter().map(|variant| {
        let doc = shared::attributes(&[format!("{}.", shared::code(&variant.typename))]);
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
    (declaration, quote!(one_of!(#ty { #(#arms),* });))
}

fn text_enum(
    name: &str,
    definition: &TypeDef,
    values: &[EnumValue],
    gate: Option<&TokenStream>,
) -> (TokenStream, TokenStream) {
    let values: Vec<rest::Value<'_>> = values
        .iter()
        .map(|value| rest::Value {
            wire: &value.name,
            rust_name: &value.rust_name,
            description: value.description.as_deref(),
        })
        .collect();
    rest::text_enum(name, definition.description.as_deref(), &values, gate)
}

/// An object in requests: its required fields are the constructor's arguments, the others are set one by one.
fn input(rust: &Rust<'_>, name: &str, fields: &[Variable], doc: &TokenStream) -> (TokenStream, TokenStream) {
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
    let required = fields.iter().filter(|field| field.required);
    let new_doc = shared::attributes(&docs::constructor("The object, with what it cannot do without.", required));
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
    (declaration, implementations)
}
