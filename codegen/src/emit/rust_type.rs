//! Maps types of a schema to Rust types, in responses and as arguments. The rules are the same for both APIs.

use super::tokens::ident;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The form of a schema type in Rust.
pub(crate) enum Form<'a, T> {
    /// A type that arguments accept unchanged.
    Exact(TokenStream),
    /// A type for which arguments accept everything that converts into it.
    Convertible(TokenStream),
    /// A list.
    List(&'a T),
    /// A map with text keys.
    Map(&'a T),
    /// A page of a GraphQL connection.
    Connection(&'a T),
    /// A generated type.
    Named(&'a str),
}

/// A reference to a type of a schema.
pub(crate) trait Type: Sized {
    /// Its form in Rust.
    fn form(&self) -> Form<'_, Self>;
}

/// The types of a schema.
pub(crate) trait Types {
    /// A reference to one of them.
    type Ref: Type;

    /// Whether the type of this name is a struct, or an enum of structs.
    fn is_object(&self, name: &str) -> bool;
}

/// Writes types. Inside the module `types`, a named type is `Project`, elsewhere `types::Project`.
pub(crate) struct Rust<'a, I> {
    pub(crate) index: &'a I,
    pub(crate) in_types: bool,
}

impl<I: Types> Rust<'_, I> {
    pub(crate) fn named(&self, name: &str) -> TokenStream {
        let name = ident(name);
        if self.in_types { quote!(#name) } else { quote!(types::#name) }
    }

    /// The type of a value that is present.
    pub(crate) fn plain(&self, ty: &I::Ref) -> TokenStream {
        match ty.form() {
            Form::Exact(ty) | Form::Convertible(ty) => ty,
            Form::List(item) => {
                let item = self.plain(item);
                quote!(Vec<#item>)
            }
            Form::Map(value) => {
                let value = self.plain(value);
                quote!(BTreeMap<String, #value>)
            }
            Form::Connection(node) => {
                let node = self.plain(node);
                quote!(Connection<#node>)
            }
            Form::Named(name) => self.named(name),
        }
    }

    /// The type of a field in a response. Lists, maps and connections are empty when GitLab leaves them out, other values are
    /// `None`; objects are boxed, so that one may hold itself.
    pub(crate) fn response_field(&self, ty: &I::Ref) -> TokenStream {
        let plain = self.plain(ty);
        match ty.form() {
            Form::List(_) | Form::Map(_) | Form::Connection(_) => plain,
            Form::Named(name) if self.index.is_object(name) => quote!(Option<Box<#plain>>),
            _ => quote!(Option<#plain>),
        }
    }

    /// The argument type of a setter, and the value that is stored for the argument `name`.
    pub(crate) fn argument(&self, name: &Ident, ty: &I::Ref, nullable: bool) -> (TokenStream, TokenStream) {
        let plain = self.plain(ty);
        if nullable {
            return (quote!(impl Into<Nullable<#plain>>), quote!(convert::to::<Nullable<#plain>>(#name)));
        }
        match ty.form() {
            Form::Exact(_) | Form::Named(_) | Form::Connection(_) => (plain, quote!(#name)),
            Form::Convertible(_) => (quote!(impl Into<#plain>), quote!(convert::to::<#plain>(#name))),
            Form::List(item) => {
                let (taken, item) = (self.item(item), self.plain(item));
                (quote!(impl IntoIterator<Item = #taken>), quote!(convert::list::<#item>(#name)))
            }
            Form::Map(value) => {
                let (taken, value) = (self.item(value), self.plain(value));
                let ty = quote!(impl IntoIterator<Item = (impl Into<String>, #taken)>);
                (ty, quote!(convert::map::<#value>(#name)))
            }
        }
    }

    /// The argument type of an item of a list or map.
    fn item(&self, ty: &I::Ref) -> TokenStream {
        let plain = self.plain(ty);
        match ty.form() {
            Form::Convertible(_) => quote!(impl Into<#plain>),
            _ => plain,
        }
    }
}
