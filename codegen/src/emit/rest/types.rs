//! The types that operations use: a file for each tag that has types of its own, and one for what tags share.

use crate::emit::files::Files;
use crate::emit::rest::rust_type::Rust;
use crate::emit::rest::tags::Tags;
use crate::emit::tokens::{ident, idents};
use crate::emit::{docs, format};
use crate::names;
use anyhow::Result;
use glabflow_contract::index::{EnumValue, Field, Index, IntEnum, Object, TypeDef, TypeRef};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};

/// A type that more tags than this share is compiled whatever features are on.
const ALWAYS: usize = 8;

pub(super) fn files(index: &Index, tags: &Tags<'_>) -> Result<Files> {
    let mut files = Files::new();
    let mut own: BTreeMap<&str, Vec<(&str, &TypeDef)>> = BTreeMap::new();
    let mut shared = Vec::new();
    for (name, definition) in &index.types {
        match tags_of(definition) {
            [tag] if tags.contains_key(tag.as_str()) => own.entry(tag).or_default().push((name, definition)),
            _ => shared.push((name.as_str(), definition)),
        }
    }
    let rust = Rust { index, in_types: true };
    for (tag, types) in &own {
        let items: TokenStream = types.iter().map(|(name, definition)| item(&rust, name, definition, None)).collect();
        let here: BTreeSet<&str> = types.iter().map(|(name, _)| *name).collect();
        let mentioned: BTreeSet<&str> = types.iter().flat_map(|(_, definition)| mentioned(definition)).collect();
        let others: Vec<_> = mentioned.difference(&here).map(|name| ident(name)).collect();
        let others = (!others.is_empty()).then(|| quote!(use super::{#(#others),*};));
        let imports = imports(&idents(&items));
        let doc = docs::inner_attributes(&[format!("Types of [`{tag}`](crate::{tag}).")]);
        let source = format::file(&format!("types of `{tag}`"), quote!(#doc #others #imports #items))?;
        files.insert(format!("rest/src/types/{tag}.rs"), source);
    }
    let items: TokenStream =
        shared.iter().map(|(name, definition)| item(&rust, name, definition, gate(definition))).collect();
    let imports = imports(&idents(&items));
    let doc = docs::inner_attributes(&["Types that several resources share.".to_owned()]);
    let allow = quote!(#![allow(unused_imports, reason = "which of them are used depends on the features")]);
    let source = format::file("shared types", quote!(#doc #allow #imports #items))?;
    files.insert("rest/src/types/shared.rs".to_owned(), source);
    files.insert("rest/src/types/mod.rs".to_owned(), module(own.keys().copied())?);
    Ok(files)
}

fn module<'a>(tags: impl Iterator<Item = &'a str>) -> Result<String> {
    let modules = tags.map(|tag| {
        let name = ident(tag);
        quote! {
            #[cfg(feature = #tag)]
            mod #name;
            #[cfg(feature = #tag)]
            pub use #name::*;
        }
    });
    let doc = docs::inner_attributes(&[
        "What operations take and answer with.".to_owned(),
        String::new(),
        "Nothing in an answer is required: fields are `None`, lists and maps are empty when GitLab leaves them out."
            .to_owned(),
        "Enums keep values that they do not know.".to_owned(),
    ]);
    format::file(
        "module `types`",
        quote! { #doc mod shared; #[allow(unused_imports, unreachable_pub)] pub use shared::*; #(#modules)* },
    )
}

fn tags_of(definition: &TypeDef) -> &[String] {
    match definition {
        TypeDef::Object(object) => &object.tags,
        TypeDef::Enum(values) => &values.tags,
        TypeDef::IntEnum(values) => &values.tags,
    }
}

/// The named types that a type's fields mention.
fn mentioned(definition: &TypeDef) -> Vec<&str> {
    match definition {
        TypeDef::Object(object) => object.fields.iter().filter_map(|field| named(&field.ty)).collect(),
        TypeDef::Enum(_) | TypeDef::IntEnum(_) => Vec::new(),
    }
}

fn named(ty: &TypeRef) -> Option<&str> {
    match ty {
        TypeRef::Named(name) => Some(name),
        TypeRef::List(inner) | TypeRef::Map(inner) => named(inner),
        _ => None,
    }
}

/// The condition under which a shared type is compiled.
fn gate(definition: &TypeDef) -> Option<TokenStream> {
    let tags = tags_of(definition);
    if tags.len() > ALWAYS {
        return None;
    }
    Some(quote!(#[cfg(any(#(feature = #tags),*))]))
}

/// Imports of exactly what is mentioned.
fn imports(used: &BTreeSet<String>) -> TokenStream {
    const CONTRACT: &[&str] = &[
        "Date",
        "DateTime",
        "Facts",
        "IdOrName",
        "Nullable",
        "Object",
        "OpenEnum",
        "Secret",
        "convert",
        "decode",
        "input",
        "int_enum",
        "object",
        "open_enum",
    ];
    let pick = |names: &[&str]| -> Vec<_> {
        names.iter().filter(|name| used.contains(**name)).map(|name| ident(name)).collect()
    };
    let contract = pick(CONTRACT);
    let contract = (!contract.is_empty()).then(|| quote!(use glabflow_contract::{#(#contract),*};));
    let access = used.contains("MapAccess").then(|| {
        quote!(
            use serde::de::MapAccess;
        )
    });
    let write = used.contains("Serializer").then(|| {
        // Answers are serialised on demand only, so a file without requests may not need these.
        let cfg = (!used.contains("input")).then(|| quote!(#[cfg(feature = "serialize")]));
        quote!(#cfg use serde::ser::{Serialize, Serializer};)
    });
    let value = used.contains("Value").then(|| {
        quote!(
            use serde_json::Value;
        )
    });
    let map = used.contains("BTreeMap").then(|| {
        quote!(
            use std::collections::BTreeMap;
        )
    });
    quote!(#contract #access #write #value #map)
}

fn item(rust: &Rust<'_>, name: &str, definition: &TypeDef, gate: Option<TokenStream>) -> TokenStream {
    let (declaration, implementations) = match definition {
        TypeDef::Object(object) if object.input => input(rust, name, object, gate.as_ref()),
        TypeDef::Object(object) => answer(rust, name, object, gate.as_ref()),
        TypeDef::Enum(values) => {
            let values: Vec<Value<'_>> = values.values.iter().map(Value::plain).collect();
            text_enum(name, None, &values, gate.as_ref())
        }
        TypeDef::IntEnum(values) => number_enum(name, values, gate.as_ref()),
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

fn type_doc(object: &Object) -> TokenStream {
    let mut lines = vec![if object.schema.is_empty() {
        "An object that GitLab's schema does not name.".to_owned()
    } else {
        format!("GitLab's {}.", docs::code(&object.schema))
    }];
    if !object.aliases.is_empty() {
        let aliases: Vec<String> = object.aliases.iter().map(|alias| docs::code(alias)).collect();
        lines.extend([String::new(), format!("Of the same shape: {}.", aliases.join(", "))]);
    }
    docs::attributes(&lines)
}

/// An object in answers.
fn answer(rust: &Rust<'_>, name: &str, object: &Object, gate: Option<&TokenStream>) -> (TokenStream, TokenStream) {
    let doc = type_doc(object);
    let ty = ident(name);
    let declared = object.fields.iter().map(|field| {
        let doc = docs::attributes(&docs::field(&field.name, false, field.deprecated, field.description.as_deref()));
        let (name, ty) = (ident(&field.rust_name), rust.answer_field(&field.ty));
        quote!(#doc pub #name: #ty)
    });
    let mut sorted: Vec<&Field> = object.fields.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let names = sorted.iter().map(|field| &field.name);
    let arms = sorted.iter().enumerate().map(|(at, field)| {
        let (at, name) = (Literal::usize_unsuffixed(at), ident(&field.rust_name));
        quote!(#at => self.#name = decode::value(map)?)
    });
    let facts = facts(object);
    let written = object.fields.iter().map(|field| {
        let (wire, name) = (&field.name, ident(&field.rust_name));
        match field.ty {
            TypeRef::List(_) | TypeRef::Map(_) => {
                quote!(fields.field(#wire, &self.#name)?;)
            }
            _ => quote!(fields.optional(#wire, &self.#name)?;),
        }
    });
    let declaration = quote! {
        #doc
        #gate
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

            #facts
        }

        object!(#ty);

        #[cfg(feature = "serialize")]
        impl Serialize for #ty {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut fields = glabflow_contract::Fields::new(serializer)?;
                #(#written)*
                fields.end()
            }
        }
    };
    (declaration, implementations)
}

/// What an item of this type says of itself, where it has an id.
fn facts(object: &Object) -> Option<TokenStream> {
    let field = |wire: &str| object.fields.iter().find(|field| field.name == wire);
    let id = field("id")?;
    let name = ident(&id.rust_name);
    let created_at = match field("created_at").filter(|field| field.ty == TypeRef::DateTime) {
        Some(field) => {
            let name = ident(&field.rust_name);
            quote!(self.#name.as_ref())
        }
        None => quote!(None),
    };
    let facts = match id.ty {
        TypeRef::Int => quote!(Facts::numbered(self.#name, #created_at)),
        TypeRef::String => quote!(Facts::named(self.#name.as_deref(), #created_at)),
        _ => return None,
    };
    Some(quote! {
        fn facts(&self) -> Option<Facts<'_>> {
            Some(#facts)
        }
    })
}

/// An object in requests: its required fields are the constructor's arguments, the others are set one by one.
fn input(rust: &Rust<'_>, name: &str, object: &Object, gate: Option<&TokenStream>) -> (TokenStream, TokenStream) {
    let doc = type_doc(object);
    let ty = ident(name);
    let declared = object.fields.iter().map(|field| {
        let doc =
            docs::attributes(&docs::field(&field.name, field.nullable, field.deprecated, field.description.as_deref()));
        let (name, ty) = (ident(&field.rust_name), rust.request_field(field));
        quote!(#doc pub #name: #ty)
    });
    let required: Vec<&Field> = object.fields.iter().filter(|field| field.required).collect();
    let arguments = required.iter().map(|field| {
        let name = ident(&field.rust_name);
        let (ty, _) = rust.argument(&name, &field.ty, field.nullable);
        quote!(#name: #ty)
    });
    let members = object.fields.iter().map(|field| {
        let name = ident(&field.rust_name);
        if field.required {
            let value = stored(rust, field);
            // `name: name` is written short.
            if name == value.to_string() { quote!(#name) } else { quote!(#name: #value) }
        } else {
            quote!(#name: None)
        }
    });
    let setters = object.fields.iter().filter(|field| !field.required).map(|field| {
        let (name, setter) = (ident(&field.rust_name), ident(&names::escape(field.rust_name.clone())));
        let doc = docs::attributes(&[format!("Sets {}.", docs::code(&field.name))]);
        let (ty, _) = rust.argument(&name, &field.ty, field.nullable);
        let value = stored(rust, field);
        quote! {
            #doc
            #[must_use]
            pub fn #setter(mut self, #name: #ty) -> Self {
                self.#name = Some(#value);
                self
            }
        }
    });
    let default = required.is_empty().then(|| quote!(Default,));
    let new_doc = docs::attributes(&[if required.is_empty() {
        "The object with no field set.".to_owned()
    } else {
        "The object with the fields that GitLab asks for.".to_owned()
    }]);
    let written = object.fields.iter().map(|field| {
        let (wire, name) = (&field.name, ident(&field.rust_name));
        if field.required {
            quote!(fields.field(#wire, &self.#name)?;)
        } else {
            quote!(fields.optional(#wire, &self.#name)?;)
        }
    });
    let declaration = quote! {
        #doc
        #gate
        #[derive(Debug, Clone, #default PartialEq)]
        #[non_exhaustive]
        pub struct #ty { #(#declared,)* }
    };
    let implementations = quote! {
        impl #ty {
            #new_doc
            pub fn new(#(#arguments),*) -> Self {
                #ty { #(#members,)* }
            }

            #(#setters)*
        }

        impl Serialize for #ty {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut fields = glabflow_contract::Fields::new(serializer)?;
                #(#written)*
                fields.end()
            }
        }

        input!(#ty);
    };
    (declaration, implementations)
}

/// The value that an argument becomes in a field.
fn stored(rust: &Rust<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.rust_name);
    let (_, value) = rust.argument(&name, &field.ty, field.nullable);
    let boxed = rust.request_value(&field.ty).to_string() != rust.plain(&field.ty).to_string();
    match (boxed, field.nullable) {
        (false, _) => value,
        (true, false) => quote!(Box::new(#value)),
        (true, true) => quote!(#value.map(Box::new)),
    }
}

/// A value of an enumeration.
pub(crate) struct Value<'a> {
    pub(crate) wire: &'a str,
    pub(crate) rust_name: &'a str,
    pub(crate) description: Option<&'a str>,
}

impl<'a> Value<'a> {
    fn plain(value: &'a EnumValue) -> Self {
        Value { wire: &value.name, rust_name: &value.rust_name, description: None }
    }
}

pub(crate) fn text_enum(
    name: &str,
    description: Option<&str>,
    values: &[Value<'_>],
    gate: Option<&TokenStream>,
) -> (TokenStream, TokenStream) {
    let ty = ident(name);
    let variants: Vec<_> = values.iter().map(|value| (ident(value.rust_name), value.wire)).collect();
    let declared = values.iter().zip(&variants).map(|(value, (variant, wire))| {
        let about = docs::description(value.description);
        let doc: Vec<String> = [format!("{}.", docs::code(wire))].into_iter().chain(about).collect();
        let doc = docs::attributes(&doc);
        quote!(#doc #variant)
    });
    let from = variants.iter().map(|(variant, wire)| quote!(#wire => #ty::#variant));
    let to = variants.iter().map(|(variant, wire)| quote!(#ty::#variant => #wire));
    let wires = variants.iter().map(|(_, wire)| wire);
    let mut doc = vec![
        format!("Values of {}.", docs::tag_words(name)),
        String::new(),
        "It is open: a value that is not listed is kept in `Other`.".to_owned(),
    ];
    doc.extend(docs::description(description));
    let doc = docs::attributes(&doc);
    let other = docs::attributes(&["A value that GitLab's schema did not list.".to_owned()]);
    let declaration = quote! {
        #doc
        #gate
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum #ty {
            #(#declared,)*
            #other
            Other(String),
        }
    };
    let implementations = quote! {
        impl OpenEnum for #ty {
            const VALUES: &'static [&'static str] = &[#(#wires),*];

            fn from_wire(value: &str) -> Self {
                match value {
                    #(#from,)*
                    other => #ty::Other(other.to_owned()),
                }
            }

            fn as_str(&self) -> &str {
                match self {
                    #(#to,)*
                    #ty::Other(other) => other,
                }
            }
        }

        open_enum!(#ty);
    };
    (declaration, implementations)
}

fn number_enum(name: &str, values: &IntEnum, gate: Option<&TokenStream>) -> (TokenStream, TokenStream) {
    let ty = ident(name);
    let constants = values.values.iter().zip(&values.names).map(|(value, name)| {
        let doc = docs::attributes(&[format!("{}.", docs::code(&value.to_string()))]);
        let (value, name) = (Literal::i64_unsuffixed(*value), ident(name));
        quote!(#doc pub const #name: Self = #ty(#value);)
    });
    let all = values.values.iter().map(|value| {
        let value = Literal::i64_unsuffixed(*value);
        quote!(#ty(#value))
    });
    let doc = docs::attributes(&[
        format!("Numbers of {}.", docs::tag_words(name)),
        String::new(),
        "It is open: a number that has no constant is kept as it is.".to_owned(),
    ]);
    let known = docs::attributes(&["The numbers that GitLab's schema lists.".to_owned()]);
    let declaration = quote! {
        #doc
        #gate
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct #ty(pub i64);
    };
    let implementations = quote! {
        impl #ty {
            #(#constants)*
            #known
            pub const VALUES: &'static [Self] = &[#(#all),*];
        }

        int_enum!(#ty);
    };
    (declaration, implementations)
}
