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

/// The declaration of an enumeration, and its implementations. `schema_name` is its name in GitLab's schema.
pub(super) fn text_enum(
    name: &str,
    schema_name: &str,
    description: Option<&str>,
    values: &[Value<'_>],
    gate: Option<&TokenStream>,
) -> Code {
    let ty = ident(name);
    let variants: Vec<_> = values.iter().map(|value| (ident(value.rust_name), value.wire)).collect();
    let declared = values.iter().zip(&variants).map(|(value, (variant, wire))| {
        let fact = (!is_obvious(value)).then(|| format!("{}.", docs::code(wire)));
        let doc = docs::attributes(&docs::with_description(fact.into_iter().collect(), value.description));
        quote!(#doc #variant)
    });
    let from = variants.iter().map(|(variant, wire)| quote!(#wire => #ty::#variant));
    let to = variants.iter().map(|(variant, wire)| quote!(#ty::#variant => #wire));
    let wires = variants.iter().map(|(_, wire)| wire);
    let fact = format!("Values of {}. Other values are kept in `Other`.", docs::code(schema_name));
    let doc = docs::attributes(&docs::with_description(vec![fact], description));
    let other = docs::attributes(&["A value that GitLab's schema does not list.".to_owned()]);
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

/// Whether the name of a variant says what its value is: `in_progress` and `IN_PROGRESS` are `InProgress`.
fn is_obvious(value: &Value<'_>) -> bool {
    value.rust_name.replace('_', "").eq_ignore_ascii_case(&value.wire.replace('_', ""))
}
