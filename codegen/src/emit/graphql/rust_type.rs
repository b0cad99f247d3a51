//! Which Rust types the types of the GraphQL API are.

use crate::emit::rust_type::{Form, Type, Types};
use crate::emit::tokens::ident;
use glabflow_contract::index::graphql::{Index, Shape, TypeRef};
use quote::quote;

impl Type for TypeRef {
    fn form(&self) -> Form<'_, Self> {
        match self {
            TypeRef::Bool => Form::Exact(quote!(bool)),
            TypeRef::Int => Form::Exact(quote!(i64)),
            TypeRef::Float => Form::Exact(quote!(f64)),
            TypeRef::String => Form::Convertible(quote!(String)),
            TypeRef::Secret => Form::Convertible(quote!(Secret)),
            TypeRef::DateTime => Form::Convertible(quote!(DateTime)),
            TypeRef::Date => Form::Convertible(quote!(Date)),
            TypeRef::Any => Form::Convertible(quote!(Value)),
            TypeRef::Id(kind) => {
                let kind = ident(kind);
                Form::Convertible(quote!(GlobalId<ids::#kind>))
            }
            TypeRef::AnyId => Form::Convertible(quote!(GlobalId<Any>)),
            TypeRef::List(item) => Form::List(item),
            TypeRef::Connection(node) => Form::Connection(node),
            TypeRef::Named(name) => Form::Named(name),
        }
    }
}

impl Types for Index {
    type Ref = TypeRef;

    fn is_object(&self, name: &str) -> bool {
        let shape = self.types.get(name).map(|definition| &definition.shape);
        matches!(shape, Some(Shape::Object(_) | Shape::Payload(_) | Shape::OneOf(_)))
    }
}
