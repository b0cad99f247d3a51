//! A crate for tests: for every operation a request with every argument set, and a way to decode its answer.

use crate::emit::files::Files;
use crate::emit::manifest::{Manifest, manifest};
use crate::emit::rest::operations::is_for_runtime;
use crate::emit::rest::tags::Tags;
use crate::emit::rust_type::Rust;
use crate::emit::tokens::{ident, idents};
use crate::emit::{docs, format};
use crate::names;
use anyhow::Result;
use glabflow_contract::index::{Field, Index, Object, Operation, Output, TypeDef, TypeRef};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

pub(super) fn files(index: &Index, tags: &Tags<'_>) -> Result<Files> {
    let mut files = Files::from([
        ("samples/Cargo.toml".to_owned(), package()),
        ("samples/src/lib.rs".to_owned(), library(index, tags)?),
    ]);
    let samples = Samples { rust: Rust { index, in_types: false } };
    for (tag, operations) in tags {
        let cases = operations.iter().map(|operation| samples.case(operation));
        let requests = operations.iter().map(|operation| samples.request(operation));
        let doc = docs::inner_attributes(&[format!("Samples of {}.", docs::spaced(tag))]);
        let body = quote! {
            pub(crate) const CASES: &[Case] = &[#(#cases),*];

            #(#requests)*
        };
        let used = idents(&body);
        let import = |name: &str, path: TokenStream| used.contains(name).then(|| quote!(use #path;));
        let imports = [
            import("Case", quote!(crate::Case)),
            import("convert", quote!(glabflow_contract::convert)),
            Some(quote!(
                use glabflow_contract::Operation;
            )),
            import("Request", quote!(glabflow_contract::Request)),
            import("Unbound", quote!(glabflow_contract::Unbound)),
            import("Upload", quote!(glabflow_contract::Upload)),
            import("types", quote!(glabflow_rest::types)),
            import("Value", quote!(serde_json::Value)),
            import("BTreeMap", quote!(std::collections::BTreeMap)),
        ];
        let source = format::file(&format!("samples of `{tag}`"), quote!(#doc #(#imports)* #body))?;
        files.insert(format!("samples/src/{tag}.rs"), source);
    }
    Ok(files)
}

struct Samples<'a> {
    rust: Rust<'a, Index>,
}

impl Samples<'_> {
    fn case(&self, operation: &Operation) -> TokenStream {
        let (id, function) = (&operation.id, ident(&format!("{}_sample", operation.id)));
        let decode = match &operation.output {
            Output::Empty | Output::File(_) => quote!(None),
            Output::Json(ty) => {
                let ty = self.rust.plain(ty);
                quote!(Some(crate::decode::<#ty>))
            }
            Output::List(ty) => {
                let ty = self.rust.plain(ty);
                quote!(Some(crate::decode::<Vec<#ty>>))
            }
        };
        quote!(Case { operation: #id, request: #function, decode: #decode })
    }

    fn request(&self, operation: &Operation) -> TokenStream {
        let function = ident(&format!("{}_sample", operation.id));
        let (module, handle) = (ident(&operation.tag), ident(&names::handle(&operation.tag)));
        let method = ident(&operation.name);
        let arguments = operation.params.iter().filter(|param| param.required);
        let arguments = arguments.map(|param| self.argument(&param.name, &param.ty, param.nullable, &mut Vec::new()));
        let setters = operation.params.iter().filter(|param| !param.required && !is_for_runtime(param)).map(|param| {
            let (name, value) =
                (ident(&param.rust_name), self.argument(&param.name, &param.ty, param.nullable, &mut Vec::new()));
            quote!(.#name(#value))
        });
        quote! {
            fn #function() -> Request {
                glabflow_rest::#module::#handle::new(Unbound).#method(#(#arguments),*) #(#setters)* .into_request()
            }
        }
    }

    /// What a setter is called with.
    fn argument(&self, name: &str, ty: &TypeRef, nullable: bool, open: &mut Vec<String>) -> TokenStream {
        let name = name.strip_suffix("[]").unwrap_or(name);
        let value = self.value(name, ty, open);
        match ty {
            TypeRef::Any if nullable => quote!(Value::from(#value)),
            TypeRef::List(item) if nullable => {
                let item = self.rust.plain(item);
                quote!(convert::list::<#item>(#value))
            }
            TypeRef::Map(item) if nullable => {
                let item = self.rust.plain(item);
                quote!(Some(convert::map::<#item>(#value)))
            }
            _ => value,
        }
    }

    fn value(&self, name: &str, ty: &TypeRef, open: &mut Vec<String>) -> TokenStream {
        let number = name.len();
        match ty {
            TypeRef::Bool => quote!(true),
            TypeRef::Int => {
                let number = Literal::i64_suffixed(number as i64);
                quote!(#number)
            }
            TypeRef::Float => {
                let number = Literal::f64_suffixed(number as f64 + 0.5);
                quote!(#number)
            }
            TypeRef::String | TypeRef::Secret | TypeRef::IdOrName | TypeRef::Any => {
                let text = format!("{name} value/ä");
                quote!(#text)
            }
            TypeRef::DateTime => quote!("2026-01-02T03:04:05.678Z"),
            TypeRef::Date => quote!("2026-01-02"),
            TypeRef::File => {
                let (file, content) = (format!("{name}.bin"), format!("{name} content"));
                quote!(Upload::bytes(#file, #content))
            }
            TypeRef::List(item) => {
                let second = format!("{name}2");
                let (first, second) = (self.item(name, item, open), self.item(&second, item, open));
                quote!([#first, #second])
            }
            TypeRef::Map(item) => {
                let value = self.item(name, item, open);
                quote!([("key", #value)])
            }
            TypeRef::Named(type_name) => self.named(name, type_name, open),
        }
    }

    /// An item of a list or map; lists in lists are of the item's very type.
    fn item(&self, name: &str, ty: &TypeRef, open: &mut Vec<String>) -> TokenStream {
        let value = self.value(name, ty, open);
        match ty {
            TypeRef::List(item) => {
                let item = self.rust.plain(item);
                quote!(convert::list::<#item>(#value))
            }
            TypeRef::Map(item) => {
                let item = self.rust.plain(item);
                quote!(convert::map::<#item>(#value))
            }
            _ => value,
        }
    }

    fn named(&self, name: &str, type_name: &str, open: &mut Vec<String>) -> TokenStream {
        let ty = self.rust.named(type_name);
        match self.rust.index.types.get(type_name) {
            Some(TypeDef::Enum(values)) => {
                let least = values.values.iter().map(|value| value.name.as_str()).min().unwrap_or_default();
                quote!(#ty::from(#least))
            }
            Some(TypeDef::IntEnum(_)) => {
                let number = Literal::usize_unsuffixed(name.len());
                quote!(#ty(#number))
            }
            Some(TypeDef::Object(object)) => self.object(type_name, &ty, object, open),
            None => quote!(#ty::default()),
        }
    }

    /// An object with every field set, but for fields that would hold an object of a type that is being made.
    fn object(&self, type_name: &str, ty: &TokenStream, object: &Object, open: &mut Vec<String>) -> TokenStream {
        open.push(type_name.to_owned());
        let argument =
            |field: &Field, open: &mut Vec<String>| self.argument(&field.name, &field.ty, field.nullable, open);
        let arguments: Vec<TokenStream> =
            object.fields.iter().filter(|field| field.required).map(|field| argument(field, open)).collect();
        let mut setters = Vec::new();
        for field in object.fields.iter().filter(|field| !field.required) {
            if !holds(&field.ty, open) {
                let (setter, value) = (ident(&names::escape(field.rust_name.clone())), argument(field, open));
                setters.push(quote!(.#setter(#value)));
            }
        }
        open.pop();
        quote!(#ty::new(#(#arguments),*) #(#setters)*)
    }
}

/// Whether a type is, or is a list or map of, one of the open ones.
fn holds(ty: &TypeRef, open: &[String]) -> bool {
    match ty {
        TypeRef::Named(name) => open.contains(name),
        TypeRef::List(inner) | TypeRef::Map(inner) => holds(inner, open),
        _ => false,
    }
}

fn library(index: &Index, tags: &Tags<'_>) -> Result<String> {
    let doc = docs::inner_attributes(&LIBRARY_DOC.lines().collect::<Vec<_>>());
    let modules: Vec<_> = tags.keys().map(|tag| ident(tag)).collect();
    let enums = index.types.iter().filter_map(|(name, definition)| match definition {
        TypeDef::Enum(_) => {
            let ty = ident(name);
            Some(quote!((#name, forgotten::<types::#ty>)))
        }
        TypeDef::Object(_) | TypeDef::IntEnum(_) => None,
    });
    format::file(
        "samples",
        quote! {
            #doc
            #![cfg_attr(rustfmt, rustfmt_skip)]
            #![allow(deprecated, reason = "deprecated operations are tested like all others")]

            #(#[rustfmt::skip] mod #modules;)*

            use glabflow_contract::{Decode, OpenEnum, Request};
            use glabflow_rest::types;

            /// Decodes an answer and writes it as JSON again.
            pub type Decoder = fn(&[u8]) -> Result<serde_json::Value, serde_json::Error>;

            /// Answers with the values which an enum's variants forget.
            pub type EnumCheck = fn() -> Vec<&'static str>;

            /// An operation's sample.
            #[derive(Debug, Clone, Copy)]
            pub struct Case {
                /// The operation's id.
                pub operation: &'static str,
                /// Makes the request with every argument set.
                pub request: fn() -> Request,
                /// Decodes an answer and writes it as JSON again; none where the operation does not answer with JSON.
                pub decode: Option<Decoder>,
            }

            /// The samples of all operations.
            pub fn cases() -> impl Iterator<Item = &'static Case> {
                let all = [#(#modules::CASES),*];
                all.into_iter().flatten()
            }

            /// Every enum with its check.
            pub const ENUMS: &[(&str, EnumCheck)] = &[#(#enums),*];

            fn decode<T: Decode + serde::Serialize>(bytes: &[u8]) -> Result<serde_json::Value, serde_json::Error> {
                serde_json::to_value(glabflow_contract::decode::from_slice::<T>(bytes)?)
            }

            /// Values that do not survive the way into the enum and back, or that share a variant.
            fn forgotten<E: OpenEnum + PartialEq>() -> Vec<&'static str> {
                let is_lost = |value: &&'static str| {
                    let variant = E::from_wire(value);
                    let twins = E::VALUES.iter().filter(|other| E::from_wire(other) == variant).count();
                    variant.as_str() != *value || twins != 1
                };
                E::VALUES.iter().copied().filter(is_lost).collect()
            }
        },
    )
}

const LIBRARY_DOC: &str = r#"For every operation a request with every argument set, and a way to decode its answer. For tests.

Every argument is set through the typed method or setter, to a value that follows from its name and type alone, so that a
test can tell from the schema what the request must look like:

| type | value |
| --- | --- |
| boolean | `true` |
| whole number, also one with listed values | the number of bytes of the name |
| number | the same and a half |
| text, also untyped values | the name and ` value/ä` |
| time, day | `2026-01-02T03:04:05.678Z`, `2026-01-02` |
| text with listed values | the least of them |
| list, also text that holds several values | two items, as if they were called by the name, and the name with a `2` behind it |
| map | one item under `key` |
| object | every member set, less members that would hold an object of a type that is being made |
| file | `<name>.bin`, holding the name and ` content` |

The brackets at the end of a list's name do not count. `cursor`, `page_token` and `pagination` are not set when they are
plain text: only the runtime sets them."#;

fn package() -> String {
    manifest(&Manifest {
        name: "samples",
        description: "A sample request of every operation, for tests; generated",
        is_private: true,
        dependencies: "\
glabflow-contract.workspace = true
glabflow-rest = { workspace = true, features = [\"full\", \"serialize\"] }
serde.workspace = true
serde_json.workspace = true
",
        ..Manifest::default()
    })
}
