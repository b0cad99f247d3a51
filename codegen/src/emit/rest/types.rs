//! The types that REST operations use.

use super::docs;
use crate::emit::docs as shared;
use crate::emit::enums::{Value, text_enum};
use crate::emit::files::Files;
use crate::emit::rest::tags::Tags;
use crate::emit::rust_type::Rust;
use crate::emit::tokens::{ident, import};
use crate::emit::types::{self, Api, Code, Item};
use crate::names;
use anyhow::Result;
use glabflow_contract::index::{EnumValue, Field, Index, IntEnum, Object, TypeDef, TypeRef};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use std::collections::BTreeSet;

pub(super) fn files(index: &Index, tags: &Tags<'_>) -> Result<Files> {
    let rust = Rust { index, in_types: true };
    let api = Api {
        krate: "rest",
        groups: "resources",
        doc: &[
            "Types of requests and responses.",
            "",
            "No field of a response is required: if GitLab leaves it out, it is `None`, or an empty list or map. Enums keep",
            "unknown values. Fields and values have comments where GitLab's schema says more than their names and types.",
        ],
        has_group: &|tag| tags.contains_key(tag),
        imports: &imports,
    };
    let types = index.types.iter().map(|(name, definition)| Item {
        name,
        groups: tags_of(definition),
        mentions: mentioned(definition),
        code: Box::new(|gate| code(&rust, name, definition, gate)),
    });
    types::files(&api, types.collect())
}

fn tags_of(definition: &TypeDef) -> &[String] {
    match definition {
        TypeDef::Object(object) => &object.tags,
        TypeDef::Enum(values) => &values.tags,
        TypeDef::IntEnum(values) => &values.tags,
    }
}

/// The named types that the fields of a type use.
fn mentioned(definition: &TypeDef) -> Vec<String> {
    match definition {
        TypeDef::Object(object) => {
            object.fields.iter().filter_map(|field| named(&field.ty)).map(str::to_owned).collect()
        }
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

/// Imports of the names that are used.
fn imports(used: &BTreeSet<String>) -> TokenStream {
    const CONTRACT: &[&str] = &[
        "Date",
        "DateTime",
        "ItemFacts",
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
    let contract = import(&quote!(glabflow_contract), CONTRACT, used);
    let access = used.contains("MapAccess").then(|| quote! { use serde::de::MapAccess; });
    let write = used.contains("Serializer").then(|| {
        // Responses are serialised only with a feature, so a file without requests may not need these.
        let cfg = (!used.contains("input")).then(|| quote!(#[cfg(feature = "serialize")]));
        quote!(#cfg use serde::ser::{Serialize, Serializer};)
    });
    let value = used.contains("Value").then(|| quote! { use serde_json::Value; });
    let map = used.contains("BTreeMap").then(|| quote! { use std::collections::BTreeMap; });
    quote!(#contract #access #write #value #map)
}

fn code(rust: &Rust<'_, Index>, name: &str, definition: &TypeDef, gate: Option<&TokenStream>) -> Code {
    match definition {
        TypeDef::Object(object) if object.input => input(rust, name, object, gate),
        TypeDef::Object(object) => response(rust, name, object, gate),
        TypeDef::Enum(values) => {
            let values: Vec<Value<'_>> = values.values.iter().map(plain).collect();
            text_enum(name, &names::snake(name), None, &values, gate)
        }
        TypeDef::IntEnum(values) => number_enum(name, values, gate),
    }
}

/// An object in responses.
fn response(rust: &Rust<'_, Index>, name: &str, object: &Object, gate: Option<&TokenStream>) -> Code {
    let doc = shared::attributes(&docs::object(name, object));
    let ty = ident(name);
    let declared = object.fields.iter().map(|field| {
        let doc = shared::attributes(&docs::response_field(field));
        let (name, ty) = (ident(&field.rust_name), rust.response_field(&field.ty));
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
    Code { declaration, implementations }
}

/// The id and time of creation of an item, if the type has an id.
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
        TypeRef::Int => quote!(ItemFacts::numbered(self.#name, #created_at)),
        TypeRef::String => quote!(ItemFacts::named(self.#name.as_deref(), #created_at)),
        _ => return None,
    };
    Some(quote! {
        fn facts(&self) -> Option<ItemFacts<'_>> {
            Some(#facts)
        }
    })
}

/// An object in requests: required fields are arguments of the constructor, the others have setters.
fn input(rust: &Rust<'_, Index>, name: &str, object: &Object, gate: Option<&TokenStream>) -> Code {
    let doc = shared::attributes(&docs::object(name, object));
    let ty = ident(name);
    let declared = object.fields.iter().map(|field| {
        let doc = shared::attributes(&docs::request_field(rust.index, field));
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
            // `name: name` has a short form.
            if name == value.to_string() { quote!(#name) } else { quote!(#name: #value) }
        } else {
            quote!(#name: None)
        }
    });
    let setters = object.fields.iter().filter(|field| !field.required).map(|field| {
        let (name, setter) = (ident(&field.rust_name), ident(&names::escape(field.rust_name.clone())));
        let (ty, _) = rust.argument(&name, &field.ty, field.nullable);
        let value = stored(rust, field);
        quote! {
            #[must_use]
            pub fn #setter(mut self, #name: #ty) -> Self {
                self.#name = Some(#value);
                self
            }
        }
    });
    let default = required.is_empty().then(|| quote!(Default,));
    let new_doc = shared::attributes(&[if required.is_empty() {
        "Creates the object without fields.".to_owned()
    } else {
        "Creates the object with the required fields.".to_owned()
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
    Code { declaration, implementations }
}

/// The value that is stored for an argument.
fn stored(rust: &Rust<'_, Index>, field: &Field) -> TokenStream {
    let name = ident(&field.rust_name);
    let (_, value) = rust.argument(&name, &field.ty, field.nullable);
    let boxed = rust.request_value(&field.ty).to_string() != rust.plain(&field.ty).to_string();
    match (boxed, field.nullable) {
        (false, _) => value,
        (true, false) => quote!(Box::new(#value)),
        (true, true) => quote!(#value.map(Box::new)),
    }
}

fn number_enum(name: &str, values: &IntEnum, gate: Option<&TokenStream>) -> Code {
    let ty = ident(name);
    let constants = values.values.iter().zip(&values.names).map(|(value, name)| {
        let doc = shared::attributes(&[format!("{}.", shared::code(&value.to_string()))]);
        let (value, name) = (Literal::i64_unsuffixed(*value), ident(name));
        quote!(#doc pub const #name: Self = #ty(#value);)
    });
    let all = values.values.iter().map(|value| {
        let value = Literal::i64_unsuffixed(*value);
        quote!(#ty(#value))
    });
    let doc = format!("Known numbers of {}. GitLab may use other numbers, too.", shared::spaced(name));
    let doc = shared::attributes(&[doc]);
    let known = shared::attributes(&["All known numbers.".to_owned()]);
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
    Code { declaration, implementations }
}

fn plain(value: &EnumValue) -> Value<'_> {
    Value { wire: &value.name, rust_name: &value.rust_name, description: None }
}
