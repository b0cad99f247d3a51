//! Which Rust type a schema type is, in answers and as an argument.

use crate::emit::tokens::ident;
use glabflow_contract::index::graphql::{Index, Shape, TypeRef};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// Says how named types are written where the code goes: `types::Project` or `Project`.
#[derive(Clone, Copy)]
pub(crate) struct Rust<'a> {
    pub(crate) index: &'a Index,
    pub(crate) in_types: bool,
}

impl Rust<'_> {
    fn is_object(&self, name: &str) -> bool {
        let shape = self.index.types.get(name).map(|definition| &definition.shape);
        matches!(shape, Some(Shape::Object(_) | Shape::Payload(_) | Shape::OneOf(_)))
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
            TypeRef::Id(kind) => {
                let kind = ident(kind);
                quote!(GlobalId<ids::#kind>)
            }
            TypeRef::AnyId => quote!(GlobalId<Any>),
            TypeRef::List(item) => {
                let item = self.plain(item);
                quote!(Vec<#item>)
            }
            TypeRef::Connection(node) => {
                let node = self.plain(node);
                quote!(Connection<#node>)
            }
            TypeRef::Named(name) => {
                let name = ident(name);
                if self.in_types { quote!(#name) } else { quote!(types::#name) }
            }
        }
    }

    /// The type of a field in an answer: lists and connections are empty where nothing came.
    pub(crate) fn answer_field(&self, ty: &TypeRef) -> TokenStream {
        let plain = self.plain(ty);
        match ty {
            TypeRef::List(_) | TypeRef::Connection(_) => plain,
            TypeRef::Named(name) if self.is_object(name) => quote!(Option<Box<#plain>>),
            _ => quote!(Option<#plain>),
        }
    }

    /// What a setter takes for a type, and the value that becomes of the argument `name`.
    pub(crate) fn argument(&self, name: &Ident, ty: &TypeRef, nullable: bool) -> (TokenStream, TokenStream) {
        let plain = self.plain(ty);
        if nullable {
            return (quote!(impl Into<Nullable<#plain>>), quote!(convert::to::<Nullable<#plain>>(#name)));
        }
        match ty {
            TypeRef::Bool | TypeRef::Int | TypeRef::Float | TypeRef::Named(_) => (plain, quote!(#name)),
            TypeRef::List(item) => {
                let item_type = match &**item {
                    TypeRef::Bool | TypeRef::Int | TypeRef::Float | TypeRef::Named(_) | TypeRef::List(_) => {
                        self.plain(item)
                    }
                    _ => {
                        let item = self.plain(item);
                        quote!(impl Into<#item>)
                    }
                };
                let item = self.plain(item);
                (quote!(impl IntoIterator<Item = #item_type>), quote!(convert::list::<#item>(#name)))
            }
            _ => (quote!(impl Into<#plain>), quote!(convert::to::<#plain>(#name))),
        }
    }
}
