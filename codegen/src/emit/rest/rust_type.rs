//! Which Rust types the types of the REST API are.

use crate::emit::rust_type::{Form, Rust, Type, Types};
use glabflow_contract::index::{Field, Index, TypeDef, TypeRef};
use proc_macro2::TokenStream;
use quote::quote;

impl Type for TypeRef {
    fn form(&self) -> Form<'_, Self> {
        match self {
            TypeRef::Bool => Form::Exact(quote!(bool)),
            TypeRef::Int => Form::Exact(quote!(i64)),
            TypeRef::Float => Form::Exact(quote!(f64)),
            TypeRef::File => Form::Exact(quote!(Upload)),
            TypeRef::String => Form::Convertible(quote!(String)),
            TypeRef::Secret => Form::Convertible(quote!(Secret)),
            TypeRef::DateTime => Form::Convertible(quote!(DateTime)),
            TypeRef::Date => Form::Convertible(quote!(Date)),
            TypeRef::Any => Form::Convertible(quote!(Value)),
            TypeRef::IdOrName => Form::Convertible(quote!(IdOrName)),
            TypeRef::List(item) => Form::List(item),
            TypeRef::Map(value) => Form::Map(value),
            TypeRef::Named(name) => Form::Named(name),
        }
    }
}

impl Types for Index {
    type Ref = TypeRef;

    fn is_object(&self, name: &str) -> bool {
        matches!(self.types.get(name), Some(TypeDef::Object(_)))
    }
}

impl Rust<'_, Index> {
    /// The type of a value in a request's object; nested objects are boxed, so that one may hold itself.
    pub(crate) fn request_value(&self, ty: &TypeRef) -> TokenStream {
        let plain = self.plain(ty);
        match ty {
            TypeRef::Named(name) if self.index.is_object(name) => quote!(Box<#plain>),
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
}
