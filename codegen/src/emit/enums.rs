//! Enumerations of text values.

use super::docs;
use super::tokens::ident;
use super::types::Code;
use proc_macro2::TokenStream;
use quote::quote;

/// A value of an enumeration.
pub(super) struct Value<'a> {
    pub(super) wire: &'a str,
    pub(super) rust_name: &'a str,
    pub(super) description: Option<&'a str>,
}

/// The declaration of an enumeration, and its implementations.
pub(super) fn text_enum(
    name: &str,
    description: Option<&str>,
    values: &[Value<'_>],
    gate: Option<&TokenStream>,
) -> Code {
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
    Code { declaration, implementations }
}
