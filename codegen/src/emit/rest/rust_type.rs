//! Which Rust type a schema type is, in answers, in requests and as an argument.

use crate::emit::tokens::ident;
use glabflow_contract::index::{Field, Index, TypeDef, TypeRef};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// Says how named types are written where the code goes: `types::Project` or `Project`.
#[derive(Clone, Copy)]
pub(crate) struct Rust<'a> {
    pub(crate) index: &'a Index,
    pub(crate) in_types: bool,
}

impl Rust<'_> {
    pub(crate) fn named(&self, name: &str) -> TokenStream {
        let name = ident(name);
        if self.in_types { quote!(#name) } else { quote!(types::#name) }
    }

    fn is_object(&self, name: &str) -> bool {
        matches!(self.index.types.get(name), Some(TypeDef::Object(_)))
    }

    /// The type of a value that is there.
    pub(crate) fn plain(&self, ty: &TypeRef) -> TokenStream {
        match ty {
            TypeRef::Bool => quote!(bool),
            TypeRef::Int => quote!(i64),
            TypeRef::Float => quote!(f64),
            TypeRef::String => quote!(String),
            TypeRef::Secret => quote!(Secret),
            TypeRef::DateTime => quote!(DateTime),
            TypeRef::Date => quote!(Date),
            TypeRef::Any => quote!(Value),
            TypeRef::IdOrName => quote!(IdOrName),
            TypeRef::File => quote!(Upload),
            TypeRef::List(item) => {
                let item = self.plain(item);
                quote!(Vec<#item>)
            }
            TypeRef::Map(value) => {
                let value = self.plain(value);
                quote!(BTreeMap<String, #value>)
            }
            TypeRef::Named(name) => self.named(name),
        }
    }

    /// The type of a field in an answer: absent, `null` and present are told apart as `None` and `Some`.
    pub(crate) fn answer_field(&self, ty: &TypeRef) -> TokenStream {
        let plain = self.plain(ty);
        match ty {
            TypeRef::List(_) | TypeRef::Map(_) => plain,
            TypeRef::Named(name) if self.is_object(name) => quote!(Option<Box<#plain>>),
            _ => quote!(Option<#plain>),
        }
    }

    /// The type of a value in a request's object; nested objects are boxed, so that one may hold itself.
    pub(crate) fn request_value(&self, ty: &TypeRef) -> TokenStream {
        let plain = self.plain(ty);
        match ty {
            TypeRef::Named(name) if self.is_object(name) => quote!(Box<#plain>),
            _ => plain,
        }
    }

    /// The type of a field of a request's object.
    pub(crate) fn request_field(&self, field: &Field) -> TokenStream {
        let plain = self.request_value(&field.ty);
        match (field.required, field.nullable) {
            (true, false) => plain,
            (true, true) => quote!(Nullable<#plain>),
            (false, false) => quote!(Option<#plain>),
            (false, true) => quote!(Option<Nullable<#plain>>),
        }
    }

    /// What a setter takes for a type, and the value that becomes of the argument `name`.
    pub(crate) fn argument(&self, name: &Ident, ty: &TypeRef, nullable: bool) -> (TokenStream, TokenStream) {
        let plain = self.plain(ty);
        if nullable {
            return (quote!(impl Into<Nullable<#plain>>), quote!(convert::to::<Nullable<#plain>>(#name)));
        }
        match ty {
            TypeRef::Bool | TypeRef::Int | TypeRef::Float | TypeRef::File | TypeRef::Named(_) => (plain, quote!(#name)),
            TypeRef::List(item) => {
                let (item_type, _) = self.item(item);
                let item = self.plain(item);
                (quote!(impl IntoIterator<Item = #item_type>), quote!(convert::list::<#item>(#name)))
            }
            TypeRef::Map(value) => {
                let (value_type, _) = self.item(value);
                let value = self.plain(value);
                (
                    quote!(impl IntoIterator<Item = (impl Into<String>, #value_type)>),
                    quote!(convert::map::<#value>(#name)),
                )
            }
            _ => (quote!(impl Into<#plain>), quote!(convert::to::<#plain>(#name))),
        }
    }

    /// What a list or map takes as an item, and whether that is converted.
    fn item(&self, ty: &TypeRef) -> (TokenStream, bool) {
        let plain = self.plain(ty);
        match ty {
            TypeRef::Bool
            | TypeRef::Int
            | TypeRef::Float
            | TypeRef::File
            | TypeRef::Named(_)
            | TypeRef::List(_)
            | TypeRef::Map(_) => (plain, false),
            _ => (quote!(impl Into<#plain>), true),
        }
    }
}
