//! Macros for generated GraphQL code.

/// Makes a generated struct around an [`Input`](crate::graphql::Input) an argument.
#[macro_export]
macro_rules! graphql_input {
    ($type:ident) => {
        impl $crate::IntoArg for $type {
            fn into_arg(self) -> $crate::Arg {
                $crate::IntoArg::into_arg(self.0)
            }
        }

        impl ::core::convert::From<$type> for $crate::Nullable<$type> {
            fn from(value: $type) -> Self {
                $crate::Nullable::Value(value)
            }
        }
    };
}

/// Kinds of global ids: with a class for a single model, without one for several models.
#[macro_export]
macro_rules! id_kinds {
    ($($(#[$meta:meta])* $vis:vis $name:ident $(= $wire:literal, $class:literal)?;)*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            $vis enum $name {}

            $crate::id_kinds!(@ $name $($wire, $class)?);
        )*
    };
    (@ $name:ident) => {
        impl $crate::graphql::IdKind for $name {
            const NAME: ::core::option::Option<&'static str> = ::core::option::Option::None;
        }
    };
    (@ $name:ident $wire:literal, $class:literal) => {
        impl $crate::graphql::IdKind for $name {
            const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some($wire);
        }

        impl $crate::graphql::Model for $name {
            const CLASS: &'static str = $class;
        }
    };
}

/// Makes a generated enum decode by the name of the object's type. Each variant contains a boxed object; the last one
/// is `Other`.
#[macro_export]
macro_rules! one_of {
    ($name:ident { $($variant:ident = $typename:literal),* $(,)? }) => {
        impl $name {
            /// The name of the object's type.
            pub fn typename(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $typename,)*
                    Self::Other(other) => &other.typename,
                }
            }
        }

        impl ::core::default::Default for $name {
            fn default() -> Self {
                Self::Other(::core::default::Default::default())
            }
        }

        impl $crate::Decode for $name {
            fn decode<'de, D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                Ok(<Self as $crate::Decode>::decode_option(deserializer)?.unwrap_or_default())
            }

            fn decode_option<'de, D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<::core::option::Option<Self>, D::Error> {
                let ::core::option::Option::Some(object) = $crate::graphql::object(deserializer)? else {
                    return ::core::result::Result::Ok(::core::option::Option::None);
                };
                match object.typename.as_str() {
                    $($typename => $crate::graphql::variant(object).map(Self::$variant),)*
                    _ => ::core::result::Result::Ok(Self::Other(object)),
                }
                .map(::core::option::Option::Some)
                .map_err(|error: $crate::private::serde_json::Error| $crate::private::serde::de::Error::custom(error))
            }
        }

        impl<'de> $crate::private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <Self as $crate::Decode>::decode(deserializer)
            }
        }
    };
}
