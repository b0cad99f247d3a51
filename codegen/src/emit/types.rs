//! The files of generated types: one for each resource or area with own types, and one for shared types.

use super::files::Files;
use super::tokens::{ident, idents};
use super::{docs, format};
use anyhow::Result;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};

/// Types that are shared by more resources or areas than this are compiled with any features.
const ALWAYS: usize = 8;

/// The parts of an API that all files of types need.
pub(super) struct Api<'a> {
    /// The folder of the crate.
    pub(super) krate: &'a str,
    /// The plural of what operations are grouped by.
    pub(super) groups: &'a str,
    /// The doc comment of the module `types`.
    pub(super) doc: &'a [&'a str],
    /// Whether the crate has a module of this name.
    pub(super) has_group: &'a dyn Fn(&str) -> bool,
    /// The imports for a file with these identifiers.
    pub(super) imports: &'a dyn Fn(&BTreeSet<String>) -> TokenStream,
}

/// Writes the code of a type, with or without a condition.
pub(super) type Write<'a> = Box<dyn Fn(Option<&TokenStream>) -> Code + 'a>;

/// A type to write.
pub(super) struct Item<'a> {
    pub(super) name: &'a str,
    /// The resources or areas whose operations use it.
    pub(super) groups: &'a [String],
    /// The generated types that its fields mention.
    pub(super) mentions: Vec<String>,
    /// Its code.
    pub(super) code: Write<'a>,
}

/// The code of a type.
pub(super) struct Code {
    pub(super) declaration: TokenStream,
    pub(super) implementations: TokenStream,
}

/// All files of types.
pub(super) fn files(api: &Api<'_>, types: Vec<Item<'_>>) -> Result<Files> {
    let mut files = Files::new();
    let mut own: BTreeMap<&str, Vec<Item<'_>>> = BTreeMap::new();
    let mut shared = Vec::new();
    for item in types {
        match item.groups {
            [group] if (api.has_group)(group) => own.entry(group).or_default().push(item),
            _ => shared.push(item),
        }
    }
    let path = |name: &str| format!("{}/src/types/{name}.rs", api.krate);
    for (group, types) in &own {
        let items: TokenStream = types.iter().map(|item| item.tokens(None)).collect();
        let here: BTreeSet<&str> = types.iter().map(|item| item.name).collect();
        let mentioned: BTreeSet<&str> = types.iter().flat_map(|item| &item.mentions).map(String::as_str).collect();
        let others: Vec<_> = mentioned.difference(&here).map(|name| ident(name)).collect();
        let others = (!others.is_empty()).then(|| quote!(use super::{#(#others),*};));
        let imports = (api.imports)(&idents(&items));
        let doc = docs::inner_attributes(&[format!("Types of [`{group}`](crate::{group}).")]);
        let source = format::file(&format!("types of `{group}`"), quote!(#doc #others #imports #items))?;
        files.insert(path(group), source);
    }
    let items: TokenStream = shared.iter().map(|item| item.tokens(gate(item.groups).as_ref())).collect();
    let imports = (api.imports)(&idents(&items));
    let doc = docs::inner_attributes(&[format!("Types that several {} share.", api.groups)]);
    let allow = quote!(#![allow(unused_imports, reason = "which of them are used depends on the features")]);
    files.insert(path("shared"), format::file("shared types", quote!(#doc #allow #imports #items))?);
    files.insert(path("mod"), module(api, own.keys().copied())?);
    Ok(files)
}

impl Item<'_> {
    fn tokens(&self, gate: Option<&TokenStream>) -> TokenStream {
        let Code { declaration, implementations } = (self.code)(gate);
        match gate {
            None => quote!(#declaration #implementations),
            Some(gate) => quote! {
                #declaration
                #gate
                const _: () = { #implementations };
            },
        }
    }
}

/// The condition under which a shared type is compiled.
fn gate(groups: &[String]) -> Option<TokenStream> {
    (groups.len() <= ALWAYS).then(|| quote!(#[cfg(any(#(feature = #groups),*))]))
}

fn module<'a>(api: &Api<'_>, groups: impl Iterator<Item = &'a str>) -> Result<String> {
    let modules = groups.map(|group| {
        let name = ident(group);
        quote! {
            #[cfg(feature = #group)]
            mod #name;
            #[cfg(feature = #group)]
            pub use #name::*;
        }
    });
    let doc = docs::inner_attributes(api.doc);
    // Comments that would only repeat a name are left out.
    let allow = quote!(#![allow(missing_docs, reason = "names and types say what most fields and values are")]);
    format::file(
        "module `types`",
        quote! { #doc #allow mod shared; #[allow(unused_imports, unreachable_pub)] pub use shared::*; #(#modules)* },
    )
}
